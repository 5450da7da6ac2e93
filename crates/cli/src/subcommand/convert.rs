//! `insq convert`: logs into one Parquet file.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Parser;
use insq::{Conversion, ConversionOptions, Engine, ReadOptions, RunControl};

use crate::args::{ColourArg, LogFormatArg, parse_threads};
use crate::diagnostics::{Diagnostics, say, use_colour};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invocation::{Input, input};
use crate::output::{BesideFile, UnfinishedFile};
use crate::progress::{Position, Progress};
use crate::report::warn_of_damage;
use crate::run::{refuse_output_in_input, refuse_output_over_input, watch_interrupt, with_inputs};
use crate::size::{parse_size, show_count, show_size};

/// Write logs into one Parquet file, which answers the same queries and answers them sooner
#[derive(Debug, Parser)]
pub(crate) struct ConvertArgs {
    /// Files, folders or patterns; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// The file to write; an existing one is replaced when the new one is complete
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Fields of JSON messages that become columns; the most frequent ones do
    #[arg(long, value_name = "N", default_value_t = ConversionOptions::default().field_columns_max)]
    columns: usize,

    /// The log group of all inputs, for `@log`
    #[arg(long, value_name = "NAME")]
    log_group: Option<String>,

    /// Take every input for this container [default: each is recognised by its first bytes]
    #[arg(long, value_name = "NAME", value_enum)]
    format: Option<LogFormatArg>,

    /// Let compressed files expand up to N-fold [default: 250]
    #[arg(long, value_name = "N")]
    max_expansion: Option<u64>,

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
        Ok(made) => {
            warn_of_damage(&made.damage, args.stats, diagnostics);
            if args.stats {
                tell(&made, &args.output);
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

fn converted(args: &ConvertArgs, interrupt: &Interrupt) -> Result<Conversion, Failure> {
    let inputs: Vec<Input> = args
        .paths
        .iter()
        .map(|path| input(path.as_os_str()))
        .collect::<Result<_, _>>()?;
    refuse_output_over_input(Some(&args.output), &inputs)?;
    refuse_output_in_input(&args.output, &inputs)?;
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
    let options = ConversionOptions {
        strict: args.strict,
        field_columns_max: args.columns,
        ..ConversionOptions::default()
    };
    let progress = control.progress.clone();
    let bar = Progress::start(!args.quiet, move || {
        let counters = progress.snapshot();
        Position {
            bytes_read: counters.bytes_read,
            bytes_total: counters.bytes_total,
        }
    });
    let made = engine.convert(file.file(), file.folder(), &options, &control);
    drop(bar);
    let made = made.map_err(|error| Failure::engine(error, ""))?;
    if interrupt.is_pressed() {
        return Err(Failure::Interrupted);
    }
    file.complete().map_err(refused)?;
    Ok(made)
}

fn engine(args: &ConvertArgs, inputs: &[Input]) -> Result<Engine, Failure> {
    let defaults = ReadOptions::default();
    let builder = Engine::builder().read_options(ReadOptions {
        log_group: args.log_group.clone(),
        format: args.format.map(|format| format.0),
        expansion_max: args.max_expansion.unwrap_or(defaults.expansion_max),
        mmap: args.mmap,
        ..defaults
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

fn tell(made: &Conversion, output: &Path) {
    let written = std::fs::metadata(output).map_or(0, |facts| facts.len());
    let read = made.counters.bytes_read;
    for line in [
        format!("files read     {}", show_count(made.counters.files_read)),
        format!("bytes read     {} ({})", show_count(read), show_size(read)),
        format!("bytes written  {} ({})", show_count(written), show_size(written)),
        format!("events         {}", show_count(made.events)),
        format!("field columns  {}", show_count(made.fields.len() as u64)),
        format!("time           {:.3} s", made.elapsed.as_secs_f64()),
    ] {
        say(&format!("stats: {line}"));
    }
}
