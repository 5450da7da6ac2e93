//! `insq concurrency`: how many invocations were in flight, when, of what, and how near to the quota.

use clap::{Parser, ValueEnum};
use insq::{
    Concurrency, ConcurrencyOptions, Overview, SliceSweep, SweepOptions, bin_rows, bin_schema, scope_rows,
    scope_schema,
};
use insq_render::{Format, RenderError};
use insq_report::{chart_columns, concurrency_report};

use super::analysis::{AnalysisArgs, Session, analyse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::time::parse_period;

/// How many invocations were in flight, second by second: exactly, from when each began and ended
///
/// An invocation is in flight from its start to the time of its REPORT event; its duration and the initialisation or
/// restore of its environment lie before it.
#[derive(Debug, Parser)]
pub(crate) struct ConcurrencyArgs {
    #[command(flatten)]
    analysis: AnalysisArgs,

    /// Width of a bin: from 10ms to 1h, and a whole number of them an hour
    #[arg(long, value_name = "PERIOD", value_parser = parse_bin, default_value = "1s")]
    bin: i64,

    /// The percentile of durations that Little's law is tried with, and of the time in a bin
    #[arg(long = "pct", value_name = "P", value_parser = parse_percent, default_value = "99.5")]
    percent: f64,

    /// Which rows --output writes: a row per bin and function, or one per function
    #[arg(long, value_name = "ROWS", value_enum)]
    rows: Option<RowsArg>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RowsArg {
    Bins,
    Functions,
}

fn parse_bin(text: &str) -> Result<i64, String> {
    parse_period(text)
        .filter(|ms| SweepOptions::is_bin(*ms))
        .ok_or_else(|| {
            format!("`{text}` is no width of a bin; an hour is a whole number of them: `1s`, `100ms`, `5m`")
        })
}

fn parse_percent(text: &str) -> Result<f64, String> {
    let percent: Option<f64> = text.parse().ok();
    percent
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| format!("`{text}` is no percentage from 0 to 100"))
}

pub(super) fn concurrency(args: &ConcurrencyArgs) -> Exit {
    analyse(&args.analysis, |session| told(args, session))
}

fn told(args: &ConcurrencyArgs, session: &Session<'_>) -> Result<(), Failure> {
    let format = session.writer().format().or(args.rows.map(|_| Format::Table));
    let rows = args.rows.unwrap_or(RowsArg::Bins);
    let options = ConcurrencyOptions {
        bin_ms: args.bin,
        window_us: session.window_us(),
        quotas: session.quotas.clone(),
        percent: args.percent,
        with_bin_levels: format.is_some() && rows == RowsArg::Bins,
    };
    match format {
        None => session.writer().text(&report(session, &options)),
        Some(format) if rows == RowsArg::Bins => session.writer().rows(format, bin_schema(), |write| {
            let mut failed = None;
            measure(session, &options, |slice| {
                if failed.is_none() {
                    let batch = bin_rows(slice, &session.read.load, options.bin_ms);
                    failed = batch.map_err(schema_error).and_then(|batch| write(&batch)).err();
                }
            });
            failed.map_or(Ok(()), |cause| Err(session.writer().failure(cause)))
        }),
        Some(format) => session.writer().rows(format, scope_schema(), |write| {
            let Some(found) = measure(session, &options, |_| {}) else {
                return Ok(());
            };
            let batch = scope_rows(&found).map_err(schema_error);
            batch
                .and_then(|batch| write(&batch))
                .map_err(|cause| session.writer().failure(cause))
        }),
    }
}

fn measure(
    session: &Session<'_>,
    options: &ConcurrencyOptions,
    visit: impl FnMut(&SliceSweep),
) -> Option<Concurrency> {
    session.engine.concurrency(&session.read.load, options, visit)
}

fn report(session: &Session<'_>, options: &ConcurrencyOptions) -> String {
    let load = &session.read.load;
    let span = load.span_us().map(|(first, last)| first..last);
    let Some(window) = options.window_us.clone().or(span) else {
        return nothing(session);
    };
    let mut overview = Overview::new(window, chart_columns(session.writer().width()), options.bin_ms);
    match measure(session, options, |slice| overview.add(slice)) {
        Some(found) => concurrency_report(&found, load, &overview, session.writer().width()),
        None => nothing(session),
    }
}

/// What to say where there are no invocations.
pub(super) fn nothing(session: &Session<'_>) -> String {
    let left_out = session.read.load.left_out().total();
    if left_out > 0 {
        format!("No invocations: none of {left_out} REPORT events tells a time and a duration that can be.")
    } else if session.time_range.is_all() {
        "No invocations: the inputs hold no REPORT events. `insq inspect PATH` tells what they hold."
            .to_owned()
    } else {
        "No invocations: the inputs hold no REPORT events of this time. `insq inspect PATH` tells their time."
            .to_owned()
    }
}

pub(super) fn schema_error(cause: insq::arrow_schema::ArrowError) -> RenderError {
    RenderError::SchemaMismatch(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_divide_an_hour() {
        assert_eq!(parse_bin("1s"), Ok(1_000));
        assert_eq!(parse_bin("10ms"), Ok(10));
        assert_eq!(parse_bin("1h"), Ok(3_600_000));
        for bad in ["7s", "9ms", "2h", "1", "", "-1s"] {
            assert!(parse_bin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn percentages() {
        assert_eq!(parse_percent("99.5"), Ok(99.5));
        for bad in ["100.1", "-1", "NaN", "p99"] {
            assert!(parse_percent(bad).is_err(), "{bad}");
        }
    }
}
