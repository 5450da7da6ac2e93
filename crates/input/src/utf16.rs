//! UTF-16, as Windows PowerShell writes whatever is sent into a file, made UTF-8.

use std::io::{self, Read};
use std::ops::Range;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE};

/// Bytes read at a time.
const BUFFER_BYTES: usize = 64 << 10;

/// What is no UTF-8, as what it stands for is no UTF-16: whoever reads the text tells of both in the same way.
const INVALID: u8 = 0xff;

/// How a text is written that begins with the mark of UTF-16; `None` for every other.
pub(crate) fn encoding_of(sample: &[u8]) -> Option<&'static Encoding> {
    match sample {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// The text of `inner` in UTF-8, without its mark.
pub(crate) struct Utf8Of<R> {
    inner: R,
    decoder: Decoder,
    encoded: Box<[u8]>,
    /// What of `encoded` waits.
    waiting: Range<usize>,
    decoded: Box<[u8]>,
    /// What of `decoded` waits.
    ready: Range<usize>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// Nothing more comes in, but something may come out.
    Ending,
    Done,
}

impl<R: Read> Utf8Of<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let buffer = || vec![0; BUFFER_BYTES].into_boxed_slice();
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            encoded: buffer(),
            waiting: 0..0,
            decoded: buffer(),
            ready: 0..0,
            state: State::Reading,
        }
    }

    fn decode(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() && self.state == State::Reading {
            let read = self.inner.read(&mut self.encoded)?;
            self.waiting = 0..read;
            if read == 0 {
                self.state = State::Ending;
            }
        }
        // There is always room for what stands for a place that is no UTF-16.
        let room = self.decoded.len() - 1;
        let (result, read, mut written) = self.decoder.decode_to_utf8_without_replacement(
            &self.encoded[self.waiting.clone()],
            &mut self.decoded[..room],
            self.state == State::Ending,
        );
        self.waiting.start += read;
        match result {
            DecoderResult::InputEmpty if self.state == State::Ending => self.state = State::Done,
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                self.decoded[written] = INVALID;
                written += 1;
            }
        }
        self.ready = 0..written;
        Ok(())
    }
}

impl<R: Read> Read for Utf8Of<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && self.state != State::Done {
            self.decode()?;
        }
        let length = out.len().min(self.ready.len());
        let start = self.ready.start;
        out[..length].copy_from_slice(&self.decoded[start..start + length]);
        self.ready.start += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn utf16(text: &str, is_big_endian: bool) -> Vec<u8> {
        let bytes = |unit: u16| match is_big_endian {
            true => unit.to_be_bytes(),
            false => unit.to_le_bytes(),
        };
        let mark = std::iter::once(0xfeff);
        mark.chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    /// Gives so many bytes at a time.
    struct Slow(Cursor<Vec<u8>>, usize);

    impl Read for Slow {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let length = out.len().min(self.1);
            self.0.read(&mut out[..length])
        }
    }

    fn decoded(encoded: Vec<u8>, step: usize) -> Vec<u8> {
        let encoding = encoding_of(&encoded).unwrap();
        let mut reader = Utf8Of::new(Slow(Cursor::new(encoded), step), encoding);
        let mut out = Vec::new();
        reader.read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn texts_come_out_as_they_were_meant() {
        let long = "ab\u{e9}\u{20ac}\u{1f600}\r\n".repeat(20_000);
        for text in ["", "a", "\u{feff}a", "caf\u{e9} \u{1f600}\n", &long] {
            for is_big_endian in [false, true] {
                for step in [1, 3, 1 << 20] {
                    let out = decoded(utf16(text, is_big_endian), step);
                    assert!(out == text.as_bytes(), "{} bytes by {step}", text.len());
                }
            }
        }
    }

    #[test]
    fn what_is_no_utf16_is_no_utf8() {
        let halves = [
            &utf16("a", false)[..],
            &[0x3d, 0xd8],
            b"b\0",
            &[0x00, 0xde],
            b"c\0d",
        ]
        .concat();
        for step in [1, 2, 1 << 20] {
            assert_eq!(decoded(halves.clone(), step), b"a\xffb\xffc\xff");
        }
        let many = [&[0xff, 0xfe][..], &[0x00, 0xde].repeat(100_000)].concat();
        assert_eq!(decoded(many, 1 << 20), [0xff].repeat(100_000));
    }

    #[test]
    fn other_texts_are_left_alone() {
        for sample in [
            &b""[..],
            b"\xff",
            b"text",
            b"\xef\xbb\xbftext",
            b"\xff\xff\xff\xff",
        ] {
            assert!(encoding_of(sample).is_none(), "{sample:?}");
        }
    }
}
