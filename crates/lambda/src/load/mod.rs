//! The load that REPORT events tell of: who was busy from when to when.
//!
//! A [`LoadRecorder`] per thread takes REPORT events one by one; merged, they are a [`Load`]. An invocation takes
//! eight bytes, so that a week of a busy account fits into memory; names are kept once.

mod chunks;
mod environment;
mod recorder;
mod slice;

pub use environment::Environment;
pub use recorder::{LoadRecorder, Report, ReportSource};

pub(crate) use slice::{Call, Slice, WARM};

use crate::time::{SLICE_US, TICK_US};

/// Invocations that could not be used, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The event bears no time, or one that no calendar has.
    pub without_time: u64,
    /// The event bears no duration.
    pub without_duration: u64,
    /// The duration or the initialisation is negative.
    pub negative: u64,
    /// Busy for longer than [`crate::BUSY_MAX_MS`].
    pub too_long: u64,
}

impl LeftOut {
    /// All of them.
    pub fn total(self) -> u64 {
        self.without_time + self.without_duration + self.negative + self.too_long
    }

    fn add(&mut self, other: Self) {
        self.without_time += other.without_time;
        self.without_duration += other.without_duration;
        self.negative += other.negative;
        self.too_long += other.too_long;
    }
}

/// A function of a [`Load`], by its place in [`Load::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub(crate) u32);

impl FunctionId {
    /// Its place in [`Load::functions`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// All invocations of a log, by function and time.
#[derive(Debug, Default)]
pub struct Load {
    functions: Vec<FunctionLoad>,
    environments: Vec<Environment>,
    left_out: LeftOut,
    span_us: Option<(i64, i64)>,
    reports_us: Option<(i64, i64)>,
}

/// The invocations of one function.
#[derive(Debug)]
pub(crate) struct FunctionLoad {
    pub(crate) name: String,
    /// Ascending by number.
    pub(crate) slices: Vec<Slice>,
}

impl Load {
    /// Names of the functions, in the order of the alphabet.
    pub fn functions(&self) -> impl ExactSizeIterator<Item = (FunctionId, &str)> {
        let named = self.functions.iter().enumerate();
        named.map(|(idx, function)| (FunctionId(idx as u32), function.name.as_str()))
    }

    /// The name of a function of this load; empty for one of another.
    pub fn name(&self, function: FunctionId) -> &str {
        self.functions
            .get(function.index())
            .map_or("", |function| &function.name)
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<FunctionId> {
        let found = self
            .functions
            .binary_search_by(|function| function.name.as_str().cmp(name));
        found.ok().map(|idx| FunctionId(idx as u32))
    }

    /// The execution environments whose log streams are known, in no particular order.
    pub fn environments(&self) -> &[Environment] {
        &self.environments
    }

    /// Invocations of all functions.
    pub fn calls(&self) -> u64 {
        self.all_slices().map(|slice| slice.calls.len() as u64).sum()
    }

    /// What could not be used.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// First busy instant and first instant after the last busy one, microseconds since the epoch; `None` for a
    /// load without invocations.
    pub fn span_us(&self) -> Option<(i64, i64)> {
        self.span_us
    }

    /// Times of the first and of the last REPORT event, microseconds since the epoch. Before the first one,
    /// invocations are missing that ended before the log began.
    pub fn reports_us(&self) -> Option<(i64, i64)> {
        self.reports_us
    }

    pub(crate) fn all_slices(&self) -> impl Iterator<Item = &Slice> {
        self.functions.iter().flat_map(|function| &function.slices)
    }

    pub(crate) fn function_load(&self, function: FunctionId) -> Option<&FunctionLoad> {
        self.functions.get(function.index())
    }

    /// Invocations that start in a slice of time.
    pub(crate) fn calls_of_slice(&self, number: i64) -> usize {
        let slices = self
            .functions
            .iter()
            .filter_map(|function| function.slice(number));
        slices.map(|slice| slice.calls.len()).sum()
    }

    /// Numbers of the slices of time in which something is in flight, starts or ends, ascending.
    pub(crate) fn active_slices(&self) -> Vec<i64> {
        let mut numbers: Vec<i64> = self
            .all_slices()
            .flat_map(|slice| slice.number..=slice.number + slice.reach())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

impl FunctionLoad {
    /// The slice of this number, if anything starts in it.
    pub(crate) fn slice(&self, number: i64) -> Option<&Slice> {
        let found = self.slices.binary_search_by_key(&number, |slice| slice.number);
        found.ok().map(|idx| &self.slices[idx])
    }

    /// Calls that `visit(start_us, call)` sees: all that start at or after `from_us` less the longest call, and
    /// before `to_us`.
    pub(crate) fn for_each_call(&self, from_us: i64, to_us: i64, mut visit: impl FnMut(i64, Call, u32)) {
        let first = from_us.div_euclid(SLICE_US) - slice::REACH_MAX;
        let last = to_us.div_euclid(SLICE_US);
        let begin = self.slices.partition_point(|slice| slice.number < first);
        for slice in self.slices[begin..]
            .iter()
            .take_while(|slice| slice.number <= last)
        {
            let base = slice.number * SLICE_US;
            slice.for_each(|call, init| visit(base + i64::from(call.start) * TICK_US, call, init));
        }
    }
}
