//! `insq batch`: many queries in one pass, each with a file of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser;
use insq::{
    Damage, Engine, ErrorCode, ManyResults, OneResult, PreparedQuery, ProgressSnapshot, QueryOptions,
    RunControl,
};
use insq_render::{Format, Target};

use super::batch_explain::explanation;
use super::batch_summary::{Outcome, summary};
use super::print;
use crate::args::{FormatArg, RunArgs};
use crate::diagnostics::{Diagnostics, Severity};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invocation::{Input, UsageError, inputs};
use crate::output::{Output, UnfinishedFile, folder_of};
use crate::output_pattern::OutputPattern;
use crate::own_output::refuse_output_among_inputs;
use crate::query_file;
use crate::query_files::{self, NamedQuery, is_query_file};
use crate::report::{note_reading, tell_statistics, warn_of_damage};
use crate::run::{
    Rendering, bar, build_engine, note_waiting, now_ms, output_failure, query_options,
    refuse_once_with_now_last, time_range, watch_interrupt, write_result,
};
use crate::time::NowArg;

const USAGE: &str = "insq batch [OPTIONS] FILE [PATH…] -o 'results/{name}.csv'
       insq batch [OPTIONS] -f FILE [-f FILE]… [PATH…] -o 'results/{name}.csv'";

const EXAMPLES: &str = "\
A file of queries:
  # name: errors-per-hour
  filter @message like /ERROR/ | stats count(*) by bin(1h)

  # name: slowest
  fields @requestId, @duration | sort @duration desc | limit 20

A file without such lines is one query, which is called as the file is. Of a folder, all files *.insq are taken.

In the end a table tells what came of each query. Its time is what all threads spent on that query alone; reading the
logs is shared. Queries with sub-queries, or whose SOURCE chooses other logs, run on their own after the others.

Examples:
  A folder of queries over the exports of a day:
    insq batch queries/ exports/2024-03-01/ -o 'results/{name}.csv'
  As JSON Lines, from a pipe:
    zcat app.log.gz | insq batch daily.insq -o 'results/{name}.jsonl'";

/// Run many queries in one pass over the logs, each result into a file of its own
#[derive(Debug, Parser)]
#[command(override_usage = USAGE, after_help = EXAMPLES, max_term_width = 110)]
pub(crate) struct BatchArgs {
    /// The queries: a file of one or several, a folder of such files, or `-` for standard input
    #[arg(value_name = "FILE")]
    first: Option<OsString>,

    /// The logs: files, folders, patterns or archives; `-` or none is standard input
    #[arg(value_name = "PATH")]
    rest: Vec<OsString>,

    /// Queries are in FILE, a file, a folder or `-`; may be repeated, and then every argument is a path of logs
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The files of the results: {name} stands for the name of each query
    ///
    /// Folders are made. An existing file is replaced when the result is complete; it stays as it is when the query fails.
    #[arg(short, long, value_name = "PATTERN")]
    output: Option<String>,

    /// Format of the results [default: what the name of --output says, else csv]
    #[arg(long, value_name = "FORMAT", value_enum)]
    output_format: Option<FormatArg>,

    /// Show which queries look at the same events and what each asks of the logs, and do not run them
    #[arg(long)]
    explain: bool,

    #[command(flatten)]
    run: RunArgs,
}

pub(super) fn batch(args: &BatchArgs) -> Exit {
    let diagnostics = args.run.diagnostics();
    let interrupt = Interrupt::new(diagnostics);
    match run(args, diagnostics, &interrupt) {
        Ok(_) if interrupt.is_pressed() => interrupt.tell(),
        Ok(exit) => exit,
        Err(_) if interrupt.is_pressed() => interrupt.tell(),
        Err(failure) => failure.tell(diagnostics),
    }
}

/// What is asked, of what, and where the answers go.
struct Job {
    queries: Vec<NamedQuery>,
    files: Vec<PathBuf>,
    format: Format,
    inputs: Vec<Input>,
    is_stdin_implied: bool,
}

impl Job {
    fn new(args: &BatchArgs) -> Result<Self, UsageError> {
        let words: Vec<&OsString> = args.first.iter().chain(&args.rest).collect();
        let (sources, paths) = match words.split_first() {
            _ if !args.files.is_empty() => (args.files.clone(), words.as_slice()),
            Some((first, paths)) => (vec![PathBuf::from(first)], paths),
            None => {
                return Err(UsageError::new(
                    "FILE with the queries is missing",
                    "example: insq batch queries/ logs/ -o 'results/{name}.csv'",
                ));
            }
        };
        refuse_queries_among_logs(paths)?;
        let (inputs, is_stdin_implied) = inputs(paths, args.run.catalog.is_some())?;
        if sources.iter().any(|file| query_file::is_stdin(file)) && !args.explain {
            query_file::refuse_stdin_as_logs(&inputs)?;
        }
        let queries = query_files::read(&sources, &args.run.params)?;
        let mut job = Self {
            queries,
            files: Vec::new(),
            format: Format::Csv,
            inputs,
            is_stdin_implied,
        };
        if !args.explain {
            job.put_results(args)?;
        }
        Ok(job)
    }

    /// Where the results go, and in which format.
    fn put_results(&mut self, args: &BatchArgs) -> Result<(), UsageError> {
        let Some(pattern) = &args.output else {
            return Err(UsageError::new(
                "--output is missing: where should the results go?",
                "example: -o 'results/{name}.csv'",
            ));
        };
        let pattern = OutputPattern::new(pattern)?;
        let files = self.queries.iter().map(|query| pattern.file(&query.name));
        self.files = files.collect();
        for file in &self.files {
            refuse_output_among_inputs(Some(file), &self.inputs)?;
            refuse_output_over_queries(file, &self.queries)?;
        }
        let named = args.output_format.map(|format| format.0);
        self.format = named.or_else(|| pattern.format()).unwrap_or(Format::Csv);
        Ok(())
    }
}

/// `insq batch queries/*.insq logs/` would read all queries but the first as logs.
fn refuse_queries_among_logs(paths: &[&OsString]) -> Result<(), UsageError> {
    match paths.iter().find(|path| is_query_file(Path::new(path))) {
        None => Ok(()),
        Some(path) => Err(UsageError::new(
            format!(
                "`{}` stands among the logs, but it is named like a query",
                path.to_string_lossy()
            ),
            "name each file of queries with -f, or give the folder that they are in",
        )),
    }
}

fn refuse_output_over_queries(file: &Path, queries: &[NamedQuery]) -> Result<(), UsageError> {
    let Ok(file) = file.canonicalize() else {
        return Ok(());
    };
    let is_same = |query: &&NamedQuery| query.file.canonicalize().is_ok_and(|path| path == file);
    match queries.iter().find(is_same) {
        None => Ok(()),
        Some(query) => Err(UsageError::new(
            format!(
                "the result would replace the query file `{}`",
                query.file.display()
            ),
            "choose another name for --output",
        )),
    }
}

/// A batch on its way.
struct Batch<'a> {
    args: &'a BatchArgs,
    job: &'a Job,
    diagnostics: Diagnostics,
    interrupt: &'a Interrupt,
    unfinished: UnfinishedFile,
    /// One per query; `None` as long as nothing is known.
    outcomes: Vec<Option<Outcome>>,
    damage: Vec<Damage>,
    /// Bytes that queries on their own left unread because of their time; at most.
    bytes_skipped: u64,
    /// The same of files whose times name no year.
    files_without_year: u64,
}

fn run(args: &BatchArgs, diagnostics: Diagnostics, interrupt: &Interrupt) -> Result<Exit, Failure> {
    let first = args.first.iter().filter(|_| args.files.is_empty());
    let files = args
        .files
        .iter()
        .map(PathBuf::as_path)
        .chain(first.map(Path::new));
    query_file::note_waiting(files, diagnostics);
    let job = Job::new(args)?;
    let outputs = job.files.iter().map(PathBuf::as_path);
    let engine = build_engine(&args.run, &job.inputs, outputs)?;
    if args.run.now == Some(NowArg::NewestEvent) {
        refuse_once_with_now_last(&engine)?;
    }
    let (unfinished, control) = (UnfinishedFile::default(), RunControl::default());
    watch_interrupt(interrupt, &unfinished, &control)?;
    let now_ms = now_ms(args.run.now, &engine)?;
    let options = QueryOptions {
        time_range: time_range(args.run.since, args.run.until, now_ms)?,
        limit: args.run.limit,
        now_ms,
        ..query_options(&args.run)
    };
    let mut batch = Batch {
        args,
        job: &job,
        diagnostics,
        interrupt,
        unfinished,
        outcomes: vec![None; job.queries.len()],
        damage: Vec::new(),
        bytes_skipped: 0,
        files_without_year: 0,
    };
    let (numbers, prepared) = batch.prepare(&engine, &options);
    if args.explain {
        let names: Vec<&str> = numbers.iter().map(|number| &*job.queries[*number].name).collect();
        let plan = engine.plan_many(&prepared);
        print(&explanation(&plan, &names, &prepared));
        let is_sound = numbers.len() == job.queries.len();
        return Ok(if is_sound { Exit::Success } else { Exit::Incomplete });
    }
    for number in &numbers {
        batch.try_output(*number)?;
    }
    if job.is_stdin_implied {
        note_waiting(diagnostics);
    }
    batch.scan(&engine, &numbers, &prepared, &control)
}

impl Batch<'_> {
    /// The queries that are sound, and their numbers. Mistakes are told before anything is read.
    fn prepare<'e>(
        &mut self,
        engine: &'e Engine,
        options: &QueryOptions,
    ) -> (Vec<usize>, Vec<PreparedQuery<'e>>) {
        let (mut numbers, mut prepared) = (Vec::new(), Vec::new());
        for (number, query) in self.job.queries.iter().enumerate() {
            match engine.prepare(&query.text, options) {
                Ok(sound) => {
                    for warning in sound.warnings() {
                        let (message, span) = (&warning.message, Some(warning.span));
                        query.tell(self.diagnostics, Severity::Warning, "query", message, None, span);
                    }
                    numbers.push(number);
                    prepared.push(sound);
                }
                Err(error) => self.fail_in_engine(number, &error),
            }
        }
        (numbers, prepared)
    }

    /// Makes the folder of a result, and tries whether a file can be written there, before anything is read.
    fn try_output(&self, number: usize) -> Result<(), Failure> {
        let file = &self.job.files[number];
        std::fs::create_dir_all(folder_of(file))
            .and_then(|()| Output::open(Some(file), &self.unfinished))
            .map(drop)
            .map_err(|cause| output_failure(Some(file), cause))
    }

    fn scan(
        &mut self,
        engine: &Engine,
        numbers: &[usize],
        prepared: &[PreparedQuery<'_>],
        control: &RunControl,
    ) -> Result<Exit, Failure> {
        let progress = bar(control, !self.args.run.quiet);
        let results = engine.run_many(prepared, control);
        drop(progress);
        let mut results = results.map_err(|error| Failure::engine(error, ""))?;
        self.damage = results.damage();
        while let Some(one) = results.next() {
            self.take(numbers[one.number], one, &mut results)?;
            if self.interrupt.is_pressed() {
                return Err(Failure::Interrupted);
            }
        }
        let counters = results.counters();
        warn_of_damage(&self.damage, self.args.run.stats, self.diagnostics);
        let told = ProgressSnapshot {
            bytes_skipped: counters.bytes_skipped.max(self.bytes_skipped),
            files_without_year: counters.files_without_year.max(self.files_without_year),
            ..counters
        };
        note_reading(&told, self.diagnostics);
        if !self.args.run.quiet {
            print(&summary(
                &self.job.queries,
                &self.job.files,
                &self.outcomes,
                &counters,
            ));
        }
        Ok(self.exit())
    }

    /// Writes a result into its file.
    fn take(&mut self, number: usize, one: OneResult, results: &mut ManyResults<'_>) -> Result<(), Failure> {
        let OneResult {
            number: place,
            own_pass,
            stream,
        } = one;
        let mut stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                self.fail_in_engine(number, &error);
                return Ok(());
            }
        };
        let file = &self.job.files[number];
        let rendering = Rendering {
            file: Some(file),
            format: self.job.format,
            target: Target::Bytes,
            zone: self.args.run.tz.unwrap_or_default(),
        };
        let written = Output::open(Some(file), &self.unfinished)
            .map_err(|cause| output_failure(Some(file), cause))
            .and_then(|output| write_result(&mut stream, &rendering, output, self.interrupt));
        match written {
            Ok(()) => {
                let statistics = stream.statistics();
                let counters = &statistics.counters;
                self.bytes_skipped = self.bytes_skipped.max(counters.bytes_skipped);
                self.files_without_year = self.files_without_year.max(counters.files_without_year);
                for entry in stream.damage() {
                    if !self.damage.contains(&entry) {
                        self.damage.push(entry);
                    }
                }
                if self.args.run.stats {
                    self.tell_statistics(number, &stream);
                }
                self.outcomes[number] = Some(Outcome::Done {
                    rows: statistics.rows,
                    elapsed: statistics.elapsed,
                    own_pass,
                });
            }
            Err(Failure::Engine { error, .. }) => {
                drop(stream);
                if let Err(error) = results.retry(place, own_pass, error) {
                    self.fail_in_engine(number, &error);
                }
            }
            Err(Failure::Output { file, cause }) => {
                let shown = file
                    .map(|file| format!("{}: ", file.display()))
                    .unwrap_or_default();
                self.fail(number, "failed", &format!("{shown}{cause}"), None, None);
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    fn tell_statistics(&self, number: usize, stream: &insq::ResultStream) {
        crate::diagnostics::say(&format!(
            "stats: query          {}",
            self.job.queries[number].name
        ));
        tell_statistics(&stream.statistics(), &stream.damage());
    }

    fn fail_in_engine(&mut self, number: usize, error: &insq::Error) {
        // Who stopped it knows.
        if error.code() == ErrorCode::Cancelled {
            return;
        }
        let (message, help) = (error.to_string(), error.help());
        self.fail(number, &error.word(), &message, help.as_deref(), error.span());
    }

    fn fail(
        &mut self,
        number: usize,
        code: &str,
        message: &str,
        help: Option<&str>,
        span: Option<insq::Span>,
    ) {
        self.job.queries[number].tell(self.diagnostics, Severity::Error, code, message, help, span);
        self.outcomes[number] = Some(Outcome::Failed {
            message: message.to_owned(),
        });
    }

    fn exit(&self) -> Exit {
        let is_failed = |outcome: &Option<Outcome>| !matches!(outcome, Some(Outcome::Done { .. }));
        if self.outcomes.iter().any(is_failed) {
            Exit::Incomplete
        } else if self.damage.is_empty() {
            Exit::Success
        } else {
            Exit::Damaged
        }
    }
}
