//! What came of each query of a batch, as a table.

use std::path::PathBuf;
use std::time::Duration;

use insq::{OwnPass, ProgressSnapshot};

use crate::query_files::NamedQuery;
use crate::size::{show_count, show_size};

/// What came of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its result is in its file.
    Done {
        rows: u64,
        /// Spent on this query alone.
        elapsed: Duration,
        own_pass: Option<OwnPass>,
    },
    /// It has none, and a file that was there is as it was.
    Failed { message: String },
}

/// One line per query, and one for all of them.
pub(super) fn summary(
    queries: &[NamedQuery],
    files: &[PathBuf],
    outcomes: &[Option<Outcome>],
    counters: &ProgressSnapshot,
) -> String {
    let mut table = vec![["query", "rows", "time", "result"].map(str::to_owned)];
    for ((query, file), outcome) in queries.iter().zip(files).zip(outcomes) {
        let [rows, time, result] = cells(file, outcome.as_ref());
        table.push([query.name.clone(), rows, time, result]);
    }
    let is_done = |outcome: &&Option<Outcome>| matches!(outcome, Some(Outcome::Done { .. }));
    let failed = queries.len() - outcomes.iter().filter(is_done).count();
    let mut text = aligned(&table);
    text.push_str(&format!(
        "{}, {}; {} read once\n",
        match queries.len() {
            1 => "1 query".to_owned(),
            count => format!("{} queries", show_count(count as u64)),
        },
        match failed {
            0 => "none failed".to_owned(),
            count => format!("{} failed", show_count(count as u64)),
        },
        show_size(counters.bytes_read)
    ));
    text
}

fn cells(file: &std::path::Path, outcome: Option<&Outcome>) -> [String; 3] {
    let none = || "-".to_owned();
    match outcome {
        Some(Outcome::Done {
            rows,
            elapsed,
            own_pass,
        }) => {
            let reason = own_pass.map(|why| format!(" (on its own: {})", reason(why)));
            [
                show_count(*rows),
                format!("{:.3} s", elapsed.as_secs_f64()),
                format!("{}{}", file.display(), reason.unwrap_or_default()),
            ]
        }
        Some(Outcome::Failed { message }) => [none(), none(), format!("failed: {message}")],
        None => [none(), none(), "not run".to_owned()],
    }
}

/// Why a query did not share the pass.
pub(super) fn reason(why: OwnPass) -> &'static str {
    match why {
        OwnPass::SubQuery => "it has a sub-query",
        OwnPass::OtherInputs => "it reads other inputs",
        OwnPass::NothingToRead => "it reads nothing",
        OwnPass::Memory => "beside the others there was not enough memory",
        _ => "it could not share the pass",
    }
}

/// Names to the left, numbers to the right; the last column runs on.
fn aligned(table: &[[String; 4]]) -> String {
    let width = |column: usize| {
        table
            .iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    let line = |[name, rows, time, result]: &[String; 4]| {
        format!(
            "{name:<a$}  {rows:>b$}  {time:>c$}  {result}\n",
            a = widths[0],
            b = widths[1],
            c = widths[2]
        )
    };
    table.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_failures_have_no_numbers() {
        let table = [
            ["query", "rows", "time", "result"],
            ["a", "1,200", "0.010 s", "out/a.csv"],
            ["longer", "-", "-", "failed: no"],
        ]
        .map(|row| row.map(str::to_owned));
        assert_eq!(
            aligned(&table),
            "query    rows     time  result\n\
             a       1,200  0.010 s  out/a.csv\n\
             longer      -        -  failed: no\n"
        );
    }

    #[test]
    fn what_came_of_a_query_is_told_in_words() {
        let done = |own_pass| Outcome::Done {
            rows: 1_200,
            elapsed: Duration::from_millis(10),
            own_pass,
        };
        let file = std::path::Path::new("a.csv");
        assert_eq!(cells(file, Some(&done(None))), ["1,200", "0.010 s", "a.csv"]);
        assert_eq!(
            cells(file, Some(&done(Some(OwnPass::SubQuery))))[2],
            "a.csv (on its own: it has a sub-query)"
        );
        let failed = Outcome::Failed {
            message: "no".to_owned(),
        };
        assert_eq!(cells(file, Some(&failed)), ["-", "-", "failed: no"]);
        assert_eq!(cells(file, None), ["-", "-", "not run"]);
    }
}
