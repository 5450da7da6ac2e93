//! Files that hold other files, or are compressed in ways that are not read here. They are told by their marks: a text that
//! lies in an archive as it is looks like a log, with the heads of the archive in the place of some of its lines.

use crate::archive::begins_like_tar;

/// A mark, where it stands, and what to do with a file that has it.
struct Mark {
    at: usize,
    bytes: &'static [u8],
    advice: &'static str,
}

const MARKS: [Mark; 9] = [
    Mark {
        at: 0,
        bytes: b"PK\x03\x04",
        advice: "it is a zip archive; name it by itself, ending in .zip, or unpack it first",
    },
    Mark {
        at: 0,
        bytes: b"PK\x05\x06",
        advice: "it is a zip archive with nothing in it",
    },
    Mark {
        at: 0,
        bytes: b"7z\xbc\xaf\x27\x1c",
        advice: "it is a 7-Zip archive, which is to be unpacked first",
    },
    Mark {
        at: 0,
        bytes: b"Rar!\x1a\x07",
        advice: "it is a RAR archive, which is to be unpacked first",
    },
    Mark {
        at: 0,
        bytes: b"\xfd7zXZ\0",
        advice: "it is compressed by xz; send what `xz -dc` makes of it through a pipe",
    },
    Mark {
        at: 4,
        bytes: b"1AY&SY",
        advice: "it is compressed by bzip2; send what `bzip2 -dc` makes of it through a pipe",
    },
    Mark {
        at: 0,
        bytes: b"\x04\x22\x4d\x18",
        advice: "it is compressed by LZ4; send what `lz4 -dc` makes of it through a pipe",
    },
    Mark {
        at: 0,
        bytes: b"\xff\x06\0\0sNaPpY",
        advice: "it is compressed by Snappy, which is to be unpacked first",
    },
    Mark {
        at: 0,
        bytes: b"Obj\x01",
        advice: "it is an Avro file; convert it to Parquet or JSON Lines first",
    },
];

/// What to do with a tar archive, which is told by more than a mark.
const TAR_ADVICE: &str =
    "it is a tar archive; name it by itself, ending in .tar, .tar.gz, .tgz or .tar.zst, or unpack it first";

/// What to do with a file that begins with `sample`; `None` when it is not known as packed.
pub(crate) fn advice(sample: &[u8]) -> Option<&'static str> {
    let has = |mark: &&Mark| {
        sample
            .get(mark.at..)
            .is_some_and(|rest| rest.starts_with(mark.bytes))
    };
    let marked = MARKS.iter().find(has).map(|mark| mark.advice);
    marked.or_else(|| begins_like_tar(sample).then_some(TAR_ADVICE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_count_at_their_places_only() {
        let at = |place: usize, mark: &[u8]| [&b"x".repeat(place)[..], mark, b"rest"].concat();
        for (sample, word) in [
            (at(0, b"PK\x03\x04"), "zip"),
            (at(257, b"ustar\0"), "tar"),
            (at(257, b"ustar  \0"), "tar"),
            (at(0, b"BZh91AY&SY"), "bzip2"),
            (at(0, b"\xfd7zXZ\0"), "xz"),
        ] {
            assert!(
                advice(&sample).is_some_and(|advice| advice.contains(word)),
                "{word}"
            );
            assert_eq!(advice(&[b" ", &sample[..]].concat()), None, "{word}");
        }
        assert_eq!(advice(b""), None);
        assert_eq!(advice(b"2026-03-04T00:00:00.123Z PK\x03\x04 ustar"), None);
    }
}
