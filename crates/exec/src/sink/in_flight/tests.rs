//! The sweep against counting, and its limits.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, StringViewArray, TimestampMillisecondArray, UInt64Array, new_null_array,
};
use insq_event::Zone;
use insq_event::{MemoryBudget, ScanField, SystemField, TimeRange};
use insq_functions::{EvalContext, Period, Step};
use insq_plan::{BindOptions, ScanBinding, Step as PlanStep, bind};
use proptest::prelude::*;

use super::*;
use crate::chunk::Layout;

/// End, length and stream of an invocation, milliseconds.
type Row = (i64, i64, &'static str);

/// A bound `stats` by the stream and by a bin of so many milliseconds, if any.
struct Query {
    aggregate: Aggregate,
    scan: Vec<ScanBinding>,
}

impl Query {
    fn of(bin: Option<(i64, Zone)>, time_range: TimeRange) -> Self {
        let (bin, zone) = match bin {
            Some((ms, zone)) => (format!(", bin({ms}ms)"), zone),
            None => (String::new(), Zone::Utc),
        };
        let text =
            format!("stats concurrency_max(), concurrency_avg(), concurrency_pct(60) by @logStream{bin}");
        let options = BindOptions {
            zone,
            time_range,
            ..BindOptions::default()
        };
        let plan = bind(&insq_syntax::parse(&text).unwrap().query, &options)
            .unwrap()
            .plan;
        let aggregate = plan.steps.into_iter().find_map(|step| match step {
            PlanStep::Aggregate(aggregate) => Some(aggregate),
            _ => None,
        });
        Self {
            aggregate: aggregate.unwrap(),
            scan: plan.scan.columns,
        }
    }
}

struct Gathered {
    in_flight: InFlight,
    groups: Grouper,
}

fn column(field: &ScanField, rows: &[Row]) -> ArrayRef {
    match field {
        ScanField::System(SystemField::Timestamp) => Arc::new(TimestampMillisecondArray::from_iter_values(
            rows.iter().map(|row| row.0),
        )),
        ScanField::System(SystemField::Duration) => Arc::new(Float64Array::from_iter_values(
            rows.iter().map(|row| row.1 as f64),
        )),
        ScanField::System(SystemField::LogStream) => {
            Arc::new(StringViewArray::from_iter_values(rows.iter().map(|row| row.2)))
        }
        ScanField::Position => Arc::new(UInt64Array::from_iter_values(0..rows.len() as u64)),
        _ => new_null_array(&arrow_schema::DataType::Float64, rows.len()),
    }
}

fn gather(query: &Query, rows: &[Row]) -> Gathered {
    let aggregate = &query.aggregate;
    let layout = Layout::new(query.scan.iter().map(|binding| binding.id).collect());
    let context = EvalContext {
        now_ms: 0,
        range: TimeRange::ALL,
    };
    let evaluator = Evaluator::new(layout, context);
    let chunk = Chunk {
        columns: query
            .scan
            .iter()
            .map(|binding| column(&binding.field, rows))
            .collect(),
        rows: rows.len(),
    };
    let (times, positions) = (
        column(&ScanField::System(SystemField::Timestamp), rows),
        column(&ScanField::Position, rows),
    );
    let keys: Vec<ArrayRef> = aggregate
        .keys
        .iter()
        .map(|key| evaluator.array(&key.expr, &chunk).unwrap())
        .collect();
    let (mut in_flight, mut groups) = (InFlight::of(aggregate).unwrap(), Grouper::new(aggregate));
    groups.assign(&keys, rows.len(), &mut Vec::new()).unwrap();
    in_flight
        .push(&evaluator, &chunk, &keys, Some((&times, &positions)))
        .unwrap();
    Gathered { in_flight, groups }
}

/// The values of every group: by name and bin.
type Found = BTreeMap<(String, Option<i64>), Vec<f64>>;

fn swept(gathered: Gathered) -> Result<Found, ExecError> {
    let Gathered {
        in_flight,
        mut groups,
    } = gathered;
    let mut reservation = MemoryBudget::unlimited().reservation("stats");
    let mut placed = in_flight.place(&mut groups, &mut reservation, 0, || false)?;
    let keys = groups.keys(0..groups.len())?;
    let columns = placed.columns(groups.len());
    let found = (0..groups.len()).map(|group| {
        let bin = keys
            .get(1)
            .map(|bins| bins.as_primitive::<TimestampMillisecondType>().value(group));
        let name = keys[0].as_string_view().value(group).to_owned();
        let values = columns
            .iter()
            .map(|column| column.as_primitive::<Float64Type>().value(group));
        ((name, bin), values.collect())
    });
    Ok(found.collect())
}

/// What is in flight in every millisecond of every group.
fn counted(rows: &[Row], period: Option<Period>, range: TimeRange) -> Found {
    let is_within = |ms: i64| {
        range.start_ms.is_none_or(|since| since <= ms) && range.end_ms.is_none_or(|until| ms < until)
    };
    let busy = |row: &Row| {
        (row.0 - row.1.max(0)..row.0)
            .filter(|ms| is_within(*ms))
            .collect::<Vec<_>>()
    };
    let all: Vec<i64> = rows.iter().flat_map(busy).collect();
    let whole = range.start_ms.or(all.iter().min().copied()).unwrap_or(0)
        ..range
            .end_ms
            .or(all.iter().max().map(|last| last + 1))
            .unwrap_or(0);
    let mut groups: BTreeMap<(String, Option<i64>), Vec<i64>> = BTreeMap::new();
    for row in rows {
        let bin = |ms: i64| period.and_then(|period| period.floor(ms));
        groups.entry((row.2.to_owned(), bin(row.0))).or_default();
        for ms in busy(row) {
            groups.entry((row.2.to_owned(), bin(ms))).or_default().push(ms);
        }
    }
    let measure = |((name, bin), busy): ((String, Option<i64>), Vec<i64>)| {
        let window = match (bin, period) {
            (Some(start), Some(period)) => start..period.next(start).unwrap(),
            _ => whole.clone(),
        };
        let mut levels: Vec<usize> = window
            .filter(|ms| is_within(*ms))
            .map(|ms| busy.iter().filter(|at| **at == ms).count())
            .collect();
        levels.sort_unstable();
        let rank = (levels.len() * 60).div_ceil(100).max(1);
        let mean = levels.iter().sum::<usize>() as f64 / levels.len().max(1) as f64;
        let values = vec![
            levels.last().map_or(0.0, |level| *level as f64),
            mean,
            levels.get(rank - 1).map_or(0.0, |level| *level as f64),
        ];
        ((name, bin), values)
    };
    groups.into_iter().map(measure).collect()
}

fn bins() -> impl Strategy<Value = Option<(i64, Zone)>> {
    prop_oneof![
        Just(None),
        (1_i64..400).prop_map(|ms| Some((ms, Zone::Utc))),
        (1_i64..400).prop_map(|ms| Some((ms, Zone::parse("+05:45").unwrap()))),
    ]
}

proptest! {
    #[test]
    fn the_sweep_agrees_with_counting(
        rows in proptest::collection::vec(
            (-300_i64..900, -20_i64..700, prop::sample::select(vec!["a", "b", "c"])),
            0..25,
        ),
        bin in bins(),
        since in proptest::option::of(-300_i64..300),
        length in proptest::option::of(1_i64..900),
        cut in 0_usize..25,
    ) {
        let end_ms = length.map(|length| since.unwrap_or(0) + length);
        let range = TimeRange { start_ms: since, end_ms };
        // Events outside of the queried time are not read.
        let rows: Vec<Row> = rows
            .into_iter()
            .filter(|row| range.start_ms.is_none_or(|ms| ms <= row.0) && range.end_ms.is_none_or(|ms| row.0 < ms))
            .collect();
        let period = bin.map(|(ms, zone)| Period { step: Step::Fixed { ms, origin_ms: 0 }, zone });
        let query = Query::of(bin, range);
        let expected = counted(&rows, period, range);
        prop_assert_eq!(&swept(gather(&query, &rows)).unwrap(), &expected);
        // Two workers see different rows.
        let (left, right) = rows.split_at(cut.min(rows.len()));
        let (mut merged, other) = (gather(&query, right), gather(&query, left));
        merged.groups.assign(&other.groups.keys(0..other.groups.len()).unwrap(), other.groups.len(), &mut Vec::new()).unwrap();
        merged.in_flight.merge(other.in_flight).unwrap();
        prop_assert_eq!(&swept(merged).unwrap(), &expected);
    }
}

/// Bins of so many milliseconds, over all time.
fn every(ms: i64) -> Query {
    Query::of(Some((ms, Zone::Utc)), TimeRange::ALL)
}

#[test]
fn bins_are_limited() {
    let rows = [(10_000, 10_000, "a"), (10_000, 5_000, "b")];
    let with_limit = |limit: usize| {
        let mut gathered = gather(&every(1_000), &rows);
        gathered.in_flight.bins_max = limit;
        swept(gathered)
    };
    // Each ends at the start of a bin in which it is no longer.
    assert_eq!(with_limit(15).unwrap().len(), 15 + 2);
    assert!(matches!(
        with_limit(14),
        Err(ExecError::TooManyBins { limit: 14 })
    ));
    // What can't fit is refused before it is made.
    assert!(matches!(with_limit(1), Err(ExecError::TooManyBins { limit: 1 })));
}

#[test]
fn memory_is_charged_while_bins_are_made() {
    let rows = [(3_600_000, 3_600_000, "a")];
    let Gathered {
        in_flight,
        mut groups,
    } = gather(&every(10), &rows);
    let mut reservation = MemoryBudget::new(4_000_000).reservation("stats");
    let refused = in_flight.place(&mut groups, &mut reservation, 0, || false);
    assert!(matches!(refused, Err(ExecError::Memory(_))));
    assert!(groups.len() < 100_000, "{} groups", groups.len());
}

#[test]
fn the_sweep_can_be_stopped() {
    let Gathered {
        in_flight,
        mut groups,
    } = gather(&every(10), &[(100, 50, "a")]);
    let mut reservation = MemoryBudget::unlimited().reservation("stats");
    let stopped = in_flight.place(&mut groups, &mut reservation, 0, || true);
    assert!(matches!(stopped, Err(ExecError::Cancelled)));
}
