//! Time bins by index instead of hash.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, TimestampMillisecondArray, cast::AsArray};

use super::GROUP_COUNT_MAX;
use crate::error::ExecError;

/// Bins of a page. A page is made when its first bin is met, so that two events a century apart cost two
/// pages and not a century.
const PAGE_BINS: i64 = 1 << 12;

/// No group has this number.
const NO_GROUP: u32 = u32::MAX;

/// Finds the group of a bin by its place on a page.
pub(crate) struct DenseBins {
    bin_ms: i64,
    origin_ms: i64,
    pages: Vec<Box<[u32]>>,
    page_of: HashMap<i64, usize>,
    /// The page met last: events come roughly in order.
    last: Option<(i64, usize)>,
    null_group: Option<u32>,
    /// Start of the bin of every group; `None` for the group of events without a time.
    starts: Vec<Option<i64>>,
}

impl DenseBins {
    pub(super) fn new(bin_ms: i64, origin_ms: i64) -> Self {
        Self {
            bin_ms,
            origin_ms,
            pages: Vec::new(),
            page_of: HashMap::new(),
            last: None,
            null_group: None,
            starts: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn assign(&mut self, key: &ArrayRef, groups: &mut Vec<u32>) -> Result<(), ExecError> {
        let Some(times) = key.as_primitive_opt::<TimestampMillisecondType>() else {
            return Err(ExecError::Internal(format!(
                "time bins of type {}",
                key.data_type()
            )));
        };
        groups.reserve(times.len());
        // Neighbours share their bin more often than not.
        let mut previous: Option<(i64, u32)> = None;
        for row in 0..times.len() {
            if times.is_null(row) {
                groups.push(self.null_group()?);
                continue;
            }
            let start = times.value(row);
            let group = match previous {
                Some((known, group)) if known == start => group,
                _ => self.group_of(start)?,
            };
            previous = Some((start, group));
            groups.push(group);
        }
        Ok(())
    }

    fn group_of(&mut self, start: i64) -> Result<u32, ExecError> {
        let bin = (start - self.origin_ms).div_euclid(self.bin_ms);
        let (page_no, slot) = (bin.div_euclid(PAGE_BINS), bin.rem_euclid(PAGE_BINS) as usize);
        let page = self.page(page_no);
        let group = self.pages[page][slot];
        if group != NO_GROUP {
            return Ok(group);
        }
        let group = self.add(Some(start))?;
        self.pages[page][slot] = group;
        Ok(group)
    }

    fn page(&mut self, page_no: i64) -> usize {
        if let Some((known, page)) = self.last
            && known == page_no
        {
            return page;
        }
        let page = *self.page_of.entry(page_no).or_insert_with(|| {
            self.pages
                .push(vec![NO_GROUP; PAGE_BINS as usize].into_boxed_slice());
            self.pages.len() - 1
        });
        self.last = Some((page_no, page));
        page
    }

    fn null_group(&mut self) -> Result<u32, ExecError> {
        match self.null_group {
            Some(group) => Ok(group),
            None => {
                let group = self.add(None)?;
                self.null_group = Some(group);
                Ok(group)
            }
        }
    }

    fn add(&mut self, start: Option<i64>) -> Result<u32, ExecError> {
        let group = u32::try_from(self.starts.len()).unwrap_or(u32::MAX);
        if group > GROUP_COUNT_MAX {
            return Err(ExecError::TooManyGroups {
                limit: GROUP_COUNT_MAX,
            });
        }
        self.starts.push(start);
        Ok(group)
    }

    pub(super) fn keys(&self, range: Range<usize>) -> ArrayRef {
        Arc::new(TimestampMillisecondArray::from(self.starts[range].to_vec()))
    }

    /// Start of the bin of a group.
    pub(super) fn start(&self, group: usize) -> Option<i64> {
        self.starts[group]
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.pages.len() * PAGE_BINS as usize * size_of::<u32>()
            + self.starts.capacity() * size_of::<Option<i64>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_far_apart_and_before_the_epoch() {
        let mut bins = DenseBins::new(1_000, 0);
        let times = [
            Some(5_000),
            Some(-1_000),
            None,
            Some(5_000),
            Some(3_155_760_000_000),
            None,
        ];
        let key: ArrayRef = Arc::new(TimestampMillisecondArray::from(times.to_vec()));
        let mut groups = Vec::new();
        bins.assign(&key, &mut groups).unwrap();
        assert_eq!(groups, [0, 1, 2, 0, 3, 2]);
        assert_eq!(
            bins.starts,
            [Some(5_000), Some(-1_000), None, Some(3_155_760_000_000)]
        );
        assert_eq!(bins.pages.len(), 3);
    }
}
