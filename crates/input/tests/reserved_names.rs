//! Names that begin with one `@` are the service's: no key of the log fills them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use insq_event::{
    EventKinds, EventSource, FieldPath, MemoryBudget, RunContext, ScanColumn, ScanField, ScanRequest,
    TimeRange,
};
use insq_input::{Input, LogSource, ReadOptions};

/// Every row of the columns `paths` of `log`, which comes from the group `group`.
fn read(log: &'static str, group: Option<&str>, paths: &[&str]) -> Vec<Vec<Option<String>>> {
    let input = Input::Reader {
        name: "log".to_owned(),
        reader: Box::new(log.as_bytes()),
    };
    let options = ReadOptions {
        log_group: group.map(str::to_owned),
        ..ReadOptions::default()
    };
    let column = |path: &&str| ScanColumn {
        name: (*path).into(),
        field: ScanField::Discovered(FieldPath::new(path)),
    };
    let request = Arc::new(ScanRequest {
        columns: paths.iter().map(column).collect(),
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: 100,
        bar: None,
    });
    let run = RunContext::new(MemoryBudget::unlimited());
    let mut rows = Vec::new();
    for partition in LogSource::new(vec![input], options)
        .partitions(&request, &run)
        .unwrap()
    {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            for row in 0..batch.num_rows() {
                let value = |column: &arrow_array::ArrayRef| {
                    column
                        .as_string_view()
                        .iter()
                        .nth(row)
                        .unwrap()
                        .map(str::to_owned)
                };
                rows.push(batch.columns().iter().map(value).collect());
            }
        }
    }
    rows
}

const NAMES: &[&str] = &[
    "@aws.region",
    "@aws.account",
    "@entity.KeyAttributes.Name",
    "@source.log",
    "@aws.tag.team:owner",
    "@data_format",
    "@who",
];

const LOG: &str = concat!(
    r#"2026-01-02T00:00:01.000Z {"@aws.region":"a","@aws.account":"b","@entity.KeyAttributes.Name":"c","#,
    r#""@source.log":"d","@aws.tag.team:owner":"e","@data_format":"f","@who":"g","level":"info"}"#,
    "\n",
    r#"2026-01-02T00:00:02.000Z {"@aws":{"region":"a","account":"b","tag":{"team:owner":"e"}},"#,
    r#""@entity":{"KeyAttributes":{"Name":"c"}},"@source":{"log":"d"},"level":"warn"}"#,
    "\n",
    "2026-01-02T00:00:03.000Z plain\n",
);

#[test]
fn no_key_of_the_log_fills_them() {
    for row in read(LOG, Some("/aws/lambda/a"), NAMES) {
        assert!(row.iter().all(Option::is_none), "{row:?}");
    }
    // Neither alone nor in front of a field that the log has.
    for name in NAMES {
        let rows = read(LOG, None, &[name, "level"]);
        let levels: Vec<Option<&str>> = rows.iter().map(|row| row[1].as_deref()).collect();
        assert_eq!(levels, [Some("info"), Some("warn"), None]);
        assert!(rows.iter().all(|row| row[0].is_none()), "{name}: {rows:?}");
    }
}

#[test]
fn a_doubled_at_sign_finds_the_keys() {
    let names = NAMES.iter().map(|name| format!("@{name}")).collect::<Vec<_>>();
    let names = names.iter().map(String::as_str).collect::<Vec<_>>();
    let rows = read(LOG, None, &names);
    let row = |idx: usize| {
        rows[idx]
            .iter()
            .map(|text| text.as_deref().unwrap_or("-"))
            .collect::<String>()
    };
    assert_eq!([row(0), row(1), row(2)], ["abcdefg", "abcde--", "-------"]);
}

#[test]
fn the_account_comes_from_the_group() {
    let names = &["@aws.account", "@aws.region", "level", "@source.log"];
    let accounts = |group: &str| {
        let rows = read(LOG, Some(group), names);
        assert!(rows.iter().all(|row| row[1].is_none() && row[3].is_none()));
        rows.into_iter().map(|row| row[0].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        accounts("123456789012:/aws/lambda/a"),
        vec![Some("123456789012".to_owned()); 3]
    );
    assert_eq!(accounts("12345678901:/aws/lambda/a"), vec![None; 3]);
    assert_eq!(accounts("/aws/lambda/a"), vec![None; 3]);
}
