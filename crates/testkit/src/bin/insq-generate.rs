//! Writes seeded Lambda logs: `insq-generate --seed 7 --out DIR --profile sample|mixed|week`.
#![allow(clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use insq_testkit::write::{
    Compression, End, ExportFiles, Format, Parts, Written, write_export_tree, write_function_files,
    write_parts,
};
use insq_testkit::{Generator, TESTDATA_SEED, model::Model, profile, write_testdata};

const USAGE: &str = "\
usage: insq-generate --out DIR [options]

  --profile sample|mixed|week  what to imitate; `sample` remakes testdata/ in DIR (default: mixed)
  --seed N                     another seed gives other numbers (default: 7)
  --bytes SIZE                 total size before compression, such as 500MB or 1GB (default: 100MB)
  --files N                    number of parts (default: 1)
  --layout parts|functions|export
                               N parts in time order; one file per function; an S3 export tree (default: parts)
  --gz                         gzip every file
  --json                       filter-log-events documents instead of export lines

The truth about the log goes to DIR.truth.json, beside DIR.";

struct Arguments {
    out: PathBuf,
    profile: String,
    seed: u64,
    bytes: u64,
    files: usize,
    layout: String,
    compression: Compression,
    format: Format,
}

fn main() -> ExitCode {
    let began = Instant::now();
    if std::env::args().any(|word| word == "--help") {
        eprintln!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let outcome = parse_arguments(std::env::args().skip(1)).and_then(|arguments| run(&arguments));
    match outcome {
        Ok(summary) => {
            eprintln!("{summary} in {:.1} s", began.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<String, String> {
    let out = &arguments.out;
    let model = match arguments.profile.as_str() {
        "sample" => {
            write_testdata(out, arguments.seed).map_err(|e| format!("{}: {e}", out.display()))?;
            return Ok(format!("testdata written to {}", out.display()));
        }
        "mixed" => profile::mixed(arguments.seed, arguments.bytes),
        "week" => profile::week(arguments.seed, arguments.bytes),
        other => return Err(format!("unknown profile `{other}`: give sample, mixed or week")),
    };
    let written = write_log(arguments, &model).map_err(|e| format!("{}: {e}", out.display()))?;
    Ok(format!(
        "{} files, {} events, {} bytes",
        written.files, written.events, written.bytes
    ))
}

fn write_log(arguments: &Arguments, model: &Model) -> std::io::Result<Written> {
    let (folder, compression) = (arguments.out.as_path(), arguments.compression);
    let mut generator = Generator::new(model);
    let written = match arguments.layout.as_str() {
        "functions" => write_function_files(&mut generator, folder, arguments.format, compression, |_| true)?,
        "export" => {
            let functions: Vec<&str> = model.functions.iter().map(|function| function.name).collect();
            let files = ExportFiles {
                compression,
                functions: &functions,
                disordered: None,
            };
            write_export_tree(&mut generator, folder, &files)?
        }
        _ => {
            // A week is a week; its size is that of the model.
            let end = if arguments.profile == "week" {
                End::WithModel
            } else {
                End::AtSize
            };
            let parts = Parts {
                folder,
                files: arguments.files,
                bytes: arguments.bytes,
                end,
                format: arguments.format,
                compression,
            };
            write_parts(&mut generator, &parts)?
        }
    };
    let mut truth = serde_json::to_vec_pretty(&generator.truth())?;
    truth.push(b'\n');
    std::fs::write(truth_path(folder), truth)?;
    Ok(written)
}

/// `DIR.truth.json`, so that a query over `DIR` does not meet it.
fn truth_path(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".truth.json");
    folder.with_file_name(name)
}

fn parse_arguments(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments {
        out: PathBuf::new(),
        profile: "mixed".to_owned(),
        seed: TESTDATA_SEED,
        bytes: 100_000_000,
        files: 1,
        layout: "parts".to_owned(),
        compression: Compression::Plain,
        format: Format::ExportLines,
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
        match word.as_str() {
            "--out" => arguments.out = value()?.into(),
            "--profile" => arguments.profile = value()?,
            "--seed" => arguments.seed = parse_number(&value()?)?,
            "--bytes" => arguments.bytes = parse_size(&value()?)?,
            "--files" => arguments.files = parse_number(&value()?)? as usize,
            "--layout" => {
                arguments.layout = value()?;
                if !["parts", "functions", "export"].contains(&arguments.layout.as_str()) {
                    return Err(format!("unknown layout `{}`\n\n{USAGE}", arguments.layout));
                }
            }
            "--gz" => arguments.compression = Compression::Gzip,
            "--json" => arguments.format = Format::EventsJsonCompact,
            _ => return Err(format!("unknown argument `{word}`\n\n{USAGE}")),
        }
    }
    if arguments.out.as_os_str().is_empty() {
        return Err(format!("`--out` is missing\n\n{USAGE}"));
    }
    Ok(arguments)
}

fn parse_number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}

/// `1GB`, `500MB`, `20KB` or bytes; decimal units.
fn parse_size(text: &str) -> Result<u64, String> {
    let units = [
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("KB", 1_000),
        ("B", 1),
        ("", 1),
    ];
    let (number, unit) = units
        .iter()
        .find_map(|(suffix, unit)| text.strip_suffix(suffix).map(|number| (number, unit)))
        .unwrap_or((text, &1));
    let number: f64 = number
        .parse()
        .map_err(|_| format!("`{text}` is not a size such as 1GB"))?;
    Ok((number * *unit as f64) as u64)
}
