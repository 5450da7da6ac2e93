//! Which of some values a percentile is.

/// Decimals of a percentage that count.
const SCALE: f64 = 1e9;

/// The rank, from 1, of the percentile among `count` values: the smallest one with at least `percent` per cent of
/// the values at or below it. In whole numbers, since the product of doubles may come out a hair too high.
pub(crate) fn nearest_rank(percent: f64, count: u64) -> u64 {
    let scaled = (percent.clamp(0.0, 100.0) * SCALE).round() as u128;
    let rank = (scaled * u128::from(count)).div_ceil(100 * SCALE as u128) as u64;
    rank.clamp(1, count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks() {
        for (percent, count, expected) in [
            (50.0, 4, 2),
            (50.0, 5, 3),
            (0.0, 5, 1),
            (100.0, 5, 5),
            (99.9, 1000, 999),
            (99.5, 200, 199),
            (99.5, 201, 200),
        ] {
            assert_eq!(nearest_rank(percent, count), expected, "{percent} of {count}");
        }
    }
}
