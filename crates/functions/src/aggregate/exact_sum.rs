//! Sums that do not depend on the order of their terms.

use super::decimal::whole_parts;

/// Decimals that are summed as integers: six places are more than any duration or price of a log has.
const SCALE: f64 = 1e6;

/// Decimals up to this size, so that scaled they stay exact in a double.
const DECIMAL_MAX: f64 = 9e9;

/// The exact sum of doubles.
///
/// Numbers that are decimals of at most six places are summed as integers, so that ten times 0.1 is 1.
/// Others go into an accumulator wide enough for every bit of every double. Either sum is exact, hence the
/// same in every order and every grouping.
///
/// # Examples
/// ```
/// use insq_functions::ExactSum;
///
/// let mut sum = ExactSum::default();
/// (0..10).for_each(|_| sum.add(0.1));
/// assert_eq!(sum.value(), 1.0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    scaled: i128,
    wide: Option<Box<WideSum>>,
}

impl ExactSum {
    /// Adds a finite number.
    #[inline]
    pub fn add(&mut self, value: f64) {
        match whole_parts(value, SCALE).filter(|_| value.abs() <= DECIMAL_MAX) {
            // Exact: below 9e15 every whole double is an integer.
            Some(scaled) => self.scaled += i128::from(scaled),
            None => self.wide.get_or_insert_default().add(value),
        }
    }

    /// Adds a number of which all bits count, and none of its decimal spelling.
    pub(crate) fn add_binary(&mut self, value: f64) {
        self.wide.get_or_insert_default().add(value);
    }

    /// Adds `count` millionths.
    pub(crate) fn add_millionths(&mut self, count: i128) {
        self.scaled += count;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.scaled += other.scaled;
        if let Some(wide) = &other.wide {
            self.wide.get_or_insert_default().merge(wide);
        }
    }

    /// The sum in millionths, when all of its terms were decimals.
    pub(crate) fn millionths(&self) -> Option<i128> {
        self.wide.is_none().then_some(self.scaled)
    }

    /// The sum as a double, what the double leaves, and what the two leave; `None` where some terms were decimals, which no
    /// number of doubles is exactly.
    pub(crate) fn three_doubles(&self) -> Option<[f64; 3]> {
        let mut rest = self.wide.as_deref().filter(|_| self.scaled == 0)?.clone();
        Some([(); 3].map(|()| {
            let piece = rest.value();
            rest.add(-piece);
            piece
        }))
    }

    /// The sum as a double and the rest that the double leaves.
    pub(crate) fn two_doubles(&self) -> (f64, f64) {
        let Some(wide) = &self.wide else {
            return split_decimal(self.scaled);
        };
        let (nearest, rest) = split_decimal(self.scaled);
        let mut all = wide.clone();
        all.add(nearest);
        all.add(rest);
        let high = all.value();
        all.add(-high);
        (high, all.value())
    }

    /// The sum, rounded to a double.
    pub fn value(&self) -> f64 {
        let decimal = decimal_value(self.scaled);
        match &self.wide {
            None => decimal,
            Some(wide) => {
                let (nearest, rest) = split_decimal(self.scaled);
                let mut all = wide.clone();
                all.add(nearest);
                all.add(rest);
                all.value()
            }
        }
    }

    /// The sum divided by `count`, rounded to a double: of equal numbers it is that number.
    pub(crate) fn mean(&self, count: u64) -> f64 {
        let (high, low) = self.two_doubles();
        let count = count as f64;
        let quotient = high / count;
        if !quotient.is_finite() {
            return quotient;
        }
        // What the division left, exactly, and what the sum was rounded by.
        let rest = (-quotient).mul_add(count, high) + low;
        quotient + rest / count
    }

    /// Bytes held beside the value itself.
    pub(crate) fn extra_bytes(&self) -> usize {
        if self.wide.is_some() {
            size_of::<WideSum>()
        } else {
            0
        }
    }

    pub(crate) fn to_bytes(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.scaled.to_le_bytes());
        out.push(u8::from(self.wide.is_some()));
        if let Some(wide) = &self.wide {
            let mut wide = wide.clone();
            wide.carry();
            wide.limbs
                .iter()
                .for_each(|limb| out.extend_from_slice(&limb.to_le_bytes()));
        }
    }

    /// Reads what [`ExactSum::to_bytes`] wrote off the front of `bytes`.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (scaled, rest) = bytes.split_first_chunk::<16>()?;
        let (has_wide, mut rest) = rest.split_first()?;
        let mut sum = Self {
            scaled: i128::from_le_bytes(*scaled),
            wide: None,
        };
        if *has_wide == 1 {
            let mut wide = WideSum::default();
            for limb in &mut wide.limbs {
                let (bytes, more) = rest.split_first_chunk::<8>()?;
                *limb = i64::from_le_bytes(*bytes);
                rest = more;
            }
            sum.wide = Some(Box::new(wide));
        }
        Some((sum, rest))
    }
}

/// The decimal `scaled / 10^6` as a double.
fn decimal_value(scaled: i128) -> f64 {
    // Up to 2^53 one division rounds correctly; beyond, the text of the decimal does.
    if scaled.unsigned_abs() <= 1 << 53 {
        return scaled as f64 / SCALE;
    }
    format!("{scaled}e-6").parse().unwrap_or(f64::NAN)
}

/// The decimal as a double and what that was rounded by.
fn split_decimal(scaled: i128) -> (f64, f64) {
    let nearest = decimal_value(scaled);
    let product = nearest * SCALE;
    // What the product was rounded by, and how far it lies from the decimal: both exact.
    let rounded = nearest.mul_add(SCALE, -product);
    let apart = match scaled.unsigned_abs() <= 1 << 53 {
        true => scaled as f64 - product,
        false => (scaled - product as i128) as f64,
    };
    (nearest, (apart - rounded) / SCALE)
}

/// Bits of a limb that hold digits; the rest takes carries.
const LIMB_BITS: u32 = 32;

/// Enough limbs for all bits of a double, from 2^-1074 to 2^1024, and 2^31 carries beyond.
const LIMBS: usize = 67;

/// Additions after which carries are moved on.
const CARRY_AFTER: u32 = 1 << 29;

/// A sum of doubles in fixed point over their whole range.
#[derive(Clone, Debug)]
struct WideSum {
    limbs: [i64; LIMBS],
    additions: u32,
}

impl Default for WideSum {
    fn default() -> Self {
        Self {
            limbs: [0; LIMBS],
            additions: 0,
        }
    }
}

impl WideSum {
    fn add(&mut self, value: f64) {
        let bits = value.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as u32;
        let fraction = bits & ((1 << 52) - 1);
        // A double is `mantissa * 2^(place - 1074)`.
        let (mantissa, place) = if exponent == 0 {
            (fraction, 0)
        } else {
            (fraction | 1 << 52, exponent - 1)
        };
        let (limb, shift) = ((place / LIMB_BITS) as usize, place % LIMB_BITS);
        let mut shifted = u128::from(mantissa) << shift;
        let negative = bits >> 63 == 1;
        for limb in &mut self.limbs[limb..limb + 3] {
            let part = (shifted & 0xffff_ffff) as i64;
            *limb += if negative { -part } else { part };
            shifted >>= LIMB_BITS;
        }
        self.additions += 1;
        if self.additions >= CARRY_AFTER {
            self.carry();
        }
    }

    fn merge(&mut self, other: &Self) {
        self.carry();
        let mut other = other.clone();
        other.carry();
        for (mine, theirs) in self.limbs.iter_mut().zip(&other.limbs) {
            *mine += theirs;
        }
        self.carry();
    }

    /// Leaves every limb but the last between 0 and 2^32.
    fn carry(&mut self) {
        let mut carried = 0;
        let last = LIMBS - 1;
        for limb in &mut self.limbs[..last] {
            let sum = *limb + carried;
            *limb = sum & 0xffff_ffff;
            carried = sum >> LIMB_BITS;
        }
        self.limbs[last] += carried;
        self.additions = 1;
    }

    /// The sum, correctly rounded.
    fn value(&self) -> f64 {
        let mut sum = self.clone();
        sum.carry();
        let negative = sum.limbs[LIMBS - 1] < 0;
        if negative {
            sum.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            sum.carry();
        }
        let Some(top) = sum.limbs.iter().rposition(|limb| *limb != 0) else {
            return 0.0;
        };
        // The three highest limbs hold more bits than a double; what lies below only breaks ties.
        let low = top.saturating_sub(2);
        let mut head: u128 = 0;
        for idx in (low..=top).rev() {
            head = head << LIMB_BITS | sum.limbs[idx] as u128;
        }
        if sum.limbs[..low].iter().any(|limb| *limb != 0) {
            head = head << 1 | 1;
            return signed(scale(head, low as i32 * 32 - 1_074 - 1), negative);
        }
        signed(scale(head, low as i32 * 32 - 1_074), negative)
    }
}

fn signed(value: f64, negative: bool) -> f64 {
    if negative { -value } else { value }
}

/// `head * 2^exponent`, rounded once.
fn scale(head: u128, exponent: i32) -> f64 {
    let bits = 128 - head.leading_zeros() as i32;
    // The last bit that a double of this size holds.
    let lowest = (bits + exponent - 53).max(-1_074);
    let drop = lowest - exponent;
    if drop <= 0 {
        return head as f64 * power_of_two(exponent);
    }
    let kept = head >> drop;
    let rest = head & ((1 << drop) - 1);
    let half = 1u128 << (drop - 1);
    let rounded = kept + u128::from(rest > half || (rest == half && kept & 1 == 1));
    // At most 2^53, so the product is exact unless it overflows.
    rounded as f64 * power_of_two(lowest)
}

fn power_of_two(exponent: i32) -> f64 {
    // Two factors reach below the smallest normal number.
    let half = exponent / 2;
    2f64.powi(half) * 2f64.powi(exponent - half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(values: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        values.iter().for_each(|value| sum.add(*value));
        sum.value()
    }

    #[test]
    fn decimals_sum_as_decimals() {
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[0.1, 0.2]), 0.3);
        assert_eq!(sum(&[1e9, 0.000001, -1e9]), 0.000001);
        assert_eq!(sum(&[]), 0.0);
    }

    #[test]
    fn doubles_sum_exactly() {
        assert_eq!(sum(&[1e300, 1.0, -1e300]), 1.0);
        assert_eq!(sum(&[1e-320, 1e-320]), 2e-320);
        assert_eq!(sum(&[f64::MAX, -f64::MAX, f64::MIN_POSITIVE]), f64::MIN_POSITIVE);
        assert_eq!(sum(&[1.0 / 3.0, -1.0 / 3.0]), 0.0);
        assert_eq!(sum(&[-1.0 / 3.0]), -1.0 / 3.0);
        assert_eq!(sum(&[1e17, 1.0, 1.0]), 1e17 + 2.0);
        assert_eq!(sum(&[std::f64::consts::PI, 1e16, -1e16]), std::f64::consts::PI);
    }

    #[test]
    fn means_are_rounded_once() {
        let mean = |values: &[f64]| {
            let mut sum = ExactSum::default();
            values.iter().for_each(|value| sum.add(*value));
            sum.mean(values.len() as u64)
        };
        // The sum of three is 0.3, and a third of that double is another than 0.1.
        assert_eq!(mean(&[0.1; 3]), 0.1);
        assert_eq!(mean(&[0.1, 0.2]), 0.15);
        assert_eq!(mean(&[1e300, 1.0, -1e300]), 1.0 / 3.0);
        assert_eq!(mean(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(mean(&[-0.7; 7]), -0.7);
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-1_000_000i64..1_000_000).prop_map(|n| n as f64 / 1_000.0),
            proptest::num::f64::NORMAL.prop_map(|v| v % 1e30),
            proptest::num::f64::SUBNORMAL,
            Just(1.0 / 3.0),
        ]
    }

    proptest! {
        #[test]
        fn the_mean_of_equal_numbers_is_the_number(value in number(), count in 1_u64..5_000) {
            let mut sum = ExactSum::default();
            (0..count).for_each(|_| sum.add(value));
            prop_assert_eq!(sum.mean(count).to_bits(), value.to_bits());
        }

        #[test]
        fn neither_order_nor_grouping_shows(values in proptest::collection::vec(number(), 0..30), cut in 0usize..30) {
            let expected = sum(&values);
            let mut backwards = values.clone();
            backwards.reverse();
            prop_assert_eq!(sum(&backwards).to_bits(), expected.to_bits());
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged = ExactSum::default();
            for part in [right, left] {
                let mut sum = ExactSum::default();
                part.iter().for_each(|value| sum.add(*value));
                let mut bytes = Vec::new();
                sum.to_bytes(&mut bytes);
                let (read, rest) = ExactSum::from_bytes(&bytes).unwrap();
                prop_assert!(rest.is_empty());
                merged.merge(&read);
            }
            prop_assert_eq!(merged.value().to_bits(), expected.to_bits());
        }

        #[test]
        fn one_number_is_its_own_sum(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
            prop_assert_eq!(sum(&[value]).to_bits(), value.to_bits());
        }
    }
}
