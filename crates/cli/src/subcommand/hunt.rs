//! `insq hunt`: the highest peaks, and what every function did in the minutes around them.

use clap::Parser;
use insq::{hunt_rows, hunt_schema};
use insq_report::hunt_report;

use super::analysis::{AnalysisArgs, Session, analyse};
use super::concurrency::{nothing, schema_error};
use crate::exit::Exit;
use crate::failure::Failure;

/// Peaks of a hunt, at most: more than anybody reads.
const TOP_MAX: i64 = 1_000;

/// The highest peaks of concurrency, and who made them: every function in the six minutes before and the two after
///
/// Looks at the last seven days of the logs unless --since or --until say otherwise.
#[derive(Debug, Parser)]
pub(crate) struct HuntArgs {
    #[command(flatten)]
    analysis: AnalysisArgs,

    /// How many peaks; no two of them are within each other's minutes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=TOP_MAX as u64))]
    top: u64,
}

pub(super) fn hunt(args: &HuntArgs) -> Exit {
    analyse(&args.analysis, |session| told(args, session))
}

fn told(args: &HuntArgs, session: &Session<'_>) -> Result<(), Failure> {
    let load = &session.read.load;
    let found = session.engine.hunt(load, session.window_us(), args.top as usize);
    match session.writer().format() {
        None if found.is_empty() => session.writer().text(&nothing(session)),
        None => session.writer().text(&hunt_report(
            &found,
            session.quotas.account(),
            session.writer().width(),
        )),
        Some(format) => session.writer().rows(format, hunt_schema(), |write| {
            let batch = hunt_rows(&found).map_err(schema_error);
            batch
                .and_then(|batch| write(&batch))
                .map_err(|cause| session.writer().failure(cause))
        }),
    }
}
