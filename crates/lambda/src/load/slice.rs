//! The invocations of one function that start within one hour.

use super::chunks::Chunks;
use crate::time::{MS_US, SLICE_TICKS, SLICE_US, TICK_US};

/// Slices after its own that the longest call can reach into.
pub(crate) const REACH_MAX: i64 = 2;

/// An invocation, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Since the start of the slice.
    pub(crate) start: u32,
    /// Of duration and initialisation together.
    pub(crate) busy: u32,
}

impl Call {
    /// First tick that is no longer busy, since the start of the slice.
    pub(crate) fn end(self) -> u64 {
        u64::from(self.start) + u64::from(self.busy)
    }
}

/// The initialisation or the restore of a new environment, which a few calls begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Init {
    /// Index of the call.
    call: u32,
    /// Start of the call.
    start: u32,
    /// Ticks.
    ticks: u32,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Slice {
    /// Hours since the epoch.
    pub(crate) number: i64,
    pub(crate) calls: Chunks<Call>,
    /// Ascending by call.
    inits: Chunks<Init>,
    /// The earliest start of a call, ticks since the start of the slice.
    first_start: u32,
    /// The latest end of a call, ticks since the start of the slice. A call without a length counts as the
    /// millisecond that its event bears, so that its start lies before it.
    last_end: u64,
}

/// Ticks of a millisecond.
const MS_TICKS: u64 = (MS_US / TICK_US) as u64;

impl Slice {
    pub(crate) fn new(number: i64) -> Self {
        Self {
            number,
            calls: Chunks::default(),
            inits: Chunks::default(),
            first_start: u32::MAX,
            last_end: 0,
        }
    }

    /// Adds a call, and with it `init` ticks of initialisation if it was the first of a new environment.
    pub(crate) fn push(&mut self, call: Call, init: Option<u32>) {
        if let Some(ticks) = init {
            self.inits.push(Init {
                call: self.calls.len() as u32,
                start: call.start,
                ticks,
            });
        }
        self.calls.push(call);
        self.first_start = self.first_start.min(call.start);
        let lasting = if call.busy == 0 { MS_TICKS } else { 0 };
        self.last_end = self.last_end.max(call.end() + lasting);
    }

    /// Takes over the calls of `other`, of the same hour.
    pub(crate) fn append(&mut self, other: Self) {
        let shift = self.calls.len() as u32;
        self.calls.append(other.calls);
        for init in other.inits.iter() {
            self.inits.push(Init {
                call: init.call + shift,
                ..*init
            });
        }
        self.first_start = self.first_start.min(other.first_start);
        self.last_end = self.last_end.max(other.last_end);
    }

    /// Slices after this one that its calls reach into.
    pub(crate) fn reach(&self) -> i64 {
        (self.last_end / u64::from(SLICE_TICKS)) as i64
    }

    /// The earliest start of a call, microseconds since the epoch.
    pub(crate) fn first_start_us(&self) -> i64 {
        self.number * SLICE_US + i64::from(self.first_start) * TICK_US
    }

    /// The latest end of a call, microseconds since the epoch.
    pub(crate) fn last_end_us(&self) -> i64 {
        self.number * SLICE_US + self.last_end as i64 * TICK_US
    }

    /// Every call with its initialisation in ticks; `u32::MAX` stands for a call of a warm environment.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(Call, u32)) {
        let mut inits = self.inits.iter().peekable();
        for (idx, &call) in self.calls.iter().enumerate() {
            let init = inits.next_if(|init| init.call as usize == idx);
            visit(call, init.map_or(WARM, |init| init.ticks));
        }
    }

    /// Starts of the calls that began with an initialisation, ticks since the start of the slice.
    pub(crate) fn cold_starts(&self) -> impl Iterator<Item = u32> {
        self.inits.iter().map(|init| init.start)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.calls.memory_bytes() + self.inits.memory_bytes()
    }
}

/// What [`Slice::for_each`] gives for the initialisation of an environment that had none.
pub(crate) const WARM: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initialisations_follow_their_calls() {
        let mut slice = Slice::new(3);
        slice.push(Call { start: 5, busy: 10 }, None);
        slice.push(Call { start: 1, busy: 7 }, Some(2));
        let mut other = Slice::new(3);
        other.push(
            Call {
                start: 9,
                busy: SLICE_TICKS,
            },
            Some(4),
        );
        slice.append(other);
        let mut seen = Vec::new();
        slice.for_each(|call, init| seen.push((call.start, init)));
        assert_eq!(seen, [(5, WARM), (1, 2), (9, 4)]);
        assert_eq!(slice.cold_starts().collect::<Vec<_>>(), [1, 9]);
        assert_eq!(slice.reach(), 1);
        assert_eq!(slice.last_end_us(), 4 * SLICE_US + 9 * TICK_US);
    }
}
