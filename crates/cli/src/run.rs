//! One run of the command: from the arguments to the exit code.

use std::collections::HashSet;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use insq::{
    Catalog, Engine, EngineBuilder, PreparedQuery, QueryOptions, ReadOptions, ResultStream, RunControl,
    ServiceRules, TimeRange, Zone,
};
use insq_render::sanitizer::{Place, sanitize};
use insq_render::{Format, RenderError, Target, renderer, terminal_columns};

use crate::args::{Args, RunArgs};
use crate::diagnostics::{Diagnostics, InQuery, Severity, use_colour};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invocation::{Input, Invocation, UsageError};
use crate::local_time::{local_batch, local_schema};
use crate::output::{Output, UnfinishedFile, format_of_name};
use crate::own_output::{refuse_output_among_catalog, refuse_output_among_inputs};
use crate::progress::{Position, Progress};
use crate::query_file;
use crate::remote;
use crate::report::{note_nothing_found, note_reading, tell_statistics, warn_of_damage};
use crate::time::{NowArg, TimeArg};

/// Does what the arguments say, and tells on standard error what went wrong.
pub(crate) fn run(args: &Args) -> Exit {
    let diagnostics = args.run.diagnostics();
    let interrupt = Interrupt::new(diagnostics);
    match answer(args, diagnostics, &interrupt) {
        Ok(exit) => exit,
        Err(_) if interrupt.is_pressed() => interrupt.tell(),
        Err(failure) => failure.tell(diagnostics),
    }
}

fn answer(args: &Args, diagnostics: Diagnostics, interrupt: &Interrupt) -> Result<Exit, Failure> {
    query_file::note_waiting(args.query_file.as_deref().into_iter(), diagnostics);
    let Invocation {
        query,
        inputs,
        is_stdin_implied,
    } = Invocation::new(args)?;
    refuse_output_among_inputs(args.output_file.as_deref(), &inputs)?;
    let engine = build_engine(&args.run, &inputs, args.output_file.as_deref())?;
    let in_query = |error| Failure::engine(error, &query);
    if args.run.now == Some(NowArg::NewestEvent) {
        refuse_once_with_now_last(&engine)?;
        // A mistake in the query is told before the inputs are read for their newest event.
        engine
            .prepare(&query, &query_options(&args.run))
            .map_err(in_query)?;
    }
    let unfinished = UnfinishedFile::default();
    let control = RunControl::default();
    watch_interrupt(interrupt, &unfinished, &control)?;
    let now_ms = now_ms(args.run.now, &engine)?;
    let options = QueryOptions {
        time_range: time_range(args.run.since, args.run.until, now_ms)?,
        limit: args.run.limit,
        now_ms,
        ..query_options(&args.run)
    };
    let prepared = engine.prepare(&query, &options).map_err(in_query)?;
    for warning in prepared.warnings() {
        tell_warning(warning, &query, diagnostics);
    }
    let output = Output::open(args.output_file.as_deref(), &unfinished)
        .map_err(|cause| output_failure(args.output_file.as_deref(), cause))?;
    if args.explain {
        return explain(&prepared, args, output);
    }
    if is_stdin_implied {
        note_waiting(diagnostics);
    }
    let mut stream = scan(&prepared, &control, !args.run.quiet).map_err(in_query)?;
    match write_result(&mut stream, &rendering(args), output, interrupt) {
        Ok(()) => {}
        Err(Failure::Output { cause, .. }) if cause.is_closed_pipe() => return Ok(Exit::Success),
        Err(failure) => return Err(failure),
    }
    let damage = stream.damage();
    warn_of_damage(&damage, args.run.stats, diagnostics);
    note_reading(&stream.statistics().counters, diagnostics);
    if stream.statistics().counters.events_matched == 0 {
        note_nothing_found(options.time_range, diagnostics);
    }
    if args.run.stats {
        tell_statistics(&stream.statistics(), &damage);
    }
    Ok(if damage.is_empty() {
        Exit::Success
    } else {
        Exit::Damaged
    })
}

/// Says why nothing happens where somebody at a terminal has named no input.
pub(crate) fn note_waiting(diagnostics: Diagnostics) {
    if io::stdin().is_terminal() {
        diagnostics
            .note("reading log lines from standard input until Ctrl-D; name files or folders to read those");
    }
}

/// What belongs to the query beside its text and its times.
pub(crate) fn query_options(args: &RunArgs) -> QueryOptions {
    QueryOptions {
        strict: args.strict,
        zone: args.tz.unwrap_or_default(),
        service: if args.compat {
            ServiceRules::Enforced
        } else {
            ServiceRules::Ignored
        },
        fill_bins: args.fill_bins,
        ..QueryOptions::default()
    }
}

fn tell_warning(warning: &insq::Warning, query: &str, diagnostics: Diagnostics) {
    let severity = insq::Severity::Warning;
    let rendered = insq::render_diagnostic(query, severity, &warning.message, warning.span, None, None);
    diagnostics.in_query(&InQuery {
        severity: Severity::Warning,
        code: "query",
        message: &warning.message,
        help: None,
        query,
        file: None,
        span: warning.span,
        rendered: &rendered,
    });
}

/// `outputs` are what is written, none of which may be among the logs of the catalog.
pub(crate) fn build_engine<'a>(
    args: &RunArgs,
    inputs: &[Input],
    outputs: impl IntoIterator<Item = &'a Path>,
) -> Result<Engine, Failure> {
    let mut builder = with_inputs(Engine::builder(), inputs)?;
    if let Some(threads) = args.threads {
        builder = builder.threads(threads.get());
    }
    if let Some(bytes) = args.memory_limit {
        builder = builder.memory_limit_bytes(bytes);
    }
    let temp_dir = args.temp_dir.clone().unwrap_or_else(std::env::temp_dir);
    builder = builder.spill_folder(&temp_dir).read_options(read_options(args));
    if let Some(folder) = &args.lookups {
        builder = builder.lookups(folder);
    }
    if let Some(file) = &args.catalog {
        let catalog = Catalog::read(file).map_err(|error| Failure::engine(error, ""))?;
        for output in outputs {
            refuse_output_among_catalog(output, &catalog)?;
        }
        builder = builder.catalog(catalog);
    }
    builder.build().map_err(|error| Failure::engine(error, ""))
}

/// Adds what is to be read.
pub(crate) fn with_inputs(builder: EngineBuilder, inputs: &[Input]) -> Result<EngineBuilder, Failure> {
    let mut known = HashSet::new();
    inputs.iter().try_fold(builder, |builder, input| match input {
        Input::Stdin => Ok(builder.stdin()),
        Input::Path(path) => Ok(builder.path(path)),
        Input::Store(url) => remote::add(builder, url, &mut known),
    })
}

fn read_options(args: &RunArgs) -> ReadOptions {
    ReadOptions {
        trust_order: !args.scan_all,
        mmap: args.mmap,
        ..args.reading.options()
    }
}

/// `--now last` reads all inputs twice.
pub(crate) fn refuse_once_with_now_last(engine: &Engine) -> Result<(), UsageError> {
    if engine.reads_once() {
        return Err(UsageError::new(
            "--now last cannot be used with standard input or a pipe, which can be read only once",
            "give a path, or an absolute time such as --now 2024-03-01T12:00:00Z",
        ));
    }
    Ok(())
}

pub(crate) fn watch_interrupt(
    interrupt: &Interrupt,
    unfinished: &UnfinishedFile,
    control: &RunControl,
) -> Result<(), Failure> {
    let cancellation = control.cancellation.clone();
    interrupt
        .watch(unfinished.clone(), move || cancellation.cancel())
        .map_err(Failure::Interrupt)
}

pub(crate) fn now_ms(now: Option<NowArg>, engine: &Engine) -> Result<i64, Failure> {
    match now {
        None => Ok(chrono::Utc::now().timestamp_millis()),
        Some(NowArg::Absolute(time_ms)) => Ok(time_ms),
        Some(NowArg::NewestEvent) => {
            let newest = engine
                .newest_event_ms()
                .map_err(|error| Failure::engine(error, ""))?;
            newest.ok_or(Failure::NoNewestEvent)
        }
    }
}

/// The time from `since` up to, but not including, `until`.
pub(crate) fn time_range(
    since: Option<TimeArg>,
    until: Option<TimeArg>,
    now_ms: i64,
) -> Result<TimeRange, UsageError> {
    let resolve = |time: Option<TimeArg>| match time.map(|time| time.resolve(now_ms)) {
        None => Ok(None),
        Some(Some(time_ms)) => Ok(Some(time_ms)),
        Some(None) => Err(UsageError::new(
            "a time lies before the calendar begins",
            "count back less far",
        )),
    };
    let (start_ms, end_ms) = (resolve(since)?, resolve(until)?);
    if let (Some(start), Some(end)) = (start_ms, end_ms)
        && start >= end
    {
        let shown = [start, end].map(insq::format_time);
        let message = format!(
            "no time lies from --since {} up to, but not including, --until {}",
            shown[0], shown[1]
        );
        return Err(UsageError::new(message, "give a --since before --until"));
    }
    Ok(TimeRange { start_ms, end_ms })
}

fn explain(prepared: &PreparedQuery<'_>, args: &Args, mut output: Output) -> Result<Exit, Failure> {
    let text = prepared.explain();
    let shown = sanitize(text.trim_end(), Place::Cell);
    match writeln!(output, "{shown}")
        .and_then(|()| output.complete())
        .map_err(RenderError::from)
    {
        Err(cause) if !cause.is_closed_pipe() => Err(output_failure(args.output_file.as_deref(), cause)),
        _ => Ok(Exit::Success),
    }
}

/// Reads the inputs, with a progress bar for as long as it takes.
fn scan(
    prepared: &PreparedQuery<'_>,
    control: &RunControl,
    is_bar_wanted: bool,
) -> Result<ResultStream, insq::Error> {
    let _bar = bar(control, is_bar_wanted);
    prepared.stream(control)
}

/// A progress bar of the bytes that a run reads, and then of the files that it writes.
pub(crate) fn bar(control: &RunControl, is_wanted: bool) -> Progress {
    let progress = control.progress.clone();
    Progress::start(is_wanted, move || {
        let counters = progress.snapshot();
        Position {
            bytes_read: counters.bytes_read,
            bytes_total: counters.bytes_total,
            files_written: counters.files_written,
            files_to_write: counters.files_to_write,
        }
    })
}

/// How a result is written.
pub(crate) struct Rendering<'a> {
    /// The file, for messages; `None` is standard output.
    pub(crate) file: Option<&'a Path>,
    pub(crate) format: Format,
    pub(crate) target: Target,
    pub(crate) zone: Zone,
}

/// Writes a result to its end, and puts it into its place.
///
/// # Errors
/// When the run can't go on, when the result can't be written, or when Ctrl-C is pressed.
pub(crate) fn write_result(
    stream: &mut ResultStream,
    rendering: &Rendering<'_>,
    mut output: Output,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let Rendering {
        file,
        format,
        target,
        zone,
    } = *rendering;
    let fail = |cause: RenderError| output_failure(file, cause);
    let schema = local_schema(stream.schema(), zone);
    let mut renderer = renderer(format, target, &schema, &mut output).map_err(fail)?;
    for batch in stream {
        // The query is known to be sound by now: what fails here is the run.
        let batch = batch.map_err(|error| Failure::engine(error, ""))?;
        let batch = local_batch(batch, &schema, zone)
            .map_err(|cause| fail(RenderError::SchemaMismatch(cause.to_string())))?;
        renderer.batch(&batch).map_err(fail)?;
        if interrupt.is_pressed() {
            return Err(Failure::Interrupted);
        }
    }
    renderer.finish().map_err(fail)?;
    drop(renderer);
    output.complete().map_err(|cause| fail(cause.into()))
}

fn rendering(args: &Args) -> Rendering<'_> {
    let target = target(args);
    Rendering {
        file: args.output_file.as_deref(),
        format: format(args, target),
        target,
        zone: args.run.tz.unwrap_or_default(),
    }
}

fn target(args: &Args) -> Target {
    match terminal_columns().filter(|_| args.output_file.is_none()) {
        None => Target::Bytes,
        Some(columns) => Target::Terminal {
            columns,
            colour: use_colour(args.run.color, &io::stdout()),
        },
    }
}

fn format(args: &Args, target: Target) -> Format {
    let by_name = || args.output_file.as_deref().and_then(format_of_name);
    let by_target = if matches!(target, Target::Terminal { .. }) {
        Format::Table
    } else {
        Format::Csv
    };
    args.output
        .map(|format| format.0)
        .or_else(by_name)
        .unwrap_or(by_target)
}

pub(crate) fn output_failure(file: Option<&Path>, cause: impl Into<RenderError>) -> Failure {
    Failure::Output {
        file: file.map(Path::to_owned),
        cause: cause.into(),
    }
}
