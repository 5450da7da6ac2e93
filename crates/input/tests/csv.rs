//! CSV of the console: limits.

#![allow(clippy::unwrap_used)]

mod support;

use support::{field, of_bytes, request_of};

/// Columns of a file that are read.
const COLUMNS: usize = 4_096;

/// The cells of a field of a file, and what is wrong with the file.
fn read(csv: String, path: &str) -> (Vec<Option<String>>, Vec<String>) {
    let found = of_bytes(csv.into_bytes(), request_of(vec![field(path)], 10)).unwrap();
    let details = found.damage.iter().filter_map(|damage| damage.detail.clone());
    (found.texts(0), details.collect())
}

#[test]
fn columns_have_a_limit() {
    let csv = |columns: usize| {
        let line = |cell: &str| {
            let cells: Vec<String> = (2..columns).map(|number| format!("{cell}{number}")).collect();
            cells.join(",")
        };
        format!("@message,{},last\nm,{},end\n", line("c"), line("v"))
    };
    let end = vec![Some("end".to_owned())];
    assert_eq!(read(csv(COLUMNS), "last"), (end, Vec::new()));
    for columns in [COLUMNS + 1, COLUMNS + 7] {
        let (cells, damage) = read(csv(columns), "last");
        assert_eq!(cells, [None]);
        let words = format!("more than {COLUMNS} fields, of which the first are used");
        assert!(
            !damage.is_empty() && damage.iter().all(|told| *told == words),
            "{damage:?}"
        );
        let path = format!("c{COLUMNS}");
        assert_eq!(read(csv(columns), &path).0, [Some(format!("v{COLUMNS}"))]);
    }
}
