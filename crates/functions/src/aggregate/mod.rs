//! Aggregate functions: many rows in, one value per group out.

mod count;
mod count_distinct;
mod decimal;
mod distinct_values;
mod exact_sum;
mod extreme;
mod histogram;
mod moments;
mod ordered;
mod percentile;
mod rate;
mod state;
mod sum;
mod values;

pub use exact_sum::ExactSum;
pub use histogram::BUCKETS_MAX;
pub use percentile::EXACT_VALUES_MAX;

use std::any::Any;
use std::ops::Range;
use std::sync::LazyLock;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use insq_event::ColumnType;

use crate::{Family, FunctionError, ResultType, Scalar, Signature};

/// One aggregate function.
#[derive(Debug)]
pub struct AggregateFunction {
    /// The name that the documentation uses.
    pub name: &'static str,
    /// Other spellings that are accepted.
    pub aliases: &'static [&'static str],
    /// Where it stands in the documentation.
    pub family: Family,
    /// What it takes. `count(*)` is a call without arguments.
    pub signature: Signature,
    /// What it gives.
    pub result: ResultType,
    /// True when the caller must append two arguments: the time of each row (`Timestamp(ms)`) and its
    /// position (`UInt64`).
    pub needs_order: bool,
    /// True when calls that differ in their constants alone gather the same: an accumulator that is made with the constants
    /// of several calls, one each, gives the results of all.
    pub shares_state: bool,
    /// One sentence.
    pub summary: &'static str,
    /// Makes an accumulator for one call, or for several where [`AggregateFunction::shares_state`] says so.
    pub make: fn(&AggregateCall) -> Result<Box<dyn Accumulator>, FunctionError>,
}

/// What is known about a call when it is planned.
#[derive(Clone, Debug)]
pub struct AggregateCall {
    /// Types of the arguments that are columns, in order, without those of `needs_order`.
    pub argument_types: Vec<ColumnType>,
    /// The constant arguments, in order.
    pub constants: Vec<Scalar>,
}

/// The states of one aggregate call, one per group. Groups are numbered densely from 0.
///
/// The result never depends on the order of updates and merges: sums are exact, ties are settled by
/// position. State leaves as Arrow arrays, so that it can cross a thread or a wire.
pub trait Accumulator: Any + Send {
    /// Makes room for groups `0..count`; `count` never falls.
    fn resize(&mut self, count: usize);

    /// Adds rows: row `i` belongs to group `groups[i]`. `arguments` hold the column arguments in order
    /// (constants left out), each as long as `groups`.
    ///
    /// # Errors
    /// [`FunctionError::Internal`] when an argument is not of the planned type.
    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError>;

    /// The Arrow types of the state's columns.
    fn state_types(&self) -> Vec<DataType>;

    /// Takes the states of some groups out, leaving them empty and their memory free.
    ///
    /// # Errors
    /// [`FunctionError`] when a state can't be expressed.
    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError>;

    /// Merges taken states: row `i` of the state belongs to group `groups[i]` here.
    ///
    /// # Errors
    /// [`FunctionError::Internal`] when the state is not of [`Accumulator::state_types`].
    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<(), FunctionError>;

    /// Takes over the states of some groups of another accumulator of the same call: that of its group `taken.start + i`
    /// belongs to group `groups[i]` here. Where states are large, they are moved rather than written and read again.
    ///
    /// # Errors
    /// As [`Accumulator::take_state`] and [`Accumulator::merge`].
    fn absorb(
        &mut self,
        groups: &[u32],
        other: &mut dyn Accumulator,
        taken: Range<usize>,
    ) -> Result<(), FunctionError> {
        let state = other.take_state(taken)?;
        self.merge(groups, &state)
    }

    /// The results of some groups. A group is finished once.
    ///
    /// # Errors
    /// [`FunctionError`] when a result can't be expressed.
    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError>;

    /// The results of some groups, one column for each call that the accumulator was made for, in their order. A group is
    /// finished once.
    ///
    /// # Errors
    /// As [`Accumulator::finish`].
    fn finish_all(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        Ok(vec![self.finish(groups)?])
    }

    /// Bytes held, for the memory account. Cheap: it is asked after every batch.
    fn size_bytes(&self) -> usize;
}

static TABLE: LazyLock<Vec<AggregateFunction>> = LazyLock::new(|| {
    let families = [
        sum::functions(),
        count::functions(),
        count_distinct::functions(),
        extreme::functions(),
        percentile::functions(),
        moments::functions(),
        values::functions(),
        ordered::functions(),
        rate::functions(),
        histogram::functions(),
    ];
    families.into_iter().flatten().collect()
});

/// Every aggregate function.
pub fn aggregate_functions() -> &'static [AggregateFunction] {
    &TABLE
}

/// The aggregate function called `name`, in any case.
pub fn aggregate_function(name: &str) -> Option<&'static AggregateFunction> {
    aggregate_functions()
        .iter()
        .find(|f| f.name.eq_ignore_ascii_case(name) || f.aliases.iter().any(|a| a.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests;
