//! Texts that are not the UTF-8 that they should be.

use super::DamagedFile;
use super::files::{call_lines, calls, of_calls};

pub(super) fn encodings() -> Vec<DamagedFile> {
    let first = calls(1..2);
    let second = lines_of_call(2, "?");
    let at = second.lines().next().map_or(0, |line| line.len() + 1);
    let bad = |byte: u8| second.bytes().map(move |b| if b == b'?' { byte } else { b });
    let latin1: Vec<u8> = first.bytes().chain(bad(0xe9)).collect();
    let mut half_letter = utf16(&(first.clone() + &second));
    half_letter.chunks_exact_mut(2).for_each(|unit| {
        if unit == [b'?', 0] {
            unit.copy_from_slice(&0xd83d_u16.to_le_bytes());
        }
    });
    let unmarked = utf16(&first).split_off(2);
    let mut cut = first.clone().into_bytes();
    cut.extend("2026-03-10T09:00:09.000Z caf\u{e9}".bytes());
    cut.pop();
    vec![
        DamagedFile {
            outcome: "both calls: Windows PowerShell writes so whatever is sent into a file".to_owned(),
            is_reported: false,
            ..of_calls("utf16.log", "UTF-16 instead of UTF-8", 2, utf16(&calls(1..3)))
        },
        DamagedFile {
            outcome: "both calls; the half letter reads U+FFFD".to_owned(),
            offset: Some((first.len() + at) as u64),
            ..of_calls(
                "utf16-half-letter.log",
                "half a letter of two units of UTF-16 in the second of two calls",
                2,
                half_letter,
            )
        },
        DamagedFile {
            outcome: "nothing: without its mark, a text of two bytes a letter is no log that is read"
                .to_owned(),
            offset: Some(0),
            ..of_calls("utf16-without-mark.log", "UTF-16 without its mark", 0, unmarked)
        },
        DamagedFile {
            outcome: "both calls; the letter reads U+FFFD".to_owned(),
            offset: Some((first.len() + at) as u64),
            ..of_calls(
                "latin1.log",
                "a letter of Latin-1 in the second of two calls",
                2,
                latin1,
            )
        },
        DamagedFile {
            outcome: "the call and the last message, whose last letter reads U+FFFD".to_owned(),
            events: 5,
            offset: Some(first.len() as u64),
            ..of_calls(
                "cut-letter.log",
                "the last letter of the file is cut in half",
                1,
                cut,
            )
        },
        DamagedFile {
            outcome: "both calls: some programs put such a mark before UTF-8".to_owned(),
            is_reported: false,
            ..of_calls(
                "byte-order-mark.log",
                "a byte order mark before the first line",
                2,
                ("\u{feff}".to_owned() + &calls(1..3)).into_bytes(),
            )
        },
    ]
}

fn lines_of_call(number: usize, text: &str) -> String {
    call_lines(number, text).map(|line| line + "\n").concat()
}

/// A text in UTF-16, behind its mark, the bytes of each unit in the order of Windows.
fn utf16(text: &str) -> Vec<u8> {
    let mark = std::iter::once(0xfeff);
    mark.chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}
