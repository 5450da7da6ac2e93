//! Archives without a directory, made in memory. Those with one are tested beside other kinds of archives.

use std::io::{Read, Write};
use std::ops::Range;
use std::sync::Arc;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::*;
use crate::archive::Wrong;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Where the lengths and the checksum of a file stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    InHead,
    /// The lengths in an extra field.
    InExtraField,
    /// Behind the file.
    Behind {
        is_marked: bool,
        is_long: bool,
    },
}

/// Forms in which the end of the file is known from its head, and others.
const IN_FRONT: [Form; 2] = [Form::InHead, Form::InExtraField];
const BEHIND: [Form; 4] = [
    Form::Behind {
        is_marked: true,
        is_long: false,
    },
    Form::Behind {
        is_marked: false,
        is_long: false,
    },
    Form::Behind {
        is_marked: true,
        is_long: true,
    },
    Form::Behind {
        is_marked: false,
        is_long: true,
    },
];

#[derive(Default)]
struct Made {
    bytes: Vec<u8>,
    /// Where the packed bytes of each file stand.
    packed: Vec<Range<usize>>,
}

impl Made {
    fn push(&mut self, name: &str, text: &str, method: u16, form: Form, flags: u16) {
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let packed = match method {
            DEFLATED => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(text.as_bytes()).unwrap();
                encoder.finish().unwrap()
            }
            _ => text.as_bytes().to_vec(),
        };
        let (sum, lengths) = (crc.sum(), [packed.len(), text.len()]);
        let extra: Vec<u8> = match form {
            // Another field comes first.
            Form::InExtraField => [&[7, 0, 1, 0, 9, 1, 0, 16, 0][..]]
                .into_iter()
                .map(<[u8]>::to_vec)
                .chain(
                    lengths
                        .iter()
                        .rev()
                        .map(|length| (*length as u64).to_le_bytes().to_vec()),
                )
                .flatten()
                .collect(),
            _ => Vec::new(),
        };
        let (head_sum, head_lengths) = match form {
            Form::InHead => (sum, lengths.map(|length| length as u32)),
            Form::InExtraField => (sum, [u32::MAX; 2]),
            Form::Behind { .. } => (0, [0; 2]),
        };
        let is_behind = matches!(form, Form::Behind { .. });
        let out = &mut self.bytes;
        out.extend(HEAD_MARK);
        for field in [20, flags | u16::from(is_behind) << 3, method, 0, 0] {
            out.extend(field.to_le_bytes());
        }
        out.extend(head_sum.to_le_bytes());
        head_lengths
            .iter()
            .for_each(|length| out.extend(length.to_le_bytes()));
        out.extend((name.len() as u16).to_le_bytes());
        out.extend((extra.len() as u16).to_le_bytes());
        out.extend(name.as_bytes());
        out.extend(extra);
        self.packed.push(out.len()..out.len() + packed.len());
        out.extend(packed);
        if let Form::Behind { is_marked, is_long } = form {
            out.extend(if is_marked { &b"PK\x07\x08"[..] } else { b"" });
            out.extend(sum.to_le_bytes());
            for length in lengths {
                match is_long {
                    true => out.extend((length as u64).to_le_bytes()),
                    false => out.extend((length as u32).to_le_bytes()),
                }
            }
        }
    }
}

fn bytes_of(archive: &[u8]) -> Bytes {
    Bytes {
        length: archive.len() as u64,
        source: Arc::new(bytes::Bytes::from(archive.to_vec())),
        name: "x".to_owned(),
    }
}

fn found(archive: &[u8]) -> Archive {
    list(&bytes_of(archive), 250)
}

/// The text of a file, and whether its end was reached.
fn text(archive: &Archive, number: usize) -> (String, bool) {
    let mut text = String::new();
    let end = archive.files[number].open().unwrap().read_to_string(&mut text);
    (text, end.is_ok())
}

fn words(archive: &Archive) -> Vec<&str> {
    archive.damage.iter().map(|wrong| &*wrong.words).collect()
}

const TEXTS: [(&str, &str); 3] = [
    ("a.log", "hello, hello, hello"),
    ("b/", ""),
    ("b/c.log", "again and again"),
];

fn made(method: u16, form: Form) -> Made {
    let mut made = Made::default();
    for (name, text) in TEXTS {
        let method = if text.is_empty() { STORED } else { method };
        made.push(name, text, method, form, 0);
    }
    made
}

#[test]
fn files_before_a_cut_are_found_by_their_heads() {
    let forms = IN_FRONT.map(|form| (STORED, form)).into_iter();
    let forms = forms.chain(IN_FRONT.into_iter().chain(BEHIND).map(|form| (DEFLATED, form)));
    for (method, form) in forms {
        let made = made(method, form);
        for kept in 0..=made.bytes.len() {
            let (archive, case) = (found(&made.bytes[..kept]), format!("{method} {form:?} {kept}"));
            let begun = [0, 2].map(|file| made.packed[file].start <= kept);
            let begun = begun.into_iter().filter(|is_begun| *is_begun).count();
            assert_eq!(archive.files.len(), begun, "{case}");
            assert_eq!(words(&archive).len(), 1, "{case}: {:?}", words(&archive));
            assert!(
                words(&archive)[0].starts_with("its directory is not found"),
                "{case}"
            );
            for (number, file) in [0, 2].into_iter().take(begun).enumerate() {
                assert_eq!(archive.files[number].name(), format!("x/{}", TEXTS[file].0));
                let (whole, range) = (TEXTS[file].1, &made.packed[file]);
                let (text, is_whole) = text(&archive, number);
                assert_eq!(is_whole, kept >= range.end, "{case}");
                assert!(whole.starts_with(&text), "{case}: {text}");
                let expected = match method {
                    STORED => kept.min(range.end) - range.start,
                    _ if is_whole => whole.len(),
                    _ => text.len(),
                };
                assert_eq!(text.len(), expected, "{case}");
            }
        }
    }
}

#[test]
fn what_is_behind_a_file_is_checked() {
    for form in BEHIND {
        let mut made = made(DEFLATED, form);
        let marked = matches!(form, Form::Behind { is_marked: true, .. });
        let sum = made.packed[0].end + if marked { 4 } else { 0 };
        made.bytes[sum] ^= 1;
        let archive = found(&made.bytes);
        assert_eq!(text(&archive, 0), (TEXTS[0].1.to_owned(), false), "{form:?}");
        assert_eq!(text(&archive, 1), (TEXTS[2].1.to_owned(), true), "{form:?}");
    }
}

#[test]
fn what_follows_a_file_without_an_end_is_left_out() {
    let unknown = "where this file ends is not known; what follows is left out";
    for (method, flags) in [(STORED, 0), (93, 0), (DEFLATED, 1)] {
        let mut archive = made(DEFLATED, Form::InHead);
        archive.push("d.log", "more", method, BEHIND[0], flags);
        archive.push("e.log", "more", method, Form::InHead, 0);
        let archive = found(&archive.bytes);
        assert_eq!(
            (archive.files.len(), words(&archive)[1]),
            (2, unknown),
            "{method}"
        );
    }
    // Damage of what is unpacked to find its end.
    let mut made = made(DEFLATED, BEHIND[0]);
    made.bytes[made.packed[0].start] = 0xff;
    let archive = found(&made.bytes);
    assert_eq!((archive.files.len(), words(&archive)[1]), (1, unknown));
    assert_eq!(text(&archive, 0), (String::new(), false));
}

#[test]
fn files_that_cannot_be_read_are_told_and_those_behind_them_are_found() {
    for (method, flags, told) in [
        (STORED, 1, "it is encrypted"),
        (12, 0, "it is compressed by method 12 (BZIP2); unpack it first"),
    ] {
        let mut made = Made::default();
        made.push("a.log", "hello", method, Form::InHead, flags);
        made.push("b.log", "again", STORED, Form::InHead, 0);
        let archive = found(&made.bytes);
        assert_eq!((archive.files.len(), words(&archive)[1]), (1, told));
        assert_eq!(text(&archive, 0), ("again".to_owned(), true));
    }
}

#[test]
fn other_bytes_between_files_are_told() {
    let mut made = made(STORED, Form::InHead);
    let end = made.bytes.len();
    made.bytes.extend(b"something else");
    made.push("d.log", "more", STORED, Form::InHead, 0);
    let archive = found(&made.bytes);
    assert_eq!(archive.files.len(), 2);
    assert_eq!(
        words(&archive)[1],
        "no file begins here; what follows is left out"
    );
    assert_eq!(archive.damage[1].offset, end as u64);
}

#[test]
fn there_is_a_number_of_files_at_most_without_a_directory_too() {
    let bytes = made(DEFLATED, BEHIND[0]).bytes;
    for files_max in 0..4 {
        let archive = list_up_to(files_max, &bytes_of(&bytes), 250);
        assert_eq!(archive.files.len(), files_max.min(2));
        assert_eq!(
            words(&archive).len(),
            if files_max < 2 { 2 } else { 1 },
            "{files_max}"
        );
    }
}

/// What stands before the file that is too long is read.
#[test]
fn what_is_unpacked_to_find_its_end_is_limited() {
    let free = usize::try_from(crate::expansion::EXPANSION_FREE_BYTES).unwrap();
    let small = "hello";
    for (length, files) in [(free - small.len(), 2), (free + 1, 1)] {
        let mut made = Made::default();
        made.push("a.log", small, DEFLATED, BEHIND[0], 0);
        made.push("b.log", &"0".repeat(length), DEFLATED, BEHIND[0], 0);
        let archive = list(&bytes_of(&made.bytes), 1);
        assert_eq!(archive.files.len(), files, "{length}");
        let is_too_long = |wrong: &Wrong| wrong.kind == DamageKind::ExpandsTooMuch;
        assert_eq!(archive.damage.iter().any(is_too_long), files == 1, "{length}");
    }
}

#[test]
fn a_damaged_directory_is_not_relied_on() {
    let files = TEXTS.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let files = [files[0].clone(), files[2].clone()];
    let sound = insq_testkit::write::zip(&files).unwrap();
    let second = sound.windows(4).rposition(|mark| mark == ENTRY_MARK).unwrap();
    let mut damaged = sound;
    damaged[second] = b'X';
    let archive = found(&damaged);
    assert!(
        words(&archive)[0].starts_with("its directory is damaged"),
        "{:?}",
        words(&archive)
    );
    assert_eq!((archive.files.len(), words(&archive).len()), (2, 1));
    assert_eq!(text(&archive, 1), (TEXTS[2].1.to_owned(), true));
}
