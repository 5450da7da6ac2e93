//! Tables that tell a symbol of deflate, and what belongs to it, by one look at the next bits.
//!
//! An entry holds, from the lowest bit on: the bits to drop, those of the code and the extra ones behind it (8); the bits of
//! the code (5 of 8); what kind it is; and from bit 16 on the literal, or the base to which the extra bits are added.

/// The entry is a literal.
pub(crate) const LITERAL: u32 = 1 << 31;
/// The entry is neither a literal nor a base: it points to others, ends the block, or stands for no code.
pub(crate) const EXCEPTIONAL: u32 = 1 << 15;
/// The entry says where those of the longer codes lie that begin with the same bits.
pub(crate) const POINTER: u32 = 1 << 14;
/// The entry ends the block.
pub(crate) const END: u32 = 1 << 13;

/// The longest code.
const CODE_BITS_MAX: usize = 15;

/// Symbols of the largest alphabet.
const SYMBOLS_MAX: usize = 288;

/// Bases of lengths, and their extra bits.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// Bases of distances, and their extra bits.
const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];

/// What a literal or length is, but for the bits of its code.
pub(crate) fn litlen_entry(symbol: usize) -> u32 {
    match symbol {
        0..=255 => LITERAL | (symbol as u32) << 16,
        256 => EXCEPTIONAL | END,
        _ => LENGTHS.get(symbol - 257).map_or(EXCEPTIONAL, based),
    }
}

/// What a distance is, but for the bits of its code.
pub(crate) fn dist_entry(symbol: usize) -> u32 {
    DISTANCES.get(symbol).map_or(EXCEPTIONAL, based)
}

/// The symbol itself.
pub(crate) fn plain_entry(symbol: usize) -> u32 {
    (symbol as u32) << 16
}

fn based((base, extra): &(u16, u8)) -> u32 {
    u32::from(*base) << 16 | u32::from(*extra)
}

/// The base of `entry` and the extra bits that follow its code at the start of `word`.
#[inline(always)]
pub(crate) fn value(entry: u32, word: u64) -> usize {
    let mask = (1u64 << (entry & 0x3f)) - 1;
    (entry >> 16) as usize + ((word & mask) >> (entry >> 8 & 0x1f)) as usize
}

/// A table for one alphabet, of which the first look takes `BITS`.
pub(crate) struct Table<const ENTRIES: usize, const BITS: u32> {
    entries: Box<[u32; ENTRIES]>,
}

impl<const ENTRIES: usize, const BITS: u32> Table<ENTRIES, BITS> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Box::new([EXCEPTIONAL; ENTRIES]),
        }
    }

    /// The entry for the next bits.
    #[inline(always)]
    pub(crate) fn look(&self, word: u64) -> u32 {
        self.entries[(word as usize) & ((1 << BITS) - 1) & (ENTRIES - 1)]
    }

    /// The entry that `pointer` leads to, for the bits behind those that led to it.
    #[inline(always)]
    pub(crate) fn look_behind(&self, pointer: u32, word: u64) -> u32 {
        let more = (word as usize) & ((1 << (pointer >> 8 & 0x1f)) - 1);
        self.entries[((pointer >> 16) as usize + more) & (ENTRIES - 1)]
    }

    /// Builds the table of an alphabet whose codes may be none, or a single one of one bit; `false` when they are not sound.
    pub(crate) fn build_sparse(&mut self, lengths: &[u8], entry_of: impl Fn(usize) -> u32) -> bool {
        let mut used = lengths.iter().enumerate().filter(|(_, length)| **length > 0);
        let (first, second) = (used.next(), used.next());
        let single = match (first, second) {
            (None, _) => None,
            (Some((symbol, 1)), None) => Some(with_code(entry_of(symbol), 1)),
            _ => return self.build(lengths, entry_of),
        };
        self.entries.fill(EXCEPTIONAL);
        if let Some(entry) = single {
            self.entries.iter_mut().step_by(2).for_each(|even| *even = entry);
        }
        true
    }

    /// Builds the table of an alphabet from the lengths of its codes; `false` when they do not fill the space of codes.
    pub(crate) fn build(&mut self, lengths: &[u8], entry_of: impl Fn(usize) -> u32) -> bool {
        let mut counts = [0_u32; CODE_BITS_MAX + 1];
        for length in lengths {
            counts[usize::from(*length) & CODE_BITS_MAX] += 1;
        }
        counts[0] = 0;
        let space: u32 = (1..=CODE_BITS_MAX)
            .map(|bits| counts[bits] << (CODE_BITS_MAX - bits))
            .sum();
        if space != 1 << CODE_BITS_MAX {
            return false;
        }
        let sorted = sorted_by_length(lengths, &counts);
        self.fill(
            &sorted[..counts.iter().sum::<u32>() as usize],
            lengths,
            counts,
            entry_of,
        );
        true
    }

    /// Puts the symbols in, in the order of their codes. Codes stand in the bits lowest first, so the next is found from
    /// their top.
    fn fill(
        &mut self,
        sorted: &[u16],
        lengths: &[u8],
        mut counts: [u32; CODE_BITS_MAX + 1],
        entry_of: impl Fn(usize) -> u32,
    ) {
        let first_bits = BITS as usize;
        let mask = (1_usize << first_bits) - 1;
        let (mut code, mut filled_bits) = (0_usize, 0);
        let (mut prefix, mut start, mut end) = (usize::MAX, 0, 1_usize << first_bits);
        for symbol in sorted.iter().map(|symbol| usize::from(*symbol)) {
            let bits = usize::from(lengths[symbol]);
            if bits <= first_bits {
                self.double(&mut filled_bits, bits);
                self.entries[code] = with_code(entry_of(symbol), bits as u32);
            } else {
                self.double(&mut filled_bits, first_bits);
                let more = bits - first_bits;
                if code & mask != prefix {
                    prefix = code & mask;
                    start = end;
                    let wide = width(&counts, first_bits, more);
                    end = start + (1 << wide);
                    self.entries[prefix] =
                        EXCEPTIONAL | POINTER | (start as u32) << 16 | (wide as u32) << 8 | BITS;
                }
                let entry = with_code(entry_of(symbol), more as u32);
                let mut at = start + (code >> first_bits);
                while at < end {
                    self.entries[at] = entry;
                    at += 1 << more;
                }
                counts[bits] -= 1;
            }
            code = next_code(code, bits);
        }
        self.double(&mut filled_bits, first_bits);
    }

    /// Repeats what is there until it is as long as codes of `bits` ask for.
    fn double(&mut self, filled_bits: &mut usize, bits: usize) {
        while *filled_bits < bits {
            self.entries.copy_within(..1 << *filled_bits, 1 << *filled_bits);
            *filled_bits += 1;
        }
    }
}

/// Bits of the entries behind a pointer: enough for all codes that begin as a code of `more` bits beyond the first.
fn width(counts: &[u32; CODE_BITS_MAX + 1], first_bits: usize, more: usize) -> usize {
    let mut wide = more;
    let mut used = counts[first_bits + wide];
    while used < 1 << wide && first_bits + wide < CODE_BITS_MAX {
        wide += 1;
        used = (used << 1) + counts[first_bits + wide];
    }
    wide
}

/// The code after `code` among those of `bits`, their bits reversed; a longer one begins with it.
fn next_code(code: usize, bits: usize) -> usize {
    let free = !code & ((1 << bits) - 1);
    if free == 0 {
        return code;
    }
    let bit = 1 << free.ilog2();
    code & (bit - 1) | bit
}

/// Adds the bits of the code to those that are dropped, and notes them.
fn with_code(entry: u32, bits: u32) -> u32 {
    (entry | bits << 8) + bits
}

fn sorted_by_length(lengths: &[u8], counts: &[u32; CODE_BITS_MAX + 1]) -> [u16; SYMBOLS_MAX] {
    let mut places = [0; CODE_BITS_MAX + 2];
    for bits in 1..=CODE_BITS_MAX {
        places[bits + 1] = places[bits] + counts[bits] as usize;
    }
    let mut sorted = [0; SYMBOLS_MAX];
    for (symbol, length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
        let place = &mut places[usize::from(*length)];
        sorted[*place] = symbol as u16;
        *place += 1;
    }
    sorted
}
