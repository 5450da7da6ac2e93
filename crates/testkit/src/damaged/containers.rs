//! Damaged files of the containers in which events are not lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::DamagedFile;
use super::files::of_calls;
use super::gzip::stored_member;

const PAYLOAD: &str = "{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\",\"logGroup\":\"g\",\"logStream\":\"s\",\"logEvents\":[";

fn payload(messages: &[&str]) -> String {
    let events: Vec<String> = messages
        .iter()
        .map(|message| format!("{{\"id\":\"1\",\"timestamp\":1773133200000,\"message\":\"{message}\"}}"))
        .collect();
    format!("{PAYLOAD}{}]}}", events.join(","))
}

fn damaged(
    name: &'static str,
    wrong: &'static str,
    before: &str,
    rest: &str,
    outcome: &str,
    events: usize,
) -> DamagedFile {
    DamagedFile {
        outcome: outcome.to_owned(),
        events,
        offset: Some(before.len() as u64),
        ..of_calls(name, wrong, 0, format!("{before}{rest}").into_bytes())
    }
}

pub(super) fn container_files() -> Vec<DamagedFile> {
    let head = "@timestamp,@message\n";
    let row = "2026-03-10 09:00:00.000,one\n";
    let beginning = "EVENTS\t1773133201000\tone\t1773133200000\n";
    vec![
        damaged(
            "payload-cut.json",
            "the second of two payloads stops in the middle",
            &payload(&["one", "two"]),
            &payload(&["three"])[..PAYLOAD.len() + 20],
            "the two events of the first payload",
            2,
        ),
        damaged(
            "payload-time.json",
            "the first of two events of a payload has no time",
            PAYLOAD,
            &format!(
                "{{\"id\":\"1\",\"message\":\"x\"}},{}",
                &payload(&["two"])[PAYLOAD.len()..]
            ),
            "the other event",
            1,
        ),
        damaged_record(
            "records-base64.json",
            "the second of two records is no base64",
            "*not base64*",
        ),
        {
            let mut member = stored_member(payload(&["two"]).as_bytes());
            let end = member.len() - 8;
            member[end] ^= 0xff;
            damaged_record(
                "records-gzip.json",
                "the check sum of the gzip in the second of two records is wrong",
                &STANDARD.encode(member),
            )
        },
        damaged(
            "results-running.json",
            "the result of a query that was still running",
            "{\"results\":[[{\"field\":\"@message\",\"value\":\"one\"}]],\"status\":",
            "\"Running\"}",
            "the one row that is there",
            1,
        ),
        damaged(
            "results-cell.json",
            "a cell without a field, in the first of two rows of a result",
            "{\"results\":[",
            "[{\"value\":\"one\"}],[{\"field\":\"@message\",\"value\":\"two\"}]],\"status\":\"Complete\"}",
            "the other row",
            1,
        ),
        damaged(
            "csv-short-row.csv",
            "the second of three rows lacks a column",
            &format!("{head}{row}"),
            &format!("2026-03-10 09:00:01.000\n{row}"),
            "all three rows, the second without a message",
            3,
        ),
        damaged(
            "csv-cut.csv",
            "the last row stops within its time",
            &format!("{head}{row}"),
            "2026-03",
            "both rows, the last with nothing that could be told",
            2,
        ),
        damaged(
            "cli-text-cut.txt",
            "the second of two events stops before its time",
            beginning,
            "EVENTS\t1773133201000\ttwo",
            "the first event",
            1,
        ),
    ]
}

/// Two records of a stream, of which the first is sound.
fn damaged_record(name: &'static str, wrong: &'static str, second: &str) -> DamagedFile {
    let first = STANDARD.encode(stored_member(payload(&["one"]).as_bytes()));
    let before =
        format!("{{\"Records\":[{{\"kinesis\":{{\"data\":\"{first}\"}}}},{{\"kinesis\":{{\"data\":\"");
    damaged(
        name,
        wrong,
        &before,
        &format!("{second}\"}}}}]}}"),
        "the event of the first record",
        1,
    )
}
