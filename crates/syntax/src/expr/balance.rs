//! Long chains of `and` or `or` as trees of little height.

use super::{Built, Result};
use crate::ast::BinaryOperator;

/// Joins terms pairwise, so that a chain of thousands is a dozen levels high. Both operators give the same answer
/// however their terms are grouped.
pub(super) fn balanced(operator: BinaryOperator, mut first: Built, mut others: Vec<Built>) -> Result<Built> {
    while !others.is_empty() {
        let mut joined = Vec::with_capacity(others.len() / 2);
        let mut pending = others.into_iter();
        if let Some(second) = pending.next() {
            first = Built::binary(operator, first, second)?;
        }
        while let Some(left) = pending.next() {
            joined.push(match pending.next() {
                Some(right) => Built::binary(operator, left, right)?,
                None => left,
            });
        }
        others = joined;
    }
    Ok(first)
}
