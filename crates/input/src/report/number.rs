//! Numbers as logs write them.

/// What follows a text of known length, which is compared in a few words.
#[inline]
pub(crate) fn after<'a, const N: usize>(text: &'a [u8], expected: &[u8; N]) -> Option<&'a [u8]> {
    let (found, rest) = text.split_first_chunk::<N>()?;
    (found == expected).then_some(rest)
}

/// A number of few digits, as [`read_number`] reads it, and what follows it. `None` for others.
#[inline]
pub(crate) fn decimal(text: &[u8]) -> Option<(f64, &[u8])> {
    let (mut value, rest) = digits(0, text)?;
    let mut count = text.len() - rest.len();
    let Some((b'.', fraction)) = rest.split_first() else {
        return (count <= EXACT_DIGITS_MAX).then_some((value as f64, rest));
    };
    let rest;
    (value, rest) = digits(value, fraction)?;
    let decimals = fraction.len() - rest.len();
    count += decimals;
    (count <= EXACT_DIGITS_MAX).then(|| (value as f64 / POWERS_OF_TEN[decimals], rest))
}

/// At least one digit behind those of `value`. Many give nonsense and no more than that.
#[inline]
fn digits(value: u64, text: &[u8]) -> Option<(u64, &[u8])> {
    if let Some(word) = text.first_chunk::<8>()
        && let Some((digits, count)) = digits_of_word(u64::from_le_bytes(*word))
    {
        let value = value
            .wrapping_mul(WHOLE_POWERS_OF_TEN[count])
            .wrapping_add(digits);
        return Some((value, &text[count..]));
    }
    digits_one_by_one(value, text)
}

/// The number at the start of eight bytes, the first of them the lowest, and of how many digits it is: 1 to 7.
#[inline]
fn digits_of_word(word: u64) -> Option<(u64, usize)> {
    let count = digits_in_word(word);
    if count == 0 || count == 8 {
        return None;
    }
    // Zeros in front, then neighbours are put together: ones to tens, these to thousands, and these to all.
    let values = (word ^ ZEROS) << (64 - 8 * count);
    let pairs = (values.wrapping_mul(10).wrapping_add(values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let all = (fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xffff_ffff;
    Some((all, count))
}

/// How many digits eight bytes begin with. All bytes are looked at together, which takes no branch that depends on how
/// long numbers are.
#[inline]
pub(super) fn digits_in_word(word: u64) -> usize {
    let values = word ^ ZEROS;
    // What is more than nine has its highest bit set, or gets it by this sum. A carry only spoils later bytes.
    let is_other = (values.wrapping_add(EACH_BYTE * 0x76) | values) & (EACH_BYTE * 0x80);
    is_other.trailing_zeros() as usize / 8
}

const EACH_BYTE: u64 = 0x0101_0101_0101_0101;

/// Eight times the digit 0.
const ZEROS: u64 = EACH_BYTE * b'0' as u64;

const WHOLE_POWERS_OF_TEN: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

fn digits_one_by_one(mut value: u64, text: &[u8]) -> Option<(u64, &[u8])> {
    let mut at = 0;
    while let Some(byte) = text.get(at)
        && byte.is_ascii_digit()
    {
        value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        at += 1;
    }
    (at > 0).then(|| (value, &text[at..]))
}

/// Digits that a `u64` and a double hold exactly.
const EXACT_DIGITS_MAX: usize = 15;

const POWERS_OF_TEN: [f64; EXACT_DIGITS_MAX + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// A decimal number at the start of `text`, and what follows it. Up to 15 digits are read straight into an
/// integer and divided once, which gives the nearest double; longer ones go the general way.
#[inline]
pub(crate) fn read_number(text: &[u8]) -> Option<(f64, &[u8])> {
    let (mut value, mut digits, mut decimals, mut at, mut in_fraction) = (0u64, 0, 0, 0, false);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                decimals += usize::from(in_fraction);
                if digits > EXACT_DIGITS_MAX {
                    return read_long_number(text);
                }
                value = value * 10 + u64::from(byte - b'0');
            }
            b'.' if !in_fraction && digits > 0 => in_fraction = true,
            _ => break,
        }
        at += 1;
    }
    if digits == 0 || (in_fraction && decimals == 0) {
        return None;
    }
    Some((value as f64 / POWERS_OF_TEN[decimals], &text[at..]))
}

fn read_long_number(text: &[u8]) -> Option<(f64, &[u8])> {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .unwrap_or(text.len());
    let value = std::str::from_utf8(&text[..end]).ok()?.parse().ok()?;
    Some((value, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_digits_are_the_number() {
        for count in 0..=9 {
            for follower in 0..=u8::MAX {
                let mut text: Vec<u8> = b"907264583"[..count].to_vec();
                text.extend([follower, b'7', b'x', 0xff, b'1', b'2', b'3', b'4']);
                assert_eq!(digits(3, &text), digits_one_by_one(3, &text), "{text:?}");
                text.truncate(count + 1);
                assert_eq!(digits(0, &text), digits_one_by_one(0, &text), "{text:?}");
            }
        }
    }
}
