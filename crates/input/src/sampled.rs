//! The beginning of a file, from which it is told what it is, and all of it behind that.

use std::io::{self, Cursor, ErrorKind, Read};

use insq_event::MemoryBudget;

use crate::ahead::Ahead;
use crate::ansi::{Uncoloured, is_coloured};
use crate::arrow::Form;
use crate::blocks::Blocks;
use crate::decompress::{ByteStream, LogBytes};
use crate::detect::SAMPLE_BYTES;
use crate::error::DamageNotes;
use crate::failing::Failing;
use crate::gzip_whole::Content;
use crate::utf16::{Utf8Of, encoding_of};

/// False for a text that is wrapped in another encoding or in colours, by its first bytes.
pub(crate) fn is_plain_text(sample: &[u8]) -> bool {
    encoding_of(sample).is_none() && !is_coloured(sample)
}

/// A file of which the first [`SAMPLE_BYTES`] have been looked at.
pub(crate) struct Sampled(State);

enum State {
    /// The first bytes, whether they are all, and the stream of the others.
    Stream {
        sample: Vec<u8>,
        is_whole: bool,
        rest: ByteStream,
    },
    Decoded(Content),
}

impl Sampled {
    /// Reads the first bytes. An error that comes after some of them is left for the reader to meet at its place.
    ///
    /// # Errors
    /// What the stream says in place of any byte.
    pub(crate) fn of(bytes: LogBytes) -> io::Result<Self> {
        match bytes {
            LogBytes::Stream(stream) => Self::of_stream(stream),
            LogBytes::Decoded(content) => Ok(Self(State::Decoded(content))),
        }
    }

    fn of_stream(mut stream: ByteStream) -> io::Result<Self> {
        let mut sample = vec![0; SAMPLE_BYTES];
        let mut filled = 0;
        let mut failure = None;
        while filled < sample.len() {
            match stream.read(&mut sample[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) if filled == 0 => return Err(cause),
                Err(cause) => {
                    failure = Some(cause);
                    break;
                }
            }
        }
        let is_whole = filled < sample.len() && failure.is_none();
        sample.truncate(filled);
        let rest: ByteStream = match failure {
            Some(cause) => Box::new(Failing::new(cause)),
            None => stream,
        };
        Ok(Self(State::Stream {
            sample,
            is_whole,
            rest,
        }))
    }

    /// Takes off what a text may be wrapped in: UTF-16, and the colours of a terminal.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(crate) fn into_plain_text(mut self) -> io::Result<Self> {
        if let Some(encoding) = encoding_of(self.sample()) {
            self = Self::of_stream(Box::new(Utf8Of::new(self.into_stream(), encoding)))?;
        }
        if Form::of(self.sample()).is_none() && is_coloured(self.sample()) {
            self = Self::of_stream(Box::new(Uncoloured::new(self.into_stream())))?;
        }
        Ok(self)
    }

    /// The first bytes.
    pub(crate) fn sample(&self) -> &[u8] {
        match &self.0 {
            State::Stream { sample, .. } => sample,
            State::Decoded(content) => &content.whole()[..content.whole().len().min(SAMPLE_BYTES)],
        }
    }

    /// True when nothing comes behind the sample.
    pub(crate) fn is_whole(&self) -> bool {
        match &self.0 {
            State::Stream { is_whole, .. } => *is_whole,
            State::Decoded(content) => content.whole().len() < SAMPLE_BYTES,
        }
    }

    /// Has another thread read what comes behind the sample, if there is something to read.
    pub(crate) fn read_ahead(&mut self, block_bytes: usize, memory: &MemoryBudget) {
        if let State::Stream {
            sample,
            is_whole: false,
            rest,
        } = &mut self.0
        {
            let first_bytes = block_bytes - sample.len() % block_bytes;
            let stream = std::mem::replace(rest, Box::new(io::empty()));
            *rest = Ahead::of(stream, first_bytes, block_bytes, memory);
        }
    }

    /// All bytes, one after the other.
    pub(crate) fn into_stream(self) -> ByteStream {
        match self.0 {
            State::Stream { sample, rest, .. } => Box::new(Cursor::new(sample).chain(rest)),
            State::Decoded(content) => Box::new(content),
        }
    }

    /// All bytes, in blocks.
    pub(crate) fn into_blocks(self, block_bytes: usize, notes: DamageNotes) -> Blocks {
        match self.0 {
            State::Decoded(content) => Blocks::decoded(content, block_bytes, notes),
            stream => Blocks::new(Self(stream).into_stream(), 0, block_bytes, notes),
        }
    }
}
