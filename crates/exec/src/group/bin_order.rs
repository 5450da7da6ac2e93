//! The order of groups of which some had no event of their own: those of bins in which an invocation was in flight.

use std::cmp::Reverse;

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, PrimitiveArray, cast::AsArray};

use super::Seen;
use crate::error::ExecError;

/// Group numbers, bin by bin: the newest bin first, unless rows came in an order of which the bins rise. Within a bin
/// come the `own` groups, which have events, before those that have none; of each kind those with the newest event of
/// `seen` first, then those that were met first. Groups without a bin come last.
pub(crate) fn bin_by_bin(
    bins: &ArrayRef,
    own: usize,
    keeps_rising: bool,
    seen: impl Fn(usize) -> Seen,
) -> Result<Vec<u32>, ExecError> {
    let Some(bins) = bins.as_primitive_opt::<TimestampMillisecondType>() else {
        return Err(ExecError::Internal(format!("bins of type {}", bins.data_type())));
    };
    let is_rising = keeps_rising && rises(&bins.slice(0, own.min(bins.len())));
    let rank = |&group: &u32| {
        let group = group as usize;
        // The complement of a number orders the other way round.
        let start = bins.is_valid(group).then(|| {
            if is_rising {
                bins.value(group)
            } else {
                !bins.value(group)
            }
        });
        (start.is_none(), start, group >= own, Reverse(seen(group)), group)
    };
    let mut order: Vec<u32> = (0..bins.len() as u32).collect();
    order.sort_by_cached_key(rank);
    Ok(order)
}

/// True when bins rise from group to group, and not all are the same.
fn rises(bins: &PrimitiveArray<TimestampMillisecondType>) -> bool {
    let mut present = bins.iter().flatten();
    let Some(first) = present.next() else {
        return false;
    };
    let mut last = first;
    for bin in present {
        if bin < last {
            return false;
        }
        last = bin;
    }
    first != last
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::TimestampMillisecondArray;
    use std::sync::Arc;

    fn order(bins: &[Option<i64>], own: usize, keeps_rising: bool, seen: &[i64]) -> Vec<u32> {
        let bins: ArrayRef = Arc::new(TimestampMillisecondArray::from(bins.to_vec()));
        bin_by_bin(&bins, own, keeps_rising, |group| (seen.get(group).copied(), 0)).unwrap()
    }

    #[test]
    fn newest_bins_first_unless_rows_rose() {
        let bins = [Some(1), Some(2), None, Some(3), Some(1)];
        assert_eq!(order(&bins, 3, false, &[]), [3, 1, 0, 4, 2]);
        assert_eq!(order(&bins, 3, true, &[]), [0, 4, 1, 3, 2]);
        // The groups that have events fall, or all are of one bin.
        assert_eq!(order(&[Some(2), Some(1), Some(3)], 2, true, &[]), [2, 0, 1]);
        assert_eq!(order(&[Some(1), Some(2)], 1, true, &[]), [1, 0]);
    }

    #[test]
    fn within_a_bin_the_newest_event_decides() {
        let bins = [Some(1); 4];
        assert_eq!(order(&bins, 2, false, &[5, 6, 8, 9]), [1, 0, 3, 2]);
    }
}
