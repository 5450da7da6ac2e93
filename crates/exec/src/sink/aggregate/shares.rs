//! Which calls have one accumulator together.

use arrow_array::ArrayRef;
use insq_functions::{Accumulator, AggregateCall};
use insq_plan::{AggregateColumn, Expr};

use crate::error::ExecError;

/// The calls of every accumulator, by their numbers. Percentiles of the same values gather these once.
pub(super) struct Shares(Vec<Vec<usize>>);

impl Shares {
    pub(super) fn of(calls: &[AggregateColumn]) -> Self {
        let mut shares: Vec<Vec<usize>> = Vec::new();
        for (number, call) in calls.iter().enumerate() {
            let same = shares
                .iter_mut()
                .find(|numbers| have_same_state(&calls[numbers[0]], call));
            match same {
                Some(numbers) => numbers.push(number),
                None => shares.push(vec![number]),
            }
        }
        Self(shares)
    }

    /// The first call of every accumulator.
    pub(super) fn firsts(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|numbers| numbers[0])
    }

    /// Accumulators without groups.
    pub(super) fn accumulators(
        &self,
        calls: &[AggregateColumn],
    ) -> Result<Vec<Box<dyn Accumulator>>, ExecError> {
        let make = |numbers: &Vec<usize>| {
            let first = &calls[numbers[0]];
            let columns = first.arguments.len() - if first.function.needs_order { 2 } else { 0 };
            let constants = numbers.iter().flat_map(|number| &calls[*number].constants);
            let call = AggregateCall {
                argument_types: first.arguments[..columns].iter().map(Expr::column_type).collect(),
                constants: constants.cloned().collect(),
            };
            Ok((first.function.make)(&call)?)
        };
        self.0.iter().map(make).collect()
    }

    /// The results of accumulators in the order of the calls.
    pub(super) fn in_order(&self, results: Vec<Vec<ArrayRef>>) -> Result<Vec<ArrayRef>, ExecError> {
        let numbers = self.0.iter().flatten();
        let mut numbered: Vec<(usize, ArrayRef)> =
            numbers.copied().zip(results.into_iter().flatten()).collect();
        if numbered.len() != self.0.iter().map(Vec::len).sum::<usize>() {
            return Err(ExecError::Internal("a call has no result".to_owned()));
        }
        numbered.sort_unstable_by_key(|(number, _)| *number);
        Ok(numbered.into_iter().map(|(_, result)| result).collect())
    }
}

fn have_same_state(a: &AggregateColumn, b: &AggregateColumn) -> bool {
    let are_same = |(a, b): (&Expr, &Expr)| a.is_surely(b);
    a.function.shares_state
        && std::ptr::eq(a.function, b.function)
        && a.arguments.len() == b.arguments.len()
        && a.arguments.iter().zip(&b.arguments).all(are_same)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, types::Float64Type};

    use super::super::table::tests::aggregate_of;
    use super::*;

    fn calls(aggregates: &str) -> Vec<AggregateColumn> {
        aggregate_of(&format!("stats {aggregates}")).calls.clone()
    }

    #[test]
    fn percentiles_of_the_same_values_have_one_accumulator() {
        for (aggregates, expected) in [
            (
                "pct(a, 50), pct(a, 99), pct(b, 99), pct(a, 1)",
                &[&[0, 1, 3][..], &[2]][..],
            ),
            (
                "avg(a), pct(a / 2, 50), avg(a + 1), pct(a / 2, 60)",
                &[&[0], &[1, 3], &[2]],
            ),
            (
                "pct(a / 2, 50), pct(a / 3, 50), pct(-a, 50), pct(abs(a), 50)",
                &[&[0], &[1], &[2], &[3]],
            ),
            (
                "pct(abs(-a), 50), pct(abs(-a), 60), pct(abs(-b), 60)",
                &[&[0, 1], &[2]],
            ),
            // Constants of others are no choice among results.
            ("histogram(a, 1), histogram(a, 2)", &[&[0], &[1]]),
        ] {
            assert_eq!(Shares::of(&calls(aggregates)).0, expected, "{aggregates}");
        }
    }

    #[test]
    fn results_stand_in_the_order_of_the_calls() {
        let calls = calls("pct(a, 50), count(a), pct(a, 100), avg(a), pct(a, 0)");
        let shares = Shares::of(&calls);
        let mut accumulators = shares.accumulators(&calls).unwrap();
        let values: ArrayRef = Arc::new(Float64Array::from(vec![3.0, 1.0, 4.5, 2.0]));
        for accumulator in &mut accumulators {
            accumulator.resize(1);
            accumulator.update(&[0; 4], &[Arc::clone(&values)]).unwrap();
        }
        let results = accumulators
            .iter_mut()
            .map(|accumulator| accumulator.finish_all(0..1));
        let results: Result<Vec<_>, _> = results.collect();
        let results = shares.in_order(results.unwrap()).unwrap();
        let number = |result: &ArrayRef| {
            let result = result
                .as_any()
                .downcast_ref::<arrow_array::PrimitiveArray<Float64Type>>();
            result.unwrap().value(0)
        };
        let found: Vec<f64> = results.iter().map(number).collect();
        assert_eq!(found, [2.0, 4.0, 4.5, 2.625, 1.0]);
        assert!(shares.in_order(Vec::new()).is_err());
    }
}
