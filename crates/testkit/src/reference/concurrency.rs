//! Invocations in flight, counted one by one.

use insq_syntax::ast::{ExprKind, Period, SelectItem, Stats};

use super::stats::Members;
use super::value::Value;
use super::{Row, TimeBounds, Unsupported, arithmetic, unsupported};

/// First instant and first instant behind, microseconds.
pub(super) type Interval = (i64, i64);

/// Longer than any invocation runs, milliseconds.
const BUSY_MS_MAX: f64 = 2.0 * 3_600_000.0;

/// How a `stats` that asks for concurrency divides time.
pub(super) struct Bins {
    /// The key that is a bin.
    bin: Option<(usize, Period)>,
    /// How far the bounds of the bins are moved.
    shift_ms: i64,
    /// The queried time; where that is open, what all invocations span.
    whole: Interval,
    /// The queried time; without end where that is open.
    queried: Interval,
}

impl Bins {
    /// `None` for a `stats` that does not ask.
    pub(super) fn of(
        stats: &Stats,
        rows: &[Row],
        is_events: bool,
        (start_ms, end_ms): TimeBounds,
        shift_ms: i64,
    ) -> Result<Option<Self>, Unsupported> {
        if !stats.aggregates.iter().any(asks) {
            return Ok(None);
        }
        if !is_events {
            return unsupported("invocations of groups");
        }
        let mut bin = None;
        for (idx, key) in stats.keys.iter().enumerate() {
            match period_of(key) {
                Some(_) if bin.is_some() => return unsupported("two bins of invocations"),
                Some(period) => bin = Some((idx, period)),
                None => {}
            }
        }
        let all: Vec<Interval> = rows.iter().filter_map(interval).collect();
        let first = all.iter().map(|interval| interval.0).min();
        let last = all.iter().map(|interval| interval.1).max();
        let (start, end) = (start_ms.map(|ms| ms * 1_000), end_ms.map(|ms| ms * 1_000));
        Ok(Some(Self {
            bin,
            shift_ms,
            whole: (start.or(first).unwrap_or(0), end.or(last).unwrap_or(0)),
            queried: (start.unwrap_or(i64::MIN), end.unwrap_or(i64::MAX)),
        }))
    }

    fn bin_of(&self, period: Period, ms: i64) -> Interval {
        arithmetic::moved_period(period, self.shift_ms, ms)
    }

    /// The groups and those of bins in which an invocation is in flight, bin by bin.
    pub(super) fn with_groups<'a>(
        &self,
        mut groups: Vec<Members<'a>>,
        is_ordered: bool,
        rows: &[Row],
        keys_of: impl Fn(&Row) -> Result<Vec<Value>, Unsupported>,
    ) -> Result<Vec<Members<'a>>, Unsupported> {
        let Some((idx, period)) = self.bin else {
            return Ok(groups);
        };
        let bins: Vec<i64> = groups.iter().filter_map(|(keys, _)| time(&keys[idx])).collect();
        let rises =
            is_ordered && bins.windows(2).all(|pair| pair[0] <= pair[1]) && bins.first() != bins.last();
        // Of keys beside the bin, those of the first row come first, whichever bins it is in flight in.
        let mut series: Vec<(Vec<Value>, Vec<Interval>)> = Vec::new();
        for row in rows {
            let Some(interval) = interval(row).and_then(|interval| within(interval, self.queried)) else {
                continue;
            };
            let mut keys = keys_of(row)?;
            keys[idx] = Value::Null;
            match series.iter_mut().find(|(known, _)| *known == keys) {
                Some((_, intervals)) => intervals.push(interval),
                None => series.push((keys, vec![interval])),
            }
        }
        for (mut keys, intervals) in series {
            for (start, end) in intervals {
                let mut at = self.bin_of(period, start.div_euclid(1_000));
                while at.0 * 1_000 < end {
                    keys[idx] = Value::Time(at.0);
                    if !groups.iter().any(|(known, _)| *known == keys) {
                        groups.push((keys.clone(), Vec::new()));
                    }
                    at = self.bin_of(period, at.1);
                }
            }
        }
        // Stable: within a bin groups stay as they were met, those with rows first.
        groups.sort_by_key(|(keys, _)| {
            let bin = time(&keys[idx]);
            (bin.is_none(), bin.map(|bin| if rises { bin } else { -bin }))
        });
        Ok(groups)
    }

    /// What is in flight in a group, and the time that this is measured against.
    pub(super) fn in_flight(
        &self,
        keys: &[Value],
        rows: &[Row],
        keys_of: impl Fn(&Row) -> Result<Vec<Value>, Unsupported>,
    ) -> Result<(Vec<Interval>, Interval), Unsupported> {
        let bin = self.bin.map(|(idx, _)| idx);
        let window = match self.bin.map(|(idx, period)| (time(&keys[idx]), period)) {
            None => self.whole,
            Some((None, _)) => (0, 0),
            Some((Some(start), period)) => {
                let bin = (start * 1_000, self.bin_of(period, start).1 * 1_000);
                within(bin, self.queried).unwrap_or((0, 0))
            }
        };
        let mut found = Vec::new();
        for row in rows {
            let own = keys_of(row)?;
            let same = |idx: usize| Some(idx) == bin || own[idx] == keys[idx];
            if let Some(interval) = interval(row)
                && (0..keys.len()).all(same)
            {
                found.extend(within(interval, window));
            }
        }
        Ok((found, window))
    }
}

/// What of an interval lies in another.
fn within((start, end): Interval, other: Interval) -> Option<Interval> {
    let (start, end) = (start.max(other.0), end.min(other.1));
    (start < end).then_some((start, end))
}

/// The value of a call, over what is in flight during `window`.
pub(super) fn measure(
    name: &str,
    in_flight: &[Interval],
    window: Interval,
    percent: Option<f64>,
) -> Result<Value, Unsupported> {
    let mut instants: Vec<i64> = in_flight.iter().flat_map(|(start, end)| [*start, *end]).collect();
    if window.0 < window.1 {
        instants.extend([window.0, window.1]);
    }
    instants.sort_unstable();
    // Between neighbouring instants nothing changes.
    let mut levels: Vec<(usize, i64)> = Vec::new();
    for pair in instants.windows(2).filter(|pair| pair[0] < pair[1]) {
        let holds = |(start, end): &&Interval| *start <= pair[0] && pair[0] < *end;
        levels.push((in_flight.iter().filter(holds).count(), pair[1] - pair[0]));
    }
    levels.sort_unstable();
    let length = (window.1 - window.0) as f64;
    let value = match (name, percent) {
        ("concurrency_max", None) => levels.last().map_or(0.0, |level| level.0 as f64),
        ("concurrency_avg", None) => {
            let area: f64 = levels.iter().map(|(level, us)| *level as f64 * *us as f64).sum();
            if levels.is_empty() { 0.0 } else { area / length }
        }
        ("concurrency_pct", Some(percent)) => {
            let mut passed = 0.0;
            let found = levels.iter().find(|(_, us)| {
                passed += *us as f64;
                passed * 100.0 >= percent * length
            });
            found.map_or(0.0, |level| level.0 as f64)
        }
        _ => return unsupported(name),
    };
    Ok(Value::Number(value))
}

/// When the invocation of a row was busy.
fn interval(row: &Row) -> Option<Interval> {
    let (end_ms, duration) = (row.time?, row.get("@duration").number()?);
    let prepared = ["@initDuration", "@restoreDuration"]
        .into_iter()
        .find_map(|name| row.get(name).number())
        .unwrap_or(0.0);
    if duration < 0.0 || prepared < 0.0 || duration + prepared > BUSY_MS_MAX {
        return None;
    }
    let busy_us = ((duration + prepared) * 1_000.0).round() as i64;
    (busy_us > 0).then_some((end_ms * 1_000 - busy_us, end_ms * 1_000))
}

fn asks(item: &SelectItem) -> bool {
    let mut asks = false;
    item.expr.walk(&mut |expr| {
        if let ExprKind::Call { name, .. } = &expr.kind {
            asks |= name.text.to_lowercase().starts_with("concurrency_");
        }
    });
    asks
}

/// The period of `bin(5m)`.
fn period_of(key: &SelectItem) -> Option<Period> {
    match &key.expr.kind {
        ExprKind::Call { name, arguments } if name.text.eq_ignore_ascii_case("bin") => {
            match arguments.first().map(|argument| &argument.kind) {
                Some(ExprKind::Period(period)) => Some(*period),
                _ => None,
            }
        }
        _ => None,
    }
}

fn time(value: &Value) -> Option<i64> {
    match value {
        Value::Time(ms) => Some(*ms),
        _ => None,
    }
}
