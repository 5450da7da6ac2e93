//! Writing numbers, times and ids into a byte buffer without allocation.

use crate::Prng;

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Appends a decimal number.
#[inline]
pub(crate) fn push_number(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends `hundredths / 100` with two decimals, the way that REPORT lines write durations.
#[inline]
pub(crate) fn push_hundredths(out: &mut Vec<u8>, hundredths: u64) {
    push_number(out, hundredths / 100);
    out.extend_from_slice(&[
        b'.',
        b'0' + (hundredths / 10 % 10) as u8,
        b'0' + (hundredths % 10) as u8,
    ]);
}

/// Appends the lowest `digits` hexadecimal digits of `value`.
#[inline]
pub(crate) fn push_hex(out: &mut Vec<u8>, value: u128, digits: u32) {
    for i in (0..digits).rev() {
        out.push(b"0123456789abcdef"[((value >> (4 * i)) & 15) as usize]);
    }
}

/// Appends a request id: a UUID in lower case.
#[inline]
pub(crate) fn push_uuid(out: &mut Vec<u8>, id: u128) {
    for (shift, digits) in [(96, 8), (80, 4), (64, 4), (48, 4), (0, 12)] {
        if shift != 96 {
            out.push(b'-');
        }
        push_hex(out, id >> shift, digits);
    }
}

/// A random UUID of version 4.
pub(crate) fn random_uuid(prng: &mut Prng) -> u128 {
    let bits = (u128::from(prng.next_u64()) << 64) | u128::from(prng.next_u64());
    (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62)
}

/// Year, month and day of an instant in UTC; milliseconds since the Unix epoch.
pub(crate) fn civil_date(ms: i64) -> (i64, u32, u32) {
    // Days are counted from 1 March of year 0, so that the leap day is the last of its year.
    let days = ms.div_euclid(DAY_MS) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (
        year_of_era + era * 400 + i64::from(month <= 2),
        month as u32,
        day as u32,
    )
}

/// Appends `YYYY<separator>MM<separator>DD`.
pub(crate) fn push_date(out: &mut Vec<u8>, ms: i64, separator: u8) {
    let (year, month, day) = civil_date(ms);
    push_padded(out, year as u32, 4);
    for part in [month, day] {
        out.push(separator);
        push_padded(out, part, 2);
    }
}

/// Appends `2026-03-10T09:00:00.123Z`.
pub(crate) fn push_iso(out: &mut Vec<u8>, ms: i64) {
    push_date(out, ms, b'-');
    let of_day = ms.rem_euclid(DAY_MS) as u32;
    out.push(b'T');
    push_padded(out, of_day / 3_600_000, 2);
    out.push(b':');
    push_padded(out, of_day / 60_000 % 60, 2);
    out.push(b':');
    push_padded(out, of_day / 1000 % 60, 2);
    out.push(b'.');
    push_padded(out, of_day % 1000, 3);
    out.push(b'Z');
}

fn push_padded(out: &mut Vec<u8>, value: u32, digits: u32) {
    for i in (0..digits).rev() {
        out.push(b'0' + (value / 10u32.pow(i) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_are_iso_8601() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_772_582_400_123, "2026-03-04T00:00:00.123Z"),
            (1_798_761_599_999, "2026-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(written(|out| push_iso(out, ms)), text);
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(written(|out| push_number(out, 0)), "0");
        assert_eq!(written(|out| push_number(out, u64::MAX)), u64::MAX.to_string());
        assert_eq!(written(|out| push_hundredths(out, 7)), "0.07");
        assert_eq!(written(|out| push_hundredths(out, 300_000)), "3000.00");
    }

    #[test]
    fn request_ids_are_version_4_uuids() {
        let id = random_uuid(&mut Prng::new(1));
        let text = written(|out| push_uuid(out, id));
        assert_eq!((text.len(), &text[14..15]), (36, "4"));
        assert!("89ab".contains(&text[19..20]));
    }
}
