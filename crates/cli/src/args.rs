//! The command line as the user writes it.

use std::ffi::OsString;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{ArgAction, Parser, ValueEnum};
use insq::{LogFormat, Zone};
use insq_render::Format;

use crate::diagnostics::{Diagnostics, use_colour};
use crate::exit::Exit;
use crate::reading::ReadingArgs;
use crate::size::parse_size;
use crate::time::{NowArg, TimeArg, parse_now, parse_time};

/// More threads than this help on no machine and cost memory.
const THREADS_MAX: usize = 1024;

const USAGE: &str = "insq [OPTIONS] QUERY [PATH…]
       insq [OPTIONS] -f FILE [PATH…]
       insq concurrency|spikes|hunt [OPTIONS] [PATH…]
       insq batch|functions|commands|check|convert|explain|fmt|inspect|test [OPTIONS] …";

const EXAMPLES: &str = "\
Examples:
  In which second was the concurrency highest?
    insq 'filter @type = \"REPORT\"
          | stats count(*) * pct(@duration, 99.5) / 1000 as concurrency by bin(1s)
          | sort concurrency desc | limit 10' exportedlogs/
  The slowest invocations of the last hour that the logs cover, as JSON:
    insq --now last --since 1h -o json 'fields @requestId, @duration
          | sort @duration desc | limit 20' logs/
  Errors of one day, from a pipe:
    zcat app.log.gz | insq --since 2024-03-01 --until 2024-03-02 'filter @message like /ERROR/'
  Many queries over the same logs: convert them once, query the file:
    insq convert logs/ -o logs.parquet
    insq -f queries/slowest.insq logs.parquet
  Many queries in one pass, each into a file of its own:
    insq batch queries/ logs/ -o 'results/{name}.csv'
  What is known about a function, and whether query files are sound:
    insq functions pct
    insq check queries/*.insq
  When was concurrency far above its normal, which function made it, and why?
    insq spikes exportedlogs/ --html spikes.html
  What a folder of logs holds:
    insq inspect exportedlogs/
  A query from a file, over files that the shell finds:
    insq -f queries/slowest.insq logs/*.gz";

/// Run CloudWatch Logs Insights queries over local AWS Lambda log files.
#[derive(Debug, Parser)]
#[command(
    name = "insq",
    version,
    override_usage = USAGE,
    after_help = EXAMPLES,
    after_long_help = after_long_help(),
    max_term_width = 110
)]
pub(crate) struct Args {
    /// The query; with -f there is none, and every argument is a path
    #[arg(value_name = "QUERY")]
    pub(crate) first: Option<OsString>,

    /// Files, folders, archives or patterns such as `logs/*.gz`; `-` or none is standard input
    ///
    /// Folders are read with all that is below them. Compressed files are recognised by their content. Zip and tar archives
    /// are opened where they are named: `logs.zip`, `'backup/*.tar.gz'`. Builds with the feature `object-store` also take
    /// s3://bucket/folder, gs://, az:// and https://.
    #[arg(value_name = "PATH")]
    pub(crate) rest: Vec<OsString>,

    /// Read the query from FILE; `-` is standard input
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) query_file: Option<PathBuf>,

    /// Format of the result [default: table on a terminal, else csv, or what the name of --output-file says]
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    pub(crate) output: Option<FormatArg>,

    /// Write the result to FILE; an existing file is replaced when the result is complete
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,

    /// Show what would be done, and do not do it
    #[arg(long)]
    pub(crate) explain: bool,

    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// What belongs to every run of queries.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Only events from TIME on
    ///
    /// RFC 3339, `2024-03-01`, `2024-03-01 12:00[:00[.000]]` (UTC), epoch seconds or milliseconds, or a
    /// period before now such as `90s`, `1h`, `2d`, `1h30m`.
    #[arg(long, visible_alias = "start", value_name = "TIME", value_parser = parse_time)]
    pub(crate) since: Option<TimeArg>,

    /// Only events before TIME, written as for --since
    #[arg(long, visible_alias = "end", value_name = "TIME", value_parser = parse_time)]
    pub(crate) until: Option<TimeArg>,

    /// Read all of every file, whatever its name and its order say about the wanted time
    ///
    /// With --since or --until, parts of large files are left unread when samples show the file to be in the order of
    /// time, and files whose name says that they are older or newer; a note tells how much.
    #[arg(long)]
    pub(crate) scan_all: bool,

    /// What `now` is: an absolute time, or `last` for the newest event [default: the clock]
    #[arg(long, value_name = "TIME", value_parser = parse_now)]
    pub(crate) now: Option<NowArg>,

    /// At most N rows
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,

    /// Use N threads [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Use no more memory: 300MB, 1GiB … [default: 2GiB]
    ///
    /// Rows to be sorted and groups of `stats` that need more wait in files in --temp-dir; other steps stop the run.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) memory_limit: Option<usize>,

    /// Put what does not fit into memory into DIR, on a disk [default: the folder of the system for temporary files]
    #[arg(long, value_name = "DIR")]
    pub(crate) temp_dir: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Map plain files into memory rather than read them, which spares a copy
    ///
    /// Only for files that stand still: if one is cut while it is mapped, the system kills this process.
    #[arg(long)]
    pub(crate) mmap: bool,

    /// The folder of lookup tables: the file NAME.csv is the table NAME of `lookup`
    #[arg(long, value_name = "DIR")]
    pub(crate) lookups: Option<PathBuf>,

    /// The file that says where the logs of a log group lie, for `SOURCE`
    ///
    /// JSON: {"logGroups": {"/aws/lambda/orders": "exports/orders"}}. Paths count from the folder of the file. A query
    /// whose `SOURCE` names one of the groups reads those files instead of PATH.
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,

    /// The value of the parameter `{{NAME}}` of the query; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param)]
    pub(crate) params: Vec<(String, String)>,

    /// The time zone of days, weeks and hours in `bin`, and of times in the result [default: UTC]
    ///
    /// A place such as `Europe/Berlin`, with its daylight saving, or an offset such as `+05:30`.
    #[arg(long, value_name = "ZONE", value_parser = parse_zone, allow_hyphen_values = true)]
    pub(crate) tz: Option<Zone>,

    /// Add rows for the empty bins of the last `stats` by a time bin, with 0 for counts
    #[arg(long)]
    pub(crate) fill_bins: bool,

    /// Keep to the limits and quirks of the service: 10,000 rows, bins cut to 60, its number formats, its refusals
    #[arg(long)]
    pub(crate) compat: bool,

    /// How errors and warnings are written on standard error
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ErrorsArg::Text, hide_default_value = true)]
    pub(crate) errors: ErrorsArg,

    /// Tell on standard error what was read, how long it took and what was damaged
    #[arg(long)]
    pub(crate) stats: bool,

    /// Take the first damage and every warning about the query for an error
    #[arg(long)]
    pub(crate) strict: bool,

    /// Use colour [default: auto, which follows the terminal and NO_COLOR]
    #[arg(long, visible_alias = "colour", value_name = "WHEN", value_enum, hide_default_value = true,
          default_value_t = ColourArg::Auto)]
    pub(crate) color: ColourArg,

    /// No warnings and no progress
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub(crate) quiet: bool,
}

impl RunArgs {
    /// How this run speaks on standard error.
    pub(crate) fn diagnostics(&self) -> Diagnostics {
        Diagnostics {
            colour: use_colour(self.color, &io::stderr()),
            quiet: self.quiet,
            json: self.errors == ErrorsArg::Json,
        }
    }
}

impl Args {
    /// The arguments that are not options, in their order.
    pub(crate) fn words(&self) -> impl Iterator<Item = &OsString> {
        self.first.iter().chain(&self.rest)
    }
}

/// How errors and warnings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorsArg {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

fn parse_param(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not NAME=VALUE")),
    }
}

pub(crate) fn parse_zone(text: &str) -> Result<Zone, String> {
    Zone::parse(text)
        .ok_or_else(|| format!("`{text}` is no time zone that is known; write `Europe/Berlin` or `+02:00`"))
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourArg {
    Auto,
    Always,
    Never,
}

/// A [`Format`] as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FormatArg(pub(crate) Format);

impl ValueEnum for FormatArg {
    fn value_variants<'a>() -> &'a [Self] {
        const VARIANTS: [FormatArg; 8] = [
            FormatArg(Format::Table),
            FormatArg(Format::Csv),
            FormatArg(Format::Json),
            FormatArg(Format::JsonLines),
            FormatArg(Format::Markdown),
            FormatArg(Format::Parquet),
            FormatArg(Format::Arrow),
            FormatArg(Format::ArrowStream),
        ];
        &VARIANTS
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name()))
    }
}

/// A [`LogFormat`] as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogFormatArg(pub(crate) LogFormat);

impl ValueEnum for LogFormatArg {
    fn value_variants<'a>() -> &'a [Self] {
        static VARIANTS: LazyLock<Vec<LogFormatArg>> =
            LazyLock::new(|| LogFormat::ALL.iter().copied().map(LogFormatArg).collect());
        &VARIANTS
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name()).help(self.0.doc()))
    }
}

pub(crate) fn parse_threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|threads: &NonZeroUsize| threads.get() <= THREADS_MAX)
        .ok_or_else(|| format!("`{text}` is not a number of threads from 1 to {THREADS_MAX}"))
}

fn after_long_help() -> String {
    let mut text = String::from(EXAMPLES);
    text.push_str("\n\nExit codes:\n");
    for (exit, meaning) in Exit::ALL {
        text.push_str(&format!("  {:>3}  {meaning}\n", exit.code()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(arguments: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from(std::iter::once(&"insq").chain(arguments))
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_format_has_an_argument() {
        let formats: Vec<Format> = FormatArg::value_variants().iter().map(|arg| arg.0).collect();
        assert_eq!(formats, Format::ALL);
    }

    #[test]
    fn options_may_stand_anywhere_and_have_aliases() {
        let args = parse(&[
            "fields @message",
            "--start",
            "1h",
            "logs",
            "--end=now",
            "-o",
            "jsonl",
            "-",
        ])
        .unwrap();
        assert!(args.words().eq(["fields @message", "logs", "-"]));
        assert_eq!(
            (args.run.since, args.run.until),
            (Some(TimeArg::Ago(3_600_000)), Some(TimeArg::Ago(0)))
        );
        assert_eq!(args.output, Some(FormatArg(Format::JsonLines)));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        assert!(parse(&["q", "--threads", "1024"]).is_ok());
        for bad in [
            ["--threads", "0"],
            ["--threads", "1025"],
            ["--limit", "-1"],
            ["--memory-limit", "much"],
            ["--since", "2024"],
            ["--now", "1h"],
            ["--output", "xml"],
            ["--color", "maybe"],
        ] {
            assert!(parse(&["q", bad[0], bad[1]]).is_err(), "{bad:?}");
        }
    }
}
