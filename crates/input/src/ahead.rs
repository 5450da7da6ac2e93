//! A stream that another thread reads ahead, so that decompressing and taking events out overlap where files are few.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use insq_event::{MemoryBudget, Reservation};

use crate::decompress::ByteStream;

/// Pieces that wait to be taken.
const PIECES_WAITING: usize = 3;

/// Pieces that there are at once: those that wait, the one that is filled and the one that is read.
const PIECES_MAX: usize = PIECES_WAITING + 2;

/// What the other thread gives.
enum Piece {
    Bytes(Vec<u8>),
    Failed(io::Error),
    End,
}

/// Gives what another thread has read.
pub(crate) struct Ahead {
    pieces: Receiver<Piece>,
    spent: Sender<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
    is_done: bool,
    _reservation: Reservation,
}

impl Ahead {
    /// Has `stream` read in pieces of `piece_bytes`, the first of `first_bytes`; gives it back when there is no memory or no
    /// thread for that. Pieces end where the reader's own reads would, so that errors are worded alike.
    pub(crate) fn of(
        stream: ByteStream,
        first_bytes: usize,
        piece_bytes: usize,
        memory: &MemoryBudget,
    ) -> ByteStream {
        let mut reservation = memory.reservation("reading ahead");
        if reservation.resize(PIECES_MAX * piece_bytes).is_err() {
            return stream;
        }
        let (filled, pieces) = sync_channel(PIECES_WAITING);
        let (spent, reusable) = channel();
        // The stream goes over once the thread is there: without one, it is still ours.
        let (hand_over, handed_over) = sync_channel::<ByteStream>(1);
        let started = std::thread::Builder::new()
            .name("insq-ahead".to_owned())
            .spawn(move || {
                if let Ok(stream) = handed_over.recv() {
                    work(stream, first_bytes, piece_bytes, &filled, &reusable);
                }
            });
        if started.is_err() {
            return stream;
        }
        if let Err(unsent) = hand_over.send(stream) {
            return unsent.0;
        }
        Box::new(Self {
            pieces,
            spent,
            piece: Vec::new(),
            at: 0,
            is_done: false,
            _reservation: reservation,
        })
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() && !self.is_done {
            // Nobody to take it is no loss.
            let _ = self.spent.send(std::mem::take(&mut self.piece));
            self.at = 0;
            match self.pieces.recv() {
                Ok(Piece::Bytes(piece)) => self.piece = piece,
                Ok(Piece::End) => self.is_done = true,
                Ok(Piece::Failed(cause)) => {
                    self.is_done = true;
                    return Err(cause);
                }
                Err(_) => {
                    self.is_done = true;
                    return Err(io::Error::other("the thread that reads ahead broke off"));
                }
            }
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Reads until the end, an error, or until nobody wants more.
fn work(
    mut stream: ByteStream,
    first_bytes: usize,
    piece_bytes: usize,
    filled: &SyncSender<Piece>,
    reusable: &Receiver<Vec<u8>>,
) {
    let mut wanted = first_bytes;
    loop {
        let mut piece = reusable.try_recv().unwrap_or_default();
        piece.resize(wanted, 0);
        let (count, end) = fill(&mut stream, &mut piece);
        piece.truncate(count);
        let is_gone = count > 0 && filled.send(Piece::Bytes(piece)).is_err();
        if let Some(end) = end {
            // Whoever is gone needs no end.
            let _ = filled.send(end);
            return;
        }
        if is_gone {
            return;
        }
        wanted = piece_bytes;
    }
}

/// Reads until `piece` is full; gives how much of it is, and what ended the stream.
fn fill(stream: &mut ByteStream, piece: &mut [u8]) -> (usize, Option<Piece>) {
    let mut count = 0;
    while count < piece.len() {
        match stream.read(&mut piece[count..]) {
            Ok(0) => return (count, Some(Piece::End)),
            Ok(read) => count += read,
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Err(cause) => return (count, Some(Piece::Failed(cause))),
        }
    }
    (count, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Says something went wrong, once.
    struct Failing(bool);

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            match std::mem::take(&mut self.0) {
                true => Err(io::Error::other("broken")),
                false => Ok(0),
            }
        }
    }

    fn ahead(stream: ByteStream, first_bytes: usize, piece_bytes: usize) -> ByteStream {
        Ahead::of(stream, first_bytes, piece_bytes, &MemoryBudget::unlimited())
    }

    #[test]
    fn the_bytes_are_the_same_whatever_the_pieces() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| n as u8).collect();
        for (first_bytes, piece_bytes) in [(1, 7), (100, 1_000), (1 << 20, 1 << 20)] {
            let mut out = Vec::new();
            let stream = Box::new(Cursor::new(bytes.clone()));
            ahead(stream, first_bytes, piece_bytes)
                .read_to_end(&mut out)
                .unwrap();
            assert!(out == bytes, "{first_bytes} {piece_bytes}");
        }
    }

    #[test]
    fn what_came_before_an_error_comes_first_and_the_error_is_said_once() {
        let stream = Box::new(Cursor::new(b"hello".to_vec()).chain(Failing(true)));
        let mut stream = ahead(stream, 3, 3);
        let mut out = Vec::new();
        let cause = stream.read_to_end(&mut out).unwrap_err();
        assert_eq!((&out[..], cause.to_string().as_str()), (&b"hello"[..], "broken"));
        assert_eq!(stream.read(&mut [0; 10]).unwrap(), 0);
    }

    #[test]
    fn no_more_is_read_than_there_is_room_for() {
        struct Endless(Arc<AtomicUsize>);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0.fetch_add(buffer.len(), Ordering::Relaxed);
                Ok(buffer.len())
            }
        }
        let read = Arc::new(AtomicUsize::new(0));
        let mut stream = ahead(Box::new(Endless(Arc::clone(&read))), 10, 10);
        for n in 1..200 {
            stream.read_exact(&mut [0; 10]).unwrap();
            assert!(read.load(Ordering::Relaxed) <= 10 * (n + PIECES_MAX));
        }
    }

    #[test]
    fn without_memory_the_stream_is_read_as_it_is() {
        let memory = MemoryBudget::new(PIECES_MAX * 10 - 1);
        let mut out = Vec::new();
        let stream = Box::new(Cursor::new(b"hello".to_vec()));
        Ahead::of(stream, 10, 10, &memory).read_to_end(&mut out).unwrap();
        assert_eq!((&out[..], memory.peak_bytes()), (&b"hello"[..], 0));
        let memory = MemoryBudget::new(PIECES_MAX * 10);
        let stream = Box::new(Cursor::new(b"hello".to_vec()));
        drop(Ahead::of(stream, 10, 10, &memory));
        assert_eq!(memory.peak_bytes(), PIECES_MAX * 10);
    }
}
