//! `insq spikes --series`: the detector over any series of numbers.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use insq::ColumnType;
use insq::arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampMillisecondArray};
use insq::arrow_schema::{Schema, SchemaRef};
use insq::detect::{ScoreOptions, ScoredPoint, score_series};

use super::analysis::{AnalysisArgs, Writer};
use crate::diagnostics::{Diagnostics, use_colour};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::invocation::UsageError;
use crate::time::{TimeArg, parse_time};

/// From this score on, a point is told.
const TOLD_FROM: f64 = 0.5;

/// Points of a report, at most.
const TOLD_MAX: usize = 100;

/// A series as a file holds it.
#[derive(Debug, PartialEq)]
struct Series {
    times_ms: Vec<i64>,
    /// NaN where the cell is empty.
    values: Vec<f64>,
}

pub(super) fn spikes(file: &Path, args: &AnalysisArgs) -> Exit {
    let diagnostics = Diagnostics {
        colour: use_colour(args.color(), &io::stderr()),
        quiet: args.is_quiet(),
        json: false,
    };
    match scored(file, args) {
        Ok(()) => Exit::Success,
        Err(Failure::Output { cause, .. }) if cause.is_closed_pipe() => Exit::Success,
        Err(failure) => failure.tell(diagnostics),
    }
}

fn scored(file: &Path, args: &AnalysisArgs) -> Result<(), Failure> {
    let wrong = |message: String| {
        UsageError::new(
            format!("{}: {message}", file.display()),
            "a series is a CSV file with a heading, a column of times and one of numbers, such as `timestamp,value`",
        )
    };
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).map_err(|cause| wrong(cause.to_string()))?)
    };
    let series = read(input).map_err(wrong)?;
    let points = score_series(&series.times_ms, &series.values, &ScoreOptions::default());
    let writer = Writer::new(args);
    match writer.format() {
        None => writer.text(&report(&series, &points)),
        Some(format) => {
            let batch = rows(&series, &points)
                .map_err(|cause| writer.failure(super::concurrency::schema_error(cause)))?;
            writer.rows(format, batch.schema_ref(), |write| {
                write(&batch).map_err(|cause| writer.failure(cause))
            })
        }
    }
}

fn read(input: impl Read) -> Result<Series, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let mut series = Series {
        times_ms: Vec::new(),
        values: Vec::new(),
    };
    let mut columns = None;
    for record in reader.records() {
        let record = record.map_err(|cause| cause.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let (time, value) = match columns {
            Some(columns) => columns,
            None => {
                let found = columns_of(&record)
                    .ok_or_else(|| format!("line {line}: no column of times and one of numbers"))?;
                columns = Some(found);
                found
            }
        };
        let cell = |column: usize| record.get(column).unwrap_or_default().trim();
        let time_ms =
            time_of(cell(time)).ok_or_else(|| format!("line {line}: `{}` is no time", cell(time)))?;
        let number = match cell(value) {
            "" => f64::NAN,
            text => text
                .parse()
                .map_err(|_| format!("line {line}: `{text}` is no number"))?,
        };
        series.times_ms.push(time_ms);
        series.values.push(number);
    }
    Ok(series)
}

/// The first column that holds a time, and the first other one that holds a number, in the first row.
fn columns_of(record: &csv::StringRecord) -> Option<(usize, usize)> {
    let time = record.iter().position(|cell| time_of(cell.trim()).is_some())?;
    let is_number = |cell: &str| cell.trim().parse::<f64>().is_ok();
    let value = record
        .iter()
        .enumerate()
        .position(|(column, cell)| column != time && is_number(cell))?;
    Some((time, value))
}

fn time_of(text: &str) -> Option<i64> {
    match parse_time(text) {
        Ok(TimeArg::Absolute(time_ms)) => Some(time_ms),
        _ => None,
    }
}

fn rows(series: &Series, points: &[ScoredPoint]) -> Result<RecordBatch, insq::arrow_schema::ArrowError> {
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        ColumnType::Time.field("time"),
        ColumnType::Number.field("value"),
        ColumnType::Number.field("score"),
    ]));
    let value = |value: &f64| Some(*value).filter(|value| value.is_finite());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMillisecondArray::from(series.times_ms.clone())),
        Arc::new(Float64Array::from_iter(series.values.iter().map(value))),
        Arc::new(Float64Array::from_iter(
            points.iter().map(|point| Some(point.score)),
        )),
    ];
    RecordBatch::try_new(schema, columns)
}

fn report(series: &Series, points: &[ScoredPoint]) -> String {
    let told: Vec<(usize, &ScoredPoint)> = points
        .iter()
        .enumerate()
        .filter(|(_, point)| point.score >= TOLD_FROM)
        .collect();
    let mut lines = vec![format!(
        "{} of {} points stand out; scores go from 0 to 1, and {TOLD_FROM} is where the detector speaks.",
        told.len(),
        points.len()
    )];
    if points.len() <= insq::detect::SERIES_WARM_UP_POINTS {
        lines.push(format!(
            "A series is judged by its own past: the first {} points have no score.",
            insq::detect::SERIES_WARM_UP_POINTS
        ));
    }
    for (idx, point) in told.iter().take(TOLD_MAX) {
        lines.push(format!(
            "  {} UTC  {}  score {:.3}",
            insq::format_time(point.time_ms),
            series.values[*idx],
            point.score
        ));
    }
    if told.len() > TOLD_MAX {
        lines.push(format!(
            "  … and {} more; -o csv gives the score of every point",
            told.len() - TOLD_MAX
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_what_they_hold() {
        let series =
            read("host,value,timestamp\nweb,1.5,2014-04-01 00:00:00\nweb,,2014-04-01 00:05:00\n".as_bytes());
        let series = series.unwrap();
        assert_eq!(series.times_ms, [1_396_310_400_000, 1_396_310_700_000]);
        assert!(series.values[0] == 1.5 && series.values[1].is_nan());
    }

    #[test]
    fn what_is_no_series_is_refused_with_its_line() {
        for (text, expected) in [
            (
                "timestamp,value\n2014-04-01 00:00:00,many\n",
                "line 2: no column of times and one of numbers",
            ),
            (
                "timestamp,value\n2014-04-01 00:00:00,1\n2014-04-01 00:05:00,x\n",
                "line 3: `x` is no number",
            ),
            (
                "timestamp,value\n2014-04-01 00:00:00,1\nsoon,2\n",
                "line 3: `soon` is no time",
            ),
        ] {
            assert_eq!(read(text.as_bytes()), Err(expected.to_owned()));
        }
        assert_eq!(read("timestamp,value\n".as_bytes()).unwrap().times_ms.len(), 0);
    }
}
