//! What is told about a run beside its result: damage of the input, and the figures of `--stats`.

use std::collections::BTreeSet;

use insq::{Damage, DamageKind, ProgressSnapshot, Statistics, TimeRange, format_time};

use crate::diagnostics::{Diagnostics, say};
use crate::size::{show_count, show_size};

/// Damage that is told line by line; `--stats` tells all of it.
pub(crate) const DAMAGE_LINES_MAX: usize = 20;

/// One warning per file and kind of damage, up to [`DAMAGE_LINES_MAX`] unless `all` of it is wanted.
pub(crate) fn warn_of_damage(damage: &[Damage], all: bool, diagnostics: Diagnostics) {
    let shown = if all {
        damage.len()
    } else {
        damage.len().min(DAMAGE_LINES_MAX)
    };
    for entry in &damage[..shown] {
        diagnostics.warning(&damage_line(entry), damage_help(entry.kind));
    }
    let rest = damage.len() - shown;
    if rest > 0 {
        diagnostics.warning(
            &format!("… and {} more", show_count(rest as u64)),
            Some("--stats tells all of them"),
        );
    }
}

/// Says what about the reading of the input may not be what the user expects.
pub(crate) fn note_reading(counters: &ProgressSnapshot, diagnostics: Diagnostics) {
    note_skipped(counters.bytes_skipped, diagnostics);
    note_missing_years(counters.files_without_year, diagnostics);
}

/// Says that parts of the input were not read, since that is trusted and not known.
fn note_skipped(bytes: u64, diagnostics: Diagnostics) {
    if bytes > 0 {
        diagnostics.note(&format!(
            "{} of the input were not read: by their names, or the order of their samples, they lie outside of the \
             wanted time; --scan-all reads them too",
            show_size(bytes)
        ));
    }
}

/// Says that events have no time although their lines seem to tell it.
fn note_missing_years(files: u64, diagnostics: Diagnostics) {
    if files > 0 {
        diagnostics.note(&format!(
            "the times in {} name no year, so events there have no time; --log-year tells the year",
            counted(files, "file")
        ));
    }
}

/// Says that a question about some time found nothing, which a time that the logs don't hold is the usual cause of.
pub(crate) fn note_nothing_found(wanted: TimeRange, diagnostics: Diagnostics) {
    let shown = |word: &str, time: Option<i64>| {
        time.map_or_else(String::new, |time| format!(" {word} {}", format_time(time)))
    };
    if !wanted.is_all() {
        diagnostics.note(&format!(
            "no event{}{} UTC matched; `insq inspect PATH` tells what times the logs hold",
            shown("from", wanted.start_ms),
            shown("before", wanted.end_ms)
        ));
    }
}

/// What the user can do, where there is something.
fn damage_help(kind: DamageKind) -> Option<&'static str> {
    match kind {
        DamageKind::ExpandsTooMuch => Some("if it is a log, allow more with --max-expansion"),
        _ => None,
    }
}

/// `1 place`, `2,000 places`
fn counted(count: u64, noun: &str) -> String {
    format!(
        "{} {noun}{}",
        show_count(count),
        if count == 1 { "" } else { "s" }
    )
}

/// `a.gz: compressed data are damaged or end early …: at byte 123 (1 place)`
fn damage_line(damage: &Damage) -> String {
    let mut line = format!("{}: {}", damage.file, damage.kind.describe());
    if let Some(detail) = &damage.detail {
        line.push_str(": ");
        line.push_str(detail);
    }
    // These two concern a file as a whole.
    if !matches!(damage.kind, DamageKind::Unreadable | DamageKind::NotALog) {
        let (offset, places) = (show_count(damage.offset), counted(damage.count, "place"));
        line.push_str(&format!(": at byte {offset} ({places})"));
    }
    line
}

/// The figures of `--stats`, on standard error.
pub(crate) fn tell_statistics(statistics: &Statistics, damage: &[Damage]) {
    for line in statistics_lines(statistics, damage) {
        say(&format!("stats: {line}"));
    }
}

fn statistics_lines(statistics: &Statistics, damage: &[Damage]) -> Vec<String> {
    let counters = &statistics.counters;
    let places: u64 = damage.iter().map(|entry| entry.count).sum();
    let damaged_files = damage
        .iter()
        .map(|entry| &entry.file)
        .collect::<BTreeSet<_>>()
        .len();
    let mut lines = vec![
        format!("files read     {}", show_count(counters.files_read)),
        format!(
            "bytes read     {} ({})",
            show_count(counters.bytes_read),
            show_size(counters.bytes_read)
        ),
        format!(
            "bytes skipped  {} ({})",
            show_count(counters.bytes_skipped),
            show_size(counters.bytes_skipped)
        ),
        format!(
            "bytes scanned  {} ({})",
            show_count(counters.bytes_scanned),
            show_size(counters.bytes_scanned)
        ),
        format!("events read    {}", show_count(counters.events_scanned)),
        format!("events matched {}", show_count(counters.events_matched)),
        format!("rows           {}", show_count(statistics.rows)),
        format!("time           {:.3} s", statistics.elapsed.as_secs_f64()),
        format!(
            "peak memory    {}",
            show_size(statistics.peak_memory_bytes as u64)
        ),
        format!(
            "damage         {} in {}",
            counted(places, "place"),
            counted(damaged_files as u64, "file")
        ),
    ];
    if counters.bytes_spilled > 0 {
        lines.push(format!(
            "bytes to files {} ({}), for want of memory",
            show_count(counters.bytes_spilled),
            show_size(counters.bytes_spilled)
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damage(kind: DamageKind, offset: u64, count: u64, detail: Option<&str>) -> Damage {
        Damage {
            file: "a.gz".into(),
            kind,
            offset,
            count,
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn damage_has_a_place_and_a_count() {
        let line = damage_line(&damage(DamageKind::BadCompression, 123, 1, None));
        assert!(line.starts_with("a.gz: compressed data are damaged"), "{line}");
        assert!(line.ends_with(": at byte 123 (1 place)"), "{line}");
        let line = damage_line(&damage(DamageKind::InvalidUtf8, 18_874_368, 2000, None));
        assert!(line.ends_with(": at byte 18,874,368 (2,000 places)"), "{line}");
        let line = damage_line(&damage(DamageKind::Unreadable, 0, 1, Some("permission denied")));
        assert_eq!(line, "a.gz: cannot be read: permission denied");
    }

    #[test]
    fn statistics_name_every_figure() {
        let lines = statistics_lines(&Statistics::default(), &[damage(DamageKind::BadJson, 5, 3, None)]);
        for word in [
            "files",
            "bytes",
            "events",
            "matched",
            "rows",
            "time",
            "memory",
            "damage         3 places in 1 file",
        ] {
            assert!(lines.iter().any(|line| line.contains(word)), "{word}: {lines:?}");
        }
    }
}
