//! Where the calls of one slice of time start and end.

use std::ops::Range;

use crate::load::{FunctionLoad, WARM};
use crate::time::SLICE_TICKS;

/// Slices before a slice whose calls may reach into it.
const LOOK_BACK: i64 = 2;

/// The start or the end of a call of some length, in ticks since the start of the slice. At equal times ends come first:
/// intervals that only touch do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge(u32);

/// A tick and a bit make an edge.
const _: () = assert!(SLICE_TICKS <= u32::MAX >> 1);

impl Edge {
    fn start(tick: u32) -> Self {
        Self(tick << 1 | 1)
    }

    fn end(tick: u32) -> Self {
        Self(tick << 1)
    }

    #[inline]
    pub(super) fn tick(self) -> u32 {
        self.0 >> 1
    }

    /// 1 for a start, 0 for an end.
    #[inline]
    pub(super) fn starts(self) -> u32 {
        self.0 & 1
    }
}

/// The starts and ends inside of one slice, in ticks since its start, each list ascending.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// Calls in flight, or ending, at the very start of the slice.
    pub(super) carried: u32,
    /// Of calls of some length; of carried calls the ends only.
    pub(super) moves: Vec<Edge>,
    /// Calls without a length: they start and end, and are never in flight.
    pub(super) instants: Vec<u32>,
    /// Starts of calls that began with an initialisation.
    pub(super) cold: Vec<u32>,
    /// Durations of the calls that end here, by bin; only on request.
    pub(super) durations: ByBin,
}

/// Values in the order of their bins.
#[derive(Debug, Default)]
pub(super) struct ByBin {
    /// Where the values of each bin begin, and where those of the last one end; empty when there are no values.
    offsets: Vec<u32>,
    values: Vec<u32>,
}

impl ByBin {
    /// Puts values in order by counting, which needs no comparison.
    fn of(entries: &[(u32, u32)], bins: usize) -> Self {
        if entries.is_empty() {
            return Self::default();
        }
        let mut offsets = vec![0u32; bins + 1];
        for (bin, _) in entries {
            offsets[*bin as usize + 1] += 1;
        }
        for bin in 0..bins {
            offsets[bin + 1] += offsets[bin];
        }
        let mut next = offsets.clone();
        let mut values = vec![0; entries.len()];
        for (bin, value) in entries {
            let place = &mut next[*bin as usize];
            values[*place as usize] = *value;
            *place += 1;
        }
        Self { offsets, values }
    }

    /// Those of several together.
    fn union(parts: &[&Self]) -> Self {
        let parts: Vec<&&Self> = parts.iter().filter(|part| !part.values.is_empty()).collect();
        let Some(first) = parts.first() else {
            return Self::default();
        };
        let mut values = Vec::with_capacity(parts.iter().map(|part| part.values.len()).sum());
        let mut offsets = Vec::with_capacity(first.offsets.len());
        for bin in 0..first.offsets.len() - 1 {
            offsets.push(values.len() as u32);
            for part in &parts {
                values.extend_from_slice(part.of_bin(bin));
            }
        }
        offsets.push(values.len() as u32);
        Self { offsets, values }
    }

    fn of_bin(&self, bin: usize) -> &[u32] {
        &self.values[self.offsets[bin] as usize..self.offsets[bin + 1] as usize]
    }

    /// Bins with values, and these in no order.
    pub(super) fn for_each_bin(&mut self, mut visit: impl FnMut(usize, &mut [u32])) {
        for bin in 0..self.offsets.len().saturating_sub(1) {
            let range = self.offsets[bin] as usize..self.offsets[bin + 1] as usize;
            if !range.is_empty() {
                visit(bin, &mut self.values[range]);
            }
        }
    }
}

impl Edges {
    /// Those of one function in slice `number`. Starts and ends outside of `clip` are there all the same; they are left
    /// out where they are counted. With `bin_ticks`, durations too.
    pub(super) fn of(
        function: &FunctionLoad,
        number: i64,
        clip: &Range<u32>,
        bin_ticks: Option<u32>,
    ) -> Self {
        let mut durations: Vec<(u32, u32)> = Vec::new();
        let mut edges = Self::default();
        for back in (0..=LOOK_BACK).rev() {
            let Some(slice) = function.slice(number - back) else {
                continue;
            };
            if back > slice.reach() {
                continue;
            }
            let shift = back as u64 * u64::from(SLICE_TICKS);
            if back == 0 {
                edges.moves.reserve(2 * slice.calls.len());
                if bin_ticks.is_some() {
                    durations.reserve(slice.calls.len());
                }
                edges.cold.extend(slice.cold_starts());
            }
            slice.for_each(|call, init| {
                let Some(end) = call.end().checked_sub(shift) else {
                    return;
                };
                match (back, call.busy) {
                    (0, 0) => edges.instants.push(call.start),
                    (0, _) => edges.moves.push(Edge::start(call.start)),
                    _ => edges.carried += 1,
                }
                if end < u64::from(SLICE_TICKS) {
                    if call.busy > 0 {
                        edges.moves.push(Edge::end(end as u32));
                    }
                    if let Some(bin_ticks) = bin_ticks
                        && clip.contains(&(end as u32))
                    {
                        let init = if init == WARM { 0 } else { init };
                        durations.push((end as u32 / bin_ticks, call.busy - init));
                    }
                }
            });
        }
        let bins = bin_ticks.map_or(0, |bin_ticks| SLICE_TICKS / bin_ticks);
        let by_bin = || ByBin::of(&durations, bins as usize);
        ((), edges.durations) = rayon::join(|| edges.sort(), by_bin);
        if clip.is_empty() { Self::default() } else { edges }
    }

    fn sort(&mut self) {
        sort_by_digits(&mut self.moves, |edge| edge.0);
        sort_by_digits(&mut self.instants, |tick| *tick);
        sort_by_digits(&mut self.cold, |tick| *tick);
    }

    /// Those of several functions together.
    pub(super) fn union<'a>(parts: impl Iterator<Item = &'a Self> + Clone) -> Self {
        Self {
            carried: parts.clone().map(|part| part.carried).sum(),
            moves: merged(parts.clone().map(|part| &part.moves), |edge| edge.0),
            instants: merged(parts.clone().map(|part| &part.instants), |tick| *tick),
            cold: merged(parts.clone().map(|part| &part.cold), |tick| *tick),
            durations: ByBin::union(&parts.map(|part| &part.durations).collect::<Vec<_>>()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.carried == 0 && self.moves.is_empty() && self.instants.is_empty()
    }
}

/// The union of ascending lists, ascending.
fn merged<'a, T: Copy + Ord + 'a>(
    parts: impl Iterator<Item = &'a Vec<T>> + Clone,
    number: fn(&T) -> u32,
) -> Vec<T> {
    let mut all = Vec::with_capacity(parts.clone().map(Vec::len).sum());
    parts.for_each(|part| all.extend_from_slice(part));
    sort_by_digits(&mut all, number);
    all
}

/// Below this length, comparing is faster than counting digits.
const RADIX_LEN_MIN: usize = 512;

/// Sorts by a number that has the order of the values.
fn sort_by_digits<T: Copy + Ord>(values: &mut [T], number: fn(&T) -> u32) {
    if values.len() < RADIX_LEN_MIN {
        values.sort_unstable();
    } else if !values.is_sorted() {
        radsort::sort_by_key(values, number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_in_order_on_both_sides_of_the_border() {
        for len in [0, 1, RADIX_LEN_MIN - 1, RADIX_LEN_MIN, 5_000] {
            let scattered = |idx: usize| (idx as u32).wrapping_mul(0x9e37_79b9) % SLICE_TICKS;
            let mut ticks: Vec<u32> = (0..len).map(scattered).collect();
            let mut expected = ticks.clone();
            expected.sort_unstable();
            sort_by_digits(&mut ticks, |tick| *tick);
            assert!(ticks == expected, "{len}");
        }
    }
}
