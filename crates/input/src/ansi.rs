//! Colours taken out of a text that was saved from a terminal.

use std::io::{self, Read};

/// What begins a sequence that commands a terminal.
const ESCAPE: u8 = 0x1b;

/// True when a text begins with a sequence that sets a colour.
pub(crate) fn is_coloured(sample: &[u8]) -> bool {
    sample.starts_with(b"\x1b[")
}

/// Leaves out sequences that set colours: `ESC [`, digits and semicolons, `m`. Others stay as they are.
pub(crate) struct Uncoloured<R> {
    inner: R,
    state: State,
    buffer: Vec<u8>,
    /// What is kept of the buffer, and how much of it has been given.
    kept: Vec<u8>,
    given: usize,
}

/// Bytes read at a time.
const BUFFER_BYTES: usize = 64 << 10;

/// How far into a sequence the last byte was.
#[derive(Clone, Copy)]
enum State {
    Text,
    Escape,
    Parameters,
}

impl<R> Uncoloured<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner,
            state: State::Text,
            buffer: vec![0; BUFFER_BYTES],
            kept: Vec::new(),
            given: 0,
        }
    }

    /// Keeps what is text of the first `read` bytes of the buffer; at the end, also an escape that stands alone.
    fn keep(&mut self, read: usize) {
        self.given = 0;
        self.kept.clear();
        let out = &mut self.kept;
        if read == 0 && matches!(self.state, State::Escape) {
            out.push(ESCAPE);
            self.state = State::Text;
        }
        for &byte in &self.buffer[..read] {
            self.state = match (self.state, byte) {
                (State::Text, ESCAPE) => State::Escape,
                (State::Text, _) => {
                    out.push(byte);
                    State::Text
                }
                (State::Escape, b'[') => State::Parameters,
                (State::Escape, _) => {
                    out.extend([ESCAPE, byte]);
                    State::Text
                }
                (State::Parameters, b'0'..=b'9' | b';') => State::Parameters,
                (State::Parameters, _) => State::Text,
            };
        }
    }
}

impl<R: Read> Read for Uncoloured<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.kept.len() {
            let read = self.inner.read(&mut self.buffer)?;
            self.keep(read);
            if read == 0 && self.kept.is_empty() {
                return Ok(0);
            }
        }
        let length = out.len().min(self.kept.len() - self.given);
        out[..length].copy_from_slice(&self.kept[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_all_else_stays() {
        let text = "\x1b[32m2026-03-04T00:00:00+00:00\x1b[0m \x1b[1;36ms\x1b[0m a\x1bb \x1b";
        for size in [1, 2, 7, 100] {
            let mut reader = Uncoloured::new(text.as_bytes());
            let (mut out, mut buffer) = (Vec::new(), vec![0; size]);
            loop {
                let read = reader.read(&mut buffer).unwrap();
                if read == 0 {
                    break;
                }
                out.extend_from_slice(&buffer[..read]);
            }
            assert_eq!(
                out,
                "2026-03-04T00:00:00+00:00 s a\x1bb \x1b".as_bytes(),
                "{size}"
            );
        }
        assert!(is_coloured(text.as_bytes()) && !is_coloured(b"text"));
    }
}
