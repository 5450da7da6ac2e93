//! UUIDs as numbers: the text of 36 characters and the 128 bits that it stands for. Nearly all request ids are UUIDs.

/// Characters of a UUID.
const CHARS: usize = 36;

/// Where the hyphens stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The number of a UUID in its canonical form: lower case, with hyphens. `None` for every other text, so that two texts
/// never share a number.
///
/// # Examples
/// ```
/// use insq_event::uuid_number;
///
/// assert_eq!(uuid_number(b"00000000-0000-4000-8000-00000000002a"), Some(0x4000_8000_0000_0000_002a));
/// assert_eq!(uuid_number(b"00000000-0000-4000-8000-00000000002A"), None);
/// ```
#[inline]
pub fn uuid_number(text: &[u8]) -> Option<u128> {
    let text: &[u8; CHARS] = text.try_into().ok()?;
    if HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let at = |start: usize| u64::from(u32::from_be_bytes([0, 1, 2, 3].map(|idx| text[start + idx])));
    let whole = |start: usize| at(start) << 32 | at(start + 4);
    let (a, a_is_sound) = nibbles(whole(0));
    let (b, b_is_sound) = nibbles(at(9) << 32 | at(14));
    let (c, c_is_sound) = nibbles(at(19) << 32 | at(24));
    let (d, d_is_sound) = nibbles(whole(28));
    let number = u128::from(packed(a)) << 96
        | u128::from(packed(b)) << 64
        | u128::from(packed(c)) << 32
        | u128::from(packed(d));
    (a_is_sound & b_is_sound & c_is_sound & d_is_sound).then_some(number)
}

/// The canonical text of a number, in ASCII.
///
/// # Examples
/// ```
/// use insq_event::uuid_text;
///
/// assert_eq!(&uuid_text(0x2a), b"00000000-0000-0000-0000-00000000002a");
/// ```
#[inline]
pub fn uuid_text(number: u128) -> [u8; CHARS] {
    let part = |shift: u32| digits((number >> shift) as u32).to_be_bytes();
    let (a, b, c, d) = (part(96), part(64), part(32), part(0));
    let mut text = [b'-'; CHARS];
    text[..8].copy_from_slice(&a);
    text[9..13].copy_from_slice(&b[..4]);
    text[14..18].copy_from_slice(&b[4..]);
    text[19..23].copy_from_slice(&c[..4]);
    text[24..28].copy_from_slice(&c[4..]);
    text[28..].copy_from_slice(&d);
    text
}

/// One in every byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// What lies between `0` and the ten's digit `a`, beside the ten.
const LETTER_GAP: u64 = b'a' as u64 - b'0' as u64 - 10;

/// The values of eight hexadecimal digits, one per byte, and whether they are digits in lower case at all: digits that
/// are written again are the same.
#[inline]
fn nibbles(chars: u64) -> (u64, bool) {
    let letters = chars >> 6 & ONES;
    let values = (chars & (0x0f * ONES)) + letters * 9;
    let are_small = values & (0xf0 * ONES) == 0;
    (values, are_small & (written(values) == chars))
}

/// Eight values below 16, one per byte, as digits.
#[inline]
fn written(values: u64) -> u64 {
    let letters = (values + 6 * ONES) >> 4 & ONES;
    // Values of 16 and more, which no digit has, may run into each other here.
    values
        .wrapping_add(u64::from(b'0') * ONES)
        .wrapping_add(letters.wrapping_mul(LETTER_GAP))
}

/// Eight values, one per byte, one after the other.
#[inline]
fn packed(values: u64) -> u32 {
    let pairs = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    (fours | fours >> 16) as u32
}

/// The eight digits of a number, the first in the highest byte.
#[inline]
fn digits(number: u32) -> u64 {
    let halves = u64::from(number);
    let fours = (halves | halves << 16) & 0x0000_ffff_0000_ffff;
    let pairs = (fours | fours << 8) & 0x00ff_00ff_00ff_00ff;
    written((pairs | pairs << 4) & 0x0f0f_0f0f_0f0f_0f0f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, slowly.
    fn by_chars(text: &str) -> Option<u128> {
        let is_sound = text.len() == CHARS
            && text.bytes().enumerate().all(|(at, byte)| match byte {
                b'-' => HYPHENS.contains(&at),
                b'0'..=b'9' | b'a'..=b'f' => !HYPHENS.contains(&at),
                _ => false,
            });
        is_sound.then(|| u128::from_str_radix(&text.replace('-', ""), 16).unwrap())
    }

    const ID: &str = "4facf443-808c-467a-a878-b91a88a33686";

    #[test]
    fn every_byte_at_every_place() {
        for at in 0..CHARS {
            for byte in 0..=255_u8 {
                let mut bytes = ID.as_bytes().to_vec();
                bytes[at] = byte;
                let expected = std::str::from_utf8(&bytes).ok().and_then(by_chars);
                assert_eq!(uuid_number(&bytes), expected, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn what_is_no_canonical_uuid() {
        for text in [
            "",
            &ID[1..],
            &format!("{ID}0"),
            &ID.to_uppercase(),
            &ID.replace('-', "0"),
        ] {
            assert_eq!(uuid_number(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn numbers_come_back(number: u128) {
            let written = uuid_text(number);
            prop_assert_eq!(uuid_number(&written), Some(number));
            prop_assert_eq!(std::str::from_utf8(&written).ok().and_then(by_chars), Some(number));
        }

        #[test]
        fn as_by_chars(text in "[0-9a-gA-F/:`@]{8}-[0-9a-f]{4}-[0-9a-f]{3}[0-9a-f\u{e9}-]-[0-9a-f]{4}-[0-9a-fo]{12}") {
            prop_assert_eq!(uuid_number(text.as_bytes()), by_chars(&text));
        }
    }
}
