//! Messages out of a stream of bytes.

use std::io::{self, Read};

use arrow_buffer::Buffer;
use arrow_ipc::convert::MessageBuffer;
use insq_event::{MemoryExceeded, Reservation};

use super::form::{FILE_HEAD_BYTES, FILE_HEAD_BYTES_MAX, Form, MAGIC};
use crate::decompress::ByteStream;
use crate::guarded::guarded;

/// What stands before every message. Writers of old left it out.
pub(super) const CONTINUATION: [u8; 4] = [0xff; 4];

/// Metadata of a message that are believed: a hundred thousand columns need less.
pub(super) const METADATA_BYTES_MAX: usize = 64 << 20;

/// Some writers put the schema of a file without its length behind the magic. It then begins with the place of its root,
/// which stands before here, and a length is larger.
const BARE_ROOT_MAX: usize = 32;

/// Bytes by which the message behind such a schema is told.
const MARK_BYTES: usize = 12;

/// Bytes that are asked for at a time: a length that damage has made up reserves no more than is there.
const PIECE_BYTES: usize = 1 << 20;

/// What stands behind the table of contents of a file: its length, and the magic.
pub(super) const TAIL_BYTES: usize = 4 + MAGIC.len();

/// A message with its body.
pub(super) struct Message {
    /// Where it begins.
    pub(super) offset: u64,
    pub(super) head: MessageBuffer,
    pub(super) body: Buffer,
}

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Memory(#[from] MemoryExceeded),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{0}")]
    Malformed(String),
}

/// Takes messages out of a stream.
pub(super) struct Messages {
    input: ByteStream,
    form: Form,
    /// Bytes that were taken.
    offset: u64,
    /// Where the message at hand begins.
    begin: u64,
}

impl Messages {
    pub(super) fn new(input: ByteStream, form: Form) -> Self {
        Self {
            input,
            form,
            offset: 0,
            begin: 0,
        }
    }

    /// The message that lies at `begin` of a file, of which `input` gives nothing else.
    pub(super) fn of_block(input: ByteStream, begin: u64) -> Self {
        Self {
            input,
            form: Form::Stream,
            offset: begin,
            begin,
        }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// Where the message that was read last, or could not be, begins.
    pub(super) fn begin(&self) -> u64 {
        self.begin
    }

    /// Bytes that were taken.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next message, whose memory is charged to `held`; `None` at a sound end.
    pub(super) fn next(&mut self, held: &mut Reservation) -> Result<Option<Message>, Broken> {
        held.resize(0)?;
        let is_first = self.offset == 0;
        if is_first && self.form == Form::File {
            self.skip_head(held)?;
        }
        self.begin = self.offset;
        let Some(length) = self.length(held)? else {
            return self.end(held).map(|()| None);
        };
        let head = if is_first && self.form == Form::File && length <= BARE_ROOT_MAX {
            self.bare_schema(length, held)?
        } else {
            verified(self.exactly(length, held)?)?
        };
        let length = usize::try_from(head.as_ref().bodyLength())
            .map_err(|_| Broken::Malformed("the length of a message is negative".to_owned()))?;
        let body = Buffer::from_vec(self.exactly(length, held)?);
        Ok(Some(Message {
            offset: self.begin,
            head,
            body,
        }))
    }

    /// Steps over the magic and the zeros behind it.
    fn skip_head(&mut self, held: &mut Reservation) -> Result<(), Broken> {
        self.exactly(FILE_HEAD_BYTES, held)?;
        while self.offset < FILE_HEAD_BYTES_MAX {
            self.begin = self.offset;
            let word = self.exactly(FILE_HEAD_BYTES, held)?;
            if word != [0; FILE_HEAD_BYTES] {
                self.put_back(word);
                break;
            }
        }
        Ok(())
    }

    /// The length of the next metadata; `None` at the mark of the end. A stream may end without one.
    fn length(&mut self, held: &mut Reservation) -> Result<Option<usize>, Broken> {
        let mut word = self.up_to(4, held)?;
        if word.is_empty() && self.form == Form::Stream {
            return Ok(None);
        }
        if word == CONTINUATION {
            word = self.up_to(4, held)?;
        }
        let word: [u8; 4] = word.try_into().map_err(|_| ends_early())?;
        match usize::try_from(i32::from_le_bytes(word)) {
            Ok(0) => Ok(None),
            Ok(length) if length <= METADATA_BYTES_MAX => Ok(Some(length)),
            _ => Err(Broken::Malformed(
                "the length of a message makes no sense".to_owned(),
            )),
        }
    }

    /// A schema of unknown length, which ends where another message, or the end of all, begins.
    fn bare_schema(&mut self, root: usize, held: &mut Reservation) -> Result<MessageBuffer, Broken> {
        let mut bytes = (root as u32).to_le_bytes().to_vec();
        while bytes.len() <= METADATA_BYTES_MAX {
            bytes.extend(self.exactly(4, held)?);
            let Some(end) = bytes.len().checked_sub(MARK_BYTES).filter(|end| *end > 0) else {
                continue;
            };
            let mark = &bytes[end..];
            let is_end = mark.starts_with(&CONTINUATION) && mark[4..8] == [0; 4];
            if (is_end || Form::of(mark) == Some(Form::Stream))
                && let Ok(head) = verified(bytes[..end].to_vec())
            {
                self.put_back(bytes.split_off(end));
                return Ok(head);
            }
        }
        Err(Broken::Malformed("its schema makes no sense".to_owned()))
    }

    fn put_back(&mut self, bytes: Vec<u8>) {
        self.offset -= bytes.len() as u64;
        let rest = std::mem::replace(&mut self.input, Box::new(io::empty()));
        self.input = Box::new(io::Cursor::new(bytes).chain(rest));
    }

    /// What stands behind the last message: of a file, its table of contents and nothing else.
    fn end(&mut self, held: &mut Reservation) -> Result<(), Broken> {
        self.begin = self.offset;
        let rest = self.up_to(METADATA_BYTES_MAX, held)?;
        if self.form == Form::Stream {
            let more = || Broken::Malformed("there is more behind the end of the stream".to_owned());
            return if rest.is_empty() { Ok(()) } else { Err(more()) };
        }
        let contents = rest.len().checked_sub(TAIL_BYTES).ok_or_else(ends_early)?;
        let (length, magic) = rest[contents..].split_at(4);
        if magic != MAGIC {
            return Err(ends_early());
        }
        if length != (contents as u32).to_le_bytes() {
            let message = "what stands behind its batches is no table of contents";
            return Err(Broken::Malformed(message.to_owned()));
        }
        Ok(())
    }

    fn exactly(&mut self, length: usize, held: &mut Reservation) -> Result<Vec<u8>, Broken> {
        let bytes = self.up_to(length, held)?;
        if bytes.len() < length {
            return Err(ends_early());
        }
        Ok(bytes)
    }

    /// So many bytes, or those before the end.
    fn up_to(&mut self, length: usize, held: &mut Reservation) -> Result<Vec<u8>, Broken> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let piece = (length - bytes.len()).min(PIECE_BYTES.max(bytes.len()));
            held.grow(piece)?;
            bytes.reserve_exact(piece);
            let mut part = (&mut self.input).take(piece as u64);
            let read = part.read_to_end(&mut bytes);
            let is_short = bytes.len() < length && read.as_ref().is_ok_and(|read| *read < piece);
            self.offset += read? as u64;
            if is_short {
                break;
            }
        }
        Ok(bytes)
    }
}

/// A message without its body, as it stands in a file.
pub(super) fn head_of(bytes: &[u8]) -> Option<MessageBuffer> {
    let bytes = bytes.strip_prefix(&CONTINUATION[..]).unwrap_or(bytes);
    let (length, head) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    verified(head.get(..length)?.to_vec()).ok()
}

fn verified(head: Vec<u8>) -> Result<MessageBuffer, Broken> {
    let head = Buffer::from_vec(head);
    let read = || MessageBuffer::try_new(head).map_err(|cause| cause.to_string());
    guarded(read, str::to_owned).map_err(Broken::Malformed)
}

fn ends_early() -> Broken {
    Broken::Malformed("it ends in the middle".to_owned())
}

#[cfg(test)]
mod tests {
    use insq_event::MemoryBudget;

    use super::*;

    /// What is said of a stream.
    fn failure(bytes: Vec<u8>) -> String {
        let memory = MemoryBudget::unlimited();
        let mut messages = Messages::new(Box::new(io::Cursor::new(bytes)), Form::Stream);
        match messages.next(&mut memory.reservation("test")) {
            Ok(found) => format!("a message: {}", found.is_some()),
            Err(broken) => broken.to_string(),
        }
    }

    #[test]
    fn lengths_are_believed_up_to_a_limit() {
        let of = |length: usize| [CONTINUATION, (length as u32).to_le_bytes()].concat();
        assert_eq!(failure(of(METADATA_BYTES_MAX)), "it ends in the middle");
        assert_eq!(
            failure(of(METADATA_BYTES_MAX + 1)),
            "the length of a message makes no sense"
        );
        assert_eq!(
            failure(of(u32::MAX as usize)),
            "the length of a message makes no sense"
        );
    }

    #[test]
    fn ends() {
        assert_eq!(failure(Vec::new()), "a message: false");
        assert_eq!(failure(vec![0xff; 3]), "it ends in the middle");
        let mark = [CONTINUATION, [0; 4]].concat();
        assert_eq!(failure(mark.clone()), "a message: false");
        assert_eq!(
            failure([mark, vec![1]].concat()),
            "there is more behind the end of the stream"
        );
    }
}
