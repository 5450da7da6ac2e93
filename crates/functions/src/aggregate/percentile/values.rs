//! The values of one group: as few bytes each as they need.

use super::sketch::Sketch;
use super::{EXACT_VALUES_MAX, nearest_rank};
use crate::aggregate::decimal::whole_parts;
use crate::aggregate::state::split;

/// Durations are written to the hundredth or thousandth of a millisecond.
const SCALE: f64 = 1e3;

/// The values of a group. A week has 604,800 seconds, so the header is what most groups cost.
#[derive(Clone, Debug)]
pub(super) enum Values {
    /// Thousandths; every value is one.
    Thousandths(Vec<u32>),
    /// Any numbers.
    Numbers(Vec<f64>),
    /// Too many to keep.
    Sketch(Box<Sketch>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Thousandths(Vec::new())
    }
}

/// The value in thousandths, if it is a whole number of them that fits.
#[inline]
fn thousandths(value: f64) -> Option<u32> {
    u32::try_from(whole_parts(value, SCALE)?).ok()
}

impl Values {
    /// Adds values one after the other.
    #[inline]
    pub(super) fn add_all(&mut self, more: &[f64]) {
        let taken = match self {
            Self::Thousandths(values) => add_thousandths(values, more),
            Self::Numbers(_) | Self::Sketch(_) => 0,
        };
        more[taken..].iter().for_each(|value| self.add(*value));
    }

    #[inline]
    pub(super) fn add(&mut self, value: f64) {
        match self {
            Self::Thousandths(values) if values.len() < EXACT_VALUES_MAX => match thousandths(value) {
                Some(scaled) => push(values, scaled),
                None => {
                    self.widen();
                    self.add(value);
                }
            },
            Self::Numbers(values) if values.len() < EXACT_VALUES_MAX => push(values, value),
            Self::Sketch(sketch) => sketch.add(value, 1),
            Self::Thousandths(_) | Self::Numbers(_) => {
                self.become_sketch();
                self.add(value);
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Thousandths(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Sketch(_) => usize::MAX,
        }
    }

    fn widen(&mut self) {
        if let Self::Thousandths(values) = self {
            *self = Self::Numbers(values.iter().map(|&scaled| f64::from(scaled) / SCALE).collect());
        }
    }

    fn become_sketch(&mut self) {
        let mut sketch = Sketch::default();
        match self {
            Self::Thousandths(values) => values
                .iter()
                .for_each(|&scaled| sketch.add(f64::from(scaled) / SCALE, 1)),
            Self::Numbers(values) => values.iter().for_each(|&value| sketch.add(value, 1)),
            Self::Sketch(_) => return,
        }
        *self = Self::Sketch(Box::new(sketch));
    }

    /// Bytes held beside the header.
    #[inline]
    pub(super) fn size_bytes(&self) -> usize {
        match self {
            Self::Thousandths(values) => values.capacity() * size_of::<u32>(),
            Self::Numbers(values) => values.capacity() * size_of::<f64>(),
            Self::Sketch(sketch) => sketch.size_bytes(),
        }
    }

    /// The values may lie in another order afterwards.
    pub(super) fn percentile(&mut self, percent: f64) -> Option<f64> {
        match self {
            Self::Thousandths(values) if !values.is_empty() => {
                let rank = nearest_rank(percent, values.len() as u64) as usize;
                let (_, value, _) = values.select_nth_unstable(rank - 1);
                Some(f64::from(*value) / SCALE)
            }
            Self::Numbers(values) if !values.is_empty() => {
                let rank = nearest_rank(percent, values.len() as u64) as usize;
                let (_, value, _) = values.select_nth_unstable_by(rank - 1, f64::total_cmp);
                Some(*value)
            }
            Self::Sketch(sketch) => sketch.percentile(percent),
            Self::Thousandths(_) | Self::Numbers(_) => None,
        }
    }

    pub(super) fn to_bytes(&self, out: &mut Vec<u8>) {
        match self {
            Self::Thousandths(values) => {
                out.push(0);
                values
                    .iter()
                    .for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            }
            Self::Numbers(values) => {
                out.push(1);
                values
                    .iter()
                    .for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            }
            Self::Sketch(sketch) => {
                out.push(2);
                sketch.to_bytes(out);
            }
        }
    }

    /// Adds the values of another group, which are moved where there are none here.
    pub(super) fn absorb(&mut self, other: Self) {
        if matches!(self, Self::Thousandths(values) if values.is_empty()) {
            *self = other;
            return;
        }
        // As for bytes: the size of both together decides.
        if self.len().saturating_add(other.len()) > EXACT_VALUES_MAX {
            self.become_sketch();
        }
        match (other, &mut *self) {
            (Self::Thousandths(theirs), Self::Thousandths(mine)) => mine.extend(theirs),
            (Self::Thousandths(theirs), _) => {
                for scaled in theirs {
                    self.add(f64::from(scaled) / SCALE);
                }
            }
            (Self::Numbers(theirs), _) => theirs.into_iter().for_each(|value| self.add(value)),
            (Self::Sketch(theirs), _) => {
                self.become_sketch();
                if let Self::Sketch(mine) = self {
                    mine.merge(&theirs);
                }
            }
        }
    }

    /// Adds values that [`Values::to_bytes`] wrote.
    pub(super) fn merge_bytes(&mut self, bytes: &[u8]) -> Option<()> {
        let (kind, mut rest) = bytes.split_first()?;
        let count = match kind {
            0 => rest.len() / 4,
            1 => rest.len() / 8,
            _ => usize::MAX,
        };
        // Settled by the size of both together, so that the order of merging does not show.
        if self.len().saturating_add(count) > EXACT_VALUES_MAX {
            self.become_sketch();
        } else {
            self.reserve(*kind, count);
        }
        match (kind, &mut *self) {
            // Nearly all groups are of this kind, on both sides.
            (0, Self::Thousandths(values)) => {
                let (more, cut) = rest.as_chunks::<4>();
                values.extend(more.iter().map(|bytes| u32::from_le_bytes(*bytes)));
                rest = cut;
            }
            (0, _) => {
                while let Some((value, more)) = split::<4>(rest) {
                    self.add(f64::from(u32::from_le_bytes(value)) / SCALE);
                    rest = more;
                }
            }
            (1, _) => {
                while let Some((value, more)) = split::<8>(rest) {
                    self.add(f64::from_le_bytes(value));
                    rest = more;
                }
            }
            (_, Self::Sketch(sketch)) => return sketch.merge_bytes(rest),
            _ => return None,
        }
        rest.is_empty().then_some(())
    }

    fn reserve(&mut self, kind: u8, count: usize) {
        if kind == 1 {
            self.widen();
        }
        match self {
            Self::Thousandths(values) => values.reserve_exact(count),
            Self::Numbers(values) => values.reserve_exact(count),
            Self::Sketch(_) => {}
        }
    }
}

/// Adds values until there are as many as are kept, or one is no whole number of thousandths; tells how many were added.
#[inline]
fn add_thousandths(values: &mut Vec<u32>, more: &[f64]) -> usize {
    let before = values.len();
    let more = &more[..more.len().min(EXACT_VALUES_MAX - before)];
    reserve(values, more.len());
    values.extend(more.iter().map_while(|value| thousandths(*value)));
    values.len() - before
}

#[inline]
fn push<T>(values: &mut Vec<T>, value: T) {
    reserve(values, 1);
    values.push(value);
}

/// Makes room for more values. Small groups grow by half instead of doubling: there are many of them.
#[inline]
fn reserve<T>(values: &mut Vec<T>, more: usize) {
    if values.capacity() - values.len() < more {
        values.reserve_exact((values.len() / 2).max(4).max(more));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However many come at once, and whatever of them makes the values another kind.
    #[test]
    fn values_that_come_together_are_those_that_come_one_by_one() {
        let decimals = |n: usize| n as f64 / 100.0;
        let kinds: [fn(usize) -> f64; 4] = [
            |n| n as f64 / 100.0,
            |n| n as f64 / 3.0,
            |n| if n % 5 == 3 { -1.0 } else { n as f64 },
            |n| if n == 6 { 1e300 } else { n as f64 / 1e3 },
        ];
        for kind in kinds {
            for before in [0, 1, EXACT_VALUES_MAX - 3, EXACT_VALUES_MAX, EXACT_VALUES_MAX + 1] {
                for count in [0, 1, 2, 3, 4, 9] {
                    let more: Vec<f64> = (0..count).map(kind).collect();
                    let mut together = Values::default();
                    (0..before).for_each(|n| together.add(decimals(n)));
                    let mut one_by_one = together.clone();
                    together.add_all(&more);
                    more.iter().for_each(|value| one_by_one.add(*value));
                    let bytes = [&together, &one_by_one].map(|values| {
                        let mut bytes = Vec::new();
                        values.to_bytes(&mut bytes);
                        bytes
                    });
                    assert_eq!(bytes[0], bytes[1], "{count} after {before}");
                }
            }
        }
    }
}
