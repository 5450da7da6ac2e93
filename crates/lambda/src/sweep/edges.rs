//! Where the calls of one slice of time start and end, part after part of it.

use std::ops::Range;

use super::parts::Parts;
use crate::digits::sort_by_digits;
use crate::load::{Call, FunctionLoad, WARM};
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

/// The starts and ends inside of one part of a slice, in ticks since the start of the slice; each list ascending once it
/// was put in order.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// Calls in flight, or ending, at the very start of the part.
    pub(super) carried: u32,
    /// Of calls of some length; of carried calls the ends only.
    pub(super) moves: Vec<Edge>,
    /// Calls without a length: they start and end, and are never in flight.
    pub(super) instants: Vec<u32>,
    /// Starts of calls that began with an initialisation.
    pub(super) cold: Vec<u32>,
    /// Durations of the calls that end here, by bin of the part; only on request.
    pub(super) durations: ByBin,
    /// The same in the order in which they came, each behind its bin.
    ended: Vec<(u32, u32)>,
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
    /// Those of one function in slice `number`, for each of its parts; none for a function of which nothing is in flight,
    /// starts or ends. Starts and ends outside of `clip` are there all the same; they are left out where they are
    /// counted. Durations only on request.
    pub(super) fn of(
        function: &FunctionLoad,
        number: i64,
        clip: &Range<u32>,
        parts: &Parts,
        wants_durations: bool,
    ) -> Vec<Self> {
        if clip.is_empty() {
            return Vec::new();
        }
        let mut cut = Cut {
            edges: Vec::new(),
            carried: 0,
            parts,
            clip,
            wants_durations,
        };
        for back in (0..=LOOK_BACK).rev() {
            let Some(slice) = function.slice(number - back) else {
                continue;
            };
            if back > slice.reach() {
                continue;
            }
            if back == 0 {
                cut.reserve(slice.calls.len());
                for tick in slice.cold_starts() {
                    cut.part(tick).cold.push(tick);
                }
            }
            let shift = back as u64 * u64::from(SLICE_TICKS);
            slice.for_each(|call, init| cut.add(call, init, shift));
        }
        cut.finish()
    }

    /// Puts the lists in order; the part has `bins` bins.
    pub(super) fn put_in_order(&mut self, bins: usize) {
        sort_by_digits(&mut self.moves, |edge| edge.0);
        sort_by_digits(&mut self.instants, |tick| *tick);
        sort_by_digits(&mut self.cold, |tick| *tick);
        self.durations = ByBin::of(&std::mem::take(&mut self.ended), bins);
    }

    /// Calls in flight at the end of the part.
    fn left(&self) -> u32 {
        // Every call that ends in the part was carried into it or has started in it.
        let starts = self.moves.iter().map(|edge| edge.starts()).sum::<u32>();
        self.carried + 2 * starts - self.moves.len() as u32
    }

    /// Those of several functions together.
    pub(super) fn union<'a>(parts: impl Iterator<Item = &'a Self> + Clone) -> Self {
        Self {
            carried: parts.clone().map(|part| part.carried).sum(),
            moves: merged(parts.clone().map(|part| &part.moves), |edge| edge.0),
            instants: merged(parts.clone().map(|part| &part.instants), |tick| *tick),
            cold: merged(parts.clone().map(|part| &part.cold), |tick| *tick),
            durations: ByBin::union(&parts.map(|part| &part.durations).collect::<Vec<_>>()),
            ended: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.carried == 0 && self.moves.is_empty() && self.instants.is_empty()
    }
}

/// The calls of a function, cut at the borders of the parts.
struct Cut<'a> {
    /// One per part, or none as long as there was no call.
    edges: Vec<Edges>,
    /// Calls of earlier slices that reach into this one.
    carried: u32,
    parts: &'a Parts,
    clip: &'a Range<u32>,
    wants_durations: bool,
}

impl Cut<'_> {
    /// Room for calls that spread over all parts; what is not used takes no memory.
    fn reserve(&mut self, calls: usize) {
        let each = calls.div_ceil(self.parts.count());
        let wants_durations = self.wants_durations;
        for edges in self.edges() {
            edges.moves.reserve(2 * each);
            if wants_durations {
                edges.ended.reserve(each);
            }
        }
    }

    fn edges(&mut self) -> &mut Vec<Edges> {
        if self.edges.is_empty() {
            self.edges.resize_with(self.parts.count(), Edges::default);
        }
        &mut self.edges
    }

    #[inline]
    fn part(&mut self, tick: u32) -> &mut Edges {
        let number = self.parts.of(tick);
        &mut self.edges()[number]
    }

    /// Takes in a call of the slice, or of the one that began `shift` ticks before it.
    #[inline]
    fn add(&mut self, call: Call, init: u32, shift: u64) {
        let Some(end) = call.end().checked_sub(shift) else {
            return;
        };
        match (shift, call.busy) {
            (0, 0) => self.part(call.start).instants.push(call.start),
            (0, _) => self.part(call.start).moves.push(Edge::start(call.start)),
            _ => self.carried += 1,
        }
        if end >= u64::from(SLICE_TICKS) {
            return;
        }
        let end = end as u32;
        let bin = (self.wants_durations && self.clip.contains(&end)).then(|| self.parts.bin_in_part(end));
        let part = self.part(end);
        if call.busy > 0 {
            part.moves.push(Edge::end(end));
        }
        if let Some(bin) = bin {
            let init = if init == WARM { 0 } else { init };
            part.ended.push((bin, call.busy - init));
        }
    }

    fn finish(mut self) -> Vec<Edges> {
        let mut carried = self.carried;
        if carried > 0 {
            self.edges();
        }
        for edges in &mut self.edges {
            edges.carried = carried;
            carried = edges.left();
        }
        self.edges
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
