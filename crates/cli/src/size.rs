//! Amounts of memory as users write them, and as people read them.

const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Bytes from `300MB`, `1.5 GiB` or `1000000`. Units are decimal or, with an `i`, binary; case is ignored.
///
/// # Errors
/// A sentence for the user.
pub(crate) fn parse_size(text: &str) -> Result<usize, String> {
    let complain = || format!("`{text}` is not an amount of memory such as 300MB, 1GiB or 1000000 (bytes)");
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = (&text[..digits], text[digits..].trim_start());
    let number: f64 = number.parse().map_err(|_| complain())?;
    let factor = match unit {
        "" => 1,
        _ => {
            UNITS
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(unit))
                .ok_or_else(complain)?
                .1
        }
    };
    let bytes = number * factor as f64;
    if !(1.0..=MEMORY_BYTES_MAX).contains(&bytes) {
        return Err(format!(
            "`{text}` is out of range; it must be at least 1 byte and at most 1024 TiB"
        ));
    }
    Ok(bytes as usize)
}

/// More than any machine has, and little enough for every calculation.
const MEMORY_BYTES_MAX: f64 = (1_u64 << 50) as f64;

/// `512 B`, `1.5 MB`, `12.3 GB`: decimal units, three digits or so.
pub(crate) fn show_size(bytes: u64) -> String {
    let unit = UNITS[..5].iter().rev().find(|(_, factor)| bytes >= *factor);
    match unit {
        None | Some((_, 1)) => format!("{bytes} B"),
        Some((name, factor)) => format!("{:.1} {name}", bytes as f64 / *factor as f64),
    }
}

/// `1,204,551`.
pub(crate) fn show_count(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::new();
    for (idx, digit) in digits.char_indices() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_decimal_and_binary_units() {
        for (text, bytes) in [
            ("1", 1),
            ("1000000", 1_000_000),
            ("300MB", 300_000_000),
            ("300 mb", 300_000_000),
            ("1GiB", 1 << 30),
            ("1.5KiB", 1536),
            ("1024TiB", 1 << 50),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in [
            "", "MB", "0", "0.5B", "-1GB", "1XB", "1G", "1e9", "1.2.3MB", "1025TiB", "NaN", "inf", "１MB",
        ] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_are_shown_for_people() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 KB"),
            (1_549_999, "1.5 MB"),
            (u64::MAX, "18446744.1 TB"),
        ] {
            assert_eq!(show_size(bytes), expected);
        }
        for (count, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_204_551, "1,204,551")] {
            assert_eq!(show_count(count), expected);
        }
    }
}
