//! How a slice of time is cut into parts, which are swept by themselves.
//!
//! Many calls take less time in parts: these fit into the caches of a processor, and several processors share them.

use std::ops::Range;

use crate::time::SLICE_TICKS;

/// Parts of a slice at most: such a part is a minute.
const PARTS_MAX: usize = 60;

/// Calls for which one part more pays.
const PART_CALLS: usize = 49_152;

/// Parts of equal length, but for the last; each of whole bins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    bin_ticks: u32,
    part_ticks: u32,
    count: usize,
}

impl Parts {
    /// For a slice in which so many calls start.
    pub(super) fn new(bin_ticks: u32, calls: usize) -> Self {
        Self::cut(bin_ticks, (calls / PART_CALLS).clamp(1, PARTS_MAX))
    }

    /// At most so many parts.
    pub(super) fn cut(bin_ticks: u32, wanted: usize) -> Self {
        let bins = SLICE_TICKS / bin_ticks;
        let part_bins = bins.div_ceil(wanted as u32);
        Self {
            bin_ticks,
            part_ticks: part_bins * bin_ticks,
            count: bins.div_ceil(part_bins) as usize,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The part that a tick of the slice lies in.
    #[inline]
    pub(super) fn of(&self, tick: u32) -> usize {
        (tick / self.part_ticks) as usize
    }

    /// The bin that a tick of the slice lies in, counted from the start of its part.
    #[inline]
    pub(super) fn bin_in_part(&self, tick: u32) -> u32 {
        tick % self.part_ticks / self.bin_ticks
    }

    /// The ticks of a part.
    pub(super) fn ticks(&self, part: usize) -> Range<u32> {
        let start = part as u32 * self.part_ticks;
        start..(start + self.part_ticks).min(SLICE_TICKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{MS_US, TICK_US};

    #[test]
    fn parts_are_whole_bins_and_leave_nothing_out() {
        for bin_ms in [10, 1_000, 60_000, 900_000, 3_600_000] {
            let bin_ticks = (bin_ms * MS_US / TICK_US) as u32;
            for calls in [0, 2 * PART_CALLS - 1, 2 * PART_CALLS, 7 * PART_CALLS, usize::MAX] {
                let parts = Parts::new(bin_ticks, calls);
                assert!((1..=PARTS_MAX).contains(&parts.count()), "{parts:?}");
                let mut end = 0;
                for part in 0..parts.count() {
                    let ticks = parts.ticks(part);
                    assert_eq!(ticks.start, end, "{parts:?}");
                    assert!(
                        !ticks.is_empty() && ticks.len().is_multiple_of(bin_ticks as usize),
                        "{parts:?}"
                    );
                    assert_eq!((parts.of(ticks.start), parts.of(ticks.end - 1)), (part, part));
                    assert_eq!(parts.bin_in_part(ticks.start), 0);
                    assert_eq!(
                        parts.bin_in_part(ticks.end - 1),
                        ticks.len() as u32 / bin_ticks - 1
                    );
                    end = ticks.end;
                }
                assert_eq!(end, SLICE_TICKS, "{parts:?}");
            }
        }
    }

    #[test]
    fn few_calls_are_one_part_and_wide_bins_are_few() {
        let second = 500_000;
        assert_eq!(Parts::new(second, 2 * PART_CALLS - 1).count(), 1);
        assert_eq!(Parts::new(second, 2 * PART_CALLS).count(), 2);
        assert_eq!(Parts::new(second, usize::MAX).count(), PARTS_MAX);
        assert_eq!(Parts::new(SLICE_TICKS, usize::MAX).count(), 1);
    }
}
