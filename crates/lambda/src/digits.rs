//! Sorting by digits: on a million instants of an hour, several times faster than comparing them.

/// Below this length, comparing is faster than counting digits.
const RADIX_LEN_MIN: usize = 512;

/// Sorts by a number that has the order of the values.
pub(crate) fn sort_by_digits<T: Copy + Ord, K: radsort::Key>(values: &mut [T], number: fn(&T) -> K) {
    if values.len() < RADIX_LEN_MIN {
        values.sort_unstable();
    } else if !values.is_sorted() {
        radsort::sort_by_key(values, number);
    }
}

/// Sorts instants, as [`crate::levels`] wants them. Digits that all have in common cost nothing, so those of a day take
/// less time than those of a century.
///
/// # Examples
/// ```
/// let mut instants = [5, -3, 4];
/// insq_lambda::sort_instants(&mut instants);
/// assert_eq!(instants, [-3, 4, 5]);
/// ```
pub fn sort_instants(instants_us: &mut [i64]) {
    sort_by_digits(instants_us, |instant| *instant);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_in_order_on_both_sides_of_the_border() {
        for len in [0, 1, RADIX_LEN_MIN - 1, RADIX_LEN_MIN, 5_000] {
            for shift in [0, 20, 32, 63] {
                let scattered =
                    |idx: usize| (idx as i64).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64) >> shift;
                let mut values: Vec<i64> = (0..len).map(scattered).collect();
                let mut expected = values.clone();
                expected.sort_unstable();
                sort_instants(&mut values);
                assert!(values == expected, "{len} {shift}");
            }
        }
    }
}
