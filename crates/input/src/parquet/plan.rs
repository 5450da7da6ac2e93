//! Which row groups of a file are read, and what is tested in them.

use std::ops::Range;
use std::path::Path;

use insq_event::{EventKind, EventKinds, ScanRequest, SystemField, TimeRange};
use parquet::arrow::arrow_reader::RowSelection;
use parquet::bloom_filter::Sbbf;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;

use super::file::{ParquetFile, begins_like_parquet, guarded};
use super::first_rows::wants_first;

/// True when a file is to be read as Parquet. Pipes and the like are not looked at: what is read of them is gone.
pub(crate) fn is_parquet(path: &Path, facts: &std::fs::Metadata) -> bool {
    facts.is_file() && begins_like_parquet(path)
}

/// True when the places of pages are of use for `request`: when it wants a few rows.
pub(crate) fn uses_pages(request: &ScanRequest) -> bool {
    !request.time_range.is_all() || request.request_id.is_some() || wants_first(request)
}

/// What has to be tested for every event of a row group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tests {
    pub(super) time: bool,
    pub(super) kind: bool,
    pub(super) request_id: bool,
    /// The kinds that events can be of.
    kinds: EventKinds,
}

/// What statistics and filters say about a row group: `None` when nothing in it is wanted.
pub(super) fn tests_of(
    file: &ParquetFile,
    row_group: &RowGroupMetaData,
    request: &ScanRequest,
) -> Option<Tests> {
    let mut tests = tests_of_statistics(file, row_group, request)?;
    if tests.kind
        && let Some(filter) = bloom_filter(file, row_group, SystemField::Type)
    {
        let kinds = kinds_in(&filter, tests.kinds);
        let wanted = kinds.intersect(request.kinds);
        if wanted == EventKinds::NONE {
            return None;
        }
        (tests.kinds, tests.kind) = (kinds, wanted != kinds);
    }
    if let Some(id) = &request.request_id
        && let Some(filter) = bloom_filter(file, row_group, SystemField::RequestId)
        && !filter.check(&**id)
    {
        return None;
    }
    Some(tests)
}

/// What statistics alone say, for which nothing has to be read.
pub(super) fn tests_of_statistics(
    file: &ParquetFile,
    row_group: &RowGroupMetaData,
    request: &ScanRequest,
) -> Option<Tests> {
    let statistics = |field: SystemField| {
        let column = file.column(field.name())?;
        row_group.columns().get(column)?.statistics()
    };
    let rows = row_group.num_rows();
    let time = test_time(statistics(SystemField::Timestamp), rows, request.time_range)?;
    let kinds = kinds_of(statistics(SystemField::Type), rows);
    let wanted = kinds.intersect(request.kinds);
    if wanted == EventKinds::NONE {
        return None;
    }
    if let Some(function) = &request.function
        && lies_outside(statistics(SystemField::Function), rows, function)
    {
        return None;
    }
    Some(Tests {
        time,
        kind: wanted != kinds,
        kinds,
        request_id: request.request_id.is_some(),
    })
}

/// The filter that knows which values a column has not. One that can't be read tells nothing.
fn bloom_filter(file: &ParquetFile, row_group: &RowGroupMetaData, field: SystemField) -> Option<Sbbf> {
    let column = row_group.columns().get(file.column(field.name())?)?;
    guarded(|| Sbbf::read_from_column_chunk(column, &file.ranges)).ok()?
}

/// Those of `kinds` that a filter of `@type` does not rule out.
fn kinds_in(filter: &Sbbf, kinds: EventKinds) -> EventKinds {
    let is_absent = |kind: &EventKind| kind.type_name().is_some_and(|name| !filter.check(name));
    let present = EventKind::TYPED
        .into_iter()
        .chain([EventKind::Other])
        .filter(|kind| kinds.contains(*kind) && !is_absent(kind));
    present.fold(EventKinds::NONE, |set, kind| set.union(EventKinds::only(kind)))
}

/// True when no cell of a column of texts is `wanted`.
fn lies_outside(statistics: Option<&Statistics>, rows: i64, wanted: &str) -> bool {
    let Some(statistics) = statistics else {
        return false;
    };
    if statistics.null_count_opt() == u64::try_from(rows).ok() && statistics.null_count_opt().is_some() {
        return true;
    }
    match (statistics.min_bytes_opt(), statistics.max_bytes_opt()) {
        // Extremes may be cut, which makes the one smaller and the other larger, never the reverse.
        (Some(min), Some(max)) => wanted.as_bytes() < min || wanted.as_bytes() > max,
        _ => false,
    }
}

/// True when no event of a row group is of `range`.
pub(super) fn is_of_other_times(file: &ParquetFile, row_group: &RowGroupMetaData, range: TimeRange) -> bool {
    let column = file.column(SystemField::Timestamp.name());
    let statistics = column.and_then(|column| row_group.columns().get(column)?.statistics());
    test_time(statistics, row_group.num_rows(), range).is_none()
}

/// Whether times have to be tested; `None` when all are outside.
fn test_time(statistics: Option<&Statistics>, rows: i64, range: TimeRange) -> Option<bool> {
    if range.is_all() {
        return Some(false);
    }
    let Some(statistics) = statistics else {
        return Some(true);
    };
    let nulls = statistics.null_count_opt();
    if nulls == u64::try_from(rows).ok() {
        return None;
    }
    let Statistics::Int64(times) = statistics else {
        return Some(true);
    };
    let (Some(min), Some(max)) = (times.min_opt(), times.max_opt()) else {
        return Some(true);
    };
    if !touches(range, *min, *max) {
        return None;
    }
    let is_inside = nulls == Some(0) && range.contains(Some(*min)) && range.contains(Some(*max));
    Some(!is_inside)
}

/// True when an instant from `min` to `max` is in the range.
pub(super) fn touches(range: TimeRange, min: i64, max: i64) -> bool {
    range.start_ms.is_none_or(|start| max >= start) && range.end_ms.is_none_or(|end| min < end)
}

/// The kinds that events of a row group can be of.
fn kinds_of(types: Option<&Statistics>, rows: i64) -> EventKinds {
    let Some(types) = types else {
        return EventKinds::ALL;
    };
    let Some(nulls) = types.null_count_opt() else {
        return EventKinds::ALL;
    };
    if u64::try_from(rows) == Ok(nulls) {
        return EventKinds::only(EventKind::Other);
    }
    let typed = match (types.min_bytes_opt(), types.max_bytes_opt()) {
        (Some(min), Some(max)) if min == max => {
            let name = std::str::from_utf8(min).unwrap_or_default();
            EventKind::from_type_name(name).map_or(EventKinds::ALL, EventKinds::only)
        }
        _ => EventKinds::TYPED,
    };
    if nulls == 0 {
        typed
    } else {
        typed.union(EventKinds::only(EventKind::Other))
    }
}

/// The rows of those pages that can hold a wanted time, where the file tells; the pages of times decide.
pub(super) fn pages_of_time(file: &ParquetFile, number: usize, range: TimeRange) -> Option<RowSelection> {
    let facts = file.facts();
    let column = file.column(SystemField::Timestamp.name())?;
    let ColumnIndexMetaData::INT64(index) = facts.column_index()?.get(number)?.get(column)? else {
        return None;
    };
    let pages = facts.offset_index()?.get(number)?.get(column)?.page_locations();
    let rows = usize::try_from(facts.row_groups().get(number)?.num_rows()).ok()?;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (idx, page) in pages.iter().enumerate() {
        let end = pages
            .get(idx + 1)
            .map_or(Some(rows), |next| usize::try_from(next.first_row_index).ok())?;
        let start = usize::try_from(page.first_row_index)
            .ok()
            .filter(|start| *start <= end)?;
        // A page without a minimum has no times at all.
        if let (Some(min), Some(max)) = (index.min_values().get(idx), index.max_values().get(idx))
            && !index.is_null_page(idx)
            && touches(range, *min, *max)
        {
            ranges.push(start..end.min(rows));
        }
    }
    Some(RowSelection::from_consecutive_ranges(ranges.into_iter(), rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::data_type::ByteArray;

    fn times(min: i64, max: i64, nulls: u64) -> Statistics {
        Statistics::int64(Some(min), Some(max), None, Some(nulls), false)
    }

    fn range(start: i64, end: i64) -> TimeRange {
        TimeRange {
            start_ms: Some(start),
            end_ms: Some(end),
        }
    }

    #[test]
    fn times_of_a_row_group() {
        let check = |min, max, nulls, expected: Option<bool>| {
            let found = test_time(Some(&times(min, max, nulls)), 10, range(100, 200));
            assert_eq!(found, expected, "{min} to {max}, {nulls} without");
        };
        check(0, 99, 0, None);
        check(200, 300, 0, None);
        check(0, 100, 0, Some(true));
        check(199, 300, 0, Some(true));
        check(100, 199, 0, Some(false));
        check(100, 199, 1, Some(true));
        check(100, 199, 10, None);
        assert_eq!(test_time(None, 10, range(1, 2)), Some(true));
        assert_eq!(test_time(None, 10, TimeRange::ALL), Some(false));
        assert_eq!(test_time(Some(&times(5, 5, 10)), 10, TimeRange::ALL), Some(false));
    }

    #[test]
    fn texts_outside_of_a_row_group() {
        let bytes = |text: &str| Some(ByteArray::from(text));
        let of = |min, max, nulls| Statistics::byte_array(bytes(min), bytes(max), None, nulls, false);
        for (wanted, expected) in [
            ("a", true),
            ("b", false),
            ("c", false),
            ("d", false),
            ("da", true),
            ("", true),
        ] {
            assert_eq!(
                lies_outside(Some(&of("b", "d", Some(3))), 10, wanted),
                expected,
                "{wanted}"
            );
        }
        assert!(lies_outside(Some(&of("b", "d", Some(10))), 10, "c"));
        assert!(!lies_outside(Some(&of("b", "d", None)), 10, "c"));
        assert!(!lies_outside(None, 10, "c"));
    }

    #[test]
    fn kinds_of_a_row_group() {
        let check = |min: &str, max: &str, nulls: Option<u64>, expected: EventKinds| {
            let bytes = |text: &str| Some(ByteArray::from(text));
            let statistics = Statistics::byte_array(bytes(min), bytes(max), None, nulls, false);
            assert_eq!(
                kinds_of(Some(&statistics), 10),
                expected,
                "{min} to {max}, {nulls:?}"
            );
        };
        let other = EventKinds::only(EventKind::Other);
        check("REPORT", "REPORT", Some(0), EventKinds::REPORT);
        check("REPORT", "REPORT", Some(3), EventKinds::REPORT.union(other));
        check("END", "START", Some(0), EventKinds::TYPED);
        check("END", "START", Some(1), EventKinds::ALL);
        check("END", "START", Some(10), other);
        check("END", "END", None, EventKinds::ALL);
        check("strange", "strange", Some(0), EventKinds::ALL);
        assert_eq!(kinds_of(None, 10), EventKinds::ALL);
    }
}
