//! From a source to sorted runs.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use insq_event::{
    EventKinds, MS_PER_DAY, Position, Reservation, RunContext, ScanPartition, ScanRequest, SystemField,
    TimeRange,
};

use super::convert::{ConvertError, ConvertOptions};
use super::field_tally::FieldTally;
use super::folder::{PartitionBy, PartitionKey};
use super::layout::{POSITION, stored_columns};
use super::runs::{KeyColumns, Run, RunPlace, Unsorted, sorted, spill};
use crate::leaves::LeafFinder;
use crate::reserved::BESIDE;

/// What is read of every event, and where it stands.
pub(super) struct StoredColumns {
    pub(super) request: Arc<ScanRequest>,
    pub(super) schema: SchemaRef,
    pub(super) keys: KeyColumns,
    pub(super) texts: TextColumns,
    function: usize,
}

/// Where the texts stand that fields are discovered in.
#[derive(Clone, Copy)]
pub(super) struct TextColumns {
    pub(super) message: usize,
    /// What stands beside the message; it wins.
    pub(super) beside: usize,
}

impl StoredColumns {
    pub(super) fn new() -> Result<Self, ArrowError> {
        let request = Arc::new(ScanRequest {
            columns: stored_columns(),
            kinds: EventKinds::ALL,
            time_range: TimeRange::ALL,
            literals: Vec::new(),
            request_id: None,
            function: None,
            batch_rows: 8_192,
            bar: None,
        });
        let schema = request.schema();
        let column = |name: &str| schema.index_of(name);
        Ok(Self {
            keys: KeyColumns {
                time: column(SystemField::Timestamp.name())?,
                position: column(POSITION)?,
                kind: column(SystemField::Type.name())?,
            },
            texts: TextColumns {
                message: column(SystemField::Message.name())?,
                beside: column(BESIDE)?,
            },
            function: column(SystemField::Function.name())?,
            schema,
            request,
        })
    }
}

/// Where runs wait that do not fit into memory.
pub(super) trait RunFiles: Sync {
    /// A file to write and to read, and its name if it has one.
    fn create(&self) -> std::io::Result<(File, Option<String>)>;
}

/// How events are gathered.
pub(super) struct GatherPlan<'a> {
    pub(super) stored: &'a StoredColumns,
    /// What divides the events into parts.
    pub(super) by: &'a [PartitionBy],
    pub(super) options: &'a ConvertOptions,
    pub(super) files: &'a dyn RunFiles,
    /// True to keep in memory what fits there.
    pub(super) keeps_last: bool,
    pub(super) run: &'a RunContext,
}

/// What all partitions gave.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) runs: Vec<Run>,
    pub(super) tally: FieldTally,
    /// Files that the positions count.
    pub(super) files: u64,
    pub(super) events: u64,
    /// The memory of runs that stay in memory.
    held: Vec<Reservation>,
}

/// Reads `partitions` on several threads.
pub(super) fn gather(
    partitions: Vec<Box<dyn ScanPartition>>,
    plan: &GatherPlan<'_>,
) -> Result<Gathered, ConvertError> {
    let threads = plan.options.threads.get().min(partitions.len()).max(1);
    let queue = Mutex::new(partitions.into_iter());
    let work = || -> Result<Gathered, ConvertError> {
        let mut gatherer = Gatherer::new(plan);
        loop {
            // Not in the head of the loop, where the lock would be held while the partition is read.
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(partition) = next else { break };
            let mut reader = partition.open()?;
            while let Some(batch) = reader.next_batch()? {
                gatherer.add(batch)?;
            }
            // Readers end early when they are cancelled.
            if plan.run.cancellation.is_cancelled() {
                return Err(ConvertError::Cancelled);
            }
        }
        gatherer.finish()
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(ScopedJoinHandle::join).collect()
    });
    let mut all = Gathered::default();
    for result in results {
        let part = match result {
            Ok(part) => part?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        all.runs.extend(part.runs);
        all.events += part.events;
        all.tally.merge(part.tally);
        all.files = all.files.max(part.files);
        all.held.extend(part.held);
    }
    Ok(all)
}

/// Gathers events on one thread.
struct Gatherer<'a> {
    plan: &'a GatherPlan<'a>,
    waiting: Vec<RecordBatch>,
    /// The parts of the rows that wait.
    parts: Vec<Vec<u32>>,
    numbers: PartNumbers,
    finder: LeafFinder,
    held: Reservation,
    done: Gathered,
}

impl<'a> Gatherer<'a> {
    fn new(plan: &'a GatherPlan<'a>) -> Self {
        Self {
            plan,
            waiting: Vec::new(),
            parts: Vec::new(),
            numbers: PartNumbers::default(),
            finder: LeafFinder::default(),
            held: plan.run.memory.reservation("convert"),
            done: Gathered::default(),
        }
    }

    fn add(&mut self, batch: RecordBatch) -> Result<(), ConvertError> {
        let stored = self.plan.stored;
        for column in [stored.texts.message, stored.texts.beside] {
            for text in batch.column(column).as_string_view().iter().flatten() {
                self.done.tally.add(&mut self.finder, text);
            }
        }
        let positions = batch.column(stored.keys.position).as_primitive::<UInt64Type>();
        if let Some(last) = positions.values().iter().max() {
            self.done.files = self.done.files.max(Position::from_u64(*last).file() + 1);
        }
        self.done.events += batch.num_rows() as u64;
        self.parts.push(self.numbers.of(&batch, self.plan));
        self.held.grow(batch.get_array_memory_size())?;
        self.waiting.push(batch);
        if self.held.bytes() >= self.plan.options.buffer_bytes / self.plan.options.threads {
            self.spill()?;
            self.held = self.plan.run.memory.reservation("convert");
        }
        Ok(())
    }

    /// The events that wait, as a run that has no place yet.
    fn sorted(&mut self) -> Result<Run, ConvertError> {
        let numbers = std::mem::take(&mut self.numbers);
        let unsorted = Unsorted {
            batches: &std::mem::take(&mut self.waiting),
            parts: &std::mem::take(&mut self.parts),
            keys: &numbers.keys,
        };
        let (batches, spans) = sorted(&unsorted, self.plan.stored.keys)?;
        Ok(Run {
            place: RunPlace::Memory(batches),
            spans,
            first_file: 0,
        })
    }

    fn spill(&mut self) -> Result<(), ConvertError> {
        let mut run = self.sorted()?;
        if let RunPlace::Memory(batches) = run.place {
            let (file, name) = self.plan.files.create()?;
            spill(batches, &self.plan.stored.schema, &file)?;
            run.place = RunPlace::File { file, name };
        }
        self.done.runs.push(run);
        Ok(())
    }

    fn finish(mut self) -> Result<Gathered, ConvertError> {
        if self.waiting.is_empty() {
            return Ok(self.done);
        }
        if self.plan.keeps_last {
            let run = self.sorted()?;
            self.done.runs.push(run);
            self.done.held.push(self.held);
        } else {
            self.spill()?;
        }
        Ok(self.done)
    }
}

/// Gives parts numbers, as they come.
#[derive(Default)]
struct PartNumbers {
    keys: Vec<PartitionKey>,
    numbers: HashMap<PartitionKey, u32>,
}

impl PartNumbers {
    /// The parts of the rows of a batch.
    fn of(&mut self, batch: &RecordBatch, plan: &GatherPlan<'_>) -> Vec<u32> {
        if plan.by.is_empty() {
            let number = self.number(PartitionKey::default());
            return vec![number; batch.num_rows()];
        }
        let times = batch
            .column(plan.stored.keys.time)
            .as_primitive::<TimestampMillisecondType>();
        let functions = batch.column(plan.stored.function).as_string_view();
        // Neighbours are mostly of one part: that of the row before, by its day and function.
        let (mut last, mut known) = (None, 0);
        (0..batch.num_rows())
            .map(|row| {
                let time = times.is_valid(row).then(|| times.value(row));
                let function = functions.is_valid(row).then(|| functions.value(row));
                let sign = Some((time.map(|ms| ms.div_euclid(MS_PER_DAY)), function));
                if last != sign {
                    known = self.number(PartitionKey::of(plan.by, time, function));
                    last = sign;
                }
                known
            })
            .collect()
    }

    fn number(&mut self, key: PartitionKey) -> u32 {
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.keys.len() as u32;
        self.keys.push(key.clone());
        self.numbers.insert(key, number);
        number
    }
}
