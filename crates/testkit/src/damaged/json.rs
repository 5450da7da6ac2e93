//! JSON files that are damaged.

use super::DamagedFile;
use super::files::of_calls;

/// The third of five events is replaced by what is given; the others are sound.
const HEAD: &str = "{\"events\":[\n";

fn event(number: u32) -> String {
    format!(
        "{{\"timestamp\":{},\"message\":\"event {number}\"}}",
        1_773_133_200_000_u64 + u64::from(number)
    )
}

/// A document of events, one a line, whose third line is `third`; what is wrong with it begins at byte `at` of it.
fn document(
    name: &'static str,
    wrong: &'static str,
    third: &str,
    outcome: &str,
    events: usize,
) -> DamagedFile {
    let before = format!("{HEAD}{},\n{},\n", event(1), event(2));
    let bytes = format!(
        "{before}{third},\n{},\n{}\n],\"searchedLogStreams\":[]}}\n",
        event(4),
        event(5)
    );
    DamagedFile {
        outcome: outcome.to_owned(),
        events,
        offset: Some(before.len() as u64),
        ..of_calls(name, wrong, 0, bytes.into_bytes())
    }
}

/// Lines of JSON whose third line is `third`.
fn lines(name: &'static str, wrong: &'static str, third: &[u8], outcome: &str, events: usize) -> DamagedFile {
    let before = format!("{}\n{}\n", event(1), event(2));
    let behind = format!("\n{}\n{}\n", event(4), event(5));
    DamagedFile {
        outcome: outcome.to_owned(),
        events,
        offset: Some(before.len() as u64),
        ..of_calls(
            name,
            wrong,
            0,
            [before.as_bytes(), third, behind.as_bytes()].concat(),
        )
    }
}

pub(super) fn json_files() -> Vec<DamagedFile> {
    const FOUR: &str = "the four other events";
    vec![
        document(
            "json-bad-escape.json",
            "an escape that does not exist, in the third of five events",
            r#"{"timestamp":1,"message":"\q"}"#,
            FOUR,
            4,
        ),
        document(
            "json-no-colon.json",
            "a key without a colon, in the third of five events",
            r#"{"timestamp" 1,"message":"x"}"#,
            FOUR,
            4,
        ),
        document(
            "json-nan.json",
            "`NaN`, which is no JSON, in the third of five events",
            r#"{"timestamp":NaN,"message":"x"}"#,
            FOUR,
            4,
        ),
        document(
            "json-single-quotes.json",
            "the third of five events is written with single quotes",
            "{'timestamp':1,'message':'x'}",
            FOUR,
            4,
        ),
        document(
            "json-trailing-comma.json",
            "a comma behind the last member of the third of five events",
            r#"{"timestamp":1,"message":"x",}"#,
            FOUR,
            4,
        ),
        document(
            "json-bare-word.json",
            "a bare word for the third of five events",
            "oops",
            FOUR,
            4,
        ),
        cut_array(),
        lines(
            "jsonl-cut-line.jsonl",
            "the third of five lines stops in the middle",
            br#"{"timestamp":1,"mess"#,
            FOUR,
            4,
        ),
        lines(
            "jsonl-two-on-a-line.jsonl",
            "two documents on the third of five lines",
            br#"{"a":1}{"b":2}"#,
            FOUR,
            4,
        ),
        last_line_cut(),
    ]
}

/// What stops between two events is as incomplete as what stops within one.
fn cut_array() -> DamagedFile {
    let bytes = format!("{HEAD}{},\n{},\n", event(1), event(2));
    DamagedFile {
        outcome: "both events".to_owned(),
        events: 2,
        offset: Some(bytes.len() as u64),
        ..of_calls(
            "json-cut-between.json",
            "a document that stops between two events",
            0,
            bytes.into_bytes(),
        )
    }
}

fn last_line_cut() -> DamagedFile {
    let sound = format!("{}\n{}\n", event(1), event(2));
    DamagedFile {
        outcome: "the two events before it".to_owned(),
        events: 2,
        offset: Some(sound.len() as u64),
        ..of_calls(
            "jsonl-cut-end.jsonl",
            "the last of three lines stops in the middle",
            0,
            (sound + "{\"timest").into_bytes(),
        )
    }
}
