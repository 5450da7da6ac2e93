//! The damaged files themselves.

use super::DamagedFile;
use super::archives::archives;
use super::compressed::compressed_files;
use super::containers::container_files;
use super::encodings::encodings;
use super::gzip::{offset_of, stored_member};
use super::json::json_files;
use super::text::text_files;
use crate::Prng;

/// Every file of `testdata/damaged/`, by name.
pub fn damaged_files() -> Vec<DamagedFile> {
    let mut files = vec![
        crlf(),
        empty(),
        nul(),
        invalid_utf8(),
        cut_report(),
        truncated_gz(),
        bad_crc(),
        trailing_garbage(),
        two_members(),
        binary(),
        truncated_json(),
    ];
    files.extend(archives());
    files.extend(compressed_files());
    files.extend(container_files());
    files.extend(encodings());
    files.extend(json_files());
    files.extend(text_files());
    files.sort_by_key(|file| file.name);
    files
}

/// A file from which `calls` whole invocations come out: START, one line, END and REPORT each.
pub(super) fn of_calls(name: &'static str, wrong: &'static str, calls: usize, bytes: Vec<u8>) -> DamagedFile {
    DamagedFile {
        name,
        wrong,
        outcome: String::new(),
        events: 4 * calls,
        reports: calls,
        durations: calls,
        is_reported: true,
        offset: None,
        bytes,
    }
}

pub(super) fn request_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// The lines of an invocation in second `number`; its duration is `<number>0.5` ms. No line ends.
pub(super) fn call_lines(number: usize, text: &str) -> [String; 4] {
    let id = request_id(number);
    let at = |ms: u32| format!("2026-03-10T09:00:{number:02}.{ms:03}Z");
    [
        format!("{} START RequestId: {id} Version: $LATEST", at(100)),
        format!("{} {text}", at(101)),
        format!("{} END RequestId: {id}", at(199)),
        format!(
            "{} REPORT RequestId: {id}\tDuration: {number}0.50 ms\tBilled Duration: {number}1 ms\tMemory Size: 128 MB\tMax Memory Used: 61 MB\t",
            at(199)
        ),
    ]
}

pub(super) fn calls(numbers: std::ops::Range<usize>) -> String {
    numbers
        .flat_map(|number| call_lines(number, "hello"))
        .map(|line| line + "\n")
        .collect()
}

fn crlf() -> DamagedFile {
    DamagedFile {
        outcome: "the events as if lines ended in LF: no carriage return at the end of a message".to_owned(),
        is_reported: false,
        ..of_calls(
            "crlf.log",
            "lines end in CR LF",
            2,
            calls(1..3).replace('\n', "\r\n").into_bytes(),
        )
    }
}

fn empty() -> DamagedFile {
    DamagedFile {
        outcome: "nothing, and no complaint: environments that never served a call leave such files"
            .to_owned(),
        is_reported: false,
        ..of_calls("empty.log", "it has no bytes", 0, Vec::new())
    }
}

fn nul() -> DamagedFile {
    let lines = call_lines(1, "a\0b\0\0c").map(|line| line + "\n").concat();
    DamagedFile {
        outcome: "the NULs are part of `@message`; `strlen(@message)` of that event is 6".to_owned(),
        is_reported: false,
        // Not `nul.log`, which Windows takes for a device.
        ..of_calls(
            "nul-bytes.log",
            "NUL bytes inside a message",
            1,
            lines.into_bytes(),
        )
    }
}

fn invalid_utf8() -> DamagedFile {
    let lines = call_lines(1, "caf? ?? end?").map(|line| line + "\n").concat();
    // A Latin-1 letter, two bytes that are never valid, and a sequence that the line end cuts.
    let mut bad = [0xe9, 0xff, 0xfe, 0xc3].into_iter();
    let bytes = lines
        .bytes()
        .map(|byte| {
            if byte == b'?' {
                bad.next().unwrap_or(byte)
            } else {
                byte
            }
        })
        .collect();
    DamagedFile {
        outcome: "the message reads `caf� �� end�`; the other events are untouched".to_owned(),
        ..of_calls(
            "invalid-utf8.log",
            "bytes that are not UTF-8 inside a message",
            1,
            bytes,
        )
    }
}

fn cut_report() -> DamagedFile {
    let cut = |number: usize, keep: &str| {
        let [.., report] = call_lines(number, "");
        let end = report.find(keep).map_or(report.len(), |start| start + keep.len());
        report[..end].to_owned()
    };
    let sound = cut(1, "MB\t");
    let in_label = cut(2, "\tBilled Dur");
    let before_unit = cut(3, "\tBilled Duration: 3");
    let last = format!(
        "2026-03-10T09:00:04.199Z REPORT RequestId: {}\tDuration: 12",
        request_id(4)
    );
    DamagedFile {
        outcome:
            "durations 10.5, 20.5 and 30.5; a number whose unit is missing may lack digits and is no value, \
                  so the third has no billed duration and the fourth no duration"
                .to_owned(),
        events: 4,
        reports: 4,
        durations: 3,
        ..of_calls(
            "cut-report.log",
            "after a sound REPORT: one that stops in a label, one that stops before the unit of `Billed \
             Duration`, and a last line `Duration: 12` without line end",
            0,
            [sound, in_label, before_unit, last].join("\n").into_bytes(),
        )
    }
}

fn truncated_gz() -> DamagedFile {
    let content = calls(1..11);
    let member = stored_member(content.as_bytes());
    // The end of the call that is nearest before 60 %, so that the outcome is beyond dispute.
    let ends = (1..11).map(|last| (last, calls(1..last + 1).len()));
    let (whole_calls, content_bytes) = ends
        .take_while(|&(_, bytes)| offset_of(bytes) <= member.len() * 6 / 10)
        .last()
        .unwrap_or((0, 0));
    DamagedFile {
        outcome: format!("the {whole_calls} calls that stand before the cut"),
        ..of_calls(
            "truncated.gz",
            "a gzip file of ten calls that ends early, after about 60 %",
            whole_calls,
            member[..offset_of(content_bytes)].to_vec(),
        )
    }
}

fn bad_crc() -> DamagedFile {
    let mut member = stored_member(calls(1..3).as_bytes());
    let crc = member.len() - 8;
    member[crc] ^= 0xff;
    DamagedFile {
        outcome: "both calls, because all data came before the sum that is wrong".to_owned(),
        ..of_calls(
            "bad-crc.gz",
            "the check sum at the end of a gzip file is wrong",
            2,
            member,
        )
    }
}

fn trailing_garbage() -> DamagedFile {
    let mut member = stored_member(calls(1..3).as_bytes());
    member.extend_from_slice(b"this is not a gzip member\n");
    DamagedFile {
        outcome: "both calls".to_owned(),
        ..of_calls(
            "trailing-garbage.gz",
            "text behind the end of a gzip file",
            2,
            member,
        )
    }
}

fn two_members() -> DamagedFile {
    let bytes = [
        stored_member(calls(1..3).as_bytes()),
        stored_member(calls(3..5).as_bytes()),
    ]
    .concat();
    DamagedFile {
        outcome: "all four calls: a file of several members is sound".to_owned(),
        is_reported: false,
        ..of_calls(
            "two-members.gz",
            "nothing, but readers that stop after the first member lose half",
            4,
            bytes,
        )
    }
}

fn binary() -> DamagedFile {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    let mut prng = Prng::new(1);
    bytes.extend((0..60).flat_map(|_| prng.next_u64().to_le_bytes()));
    DamagedFile {
        outcome: "nothing: it is no log".to_owned(),
        ..of_calls("binary.bin", "the beginning of a picture", 0, bytes)
    }
}

fn truncated_json() -> DamagedFile {
    let event = |line: String| {
        // `2026-03-10T09:00:01.100Z message`: the time is given as a number there.
        let (time, message) = line.split_at("2026-03-10T09:00:01.100Z ".len());
        let ms: u64 = time[20..23].parse().unwrap_or(0);
        format!(
            "{{\"logStreamName\":\"2026/03/10/[$LATEST]00000000000000000000000000000001\",\"timestamp\":{},\"message\":\"{}\\n\"}}",
            1_773_133_201_000 + ms,
            message.replace('\t', "\\t")
        )
    };
    let events = call_lines(1, "hello").map(event);
    let document = format!("{{\"events\":[{}", events.join(","));
    let cut = document.len() - events[3].len() / 2;
    DamagedFile {
        outcome: "the three events before the cut: START, `hello`, END".to_owned(),
        events: 3,
        ..of_calls(
            "truncated.json",
            "a document of filter-log-events that stops inside its fourth event",
            0,
            document.as_bytes()[..cut].to_vec(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> DamagedFile {
        damaged_files()
            .into_iter()
            .find(|file| file.name == name)
            .unwrap()
    }

    #[test]
    fn counts_agree_with_the_lines_of_plain_files() {
        for name in [
            "crlf.log",
            "empty.log",
            "nul-bytes.log",
            "invalid-utf8.log",
            "cut-report.log",
        ] {
            let file = file(name);
            let text = String::from_utf8_lossy(&file.bytes);
            assert_eq!(text.lines().count(), file.events, "{name}");
            assert_eq!(text.matches("REPORT RequestId").count(), file.reports, "{name}");
            assert_eq!(text.matches(".50 ms").count(), file.durations, "{name}");
        }
    }

    #[test]
    fn the_cut_gzip_file_is_cut_near_60_percent() {
        let cut = file("truncated.gz");
        let whole = stored_member(calls(1..11).as_bytes()).len();
        assert!((50..=60).contains(&(cut.bytes.len() * 100 / whole)));
        assert!((1..10).contains(&cut.reports));
    }

    #[test]
    fn cut_lines_stop_where_the_index_says() {
        let text = String::from_utf8(file("cut-report.log").bytes).unwrap();
        let ends: Vec<&str> = text.split('\n').map(|line| &line[line.len() - 10..]).collect();
        assert_eq!(ends[1..], ["Billed Dur", "uration: 3", "ration: 12"]);
    }

    #[test]
    fn the_cut_document_is_no_json() {
        let file = file("truncated.json");
        assert!(serde_json::from_slice::<serde_json::Value>(&file.bytes).is_err());
        assert!(
            file.bytes
                .windows(19)
                .any(|bytes| bytes == b"END RequestId: 0000")
        );
    }
}
