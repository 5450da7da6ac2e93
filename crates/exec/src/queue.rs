//! Partitions that wait for a worker, and which queries still need them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use insq_event::SharedPartition;

use crate::error::ExecError;

/// What the workers of a run take their work from.
pub(crate) struct Queue {
    waiting: Mutex<std::vec::IntoIter<(usize, Box<dyn SharedPartition>)>>,
    count: usize,
    stopped: AtomicBool,
    needs: Vec<Need>,
}

/// What one query needs.
struct Need {
    /// Rows of one partition after which no later one matters.
    enough_rows: Option<u64>,
    /// Number of the last partition that matters.
    last_partition: AtomicUsize,
    failure: OnceLock<ExecError>,
}

impl Queue {
    /// `enough_rows` has an element per query. The last partition comes first where `is_backward`.
    pub(crate) fn new(
        partitions: Vec<Box<dyn SharedPartition>>,
        enough_rows: Vec<Option<u64>>,
        is_backward: bool,
    ) -> Self {
        let need = |enough_rows| Need {
            enough_rows,
            last_partition: AtomicUsize::new(usize::MAX),
            failure: OnceLock::new(),
        };
        let mut waiting: Vec<_> = partitions.into_iter().enumerate().collect();
        if is_backward {
            waiting.reverse();
        }
        Self {
            count: waiting.len(),
            waiting: Mutex::new(waiting.into_iter()),
            stopped: AtomicBool::new(false),
            needs: enough_rows.into_iter().map(need).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The next partition that has rows for a request which somebody waits for.
    pub(crate) fn take(
        &self,
        is_wanted: impl Fn(usize, usize) -> bool,
    ) -> Option<(usize, Box<dyn SharedPartition>)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.find(|(number, partition)| {
            partition
                .requests()
                .into_iter()
                .any(|request| is_wanted(request, *number))
        })
    }

    /// True as long as the rows of a partition can be in the result of a query.
    pub(crate) fn is_needed(&self, query: usize, partition: usize) -> bool {
        let need = &self.needs[query];
        partition <= need.last_partition.load(Ordering::Relaxed) && !self.has_failed(query)
    }

    /// True when a partition has given so many rows to a query that neither its own further rows nor those of later
    /// partitions can be in the result: whichever rows are taken, they are those that came first in the input.
    pub(crate) fn is_enough(&self, query: usize, partition: usize, rows: u64) -> bool {
        let need = &self.needs[query];
        let is_enough = need.enough_rows.is_some_and(|enough| rows >= enough);
        if is_enough {
            need.last_partition.fetch_min(partition, Ordering::Relaxed);
        }
        is_enough
    }

    /// Ends a query; its first failure stays.
    pub(crate) fn fail(&self, query: usize, failure: ExecError) {
        // That somebody else failed first is no failure.
        let _ = self.needs[query].failure.set(failure);
    }

    /// The value, or `None` when it is a failure, which ends the query.
    pub(crate) fn unless_failed<T>(&self, query: usize, result: Result<T, ExecError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(failure) => {
                self.fail(query, failure);
                None
            }
        }
    }

    pub(crate) fn has_failed(&self, query: usize) -> bool {
        self.needs[query].failure.get().is_some()
    }

    pub(crate) fn stop_if(&self, failed: bool) {
        self.stopped.fetch_or(failed, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Why queries failed, one element per query.
    pub(crate) fn into_failures(self) -> impl Iterator<Item = Option<ExecError>> {
        self.needs.into_iter().map(|need| need.failure.into_inner())
    }
}
