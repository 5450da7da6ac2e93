//! `insq spikes`: when concurrency stood far above its own normal, who made it rise, and why.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use insq::{Evidence, Overview, Spike, SpikesOptions, rule_rows, rule_schema, spike_rows, spike_schema};
use insq_render::Format;
use insq_report::{SpikesReport, chart_columns};

use super::analysis::{AnalysisArgs, Session, analyse};
use super::concurrency::{nothing, schema_error};
use super::series;
use crate::exit::Exit;
use crate::failure::Failure;

/// Spikes of concurrency: when, how high over what, which function made it rise, and why
///
/// Every function, the pool that they share and all together are watched second by second. What stands far above its own
/// normal is a spike; reaching 80 % of the quota, 1,000 new environments in 10 s or ten requests a second for every unit
/// of the quota is told without any normal.
#[derive(Debug, Parser)]
pub(crate) struct SpikesArgs {
    #[command(flatten)]
    analysis: AnalysisArgs,

    /// Spikes a day that may be nothing but chance, over all functions together
    #[arg(long, value_name = "N", value_parser = parse_budget, default_value = "1")]
    false_alarms: f64,

    /// Tell N spikes in full, those with the highest peaks
    #[arg(long, value_name = "N", default_value_t = 5)]
    top: usize,

    /// Which rows --output writes: a row per spike and function, or one per rule of the service that was broken
    #[arg(long, value_name = "ROWS", value_enum)]
    rows: Option<RowsArg>,

    /// Score the points of a series instead of looking at logs: a CSV file with a column of times and one of numbers
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "since", "until", "reserved", "no_evidence", "rows"])]
    series: Option<PathBuf>,

    /// Do not look for throttled calls, timeouts and errors in the messages around spikes
    #[arg(long)]
    no_evidence: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RowsArg {
    Spikes,
    Rules,
}

fn parse_budget(text: &str) -> Result<f64, String> {
    use insq::detect::{FALSE_ALARMS_PER_DAY_MAX, FALSE_ALARMS_PER_DAY_MIN};
    let budget: Option<f64> = text.parse().ok();
    budget
        .filter(|budget| (FALSE_ALARMS_PER_DAY_MIN..=FALSE_ALARMS_PER_DAY_MAX).contains(budget))
        .ok_or_else(|| {
            format!("`{text}` is no number from {FALSE_ALARMS_PER_DAY_MIN} to {FALSE_ALARMS_PER_DAY_MAX}")
        })
}

pub(super) fn spikes(args: &SpikesArgs) -> Exit {
    if let Some(file) = &args.series {
        return series::spikes(file, &args.analysis);
    }
    analyse(&args.analysis, |session| told(args, session))
}

fn told(args: &SpikesArgs, session: &Session<'_>) -> Result<(), Failure> {
    let load = &session.read.load;
    let options = SpikesOptions {
        window_us: session.window_us(),
        quotas: session.quotas.clone(),
        false_alarms_per_day: args.false_alarms,
    };
    let mut overview = overview(session);
    let found = session.engine.spikes(load, &options, |slice| {
        if let Some(overview) = &mut overview {
            overview.add(slice);
        }
    });
    let format = session.writer().format().or(args.rows.map(|_| Format::Table));
    if let (Some(format), Some(RowsArg::Rules)) = (format, args.rows) {
        return session.writer().rows(format, rule_schema(), |write| {
            let batch = rule_rows(&found, load).map_err(schema_error);
            batch
                .and_then(|batch| write(&batch))
                .map_err(|cause| session.writer().failure(cause))
        });
    }
    let evidence = if args.no_evidence {
        Vec::new()
    } else {
        session.evidence(&found)?
    };
    match format {
        None => match overview {
            Some(overview) => {
                let text = report(args, session, &overview, &found, &evidence);
                session.writer().text(&text)
            }
            None => session.writer().text(&nothing(session)),
        },
        Some(format) => session.writer().rows(format, spike_schema(), |write| {
            let batch = spike_rows(&found, &evidence).map_err(schema_error);
            batch
                .and_then(|batch| write(&batch))
                .map_err(|cause| session.writer().failure(cause))
        }),
    }
}

/// What the chart shows; `None` for a load without invocations.
fn overview(session: &Session<'_>) -> Option<Overview> {
    let span = session.read.load.span_us().map(|(first, last)| first..last);
    let window = session.window_us().or(span)?;
    let columns = chart_columns(session.writer().width());
    Some(Overview::new(window, columns, SECOND_MS))
}

/// Width of the bins that spikes are sought in.
const SECOND_MS: i64 = 1_000;

fn report(
    args: &SpikesArgs,
    session: &Session<'_>,
    overview: &Overview,
    spikes: &[Spike],
    evidence: &[Evidence],
) -> String {
    let load = &session.read.load;
    let report = SpikesReport {
        spikes,
        evidence,
        load,
        overview,
        quota: session.quotas.account(),
        false_alarms_per_day: args.false_alarms,
        width: session.writer().width(),
        told_max: args.top,
        paths: &session.shell_paths(),
    };
    report.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_within_their_limits() {
        assert_eq!(parse_budget("0.5"), Ok(0.5));
        for bad in ["0", "1001", "NaN", "-1", "few"] {
            assert!(parse_budget(bad).is_err(), "{bad}");
        }
    }
}
