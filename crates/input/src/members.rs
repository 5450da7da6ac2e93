//! gzip members or zstd frames one after another, and single streams of deflate, so that nothing sound is lost before damage.
//!
//! A decoder that meets damage may have written sound bytes in the same call. They come out first, the error after
//! them: a file that is damaged in the middle gives everything up to that place.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder, Operation};

use crate::decompress::Codec;

/// zstd may ask for a window of two to the power of this, bytes: what its own program takes without being asked.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// The window of gzip is 32 KiB at most.
const GZIP_WINDOW_LOG: u8 = 15;

/// zstd tells the kind of a frame from so many bytes.
const ZSTD_FIRST_BYTES: usize = 5;

/// What one call of a decoder did.
struct Step {
    consumed: usize,
    produced: usize,
    /// `true` at the end of a member or frame.
    outcome: io::Result<bool>,
}

/// Decodes one member or frame.
trait Decode {
    /// # Errors
    /// What the library says.
    fn new() -> io::Result<Self>
    where
        Self: Sized;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step;
}

/// A reader of what `compressed` holds.
///
/// # Errors
/// What the library says when it can't begin.
pub(crate) fn members(
    codec: Codec,
    compressed: impl BufRead + Send + 'static,
) -> io::Result<Box<dyn Read + Send>> {
    Ok(match codec {
        Codec::Gzip => Box::new(Members::<_, Gzip>::new(Some(codec), compressed)?),
        Codec::Zstd => Box::new(Members::<_, Zstd>::new(Some(codec), compressed)?),
    })
}

/// A reader of what `compressed` holds, which is deflated as in a zip archive: once, and without a head.
///
/// # Errors
/// As [`members`].
pub(crate) fn deflated(compressed: impl BufRead + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(Members::<_, Deflate>::new(None, compressed)?))
}

struct Members<R, D> {
    /// `None` where nothing follows.
    codec: Option<Codec>,
    compressed: R,
    decoder: D,
    /// True behind the end of a member.
    is_between: bool,
    /// True when nothing comes any more.
    is_done: bool,
    /// An error that waits until the bytes before it are taken.
    failure: Option<io::Error>,
}

impl<R: BufRead, D: Decode> Members<R, D> {
    fn new(codec: Option<Codec>, compressed: R) -> io::Result<Self> {
        Ok(Self {
            codec,
            compressed,
            decoder: D::new()?,
            is_between: false,
            is_done: false,
            failure: None,
        })
    }

    /// Goes on to the next member; `false` when there is none.
    fn begin_next(&mut self) -> io::Result<bool> {
        let Some(codec) = self.codec else {
            return Ok(false);
        };
        loop {
            let input = self.compressed.fill_buf()?;
            if input.is_empty() {
                return Ok(false);
            }
            // Some writers fill the last sector with zeros.
            let zeros = input.iter().take_while(|byte| **byte == 0).count();
            if zeros == 0 {
                break;
            }
            self.compressed.consume(zeros);
        }
        if !codec.may_begin(self.compressed.fill_buf()?) {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "other bytes follow the compressed data",
            ));
        }
        self.decoder = D::new()?;
        self.is_between = false;
        Ok(true)
    }

    fn decode(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.is_between && !self.begin_next()? {
                return Ok(0);
            }
            // At the end of the input, something may still wait in the decoder.
            let input = self.compressed.fill_buf()?;
            let is_at_end = input.is_empty();
            let step = self.decoder.step(input, buffer);
            self.compressed.consume(step.consumed);
            match step.outcome {
                Ok(is_end) => self.is_between = is_end,
                Err(cause) if step.produced == 0 => return Err(cause),
                Err(cause) => self.failure = Some(cause),
            }
            if step.produced > 0 {
                return Ok(step.produced);
            }
            if is_at_end && !self.is_between {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, "they end early"));
            }
            if step.consumed == 0 && !self.is_between {
                return Err(io::Error::new(
                    ErrorKind::InvalidData,
                    "the decoder does not go on",
                ));
            }
        }
    }
}

impl<R: BufRead, D: Decode> Read for Members<R, D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.is_done {
            return Ok(0);
        }
        let read = match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.decode(buffer),
        };
        let is_interrupted = matches!(&read, Err(cause) if cause.kind() == ErrorKind::Interrupted);
        self.is_done = !is_interrupted && !matches!(&read, Ok(count) if *count > 0);
        read
    }
}

struct Gzip(Decompress);

impl Decode for Gzip {
    fn new() -> io::Result<Self> {
        Ok(Self(Decompress::new_gzip(GZIP_WINDOW_LOG)))
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        inflate(&mut self.0, input, output)
    }
}

struct Deflate(Decompress);

impl Decode for Deflate {
    fn new() -> io::Result<Self> {
        Ok(Self(Decompress::new(false)))
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        inflate(&mut self.0, input, output)
    }
}

fn inflate(decoder: &mut Decompress, input: &[u8], output: &mut [u8]) -> Step {
    let (input_before, output_before) = (decoder.total_in(), decoder.total_out());
    let outcome = decoder.decompress(input, output, FlushDecompress::None);
    Step {
        consumed: (decoder.total_in() - input_before) as usize,
        produced: (decoder.total_out() - output_before) as usize,
        outcome: outcome
            .map(|status| status == Status::StreamEnd)
            .map_err(|cause| io::Error::new(ErrorKind::InvalidData, cause)),
    }
}

struct Zstd {
    decoder: Decoder<'static>,
    /// Bytes that the next block needs. A call that gets no more than these decodes no more than one block, so that an
    /// error takes none with it.
    next_bytes: usize,
    /// True when more may wait in the decoder than had room.
    is_full: bool,
}

impl Zstd {
    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self.decoder.run_on_buffers(input, output) {
            Ok(status) => {
                self.next_bytes = status.remaining;
                self.is_full = status.bytes_written == output.len();
                Step {
                    consumed: status.bytes_read,
                    produced: status.bytes_written,
                    outcome: Ok(status.remaining == 0),
                }
            }
            Err(cause) => Step {
                consumed: 0,
                produced: 0,
                outcome: Err(io::Error::new(ErrorKind::InvalidData, cause)),
            },
        }
    }
}

impl Decode for Zstd {
    fn new() -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG_MAX))?;
        Ok(Self {
            decoder,
            next_bytes: ZSTD_FIRST_BYTES,
            is_full: false,
        })
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        if self.is_full {
            // What waits comes out before the next block is looked at.
            let step = self.run(&[], output);
            if step.produced > 0 || !matches!(step.outcome, Ok(false)) {
                return step;
            }
        }
        self.run(&input[..input.len().min(self.next_bytes)], output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor, Write};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// What comes out through small buffers, and the error at the end.
    fn read(codec: Codec, bytes: Vec<u8>, input: usize, output: usize) -> (Vec<u8>, Option<ErrorKind>) {
        let mut reader = members(codec, BufReader::with_capacity(input, Cursor::new(bytes))).unwrap();
        let mut out = Vec::new();
        let mut buffer = vec![0; output];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return (out, None),
                Ok(count) => out.extend_from_slice(&buffer[..count]),
                Err(cause) => {
                    assert_eq!(reader.read(&mut buffer).unwrap(), 0, "an error is said once");
                    return (out, Some(cause.kind()));
                }
            }
        }
    }

    /// Text that does not shrink to nothing.
    fn text() -> Vec<u8> {
        (0..60_000_u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes())
            .collect()
    }

    #[test]
    fn buffers_and_members_do_not_show() {
        let text = text();
        for (codec, pack) in [(Codec::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Codec::Zstd, zstd)] {
            let (one, two) = text.split_at(text.len() / 3);
            let mut bytes = [pack(one), pack(two), pack(b"")].concat();
            for (input, output) in [(1, 1_000), (7, 1 << 20), (1 << 20, 13), (1 << 16, 1 << 16)] {
                assert_eq!(read(codec, bytes.clone(), input, output), (text.clone(), None));
            }
            bytes.extend([0; 512]);
            assert_eq!(read(codec, bytes.clone(), 100, 1_000), (text.clone(), None));
            bytes.push(b'x');
            let garbage = Some(ErrorKind::InvalidData);
            assert_eq!(read(codec, bytes, 100, 1_000), (text.clone(), garbage));
        }
    }

    #[test]
    fn everything_before_a_cut_comes_out() {
        let text = text();
        for (codec, pack) in [(Codec::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Codec::Zstd, zstd)] {
            let whole = pack(&text);
            let mut cut = whole.clone();
            cut.truncate(whole.len() * 3 / 4);
            let (out, kind) = read(codec, cut, 1 << 16, 1 << 20);
            assert_eq!(kind, Some(ErrorKind::UnexpectedEof));
            assert!(
                text.starts_with(&out) && out.len() > text.len() / 2,
                "{}",
                out.len()
            );
        }
    }

    #[test]
    fn everything_before_damage_comes_out() {
        let text = text();
        for (codec, pack) in [(Codec::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Codec::Zstd, zstd)] {
            let mut bytes = [pack(&text), pack(&text)].concat();
            let at = bytes.len() - 5;
            // The check sum of the second member.
            bytes[at..at + 2].fill(0x55);
            let (out, kind) = read(codec, bytes, 1 << 20, 1 << 22);
            assert_eq!(kind, Some(ErrorKind::InvalidData), "{codec:?}");
            assert!(
                out.len() >= text.len() && text.repeat(2).starts_with(&out),
                "{}",
                out.len()
            );
        }
    }

    #[test]
    fn windows_have_a_limit() {
        let pack = |log: u32| {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
            encoder
                .set_parameter(zstd::stream::raw::CParameter::WindowLog(log))
                .unwrap();
            encoder.long_distance_matching(true).unwrap();
            encoder.write_all(b"hello").unwrap();
            // Without a flush the frame would be so small that it says so.
            encoder.flush().unwrap();
            encoder.finish().unwrap()
        };
        let (out, kind) = read(Codec::Zstd, pack(ZSTD_WINDOW_LOG_MAX), 100, 100);
        assert_eq!((&out[..], kind), (&b"hello"[..], None));
        assert_eq!(
            read(Codec::Zstd, pack(ZSTD_WINDOW_LOG_MAX + 1), 100, 100).1,
            Some(ErrorKind::InvalidData)
        );
    }
}
