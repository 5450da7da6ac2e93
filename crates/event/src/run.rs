//! What the parts of one run share: memory, damage, progress, and the wish to stop.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{DamageLog, MemoryBudget, Spill};

/// Groups, or rows of a sort, that one worker gathers before it puts them aside: more of them are in no cache.
pub const GATHERED_ROWS: usize = 1 << 17;

/// Shared by every reader and operator of a run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// The account that blocks, batches and states are charged to.
    pub memory: MemoryBudget,
    /// Where steps that gather rows or groups go when memory is scarce; without it the run ends then.
    pub spill: Option<Spill>,
    /// Groups, or rows of a sort, that one worker gathers before it puts them aside. It never changes an answer.
    pub gathered_rows: usize,
    /// Where damaged input is noted.
    pub damage: DamageLog,
    /// True when the first damage is to end the run with an error.
    pub strict: bool,
    /// Asked between batches.
    pub cancellation: Cancellation,
    /// Counted by readers.
    pub progress: Arc<Progress>,
}

impl RunContext {
    /// A context of its own account, damage log and counters.
    pub fn new(memory: MemoryBudget) -> Self {
        Self {
            memory,
            spill: None,
            gathered_rows: GATHERED_ROWS,
            damage: DamageLog::default(),
            strict: false,
            cancellation: Cancellation::default(),
            progress: Arc::default(),
        }
    }
}

/// A wish to stop that can be expressed from any thread. Clones share one wish.
///
/// # Examples
/// ```
/// use insq_event::Cancellation;
///
/// let stop = Cancellation::default();
/// let seen_by_worker = stop.clone();
/// stop.cancel();
/// assert!(seen_by_worker.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Asks the run to stop soon.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True after [`Cancellation::cancel`].
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters of a run.
#[derive(Debug, Default)]
pub struct Progress {
    bytes_total: AtomicU64,
    bytes_skipped: AtomicU64,
    bytes_read: AtomicU64,
    bytes_scanned: AtomicU64,
    bytes_spilled: AtomicU64,
    events_scanned: AtomicU64,
    events_matched: AtomicU64,
    files_read: AtomicU64,
    /// By hashes of their names, since a sub-query may read a file again.
    files_without_year: Mutex<HashSet<u64>>,
    files_to_write: AtomicU64,
    files_written: AtomicU64,
}

/// The counters of [`Progress`] at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgressSnapshot {
    /// Bytes of all inputs as they lie on disk, as far as known.
    pub bytes_total: u64,
    /// Bytes that were not read because they lie outside of the wanted time, by the name of the file or by its order.
    pub bytes_skipped: u64,
    /// Bytes read from the inputs so far, compressed where they are.
    pub bytes_read: u64,
    /// Bytes of log looked at so far, after decompression.
    pub bytes_scanned: u64,
    /// Bytes put into files for want of memory.
    pub bytes_spilled: u64,
    /// Events that readers returned; events that a search skipped are not among them.
    pub events_scanned: u64,
    /// Events that passed every filter that stands before the first aggregation, sort or limit.
    pub events_matched: u64,
    /// Files begun.
    pub files_read: u64,
    /// Of these, the ones whose times name no year although events were asked for their time: those have none.
    pub files_without_year: u64,
    /// Files that a conversion is to write; 0 before it is known.
    pub files_to_write: u64,
    /// Of these, the ones that are written.
    pub files_written: u64,
}

impl Progress {
    /// Adds to the bytes that there are to read.
    pub fn add_total(&self, bytes: u64) {
        self.bytes_total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes bytes that are left unread because of their time.
    pub fn add_skipped(&self, bytes: u64) {
        self.bytes_skipped.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes bytes read from an input.
    pub fn add_read(&self, bytes: u64) {
        self.bytes_read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes bytes of log looked at, after decompression.
    pub fn add_scanned(&self, bytes: u64) {
        self.bytes_scanned.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes bytes put into files for want of memory.
    pub fn add_spilled(&self, bytes: u64) {
        self.bytes_spilled.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes events returned by a reader.
    pub fn add_events(&self, events: u64) {
        self.events_scanned.fetch_add(events, Ordering::Relaxed);
    }

    /// Notes events that passed the filters.
    pub fn add_matched(&self, events: u64) {
        self.events_matched.fetch_add(events, Ordering::Relaxed);
    }

    /// Notes a file begun.
    pub fn add_file(&self) {
        self.files_read.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes a file whose times were asked for and name no year. However often it is read, it counts once.
    pub fn add_file_without_year(&self, name: &str) {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        self.without_year().insert(hasher.finish());
    }

    fn without_year(&self) -> MutexGuard<'_, HashSet<u64>> {
        // A set is sound whatever thread broke off.
        self.files_without_year
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how many files are to be written, and how many of them are written already.
    pub fn set_files_to_write(&self, files: u64, written: u64) {
        self.files_written.store(written, Ordering::Relaxed);
        self.files_to_write.store(files, Ordering::Relaxed);
    }

    /// Notes a file written.
    pub fn add_written(&self) {
        self.files_written.fetch_add(1, Ordering::Relaxed);
    }

    /// The counters now.
    pub fn snapshot(&self) -> ProgressSnapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ProgressSnapshot {
            bytes_total: load(&self.bytes_total),
            bytes_skipped: load(&self.bytes_skipped),
            bytes_read: load(&self.bytes_read),
            bytes_scanned: load(&self.bytes_scanned),
            bytes_spilled: load(&self.bytes_spilled),
            events_scanned: load(&self.events_scanned),
            events_matched: load(&self.events_matched),
            files_read: load(&self.files_read),
            files_without_year: self.without_year().len() as u64,
            files_to_write: load(&self.files_to_write),
            files_written: load(&self.files_written),
        }
    }
}
