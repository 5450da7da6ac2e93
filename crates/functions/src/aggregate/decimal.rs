//! Decimals of few places, which are exact as whole numbers.

/// Below this size the half between two whole numbers is a double, too.
const HALVES_MAX: f64 = (1_u64 << 51) as f64;

/// How many times `1 / scale` a number is, if it is a whole number of times. It is for the values of logs, most of which
/// have few decimals; rounding by the library would cost more than all the rest of a sum.
///
/// From 2^53 parts on their number is rounded, as that of all doubles is: who counts them keeps below.
#[inline]
pub(super) fn whole_parts(value: f64, scale: f64) -> Option<i64> {
    let scaled = value * scale;
    let whole = if scaled.abs() < HALVES_MAX {
        (scaled + 0.5_f64.copysign(scaled)) as i64
    } else {
        scaled.round() as i64
    };
    (whole as f64 / scale == value).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, by the library.
    fn by_rounding(value: f64, scale: f64) -> Option<i64> {
        let scaled = (value * scale).round();
        (scaled / scale == value && scaled.abs() <= i64::MAX as f64).then_some(scaled as i64)
    }

    #[test]
    fn what_is_a_whole_number_of_parts() {
        for (value, expected) in [
            (0.0, Some(0)),
            (-0.0, Some(0)),
            (0.001, Some(1)),
            (-0.001, Some(-1)),
            (20.49, Some(20_490)),
            (0.0005, None),
            (0.000_499_999_999_999_999_9, None),
            (1.0 / 3.0, None),
            // More than 2^53 parts, and more than an integer holds.
            (-9_196_770_773_691_320.0, Some(-9_196_770_773_691_320_320)),
            (9_300_000_000_000_000.0, None),
            (1e300, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (f64::NEG_INFINITY, None),
        ] {
            assert_eq!(whole_parts(value, 1e3), expected, "{value}");
        }
        for whole in [HALVES_MAX - 1.0, HALVES_MAX, HALVES_MAX + 1.0, 9e15] {
            assert_eq!(whole_parts(whole, 1.0), Some(whole as i64));
            assert_eq!(whole_parts(-whole, 1.0), Some(-whole as i64));
        }
    }

    proptest! {
        #[test]
        fn as_by_rounding(parts in -9_000_000_000_000_000_i64..=9_000_000_000_000_000, any: f64, shift in 0_u32..60) {
            let parts = parts >> shift;
            for scale in [1e3, 1e6] {
                for value in [parts as f64 / scale, (parts as f64 + 0.5) / scale, any] {
                    prop_assert_eq!(whole_parts(value, scale), by_rounding(value, scale), "{} by {}", value, scale);
                }
            }
        }
    }
}
