//! How inputs are read: what every subcommand that reads logs takes.

use clap::Args;
use insq::{LogClock, ReadOptions, Zone};

use crate::args::{LogFormatArg, parse_zone};

/// What is said of the inputs.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReadingArgs {
    /// Take every input for this container [default: each is recognised by its first bytes]
    #[arg(long, value_name = "NAME", value_enum)]
    format: Option<LogFormatArg>,

    /// The log group of all inputs that do not tell it, for `@log`; it names the function, too
    #[arg(long, value_name = "NAME")]
    log_group: Option<String>,

    /// The time zone of times in logs that name none [default: UTC]
    ///
    /// A place such as `Europe/Berlin`, with its daylight saving, or an offset such as `+05:30`. The console saves results
    /// in the zone that its user has chosen, without saying which. Parquet, Arrow and what the command line of the service
    /// prints are UTC in any case.
    #[arg(long, value_name = "ZONE", value_parser = parse_log_zone, allow_hyphen_values = true)]
    log_tz: Option<LogZone>,

    /// The year of times in logs that name none, as in `Jun 14 15:16:01`; without it they are no times
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(u16).range(1..=9999))]
    log_year: Option<u16>,

    /// Let compressed files expand up to N-fold [default: 250]
    ///
    /// A file that expands more, after its first GiB, is taken for a bomb: what came before is used.
    #[arg(long, value_name = "N")]
    max_expansion: Option<u64>,
}

/// A zone, and how it was written.
#[derive(Clone, Debug)]
struct LogZone {
    zone: Zone,
    text: String,
}

fn parse_log_zone(text: &str) -> Result<LogZone, String> {
    let text = text.to_owned();
    parse_zone(&text).map(|zone| LogZone { zone, text })
}

impl ReadingArgs {
    /// The options; those that are no question of the inputs are the usual ones.
    pub(crate) fn options(&self) -> ReadOptions {
        let usual = ReadOptions::default();
        ReadOptions {
            format: self.format.map(|format| format.0),
            log_group: self.log_group.clone(),
            clock: LogClock {
                zone: self.log_tz.as_ref().map(|zone| zone.zone).unwrap_or_default(),
                year: self.log_year,
            },
            expansion_max: self.max_expansion.unwrap_or(usual.expansion_max),
            ..usual
        }
    }

    /// True when the zone of times that name none was given.
    pub(crate) fn has_zone(&self) -> bool {
        self.log_tz.is_some()
    }

    /// The arguments, for a command that shall read the same inputs in the same way.
    pub(crate) fn words(&self) -> Vec<String> {
        let format = self.format.map(|format| format.0.name().to_owned());
        let words = [
            ("--format", format),
            ("--log-group", self.log_group.clone()),
            ("--log-tz", self.log_tz.as_ref().map(|zone| zone.text.clone())),
            ("--log-year", self.log_year.map(|year| year.to_string())),
            (
                "--max-expansion",
                self.max_expansion.map(|times| times.to_string()),
            ),
        ];
        let given = words
            .into_iter()
            .filter_map(|(name, value)| Some([name.to_owned(), value?]));
        given.flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        reading: ReadingArgs,
    }

    fn reading(words: &[&str]) -> ReadingArgs {
        let words = std::iter::once("command").chain(words.iter().copied());
        Command::try_parse_from(words).unwrap().reading
    }

    #[test]
    fn words_say_what_was_said() {
        let given = [
            "--format",
            "export",
            "--log-group",
            "/a b",
            "--log-tz",
            "Europe/Berlin",
            "--log-year",
            "2026",
            "--max-expansion",
            "9",
        ];
        assert_eq!(reading(&given).words(), given);
        let words = reading(&given).words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(reading(&words).options(), reading(&given).options());
        assert_ne!(reading(&given).options(), ReadOptions::default());
        assert_eq!(reading(&[]).words(), <[String; 0]>::default());
        assert_eq!(reading(&[]).options(), ReadOptions::default());
    }
}
