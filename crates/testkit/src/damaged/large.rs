//! Awkward inputs that are too large to keep: tests write them when they run.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Writes three export lines, of which the second has a message of `message_bytes` letters.
///
/// The message is `x` over and over; the events before and after it are `before` and `after`. All three have
/// times of their own, one second apart.
///
/// # Errors
/// What the writer says.
///
/// # Examples
/// ```
/// let mut log = Vec::new();
/// insq_testkit::damaged::write_long_event(&mut log, 5)?;
/// let text = String::from_utf8_lossy(&log);
/// assert_eq!(text.lines().nth(1), Some("2026-03-10T09:00:01.000Z xxxxx"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_long_event(out: &mut impl Write, message_bytes: u64) -> io::Result<()> {
    out.write_all(b"2026-03-10T09:00:00.000Z before\n2026-03-10T09:00:01.000Z ")?;
    io::copy(&mut io::Read::take(io::repeat(b'x'), message_bytes), out)?;
    out.write_all(b"\n2026-03-10T09:00:02.000Z after\n")
}

/// Writes a gzip member that inflates to one export line of `inflated_bytes` letters or a little more; it takes
/// about a thousandth of that.
///
/// # Errors
/// What the writer says.
pub fn write_gzip_bomb(out: &mut impl Write, inflated_bytes: u64) -> io::Result<()> {
    let mut encoder = GzEncoder::new(out, Compression::best());
    write_long_event(&mut encoder, inflated_bytes)?;
    encoder.finish().map(drop)
}

/// An export line whose message is JSON, nested `depth` levels deep: `{"a":{"a":…1…}}`.
///
/// # Examples
/// ```
/// let line = insq_testkit::damaged::deep_json_event(2);
/// assert_eq!(line, "2026-03-10T09:00:00.000Z {\"a\":{\"a\":1}}\n");
/// ```
pub fn deep_json_event(depth: usize) -> String {
    format!(
        "2026-03-10T09:00:00.000Z {}1{}\n",
        "{\"a\":".repeat(depth),
        "}".repeat(depth)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_bomb_is_small_and_inflates_to_what_it_says() {
        let mut bomb = Vec::new();
        write_gzip_bomb(&mut bomb, 1_000_000).unwrap();
        assert!(bomb.len() < 5_000, "{} bytes", bomb.len());
        let mut inflated = Vec::new();
        flate2::read::GzDecoder::new(&bomb[..])
            .read_to_end(&mut inflated)
            .unwrap();
        assert_eq!(inflated.iter().filter(|&&byte| byte == b'x').count(), 1_000_000);
    }
}
