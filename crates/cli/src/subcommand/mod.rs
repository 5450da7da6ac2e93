//! `insq batch`, `functions`, `commands`, `check`, `concurrency`, `convert`, `explain`, `fmt`, `hunt`, `inspect`,
//! `spikes` and `test`.
//!
//! The first argument is a subcommand when it is one of these words and nothing else. No query is a single word of
//! them, so none is lost.

mod analysis;
mod batch;
mod batch_explain;
mod batch_summary;
mod check;
mod concurrency;
mod convert;
mod explain;
mod format;
mod hunt;
mod inspect;
mod language;
mod page;
mod series;
mod spikes;
mod test;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;
use insq_render::sanitizer::{Place, escape_json, sanitize};

use crate::exit::Exit;

/// What is asked instead of running a query.
pub(crate) enum Subcommand {
    Batch(Box<batch::BatchArgs>),
    Functions(language::NameArgs),
    Commands(language::NameArgs),
    Check(check::CheckArgs),
    Concurrency(concurrency::ConcurrencyArgs),
    Convert(convert::ConvertArgs),
    Explain(Vec<OsString>),
    Format(format::FormatArgs),
    Hunt(hunt::HuntArgs),
    Spikes(spikes::SpikesArgs),
    Test(test::TestArgs),
    Inspect(inspect::InspectArgs),
}

impl Subcommand {
    /// The subcommand of a command line; `None` when its first argument is no subcommand's word.
    pub(crate) fn of(words: impl Iterator<Item = OsString>) -> Option<Self> {
        let words: Vec<OsString> = words.collect();
        let word = words.get(1)?.to_str()?;
        // Each parser takes the name of the program first.
        let rest =
            || std::iter::once(OsString::from(format!("insq {word}"))).chain(words.iter().skip(2).cloned());
        Some(match word {
            "batch" => Self::Batch(Box::new(batch::BatchArgs::parse_from(rest()))),
            "functions" => Self::Functions(language::NameArgs::parse_from(rest())),
            "commands" => Self::Commands(language::NameArgs::parse_from(rest())),
            "check" => Self::Check(check::CheckArgs::parse_from(rest())),
            "concurrency" => Self::Concurrency(concurrency::ConcurrencyArgs::parse_from(rest())),
            "convert" => Self::Convert(convert::ConvertArgs::parse_from(rest())),
            "explain" => Self::Explain(words.iter().skip(2).cloned().collect()),
            "fmt" => Self::Format(format::FormatArgs::parse_from(rest())),
            "hunt" => Self::Hunt(hunt::HuntArgs::parse_from(rest())),
            "spikes" => Self::Spikes(spikes::SpikesArgs::parse_from(rest())),
            "test" => Self::Test(test::TestArgs::parse_from(rest())),
            "inspect" => Self::Inspect(inspect::InspectArgs::parse_from(rest())),
            _ => return None,
        })
    }

    pub(crate) fn run(&self) -> Exit {
        match self {
            Self::Batch(args) => batch::batch(args),
            Self::Functions(args) => language::functions(args),
            Self::Commands(args) => language::commands(args),
            Self::Check(args) => check::check(args),
            Self::Concurrency(args) => concurrency::concurrency(args),
            Self::Convert(args) => convert::convert(args),
            Self::Explain(words) => explain::explain(words),
            Self::Format(args) => format::format(args),
            Self::Hunt(args) => hunt::hunt(args),
            Self::Spikes(args) => spikes::spikes(args),
            Self::Test(args) => test::test(args),
            Self::Inspect(args) => inspect::inspect(args),
        }
    }
}

/// Writes a JSON value to standard output, in one line.
pub(super) fn print_json(value: &serde_json::Value) {
    let _ = writeln!(io::stdout().lock(), "{}", escape_json(&value.to_string()));
}

/// Writes to standard output what may hold names of files and texts of queries. When nobody reads it any more, there
/// is nobody to tell.
pub(super) fn print(text: &str) {
    let shown = sanitize(text.trim_end(), Place::Cell);
    let _ = writeln!(io::stdout().lock(), "{shown}");
}
