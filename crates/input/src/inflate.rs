//! Deflate at the speed of a search, for data that are sound.
//!
//! Decodes into a buffer that still holds the last 32 KiB, whole symbols at a time, and refuses whatever is not plainly
//! right: what is damaged, cut off or merely odd is left to the decoder that knows how to say so. Tables and the main loop
//! are built as libdeflate builds them: one look tells a symbol, its length and its extra bits.

use crate::huffman::{self, Table};

/// Bits of the codes that one look into the table tells.
const LITLEN_BITS: u32 = 11;
const DIST_BITS: u32 = 8;
const PRECODE_BITS: u32 = 7;

/// Entries of the tables with those behind them, which longer codes lead to: a power of two above what any code needs.
const LITLEN_ENTRIES: usize = 4_096;
const DIST_ENTRIES: usize = 512;
const PRECODE_ENTRIES: usize = 128;

/// The longest match.
const MATCH_BYTES_MAX: usize = 258;

/// A match is copied in steps of so many bytes, the last of which may go beyond its end.
const STEP: usize = 16;

/// Room that one turn of the loop may need: some literals and a match.
pub(crate) const ROOM_BYTES: usize = 8 + MATCH_BYTES_MAX + 2 * STEP;

/// How far back a match may reach.
pub(crate) const WINDOW_BYTES: usize = 32 << 10;

/// Bytes behind the input that one turn of the loop may look at.
const LOOK_AHEAD_BYTES: usize = 16;

/// No header of a block is longer.
const BLOCK_HEADER_BYTES_MAX: usize = 600;

/// The last bytes of the input are decoded from a copy with zeros behind them.
pub(crate) const TAIL_BYTES: usize = BLOCK_HEADER_BYTES_MAX + LOOK_AHEAD_BYTES;

/// Symbols of the alphabets, those included that no block may use.
const LITLEN_SYMBOLS: usize = 288;
const DIST_SYMBOLS: usize = 32;
const PRECODE_SYMBOLS: usize = 19;
const END_OF_BLOCK: usize = 256;

/// The order in which a block tells the lengths of the codes of lengths.
const PRECODE_ORDER: [usize; PRECODE_SYMBOLS] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The rest of the input is too short to go on.
    Hungry,
    /// The output has no room for another turn.
    Full,
    /// The stream of blocks is at its end.
    Done,
    /// Not plainly right.
    Refused,
}

/// Where the decoder stands in the stream of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Between,
    /// Inside a block of codes.
    Coded,
    /// Inside a block of plain bytes, so many before its end.
    Stored(usize),
    Done,
}

/// Input and the bits of it that are at hand.
struct Bits<'a> {
    input: &'a [u8],
    at: usize,
    /// The next bits, lowest first. Above `count` bits there may be more of the input, never anything else.
    word: u64,
    count: u32,
}

impl Bits<'_> {
    /// At least 56 bits; the caller made sure that eight bytes are there.
    #[inline(always)]
    fn refill(&mut self) {
        if let Some(bytes) = self.input[self.at..].first_chunk::<8>() {
            self.word |= u64::from_le_bytes(*bytes) << (self.count & 63);
            self.at += ((63 - self.count) >> 3) as usize;
            self.count |= 56;
        }
    }

    #[inline(always)]
    fn drop(&mut self, bits: u32) {
        self.word >>= bits & 63;
        self.count = self.count.wrapping_sub(bits);
    }

    fn take(&mut self, bits: u32) -> usize {
        let value = self.word & ((1 << bits) - 1);
        self.drop(bits);
        value as usize
    }

    /// Gives the whole bytes back that are at hand. All of them were taken since the last time.
    fn give_back(&mut self) {
        self.at -= (self.count / 8) as usize;
        self.count %= 8;
        self.word &= (1 << self.count) - 1;
    }

    fn left(&self) -> usize {
        self.input.len() - self.at
    }
}

/// Decodes one stream of blocks.
pub(crate) struct Inflater {
    litlen: Table<LITLEN_ENTRIES, LITLEN_BITS>,
    dist: Table<DIST_ENTRIES, DIST_BITS>,
    precode: Table<PRECODE_ENTRIES, PRECODE_BITS>,
    /// The bits of a byte that was taken, as far as they are not used.
    word: u64,
    count: u32,
    place: Place,
    is_last_block: bool,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self {
            litlen: Table::new(),
            dist: Table::new(),
            precode: Table::new(),
            word: 0,
            count: 0,
            place: Place::Between,
            is_last_block: false,
        }
    }

    /// Begins another stream.
    pub(crate) fn reset(&mut self) {
        (self.word, self.count, self.place) = (0, 0, Place::Between);
    }

    /// Decodes `input` into `output` from `from` on; `floor` is where the first byte that a match may reach lies.
    /// Gives how much of the input was taken, where the output ends, and why.
    pub(crate) fn run(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        from: usize,
        floor: usize,
    ) -> (usize, usize, Ended) {
        let mut bits = Bits {
            input,
            at: 0,
            word: self.word,
            count: self.count,
        };
        let mut at = from;
        let ended = loop {
            let step = match self.place {
                Place::Done => Some(Ended::Done),
                Place::Between if bits.left() < BLOCK_HEADER_BYTES_MAX => Some(Ended::Hungry),
                Place::Between => self.begin_block(&mut bits).err(),
                Place::Stored(left) => self.stored(&mut bits, left, output, &mut at),
                Place::Coded => self.coded(&mut bits, output, &mut at, floor),
            };
            if let Some(ended) = step {
                break ended;
            }
        };
        bits.give_back();
        (self.word, self.count) = (bits.word, bits.count);
        (bits.at, at, ended)
    }

    fn end_block(&mut self) {
        self.place = if self.is_last_block {
            Place::Done
        } else {
            Place::Between
        };
    }

    fn begin_block(&mut self, bits: &mut Bits<'_>) -> Result<(), Ended> {
        bits.refill();
        self.is_last_block = bits.take(1) == 1;
        match bits.take(2) {
            0 => {
                bits.drop(bits.count % 8);
                bits.refill();
                let (length, check) = (bits.take(16), bits.take(16));
                if length != check ^ 0xffff {
                    return Err(Ended::Refused);
                }
                self.place = Place::Stored(length);
            }
            1 => {
                self.fixed_tables()?;
                self.place = Place::Coded;
            }
            2 => {
                self.told_tables(bits)?;
                self.place = Place::Coded;
            }
            _ => return Err(Ended::Refused),
        }
        Ok(())
    }

    fn fixed_tables(&mut self) -> Result<(), Ended> {
        let mut lengths = [8; LITLEN_SYMBOLS];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let is_sound = self.litlen.build(&lengths, huffman::litlen_entry)
            && self.dist.build(&[5; DIST_SYMBOLS], huffman::dist_entry);
        is_sound.then_some(()).ok_or(Ended::Refused)
    }

    fn told_tables(&mut self, bits: &mut Bits<'_>) -> Result<(), Ended> {
        let litlens = bits.take(5) + 257;
        let dists = bits.take(5) + 1;
        let precodes = bits.take(4) + 4;
        if litlens > 286 || dists > 30 {
            return Err(Ended::Refused);
        }
        let mut precode = [0; PRECODE_SYMBOLS];
        for symbol in &PRECODE_ORDER[..precodes] {
            if bits.count < 3 {
                bits.refill();
            }
            precode[*symbol] = bits.take(3) as u8;
        }
        if !self.precode.build(&precode, huffman::plain_entry) {
            return Err(Ended::Refused);
        }
        let mut lengths = [0; LITLEN_SYMBOLS + DIST_SYMBOLS];
        let told = litlens + dists;
        let mut at = 0;
        while at < told {
            bits.refill();
            let entry = self.precode.look(bits.word);
            bits.drop(entry & 0xff);
            let (value, count) = match entry >> 16 {
                16 if at == 0 => return Err(Ended::Refused),
                16 => (lengths[at - 1], 3 + bits.take(2)),
                17 => (0, 3 + bits.take(3)),
                18 => (0, 11 + bits.take(7)),
                length => (length as u8, 1),
            };
            if at + count > told {
                return Err(Ended::Refused);
            }
            lengths[at..at + count].fill(value);
            at += count;
        }
        let is_sound = lengths[END_OF_BLOCK] > 0
            && self.litlen.build(&lengths[..litlens], huffman::litlen_entry)
            && self
                .dist
                .build_sparse(&lengths[litlens..told], huffman::dist_entry);
        is_sound.then_some(()).ok_or(Ended::Refused)
    }

    /// Copies plain bytes.
    fn stored(
        &mut self,
        bits: &mut Bits<'_>,
        left: usize,
        output: &mut [u8],
        at: &mut usize,
    ) -> Option<Ended> {
        bits.give_back();
        let room = output.len().saturating_sub(ROOM_BYTES).saturating_sub(*at);
        let count = left.min(bits.left()).min(room);
        output[*at..*at + count].copy_from_slice(&bits.input[bits.at..bits.at + count]);
        *at += count;
        bits.at += count;
        if count == left {
            self.end_block();
            return None;
        }
        self.place = Place::Stored(left - count);
        Some(if count == room { Ended::Full } else { Ended::Hungry })
    }

    /// Decodes symbols until their block, the room or the input ends.
    #[inline(never)]
    fn coded(
        &mut self,
        bits: &mut Bits<'_>,
        output: &mut [u8],
        out_at: &mut usize,
        floor: usize,
    ) -> Option<Ended> {
        let Some(input_end) = bits.input.len().checked_sub(LOOK_AHEAD_BYTES) else {
            return Some(Ended::Hungry);
        };
        let Some(output_end) = output.len().checked_sub(ROOM_BYTES) else {
            return Some(Ended::Full);
        };
        // Locals stay in registers.
        let mut here = Bits {
            input: bits.input,
            ..*bits
        };
        let mut at = *out_at;
        let (litlen, dist) = (&self.litlen, &self.dist);
        here.refill();
        let mut entry = litlen.look(here.word);
        let ended = loop {
            if here.at > input_end {
                break Some(Ended::Hungry);
            }
            if at > output_end {
                break Some(Ended::Full);
            }
            let mut before = here.word;
            here.drop(entry & 0xff);
            // Literals often come in a row: their codes of 11 bits at most leave enough for a match.
            if entry & huffman::LITERAL != 0 {
                output[at] = (entry >> 16) as u8;
                at += 1;
                before = here.word;
                entry = litlen.look(here.word);
                here.drop(entry & 0xff);
                if entry & huffman::LITERAL != 0 {
                    output[at] = (entry >> 16) as u8;
                    at += 1;
                    before = here.word;
                    entry = litlen.look(here.word);
                    here.drop(entry & 0xff);
                    if entry & huffman::LITERAL != 0 {
                        output[at] = (entry >> 16) as u8;
                        at += 1;
                        entry = litlen.look(here.word);
                        here.refill();
                        continue;
                    }
                }
            }
            if entry & huffman::EXCEPTIONAL != 0 {
                if entry & huffman::POINTER != 0 {
                    before = here.word;
                    entry = litlen.look_behind(entry, here.word);
                    here.drop(entry & 0xff);
                    if entry & huffman::LITERAL != 0 {
                        output[at] = (entry >> 16) as u8;
                        at += 1;
                        entry = litlen.look(here.word);
                        here.refill();
                        continue;
                    }
                }
                if entry & huffman::EXCEPTIONAL != 0 {
                    break Some(if entry & huffman::END != 0 {
                        Ended::Done
                    } else {
                        Ended::Refused
                    });
                }
            }
            let length = huffman::value(entry, before);
            let mut far = dist.look(here.word);
            if far & huffman::EXCEPTIONAL != 0 {
                if far & huffman::POINTER == 0 {
                    break Some(Ended::Refused);
                }
                here.refill();
                here.drop(far & 0xff);
                far = dist.look_behind(far, here.word);
                if far & huffman::EXCEPTIONAL != 0 {
                    break Some(Ended::Refused);
                }
            } else if here.count < 40 {
                here.refill();
            }
            let back = huffman::value(far, here.word);
            here.drop(far & 0xff);
            if back > at - floor {
                break Some(Ended::Refused);
            }
            entry = litlen.look(here.word);
            here.refill();
            copy_match(output, at, back, length);
            at += length;
        };
        *out_at = at;
        (bits.at, bits.word, bits.count) = (here.at, here.word, here.count);
        match ended {
            Some(Ended::Done) => {
                self.end_block();
                None
            }
            other => other,
        }
    }
}

/// Copies `length` bytes from `back` bytes before `at` to there; what it copies may overlap.
#[inline(always)]
fn copy_match(output: &mut [u8], at: usize, back: usize, length: usize) {
    let from = at - back;
    if back >= STEP {
        // Mostly one step or two.
        step(output, from, at);
        step(output, from + STEP, at + STEP);
        let mut done = 2 * STEP;
        while done < length {
            step(output, from + done, at + done);
            done += STEP;
        }
        return;
    }
    if back == 1 {
        let byte = output[from];
        output[at..at + length].fill(byte);
        return;
    }
    for done in 0..length {
        output[at + done] = output[from + done];
    }
}

#[inline(always)]
fn step(output: &mut [u8], from: usize, to: usize) {
    output.copy_within(from..from + STEP, to);
}
