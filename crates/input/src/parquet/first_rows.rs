//! Which rows can be among the first of an order by time, as far as statistics tell: the latest twenty events of a file lie
//! on its last pages.

use std::ops::Range;

use insq_event::{ScanRequest, SystemField, TimeRange};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;

use super::file::{ParquetFile, guarded};
use super::plan::tests_of_statistics;

/// True when the first of all events of an order by time are wanted, so that it is worth to know where times lie.
pub(super) fn wants_first(request: &ScanRequest) -> bool {
    let is_first = request
        .bar
        .as_ref()
        .is_some_and(|bar| bar.field() == SystemField::Timestamp && bar.kept().is_some());
    // What else is wanted of events, statistics can't count.
    let are_all = request.time_range.is_all()
        && request.literals.is_empty()
        && request.request_id.is_none()
        && request.function.is_none();
    is_first && are_all
}

/// The times in which all of the first events lie that `request` wants; `None` where it wants others, and where there is
/// nothing to tell that there are enough. Row groups are of the wanted kinds or of others, so that all of their events count.
pub(super) fn times_of_first(file: &ParquetFile, request: &ScanRequest) -> Option<TimeRange> {
    let bar = request.bar.as_deref().filter(|_| wants_first(request))?;
    // Lists of pages that do not fit each other tell nothing.
    let stretches = guarded(|| Ok(stretches(file, request))).ok()??;
    bound(stretches, bar.kept()?, bar.is_descending())
}

/// The stretches of all pages, or of row groups, as far as the file tells; `None` where events have to be looked at.
fn stretches(file: &ParquetFile, request: &ScanRequest) -> Option<Vec<Stretch>> {
    let mut stretches = Vec::new();
    for (number, facts) in file.facts().row_groups().iter().enumerate() {
        let Some(tests) = tests_of_statistics(file, facts, request) else {
            continue;
        };
        if tests.time || tests.kind || tests.request_id {
            return None;
        }
        match stretches_of_pages(file, number, facts) {
            Some(pages) => stretches.extend(pages),
            None => stretches.extend(stretch_of_group(file, facts)),
        }
    }
    Some(stretches)
}

/// So many rows with times from `min_ms` to `max_ms`, both of which come.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    rows: u64,
    min_ms: i64,
    max_ms: i64,
}

/// The times of enough rows, from the first on.
fn bound(mut stretches: Vec<Stretch>, wanted: u64, is_descending: bool) -> Option<TimeRange> {
    match is_descending {
        true => stretches.sort_unstable_by_key(|stretch| std::cmp::Reverse(stretch.min_ms)),
        false => stretches.sort_unstable_by_key(|stretch| stretch.max_ms),
    }
    let mut rows = 0_u64;
    let last = stretches.into_iter().find(|stretch| {
        rows = rows.saturating_add(stretch.rows);
        rows >= wanted
    })?;
    // Those of the last instant are told apart by other keys.
    Some(match is_descending {
        true => TimeRange {
            start_ms: Some(last.min_ms),
            end_ms: None,
        },
        false => TimeRange {
            start_ms: None,
            end_ms: Some(last.max_ms.checked_add(1)?),
        },
    })
}

fn stretch_of_group(file: &ParquetFile, facts: &RowGroupMetaData) -> Option<Stretch> {
    let column = file.column(SystemField::Timestamp.name())?;
    let Statistics::Int64(times) = facts.columns().get(column)?.statistics()? else {
        return None;
    };
    let rows = u64::try_from(facts.num_rows()).ok()?;
    Some(Stretch {
        rows: rows.checked_sub(times.null_count_opt()?)?,
        min_ms: *times.min_opt()?,
        max_ms: *times.max_opt()?,
    })
}

/// The pages of times that hold some, if the file tells of all of them.
fn stretches_of_pages(file: &ParquetFile, number: usize, group: &RowGroupMetaData) -> Option<Vec<Stretch>> {
    let facts = file.facts();
    let column = file.column(SystemField::Timestamp.name())?;
    let ColumnIndexMetaData::INT64(index) = facts.column_index()?.get(number)?.get(column)? else {
        return None;
    };
    let pages = facts.offset_index()?.get(number)?.get(column)?.page_locations();
    let rows_of = |idx: usize| -> Option<Range<i64>> {
        let end = pages
            .get(idx + 1)
            .map_or(group.num_rows(), |next| next.first_row_index);
        Some(pages.get(idx)?.first_row_index..end)
    };
    let mut stretches = Vec::with_capacity(pages.len());
    for idx in (0..pages.len()).filter(|idx| !index.is_null_page(*idx)) {
        let rows = rows_of(idx)?;
        let rows = u64::try_from(rows.end.checked_sub(rows.start)?).ok()?;
        let nulls = u64::try_from(index.null_count(idx)?).ok()?;
        stretches.push(Stretch {
            rows: rows.checked_sub(nulls)?,
            min_ms: *index.min_values().get(idx)?,
            max_ms: *index.max_values().get(idx)?,
        });
    }
    Some(stretches)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the times are: the first of them lie in the bound, and there is one if, and only if, there are enough.
        #[test]
        fn the_first_times_lie_in_the_bound(
            pages in prop::collection::vec(prop::collection::vec(-50_i64..50, 1..6), 0..8),
            wanted in 1_usize..20,
            is_descending: bool,
        ) {
            let stretch = |times: &Vec<i64>| Stretch {
                rows: times.len() as u64,
                min_ms: *times.iter().min().unwrap(),
                max_ms: *times.iter().max().unwrap(),
            };
            let found = bound(pages.iter().map(stretch).collect(), wanted as u64, is_descending);
            let mut times: Vec<i64> = pages.concat();
            times.sort_unstable();
            if is_descending {
                times.reverse();
            }
            prop_assert_eq!(found.is_some(), times.len() >= wanted);
            if let Some(range) = found {
                let worst = times[wanted - 1];
                let are_within = times.iter().take_while(|time| **time == worst || (**time > worst) == is_descending);
                prop_assert!(are_within.clone().count() >= wanted);
                prop_assert!(are_within.into_iter().all(|time| range.contains(Some(*time))), "{range:?} {times:?}");
            }
        }
    }
}
