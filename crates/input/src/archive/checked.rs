//! Bytes that must be those that somebody promised.

use std::io::{self, ErrorKind, Read};

use flate2::Crc;

/// Reads as many bytes as were promised, and tells at the end whether they are these, as far as a checksum says.
pub(super) struct Checked<R> {
    inner: R,
    sum: Crc,
    left: u64,
    promised_sum: Option<u32>,
    is_told: bool,
}

impl<R> Checked<R> {
    pub(super) fn new(inner: R, length: u64, promised_sum: Option<u32>) -> Self {
        Self {
            inner,
            sum: Crc::new(),
            left: length,
            promised_sum,
            is_told: false,
        }
    }

    fn end(&self) -> io::Result<usize> {
        if self.left > 0 {
            let words = format!("they end {} bytes early", self.left);
            return Err(io::Error::new(ErrorKind::UnexpectedEof, words));
        }
        if self
            .promised_sum
            .is_some_and(|promised| promised != self.sum.sum())
        {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "the checksum is another one",
            ));
        }
        Ok(0)
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.is_told {
            return Ok(0);
        }
        if self.left == 0 {
            // Whatever comes now is too much.
            self.is_told = true;
            return match self.inner.read(&mut [0])? {
                0 => self.end(),
                _ => Err(io::Error::new(
                    ErrorKind::InvalidData,
                    "there are more bytes than the archive says",
                )),
            };
        }
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.inner.read(&mut buffer[..wanted])?;
        if read == 0 {
            self.is_told = true;
            return self.end();
        }
        self.sum.update(&buffer[..read]);
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], length: u64, sum: Option<u32>) -> (usize, Option<ErrorKind>) {
        let mut checked = Checked::new(bytes, length, sum);
        let mut found = Vec::new();
        let end = checked.read_to_end(&mut found);
        // It is told once.
        assert_eq!(checked.read(&mut [0]).ok(), Some(0));
        (found.len(), end.err().map(|cause| cause.kind()))
    }

    #[test]
    fn length_and_sum_are_checked_behind_the_bytes() {
        let mut crc = Crc::new();
        crc.update(b"hello");
        let sum = Some(crc.sum());
        assert_eq!(read(b"hello", 5, sum), (5, None));
        assert_eq!(read(b"hellO", 5, sum), (5, Some(ErrorKind::InvalidData)));
        assert_eq!(read(b"hello!", 5, sum), (5, Some(ErrorKind::InvalidData)));
        assert_eq!(read(b"hell", 5, sum), (4, Some(ErrorKind::UnexpectedEof)));
        assert_eq!(read(b"", 0, Some(0)), (0, None));
        assert_eq!(read(b"hellO", 5, None), (5, None));
        assert_eq!(read(b"hell", 5, None), (4, Some(ErrorKind::UnexpectedEof)));
    }
}
