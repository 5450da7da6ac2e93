//! `insq inspect`: what inputs are, and what is in them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::num::NonZeroUsize;

use clap::Parser;
use insq::{Damage, Engine, FileKind, Inspection, Names, RunControl, format_time};
use serde_json::{Value, json};

use super::{print, print_json};
use crate::args::{ColourArg, parse_threads};
use crate::diagnostics::{Diagnostics, use_colour};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invocation::inputs;
use crate::output::UnfinishedFile;
use crate::reading::ReadingArgs;
use crate::report::warn_of_damage;
use crate::run::{bar, note_waiting, watch_interrupt, with_inputs};
use crate::size::{show_count, show_size};

/// Names and fields that are listed for people; `-o json` lists all.
const LINES_MAX: usize = 20;

/// Tell what logs are: containers, time, log groups, functions, fields, damage
#[derive(Debug, Parser)]
pub(crate) struct InspectArgs {
    /// Files, folders, patterns or archives; `-` or none is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Use N threads [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    threads: Option<NonZeroUsize>,

    /// Format: text, or json for programs
    #[arg(short, long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    output: String,

    /// Take the first damage for an error
    #[arg(long)]
    strict: bool,

    /// No warnings and no progress
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn inspect(args: &InspectArgs) -> Exit {
    let diagnostics = Diagnostics {
        colour: use_colour(ColourArg::Auto, &io::stderr()),
        quiet: args.quiet,
        json: false,
    };
    let interrupt = Interrupt::new(diagnostics);
    match inspected(args, &interrupt, diagnostics) {
        Ok((found, damage)) => {
            match args.output.as_str() {
                "json" => print_json(&as_json(&found, &damage)),
                _ => print(&as_text(&found, &args.reading)),
            }
            warn_of_damage(&damage, true, diagnostics);
            if damage.is_empty() {
                Exit::Success
            } else {
                Exit::Damaged
            }
        }
        Err(_) if interrupt.is_pressed() => interrupt.tell(),
        Err(failure) => failure.tell(diagnostics),
    }
}

fn inspected(
    args: &InspectArgs,
    interrupt: &Interrupt,
    diagnostics: Diagnostics,
) -> Result<(Inspection, Vec<Damage>), Failure> {
    let paths: Vec<&OsString> = args.paths.iter().collect();
    let (inputs, is_stdin_implied) = inputs(&paths, false)?;
    let mut builder = with_inputs(Engine::builder(), &inputs)?.read_options(args.reading.options());
    if let Some(threads) = args.threads {
        builder = builder.threads(threads.get());
    }
    let engine = builder.build().map_err(|error| Failure::engine(error, ""))?;
    let control = RunControl::default();
    watch_interrupt(interrupt, &UnfinishedFile::default(), &control)?;
    if is_stdin_implied {
        note_waiting(diagnostics);
    }
    let _bar = bar(&control, !args.quiet);
    engine
        .inspect(args.strict, &control)
        .map_err(|error| Failure::engine(error, ""))
}

fn as_text(found: &Inspection, reading: &ReadingArgs) -> String {
    let mut lines = vec![files(found)];
    for (name, count, bytes) in containers(&found.files) {
        lines.push(format!(
            "  {name:<36} {:>12}  {:>10}",
            show_count(count),
            show_size(bytes)
        ));
    }
    let untimed = match found.events_without_time {
        0 => String::new(),
        count => format!(", {} of them without a time", show_count(count)),
    };
    lines.push(format!("events       {}{untimed}", show_count(found.events)));
    if let Some(file) = found.files.iter().find(|file| file.lacks_year) {
        lines.push(format!(
            "  times of {} name no year: --log-year tells it",
            file.file
        ));
    }
    if let (Some(first), Some(last)) = (found.first_ms, found.last_ms) {
        lines.push(format!(
            "time         {} to {} UTC ({})",
            format_time(first),
            format_time(last),
            span(last - first)
        ));
    }
    lines.extend(
        found
            .clock_gap_minutes
            .map(|minutes| clock_gap(minutes, reading.has_zone())),
    );
    lines.extend(names("types", &found.types, found.events));
    lines.extend(names("log groups", &found.log_groups, found.events));
    lines.extend(names("functions", &found.functions, found.events));
    lines.push(format!("log streams  {}", count_of(&found.log_streams)));
    lines.extend(system_fields(found));
    lines.extend(fields(found));
    lines.join("\n")
}

/// What it means that times are later than those in messages by so many minutes. What a zone is off that was given says
/// nothing about which it should be.
fn clock_gap(minutes: i64, is_zone_given: bool) -> String {
    let (sign, clock) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
    let offset = format!("{sign}{:02}:{:02}", clock / 60, clock % 60);
    let gap = format!("  times are {offset} h from those in messages");
    match is_zone_given {
        true => format!("{gap}: --log-tz names another zone than theirs"),
        false => format!("{gap}; if they name no zone, --log-tz {offset} tells it"),
    }
}

fn files(found: &Inspection) -> String {
    let bytes: u64 = found.files.iter().map(|file| file.bytes).sum();
    let copies = match found.copies {
        0 => String::new(),
        1 => ", and a compressed copy that is not read".to_owned(),
        copies => format!(", and {} compressed copies that are not read", show_count(copies)),
    };
    format!(
        "files        {} ({}){copies}",
        show_count(found.files.len() as u64),
        show_size(bytes)
    )
}

/// Files and bytes by container, most files first.
fn containers(files: &[FileKind]) -> Vec<(String, u64, u64)> {
    let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for file in files {
        let name = file.format.map_or("no log", |format| format.name());
        let compressed = match file.layers {
            0 => String::new(),
            1 => ", compressed".to_owned(),
            layers => format!(", compressed {layers} times"),
        };
        let sum = sums.entry(format!("{name}{compressed}")).or_default();
        *sum = (sum.0 + 1, sum.1 + file.bytes);
    }
    let mut sums: Vec<_> = sums
        .into_iter()
        .map(|(name, (count, bytes))| (name, count, bytes))
        .collect();
    sums.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    sums
}

fn count_of(names: &Names) -> String {
    let more = if names.is_cut { "more than " } else { "" };
    format!("{more}{}", show_count(names.counts.len() as u64))
}

/// The most frequent names, with their share of the events.
fn names(title: &str, names: &Names, events: u64) -> Vec<String> {
    if names.counts.is_empty() {
        return vec![format!("{title:<12} none")];
    }
    let mut counts: Vec<_> = names.counts.iter().collect();
    counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    let mut lines = vec![format!("{title:<12} {}", count_of(names))];
    for (name, count) in counts.iter().take(LINES_MAX) {
        lines.push(format!(
            "  {name:<36} {:>12}  {:>6}",
            show_count(**count),
            share(**count, events)
        ));
    }
    lines.extend(more(counts.len()));
    lines
}

/// The fields that insq makes of events by itself.
fn system_fields(found: &Inspection) -> Vec<String> {
    if found.system_fields.is_empty() {
        return vec!["system fields none".to_owned()];
    }
    let mut lines = vec![format!("system fields {}", found.system_fields.len())];
    for (field, count) in &found.system_fields {
        lines.push(format!(
            "  {:<36} {:>12}  {:>6}  {}",
            field.name(),
            show_count(*count),
            share(*count, found.events),
            field.column_type()
        ));
    }
    if found.columns_left_out.is_some() {
        lines.push("  others are not counted, since columns of tables are left out".to_owned());
    }
    lines
}

fn fields(found: &Inspection) -> Vec<String> {
    let mut lines = listed_fields(found);
    if let Some(why) = &found.columns_left_out {
        lines.push(format!("  columns of tables are left out: {why}"));
    }
    lines
}

fn listed_fields(found: &Inspection) -> Vec<String> {
    match (found.fields.is_empty(), found.are_fields_cut) {
        (true, false) => return vec!["fields       none".to_owned()],
        (true, true) => return vec!["fields       none but with names that are too long to list".to_owned()],
        (false, _) => {}
    }
    let cut = if found.are_fields_cut { "more than " } else { "" };
    let mut lines = vec![format!(
        "fields       {cut}{}",
        show_count(found.fields.len() as u64)
    )];
    for (name, kinds) in found.fields.iter().take(LINES_MAX) {
        let count: u64 = kinds.values().sum();
        let kinds: Vec<&str> = kinds.keys().map(|kind| kind.name()).collect();
        lines.push(format!(
            "  {name:<36} {:>12}  {:>6}  {}",
            show_count(count),
            share(count, found.events),
            kinds.join(", ")
        ));
    }
    lines.extend(more(found.fields.len()));
    lines
}

fn more(count: usize) -> Option<String> {
    let rest = count.saturating_sub(LINES_MAX);
    (rest > 0).then(|| format!("  … and {} more; -o json lists them", show_count(rest as u64)))
}

fn share(count: u64, of: u64) -> String {
    format!("{:.1} %", count as f64 * 100.0 / of.max(1) as f64)
}

/// A length of time in the largest unit that it fills.
fn span(ms: i64) -> String {
    const UNITS: [(i64, &str); 4] = [
        (86_400_000, "days"),
        (3_600_000, "hours"),
        (60_000, "minutes"),
        (1_000, "seconds"),
    ];
    match UNITS.iter().find(|(unit, _)| ms >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", ms as f64 / *unit as f64),
        None => format!("{ms} milliseconds"),
    }
}

fn as_json(found: &Inspection, damage: &[insq::Damage]) -> Value {
    let names = |names: &Names| json!({"values": names.counts, "complete": !names.is_cut});
    let files: Vec<Value> = found
        .files
        .iter()
        .map(|file| {
            json!({
                "file": file.file,
                "bytes": file.bytes,
                "compressionLayers": file.layers,
                "format": file.format.map(|format| format.name()),
                "lacksYear": file.lacks_year,
            })
        })
        .collect();
    let fields: Vec<Value> = found
        .fields
        .iter()
        .map(|(name, kinds)| {
            let kinds: BTreeMap<&str, u64> =
                kinds.iter().map(|(kind, count)| (kind.name(), *count)).collect();
            json!({"name": name, "events": kinds.values().sum::<u64>(), "types": kinds})
        })
        .collect();
    let system_fields: Vec<Value> = found
        .system_fields
        .iter()
        .map(|(field, count)| {
            let ty = field.column_type().to_string();
            json!({"name": field.name(), "events": count, "type": ty})
        })
        .collect();
    let damage: Vec<Value> = damage
        .iter()
        .map(|entry| {
            json!({
                "file": &*entry.file,
                "what": entry.kind.describe(),
                "offset": entry.offset,
                "places": entry.count,
                "detail": entry.detail,
            })
        })
        .collect();
    json!({
        "files": files,
        "copies": found.copies,
        "events": found.events,
        "eventsWithoutTime": found.events_without_time,
        "firstMs": found.first_ms,
        "lastMs": found.last_ms,
        "clockGapMinutes": found.clock_gap_minutes,
        "types": names(&found.types),
        "logGroups": names(&found.log_groups),
        "functions": names(&found.functions),
        "logStreams": names(&found.log_streams),
        "systemFields": system_fields,
        "fields": fields,
        "fieldsComplete": !found.are_fields_cut && found.columns_left_out.is_none(),
        "columnsLeftOut": found.columns_left_out,
        "damage": damage,
    })
}

#[cfg(test)]
mod tests {
    use insq::{Inspection, SystemField};

    use super::{span, system_fields};

    #[test]
    fn counts_that_are_not_of_all_fields_are_marked() {
        let mut found = Inspection {
            events: 2,
            system_fields: vec![(SystemField::Type, 1)],
            ..Inspection::default()
        };
        let lines = |found: &Inspection| system_fields(found).len();
        assert_eq!(lines(&found), 2);
        found.columns_left_out = Some("column `span`".to_owned());
        assert_eq!(lines(&found), 3);
    }

    #[test]
    fn spans_of_time() {
        for (ms, expected) in [
            (999, "999 milliseconds"),
            (1_000, "1.0 seconds"),
            (90_000, "1.5 minutes"),
            (3_600_000, "1.0 hours"),
            (86_400_000 * 7, "7.0 days"),
        ] {
            assert_eq!(span(ms), expected);
        }
    }
}
