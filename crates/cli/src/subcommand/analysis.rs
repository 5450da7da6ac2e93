//! What the analyses of Lambda logs have in common: their inputs, the quota, and where they write.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use insq::arrow_array::RecordBatch;
use insq::arrow_schema::Schema;
use insq::{Engine, Evidence, LoadOptions, LoadRead, Quotas, ReadOptions, RunControl, Spike, TimeRange};
use insq_render::sanitizer::{Place, sanitize};
use insq_render::{Format, RenderError, Renderer, Target, renderer, terminal_columns};

use crate::args::{ColourArg, FormatArg, parse_threads};
use crate::diagnostics::{Diagnostics, say, use_colour};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invocation::{Input, UsageError, input};
use crate::output::{Output, UnfinishedFile, format_of_name};
use crate::own_output::refuse_output_among_inputs;
use crate::reading::ReadingArgs;
use crate::report::{note_reading, warn_of_damage};
use crate::run::{bar, now_ms, refuse_once_with_now_last, time_range, watch_interrupt, with_inputs};
use crate::size::{parse_size, show_count, show_size};
use crate::time::{NowArg, TimeArg, parse_now, parse_time};

/// Of every analysis.
#[derive(Debug, clap::Args)]
pub(super) struct AnalysisArgs {
    /// Files, folders, patterns or archives; `-` or none is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Only this time; what is in flight at its start counts
    #[arg(long, visible_alias = "start", value_name = "TIME", value_parser = parse_time)]
    since: Option<TimeArg>,

    /// Only the time before TIME, written as for --since
    #[arg(long, visible_alias = "end", value_name = "TIME", value_parser = parse_time)]
    until: Option<TimeArg>,

    /// What `now` is: an absolute time, or `last` for the newest event [default: the clock]
    #[arg(long, value_name = "TIME", value_parser = parse_now)]
    now: Option<NowArg>,

    /// The quota of concurrent executions of the account
    #[arg(long, value_name = "N", default_value_t = insq::QUOTA_DEFAULT)]
    quota: u32,

    /// What a function has reserved of the quota; may be repeated
    #[arg(long, value_name = "FUNCTION=N", value_parser = parse_reserved)]
    reserved: Vec<(String, u32)>,

    /// Write rows in this format instead of a report
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    output: Option<FormatArg>,

    /// Write to FILE; an existing file is replaced when the result is complete
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,

    /// Also write one page for a browser to FILE: pictures, spikes, tables; it needs no network
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Map plain files into memory rather than read them, which spares a copy
    ///
    /// Only for files that stand still: if one is cut while it is mapped, the system kills this process.
    #[arg(long)]
    mmap: bool,

    /// Read all of every file, whatever its name and its order say about the wanted time
    #[arg(long)]
    scan_all: bool,

    /// Use N threads [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    threads: Option<NonZeroUsize>,

    /// Stop rather than use more memory: 300MB, 1GiB …
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    memory_limit: Option<usize>,

    /// Tell on standard error what was read and how long it took
    #[arg(long)]
    stats: bool,

    /// Take the first damage for an error
    #[arg(long)]
    strict: bool,

    /// Use colour [default: auto, which follows the terminal and NO_COLOR]
    #[arg(long, visible_alias = "colour", value_name = "WHEN", value_enum, hide_default_value = true,
          default_value_t = ColourArg::Auto)]
    color: ColourArg,

    /// No warnings and no progress
    #[arg(short, long)]
    quiet: bool,
}

fn parse_reserved(text: &str) -> Result<(String, u32), String> {
    let parts = text.rsplit_once('=').filter(|(name, _)| !name.is_empty());
    let parsed = parts.and_then(|(name, units)| Some((name.to_owned(), units.parse().ok()?)));
    parsed.ok_or_else(|| format!("`{text}` is not FUNCTION=N, such as `orders=200`"))
}

/// The invocations of the inputs, and what belongs to looking at them.
pub(super) struct Session<'a> {
    pub(super) args: &'a AnalysisArgs,
    pub(super) engine: Engine,
    pub(super) read: LoadRead,
    pub(super) quotas: Quotas,
    pub(super) time_range: TimeRange,
    pub(super) diagnostics: Diagnostics,
    control: RunControl,
    unfinished: UnfinishedFile,
    interrupt: &'a Interrupt,
}

/// Reads the inputs, and has `tell` write what it makes of them.
pub(super) fn analyse(args: &AnalysisArgs, tell: impl FnOnce(&Session<'_>) -> Result<(), Failure>) -> Exit {
    let diagnostics = Diagnostics {
        colour: use_colour(args.color, &io::stderr()),
        quiet: args.quiet,
        json: false,
    };
    let interrupt = Interrupt::new(diagnostics);
    match analysed(args, diagnostics, &interrupt, tell) {
        Ok(exit) => exit,
        Err(Failure::Output { cause, .. }) if cause.is_closed_pipe() => Exit::Success,
        Err(_) if interrupt.is_pressed() => interrupt.tell(),
        Err(failure) => failure.tell(diagnostics),
    }
}

fn analysed(
    args: &AnalysisArgs,
    diagnostics: Diagnostics,
    interrupt: &Interrupt,
    tell: impl FnOnce(&Session<'_>) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let mut inputs: Vec<Input> = args
        .paths
        .iter()
        .map(|path| input(path.as_os_str()))
        .collect::<Result<_, _>>()?;
    if inputs.is_empty() {
        inputs.push(Input::Stdin);
    }
    refuse_output_among_inputs(args.output_file.as_deref(), &inputs)?;
    refuse_output_among_inputs(args.html.as_deref(), &inputs)?;
    let quotas = Quotas::new(args.quota, args.reserved.clone())
        .map_err(|error| UsageError::new(error.to_string(), "see --quota and --reserved"))?;
    let engine = engine(args, &inputs)?;
    if args.now == Some(NowArg::NewestEvent) {
        refuse_once_with_now_last(&engine)?;
    }
    let (unfinished, control) = (UnfinishedFile::default(), RunControl::default());
    watch_interrupt(interrupt, &unfinished, &control)?;
    let time_range = if args.since.is_some() || args.until.is_some() {
        time_range(args.since, args.until, now_ms(args.now, &engine)?)?
    } else {
        TimeRange::ALL
    };
    let read = load(&engine, time_range, args, &control)?;
    let session = Session {
        args,
        engine,
        read,
        quotas,
        time_range,
        diagnostics,
        control,
        unfinished,
        interrupt,
    };
    session.warn_of_names();
    tell(&session)?;
    if let Some(file) = &args.html {
        super::page::write(&session, file)?;
    }
    warn_of_damage(&session.read.damage, args.stats, diagnostics);
    note_reading(&session.read.counters, diagnostics);
    if args.stats {
        tell_read(&session.read);
    }
    Ok(if session.read.damage.is_empty() {
        Exit::Success
    } else {
        Exit::Damaged
    })
}

fn engine(args: &AnalysisArgs, inputs: &[Input]) -> Result<Engine, Failure> {
    let builder = Engine::builder().read_options(ReadOptions {
        trust_order: !args.scan_all,
        mmap: args.mmap,
        ..args.reading.options()
    });
    let mut builder = with_inputs(builder, inputs)?;
    if let Some(threads) = args.threads {
        builder = builder.threads(threads.get());
    }
    if let Some(bytes) = args.memory_limit {
        builder = builder.memory_limit_bytes(bytes);
    }
    builder.build().map_err(|error| Failure::engine(error, ""))
}

fn load(
    engine: &Engine,
    time_range: TimeRange,
    args: &AnalysisArgs,
    control: &RunControl,
) -> Result<LoadRead, Failure> {
    let options = LoadOptions {
        time_range,
        strict: args.strict,
    };
    let _bar = bar(control, !args.quiet);
    engine
        .load(&options, control)
        .map_err(|error| Failure::engine(error, ""))
}

fn tell_read(read: &LoadRead) {
    for line in [
        format!("files read     {}", show_count(read.counters.files_read)),
        format!(
            "bytes read     {} ({})",
            show_count(read.counters.bytes_read),
            show_size(read.counters.bytes_read)
        ),
        format!("invocations    {}", show_count(read.load.calls())),
        format!("reading        {:.3} s", read.elapsed.as_secs_f64()),
    ] {
        say(&format!("stats: {line}"));
    }
}

impl Session<'_> {
    /// Without names, all invocations are of one function, which is seldom what the user has.
    fn warn_of_names(&self) {
        let mut functions = self.read.load.functions();
        if let (1, Some((_, "(unknown)"))) = (functions.len(), functions.next()) {
            self.diagnostics.note(
                "the logs do not tell their function; --log-group /aws/lambda/NAME names it, and logs with their streams \
                 (exports, filter-log-events) tell it themselves",
            );
        }
    }

    /// What the messages of the log tell of the time of spikes, where they can be read a second time.
    pub(super) fn evidence(&self, spikes: &[Spike]) -> Result<Vec<Evidence>, Failure> {
        if self.engine.reads_once() {
            self.diagnostics.note(
                "standard input and pipes can be read only once, so messages are not searched for throttled calls and errors; \
                 give the path of a file",
            );
            return Ok(Vec::new());
        }
        self.engine
            .evidence(spikes, &self.control)
            .map_err(|error| Failure::engine(error, ""))
    }

    /// Opens a file beside the result.
    pub(super) fn open_file(&self, file: &Path) -> Result<Output, Failure> {
        // The result is complete by now, so that nothing else is unfinished.
        Output::open(Some(file), &self.unfinished).map_err(|cause| Failure::Output {
            file: Some(file.to_owned()),
            cause: cause.into(),
        })
    }

    /// The inputs, and what names them, as a shell takes them; nothing for standard input.
    pub(super) fn shell_paths(&self) -> String {
        let words = self.args.reading.words().into_iter().map(|word| quoted(&word));
        let paths = self.args.paths.iter().map(|path| quoted(&path.to_string_lossy()));
        words.chain(paths).collect::<Vec<_>>().join(" ")
    }

    /// The window that was asked for, microseconds since the epoch: where a side is open, up to what the logs hold.
    pub(super) fn window_us(&self) -> Option<std::ops::Range<i64>> {
        if self.time_range.is_all() {
            return None;
        }
        let (first, last) = self.read.load.span_us()?;
        let us = |ms: i64| ms.saturating_mul(1_000);
        let start = self.time_range.start_ms.map_or(first, us);
        let end = self.time_range.end_ms.map_or(last, us).max(start);
        Some(start..end)
    }

    /// Where the analysis is written.
    pub(super) fn writer(&self) -> Writer<'_> {
        Writer {
            args: self.args,
            unfinished: self.unfinished.clone(),
            interrupt: Some(self.interrupt),
        }
    }
}

/// A word of a shell's command line.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Where an analysis is written, and as what.
pub(super) struct Writer<'a> {
    args: &'a AnalysisArgs,
    unfinished: UnfinishedFile,
    interrupt: Option<&'a Interrupt>,
}

impl<'a> Writer<'a> {
    /// A writer of a run that ends in no time.
    pub(super) fn new(args: &'a AnalysisArgs) -> Self {
        Self {
            args,
            unfinished: UnfinishedFile::default(),
            interrupt: None,
        }
    }

    /// Characters of a line, where somebody reads it on a terminal.
    pub(super) fn width(&self) -> Option<u16> {
        terminal_columns().filter(|_| self.args.output_file.is_none())
    }

    /// The format of rows; `None` when a report is wanted.
    pub(super) fn format(&self) -> Option<Format> {
        let by_name = || {
            let format = self.args.output_file.as_deref().and_then(format_of_name);
            format.filter(|format| *format != Format::Table)
        };
        self.args.output.map(|format| format.0).or_else(by_name)
    }

    /// Writes a report.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut output = self.open()?;
        let shown = sanitize(text.trim_end(), Place::Cell);
        let written = writeln!(output, "{shown}").and_then(|()| output.complete());
        written.map_err(|cause| self.failure(cause))
    }

    /// Writes rows: `fill` hands batch after batch to the renderer.
    pub(super) fn rows(
        &self,
        format: Format,
        schema: &Schema,
        fill: impl FnOnce(&mut dyn FnMut(&RecordBatch) -> Result<(), RenderError>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut output = self.open()?;
        let target = match self.width() {
            None => Target::Bytes,
            Some(columns) => Target::Terminal {
                columns,
                colour: use_colour(self.args.color, &io::stdout()),
            },
        };
        let mut renderer: Box<dyn Renderer> =
            renderer(format, target, schema, &mut output).map_err(|cause| self.failure(cause))?;
        fill(&mut |batch| renderer.batch(batch))?;
        if self.interrupt.is_some_and(Interrupt::is_pressed) {
            return Err(Failure::Interrupted);
        }
        renderer.finish().map_err(|cause| self.failure(cause))?;
        drop(renderer);
        output.complete().map_err(|cause| self.failure(cause))
    }

    fn open(&self) -> Result<Output, Failure> {
        Output::open(self.args.output_file.as_deref(), &self.unfinished).map_err(|cause| self.failure(cause))
    }

    pub(super) fn failure(&self, cause: impl Into<RenderError>) -> Failure {
        Failure::Output {
            file: self.args.output_file.clone(),
            cause: cause.into(),
        }
    }
}

impl AnalysisArgs {
    pub(super) fn color(&self) -> ColourArg {
        self.color
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        assert_eq!(quoted("logs/a.gz"), "logs/a.gz");
        assert_eq!(quoted("it's [$LATEST]"), r"'it'\''s [$LATEST]'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn reservations_have_a_function_and_a_number() {
        assert_eq!(parse_reserved("orders=200"), Ok(("orders".to_owned(), 200)));
        assert_eq!(parse_reserved("a=b=0"), Ok(("a=b".to_owned(), 0)));
        for bad in ["orders", "=5", "orders=", "orders=many", "orders=-1"] {
            assert!(parse_reserved(bad).is_err(), "{bad}");
        }
    }
}
