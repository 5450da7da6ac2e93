//! Where the calls of one slice of time start and end.

use std::ops::Range;

use crate::load::{FunctionLoad, WARM};
use crate::time::SLICE_TICKS;

/// Slices before a slice whose calls may reach into it.
const LOOK_BACK: i64 = 2;

/// The starts and ends inside of one slice, in ticks since its start, each list ascending.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// Calls in flight, or ending, at the very start of the slice.
    pub(super) carried: u32,
    /// Starts of calls of some length.
    pub(super) starts: Vec<u32>,
    /// Ends of calls of some length, those of carried calls too.
    pub(super) ends: Vec<u32>,
    /// Calls without a length: they start and end, and are never in flight.
    pub(super) instants: Vec<u32>,
    /// Starts of calls that began with an initialisation.
    pub(super) cold: Vec<u32>,
    /// End and duration of every call that ends here, the end in the upper half; only on request.
    pub(super) durations: Vec<u64>,
}

impl Edges {
    /// Those of one function in slice `number`. Starts outside of `clip` are starts all the same; they are left out
    /// where they are counted.
    pub(super) fn of(function: &FunctionLoad, number: i64, clip: &Range<u32>, with_durations: bool) -> Self {
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
                edges.starts.reserve(slice.calls.len());
                edges.ends.reserve(slice.calls.len());
                edges.cold.extend(slice.cold_starts());
            }
            slice.for_each(|call, init| {
                let Some(end) = call.end().checked_sub(shift) else {
                    return;
                };
                match (back, call.busy) {
                    (0, 0) => edges.instants.push(call.start),
                    (0, _) => edges.starts.push(call.start),
                    _ => edges.carried += 1,
                }
                if end < u64::from(SLICE_TICKS) {
                    if call.busy > 0 {
                        edges.ends.push(end as u32);
                    }
                    if with_durations {
                        let duration = if init == WARM { call.busy } else { call.busy - init };
                        edges.durations.push((end << 32) | u64::from(duration));
                    }
                }
            });
        }
        edges.sort();
        if clip.is_empty() { Self::default() } else { edges }
    }

    fn sort(&mut self) {
        self.starts.sort_unstable();
        self.ends.sort_unstable();
        self.instants.sort_unstable();
        self.cold.sort_unstable();
        self.durations.sort_unstable();
    }

    /// Those of several functions together.
    pub(super) fn union<'a>(parts: impl Iterator<Item = &'a Self> + Clone) -> Self {
        Self {
            carried: parts.clone().map(|part| part.carried).sum(),
            starts: merged(parts.clone().map(|part| &part.starts)),
            ends: merged(parts.clone().map(|part| &part.ends)),
            instants: merged(parts.clone().map(|part| &part.instants)),
            cold: merged(parts.clone().map(|part| &part.cold)),
            durations: merged(parts.map(|part| &part.durations)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.carried == 0 && self.starts.is_empty() && self.instants.is_empty()
    }
}

/// The union of ascending lists, ascending. A stable sort finds the runs that it is made of and merges them.
fn merged<'a, T: Copy + Ord + 'a>(parts: impl Iterator<Item = &'a Vec<T>> + Clone) -> Vec<T> {
    let mut all = Vec::with_capacity(parts.clone().map(Vec::len).sum());
    parts.for_each(|part| all.extend_from_slice(part));
    all.sort();
    all
}
