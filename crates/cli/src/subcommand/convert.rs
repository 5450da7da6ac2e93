//! `insq convert`: logs into one Parquet file, or a folder of them.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Parser;
use insq::{
    Conversion, ConversionOptions, Engine, FolderConversionOptions, FolderConverted, PartitionBy,
    ReadOptions, RunControl,
};

use crate::args::{ColourArg, parse_threads};
use crate::diagnostics::{Diagnostics, say, use_colour};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invocation::{Input, UsageError, input};
use crate::output::{BesideFile, UnfinishedFile};
use crate::own_output::{refuse_inputs_in_output, refuse_output_among_inputs, refuse_outputs_among_inputs};
use crate::reading::ReadingArgs;
use crate::report::{note_reading, warn_of_damage};
use crate::run::{bar, watch_interrupt, with_inputs};
use crate::size::{parse_size, show_count, show_size};

/// Write logs into one Parquet file, or a folder of them, which answers the same queries and answers them sooner
#[derive(Debug, Parser)]
pub(crate) struct ConvertArgs {
    /// Files, folders, patterns or archives; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// The file to write, or with `/` at its end the folder; what is there is replaced when the new one is complete
    #[arg(short, long, value_name = "FILE|DIR/")]
    output: PathBuf,

    /// Divide a folder by `date` (the day, UTC), `function` or both: date=2026-03-02/function=orders/…
    #[arg(long, value_name = "KEY,…", value_delimiter = ',')]
    partition_by: Vec<PartitionBy>,

    /// Of a folder: a stopped run loses the work on so much input at most, give or take a file [default: 1/256 of
    /// all, and 8 MiB at least]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    checkpoint: Option<usize>,

    /// Fields of JSON messages that become columns; the most frequent ones do
    #[arg(long, value_name = "N", default_value_t = ConversionOptions::default().field_columns_max)]
    columns: usize,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Map plain files into memory rather than read them, which spares a copy
    ///
    /// Only for files that stand still: if one is cut while it is mapped, the system kills this process.
    #[arg(long)]
    mmap: bool,

    /// Use N threads [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    threads: Option<NonZeroUsize>,

    /// Stop rather than use more memory: 300MB, 1GiB …
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    memory_limit: Option<usize>,

    /// Tell on standard error what was read and written
    #[arg(long)]
    stats: bool,

    /// Take the first damage for an error
    #[arg(long)]
    strict: bool,

    /// No warnings and no progress
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn convert(args: &ConvertArgs) -> Exit {
    let diagnostics = Diagnostics {
        colour: use_colour(ColourArg::Auto, &io::stderr()),
        quiet: args.quiet,
        json: false,
    };
    let interrupt = Interrupt::new(diagnostics);
    match converted(args, &interrupt) {
        Ok((made, folder)) => {
            if let Some(folder) = &folder {
                tell_what_was_kept(folder, &args.output, diagnostics);
            }
            warn_of_damage(&made.damage, args.stats, diagnostics);
            note_reading(&made.counters, diagnostics);
            if args.stats {
                let written = match &folder {
                    Some(folder) => folder.bytes,
                    None => std::fs::metadata(&args.output).map_or(0, |facts| facts.len()),
                };
                tell(&made, folder.as_ref(), written);
            }
            if made.damage.is_empty() {
                Exit::Success
            } else {
                Exit::Damaged
            }
        }
        Err(_) if interrupt.is_pressed() => interrupt.tell(),
        Err(failure) => failure.tell(diagnostics),
    }
}

type Made = (Conversion, Option<FolderConverted>);

fn converted(args: &ConvertArgs, interrupt: &Interrupt) -> Result<Made, Failure> {
    let inputs: Vec<Input> = args
        .paths
        .iter()
        .map(|path| input(path.as_os_str()))
        .collect::<Result<_, _>>()?;
    if is_folder(args) {
        return converted_folder(args, &inputs, interrupt);
    }
    if args.checkpoint.is_some() {
        return Err(UsageError::new(
            "--checkpoint is for folders; one file is made in one go".to_owned(),
            "leave it out, or end the name of the output with `/`",
        )
        .into());
    }
    refuse_output_among_inputs(Some(&args.output), &inputs)?;
    let engine = engine(args, &inputs)?;
    let (unfinished, control) = (UnfinishedFile::default(), RunControl::default());
    watch_interrupt(interrupt, &unfinished, &control)?;
    let refused = |cause: io::Error| Failure::Output {
        file: Some(args.output.clone()),
        cause: cause.into(),
    };
    let existing = std::fs::metadata(&args.output).ok();
    if let Some(found) = existing.as_ref().filter(|found| !found.is_file()) {
        let kind = if found.is_dir() {
            io::ErrorKind::IsADirectory
        } else {
            io::ErrorKind::NotSeekable
        };
        return Err(refused(kind.into()));
    }
    let file = BesideFile::create(&args.output, existing, &unfinished).map_err(refused)?;
    let bar = bar(&control, !args.quiet);
    let made = engine.convert(file.file(), file.folder(), &options(args), &control);
    drop(bar);
    let made = made.map_err(|error| Failure::engine(error, ""))?;
    if interrupt.is_pressed() {
        return Err(Failure::Interrupted);
    }
    file.complete().map_err(refused)?;
    Ok((made, None))
}

/// True when the output is a folder: it is one, is called like one, or is to be divided.
fn is_folder(args: &ConvertArgs) -> bool {
    let is_called_so = args
        .output
        .as_os_str()
        .as_encoded_bytes()
        .last()
        .is_some_and(|last| std::path::is_separator(char::from(*last)));
    is_called_so || !args.partition_by.is_empty() || args.output.is_dir()
}

const HELP_AFTER_INTERRUPT: &str =
    "the folder holds what it held before; the same command goes on with what has been read and written";

fn converted_folder(args: &ConvertArgs, inputs: &[Input], interrupt: &Interrupt) -> Result<Made, Failure> {
    refuse_outputs_among_inputs(&args.output, inputs)?;
    refuse_inputs_in_output(&args.output, inputs)?;
    let (mut seen, mut twice) = (Vec::new(), None);
    for by in &args.partition_by {
        if seen.contains(by) {
            twice = Some(by.name());
        }
        seen.push(*by);
    }
    if let Some(name) = twice {
        let message = format!("--partition-by names `{name}` twice");
        return Err(UsageError::new(message, "name it once").into());
    }
    let engine = engine(args, inputs)?;
    let control = RunControl::default();
    interrupt.set_help(HELP_AFTER_INTERRUPT);
    watch_interrupt(interrupt, &UnfinishedFile::default(), &control)?;
    let options = FolderConversionOptions {
        files: options(args),
        partition_by: args.partition_by.clone(),
        group_bytes: args.checkpoint.map(|bytes| bytes as u64),
    };
    let bar = bar(&control, !args.quiet);
    let made = engine.convert_folder(&args.output, &options, &control);
    drop(bar);
    let (made, folder) = made.map_err(|error| Failure::engine(error, ""))?;
    Ok((made, Some(folder)))
}

fn options(args: &ConvertArgs) -> ConversionOptions {
    ConversionOptions {
        strict: args.strict,
        field_columns_max: args.columns,
        ..ConversionOptions::default()
    }
}

/// Changes of inputs that are named; of the others, their number is told.
const CHANGES_NAMED_MAX: usize = 3;

fn tell_what_was_kept(folder: &FolderConverted, output: &Path, diagnostics: Diagnostics) {
    if folder.is_up_to_date {
        let message = "is up to date: inputs and options are those that it was written from";
        diagnostics.note(&format!("{} {message}", output.display()));
        return;
    }
    if !folder.remade.is_empty() {
        let named: Vec<&str> = folder
            .remade
            .iter()
            .take(CHANGES_NAMED_MAX)
            .map(String::as_str)
            .collect();
        let more = match folder.remade.len().saturating_sub(CHANGES_NAMED_MAX) {
            0 => String::new(),
            count => format!(" and {} more changes", show_count(count as u64)),
        };
        let message = "what depends on that was made again";
        diagnostics.note(&format!("{}{more}: {message}", named.join(", ")));
    }
    if folder.groups_kept > 0 {
        diagnostics.note(&format!(
            "went on where an earlier run stopped: {} of {} groups of inputs had been read, and {} of {} files written",
            show_count(folder.groups_kept),
            show_count(folder.groups),
            show_count(folder.parts_kept),
            show_count(folder.parts)
        ));
    }
}

fn engine(args: &ConvertArgs, inputs: &[Input]) -> Result<Engine, Failure> {
    let builder = Engine::builder().read_options(ReadOptions {
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

fn tell(made: &Conversion, folder: Option<&FolderConverted>, written: u64) {
    let read = made.counters.bytes_read;
    let files = folder.map(|folder| format!("files written  {}", show_count(folder.parts)));
    let lines = [
        format!("files read     {}", show_count(made.counters.files_read)),
        format!("bytes read     {} ({})", show_count(read), show_size(read)),
        format!("bytes written  {} ({})", show_count(written), show_size(written)),
        format!("events         {}", show_count(made.events)),
        format!("field columns  {}", show_count(made.fields.len() as u64)),
        format!("time           {:.3} s", made.elapsed.as_secs_f64()),
    ];
    for line in lines.into_iter().chain(files) {
        say(&format!("stats: {line}"));
    }
}
