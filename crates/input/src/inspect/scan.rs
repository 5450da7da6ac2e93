//! Reading all events, to count them.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use insq_event::{
    EventKinds, EventSource, FieldPath, RunContext, SYSTEM_FIELDS, ScanColumn, ScanField, ScanPartition,
    ScanRequest, SourceError, SystemField, TimeRange,
};

use super::tally::{COLUMNS, Tally};
use crate::leaves::LeafFinder;
use crate::reserved::BESIDE;
use crate::source::LogSource;

/// Rows of a batch.
const BATCH_ROWS: usize = 8_192;

/// Partitions that may be counted before one that comes first, for each thread.
const AHEAD_MAX: usize = 16;

/// Counts all events of `source`; with columns only if `with_columns`: those that stand beside messages, and all system
/// fields, which may be columns, too.
pub(super) fn scan(source: &LogSource, run: &RunContext, with_columns: bool) -> Result<Tally, SourceError> {
    let columns = match with_columns {
        true => all_columns(),
        false => COLUMNS.to_vec(),
    };
    let partitions = source.partitions(&request(&columns, with_columns), run)?;
    count(partitions, &columns, source.options.threads)
}

/// Counts the events of `partitions`, whose columns are `columns`.
fn count(
    partitions: Vec<Box<dyn ScanPartition>>,
    columns: &[SystemField],
    threads: usize,
) -> Result<Tally, SourceError> {
    let threads = threads.min(partitions.len()).max(1);
    let count = Count {
        columns,
        ahead_max: threads * AHEAD_MAX,
        partitions: Mutex::new(partitions.into_iter().enumerate()),
        sum: Mutex::new(Sum::new(columns)),
        grown: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| count.work());
        }
        count.work();
    });
    let sum = count.sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    sum.all
}

/// [`COLUMNS`] and all other system fields; every event has `@ptr`, so nobody has to look.
fn all_columns() -> Vec<SystemField> {
    let others = SYSTEM_FIELDS
        .iter()
        .copied()
        .filter(|field| !COLUMNS.contains(field));
    COLUMNS
        .into_iter()
        .chain(others.filter(|field| *field != SystemField::Ptr))
        .collect()
}

/// What is asked of the events, and whether also for what stands beside their messages.
fn request(columns: &[SystemField], with_beside: bool) -> Arc<ScanRequest> {
    let fields = columns
        .iter()
        .map(|field| (field.name(), ScanField::System(*field)));
    let beside = (BESIDE, ScanField::Discovered(FieldPath::new(BESIDE)));
    let fields = fields.chain(with_beside.then_some(beside));
    Arc::new(ScanRequest {
        columns: fields
            .map(|(name, field)| ScanColumn {
                name: name.into(),
                field,
            })
            .collect(),
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: BATCH_ROWS,
        bar: None,
    })
}

/// Partitions that several threads count. Their counts are added up in the order of the partitions, since it decides which
/// names and fields are remembered where there are more than that.
struct Count<'a> {
    columns: &'a [SystemField],
    ahead_max: usize,
    partitions: Mutex<std::iter::Enumerate<std::vec::IntoIter<Box<dyn ScanPartition>>>>,
    sum: Mutex<Sum>,
    /// Told whenever partitions were added to the sum.
    grown: Condvar,
}

/// What was counted.
#[derive(Debug)]
struct Sum {
    /// True when a thread broke down, so that one of the partitions will never come.
    is_broken: bool,
    /// The first so many partitions are in `all`.
    counted: usize,
    all: Result<Tally, SourceError>,
    /// Those that come later, by their numbers.
    ahead: BTreeMap<usize, Result<Tally, SourceError>>,
}

impl Count<'_> {
    /// Counts partition after partition.
    fn work(&self) {
        let _watch = Watch(self);
        let mut finder = LeafFinder::default();
        loop {
            // Not in the head of the loop, where the lock would be held while the partition is read.
            let next = self
                .partitions
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next();
            let Some((number, partition)) = next else { return };
            let tally = self.tally(partition, &mut finder);
            if !self.add(number, tally) {
                return;
            }
        }
    }

    fn tally(
        &self,
        partition: Box<dyn ScanPartition>,
        finder: &mut LeafFinder,
    ) -> Result<Tally, SourceError> {
        let mut tally = Tally::of(self.columns);
        let mut reader = partition.open()?;
        while let Some(batch) = reader.next_batch()? {
            tally.add(&batch, finder);
        }
        Ok(tally)
    }

    /// Takes the counts of a partition; waits while too many wait for an earlier one. False when there is nothing more to
    /// do, since a partition can't be read.
    fn add(&self, number: usize, tally: Result<Tally, SourceError>) -> bool {
        let mut sum = self.sum();
        sum.add(number, tally);
        self.grown.notify_all();
        while sum.goes_on() && sum.ahead.len() >= self.ahead_max {
            sum = self.grown.wait(sum).unwrap_or_else(PoisonError::into_inner);
        }
        sum.goes_on()
    }

    fn sum(&self) -> MutexGuard<'_, Sum> {
        self.sum.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets nobody wait for a thread that broke down.
struct Watch<'a>(&'a Count<'a>);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.sum().is_broken = true;
            self.0.grown.notify_all();
        }
    }
}

impl Sum {
    fn new(columns: &[SystemField]) -> Self {
        Self {
            is_broken: false,
            counted: 0,
            all: Ok(Tally::of(columns)),
            ahead: BTreeMap::new(),
        }
    }

    fn goes_on(&self) -> bool {
        self.all.is_ok() && !self.is_broken
    }

    fn add(&mut self, number: usize, tally: Result<Tally, SourceError>) {
        self.ahead.insert(number, tally);
        while let Some(next) = self.ahead.remove(&self.counted) {
            self.counted += 1;
            match (&mut self.all, next) {
                (Ok(all), Ok(next)) => all.merge(next),
                (Ok(_), Err(error)) => self.all = Err(error),
                (Err(_), _) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use arrow_array::RecordBatch;
    use insq_event::EventReader;

    use super::*;

    fn failed(why: &str) -> Result<Tally, SourceError> {
        Err(SourceError::Limit(why.to_owned()))
    }

    fn events(events: u64) -> Result<Tally, SourceError> {
        let mut tally = Tally::of(&COLUMNS);
        tally.events = events;
        Ok(tally)
    }

    #[test]
    fn counts_are_added_in_their_order() {
        let mut sum = Sum::new(&COLUMNS);
        sum.add(2, events(1));
        sum.add(1, events(10));
        assert_eq!((sum.counted, sum.ahead.len()), (0, 2));
        sum.add(0, events(100));
        assert_eq!((sum.counted, sum.ahead.len()), (3, 0));
        assert_eq!(sum.all.unwrap().events, 111);
    }

    #[test]
    fn the_first_failure_decides() {
        let mut sum = Sum::new(&COLUMNS);
        for (number, tally) in [
            (2, failed("second")),
            (0, events(1)),
            (3, events(1)),
            (1, failed("first")),
        ] {
            sum.add(number, tally);
        }
        assert!(matches!(sum.all, Err(SourceError::Limit(why)) if why == "first"));
    }

    /// How far some partitions are.
    #[derive(Default)]
    struct Opened {
        count: AtomicUsize,
        /// How many others were open before the first one.
        before_first: AtomicUsize,
    }

    /// A partition without events.
    struct Part {
        opened: Arc<Opened>,
        first: Option<First>,
    }

    /// The first partition waits until so many others were opened.
    #[derive(Clone, Copy)]
    struct First {
        waits_for: usize,
        breaks: bool,
    }

    struct Nothing;

    impl EventReader for Nothing {
        fn next_batch(&mut self) -> Result<Option<RecordBatch>, SourceError> {
            Ok(None)
        }
    }

    impl ScanPartition for Part {
        fn open(self: Box<Self>) -> Result<Box<dyn EventReader>, SourceError> {
            if let Some(first) = self.first {
                while self.opened.count.load(Ordering::SeqCst) < first.waits_for {
                    std::thread::yield_now();
                }
                // Time for others to go on, if they may.
                (0..100).for_each(|_| std::thread::yield_now());
                let count = self.opened.count.load(Ordering::SeqCst);
                self.opened.before_first.store(count, Ordering::SeqCst);
                assert!(!first.breaks, "broken");
            }
            self.opened.count.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(Nothing))
        }
    }

    const PARTS: usize = 5 * AHEAD_MAX;

    fn parts(first: First) -> (Vec<Box<dyn ScanPartition>>, Arc<Opened>) {
        let opened = Arc::new(Opened::default());
        let part = |number: usize| Part {
            opened: Arc::clone(&opened),
            first: Some(first).filter(|_| number == 0),
        };
        let parts = (0..PARTS).map(|number| Box::new(part(number)) as Box<dyn ScanPartition>);
        (parts.collect(), opened)
    }

    #[test]
    fn others_wait_for_the_first_and_all_come() {
        let (parts, opened) = parts(First {
            waits_for: 2 * AHEAD_MAX,
            breaks: false,
        });
        assert_eq!(count(parts, &COLUMNS, 2).unwrap().events, 0);
        assert_eq!(opened.before_first.load(Ordering::SeqCst), 2 * AHEAD_MAX);
        assert_eq!(opened.count.load(Ordering::SeqCst), PARTS);
    }

    #[test]
    fn nobody_waits_for_a_thread_that_broke_down() {
        let (parts, opened) = parts(First {
            waits_for: 2 * AHEAD_MAX,
            breaks: true,
        });
        let counted = || count(parts, &COLUMNS, 2).is_ok();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(counted)).is_err());
        assert!(opened.count.load(Ordering::SeqCst) < PARTS);
    }
}
