//! From the partitions of a source to one recorder.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, Float64Array, RecordBatch, StringViewArray, TimestampMillisecondArray};
use insq_event::{
    EventKinds, Reservation, RunContext, ScanColumn, ScanField, ScanPartition, ScanRequest, SourceError,
    SystemField, TimeRange,
};
use insq_exec::{BATCH_ROWS_DEFAULT, ExecError};
use insq_lambda::{LoadRecorder, ReportSource};

use crate::engine::Engine;
use crate::error::Error;

/// The columns that a recorder needs, in the order of [`Columns`].
const FIELDS: [SystemField; 7] = [
    SystemField::Timestamp,
    SystemField::Duration,
    SystemField::InitDuration,
    SystemField::RestoreDuration,
    SystemField::Function,
    SystemField::Log,
    SystemField::LogStream,
];

/// What a function is called of which neither name nor log group is known.
pub(super) const UNKNOWN_FUNCTION: &str = "(unknown)";

/// Batches between two looks at the memory that a recorder holds.
const BATCHES_PER_CHARGE: usize = 16;

type Partitions = Mutex<std::vec::IntoIter<Box<dyn ScanPartition>>>;

/// Reads every REPORT event of `range`, each worker into a recorder of its own.
pub(super) fn record(
    engine: &Engine,
    range: TimeRange,
    run: &RunContext,
) -> Result<(LoadRecorder, Reservation), Error> {
    let request = request(&FIELDS, EventKinds::REPORT, range);
    let parts = scan(engine, request, run, || {
        let mut recorder = LoadRecorder::default();
        let mut known = KnownSources::new();
        let mut memory = run.memory.reservation(ACCOUNT);
        let mut batches = 0;
        move |batch: Option<&RecordBatch>| match batch {
            Some(batch) => {
                Columns::of(batch)?.record(&mut recorder, &mut known);
                batches += 1;
                if batches % BATCHES_PER_CHARGE == 0 {
                    memory.resize(recorder.memory_bytes()).map_err(ExecError::from)?;
                }
                Ok(None)
            }
            None => {
                memory.resize(recorder.memory_bytes()).map_err(ExecError::from)?;
                let held = std::mem::replace(&mut memory, run.memory.reservation(ACCOUNT));
                Ok(Some((std::mem::take(&mut recorder), held)))
            }
        }
    })?;
    let mut all = LoadRecorder::default();
    let mut memory = run.memory.reservation(ACCOUNT);
    for (recorder, _held) in parts {
        all.merge(recorder);
        memory.resize(all.memory_bytes()).map_err(ExecError::from)?;
    }
    Ok((all, memory))
}

/// Reads what `request` asks for on the threads of the engine. `make` makes what a worker does with its batches; asked
/// without one, at the end, it gives what it made of them.
pub(super) fn scan<T, W>(
    engine: &Engine,
    request: ScanRequest,
    run: &RunContext,
    make: impl Fn() -> W + Sync,
) -> Result<Vec<T>, Error>
where
    T: Send,
    W: FnMut(Option<&RecordBatch>) -> Result<Option<T>, Error>,
{
    let partitions = engine
        .source()
        .partitions(&Arc::new(request), run)
        .map_err(ExecError::from)?;
    let workers = engine.pool().current_num_threads().min(partitions.len()).max(1);
    let queue: Partitions = Mutex::new(partitions.into_iter());
    let results = Mutex::new(Vec::with_capacity(workers));
    engine.pool().scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|_| {
                let result = work(&queue, run, make());
                if result.is_err() {
                    // The others stop at their next partition.
                    *queue.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new().into_iter();
                }
                results
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(result);
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let made: Vec<Option<T>> = results.into_iter().collect::<Result<_, _>>()?;
    Ok(made.into_iter().flatten().collect())
}

fn work<T>(
    queue: &Partitions,
    run: &RunContext,
    mut take: impl FnMut(Option<&RecordBatch>) -> Result<Option<T>, Error>,
) -> Result<Option<T>, Error> {
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some(partition) = next() {
        let mut reader = partition.open().map_err(ExecError::from)?;
        while let Some(batch) = reader.next_batch().map_err(ExecError::from)? {
            run.progress.add_matched(batch.num_rows() as u64);
            take(Some(&batch))?;
        }
        // Readers end early when they are cancelled; what they gave is not the whole.
        if run.cancellation.is_cancelled() {
            return Err(ExecError::Cancelled.into());
        }
    }
    take(None)
}

/// What the memory of a load is called in messages.
const ACCOUNT: &str = "invocations";

/// System fields of the events of some kinds and some time.
pub(super) fn request(fields: &[SystemField], kinds: EventKinds, time_range: TimeRange) -> ScanRequest {
    let columns = fields.iter().map(|field| ScanColumn {
        name: field.name().into(),
        field: ScanField::System(*field),
    });
    ScanRequest {
        columns: columns.collect(),
        kinds,
        time_range,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: BATCH_ROWS_DEFAULT,
        bar: None,
    }
}

/// The columns of one batch.
struct Columns<'a> {
    rows: usize,
    time: &'a TimestampMillisecondArray,
    duration: &'a Float64Array,
    init: &'a Float64Array,
    restore: &'a Float64Array,
    function: &'a StringViewArray,
    log: &'a StringViewArray,
    stream: &'a StringViewArray,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self, Error> {
        Self::typed(batch).ok_or_else(|| misfit(batch))
    }

    fn typed(batch: &'a RecordBatch) -> Option<Self> {
        let [time, duration, init, restore, function, log, stream] = batch.columns() else {
            return None;
        };
        Some(Self {
            rows: batch.num_rows(),
            time: time.as_primitive_opt::<TimestampMillisecondType>()?,
            duration: duration.as_primitive_opt::<Float64Type>()?,
            init: init.as_primitive_opt::<Float64Type>()?,
            restore: restore.as_primitive_opt::<Float64Type>()?,
            function: function.as_string_view_opt()?,
            log: log.as_string_view_opt()?,
            stream: stream.as_string_view_opt()?,
        })
    }

    fn record(&self, recorder: &mut LoadRecorder, known: &mut KnownSources) {
        known.forget();
        let number = |column: &Float64Array, row| column.is_valid(row).then(|| column.value(row));
        // Events of one source mostly follow each other.
        let mut last: Option<(SourceKey, ReportSource)> = None;
        for row in 0..self.rows {
            let key = self.key(row);
            let source = match last {
                Some((last, source)) if is_same(&last, &key) => source,
                _ => known.get(key, || {
                    let name = text(self.function, row).or_else(|| text(self.log, row));
                    recorder.source(name.unwrap_or(UNKNOWN_FUNCTION), text(self.stream, row))
                }),
            };
            last = Some((key, source));
            recorder.record_of(
                source,
                self.time.is_valid(row).then(|| self.time.value(row)),
                number(self.duration, row),
                number(self.init, row).or_else(|| number(self.restore, row)),
            );
        }
    }

    /// What names the source of a row, without looking at the text: equal views of one batch are equal texts.
    #[inline]
    fn key(&self, row: usize) -> SourceKey {
        let view = |column: &StringViewArray| {
            if column.is_valid(row) {
                column.views()[row]
            } else {
                MISSING
            }
        };
        [view(self.function), view(self.log), view(self.stream)]
    }
}

/// The views of function, log group and log stream.
type SourceKey = [u128; 3];

/// One by one: arrays are compared by a call.
#[inline]
fn is_same(a: &SourceKey, b: &SourceKey) -> bool {
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// No view: its text would be longer than a buffer can be.
const MISSING: u128 = u128::MAX;

/// Sources of a batch that are remembered; a batch mostly has few.
const KNOWN_SOURCES: usize = 256;

/// The sources of one batch, by their views; one that takes the place of another is looked up again.
struct KnownSources {
    /// With the number of the batch, since views mean nothing in the next one.
    places: Vec<Option<(u64, SourceKey, ReportSource)>>,
    batch: u64,
}

impl KnownSources {
    fn new() -> Self {
        Self {
            places: vec![None; KNOWN_SOURCES],
            batch: 0,
        }
    }

    /// Another batch begins.
    fn forget(&mut self) {
        self.batch += 1;
    }

    fn get(&mut self, key: SourceKey, find: impl FnOnce() -> ReportSource) -> ReportSource {
        let batch = self.batch;
        let place = &mut self.places[Self::place(&key)];
        match place {
            Some((known_in, known, source)) if *known_in == batch && is_same(known, &key) => *source,
            _ => {
                let source = find();
                *place = Some((batch, key, source));
                source
            }
        }
    }

    /// Texts differ in where they lie and in how they begin.
    fn place(key: &SourceKey) -> usize {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        let fold = |view: u128| (view as u64) ^ ((view >> 64) as u64);
        let mixed = key.iter().fold(0u64, |mixed, view| {
            (mixed.rotate_left(23) ^ fold(*view)).wrapping_mul(MIX)
        });
        (mixed >> (u64::BITS - KNOWN_SOURCES.ilog2())) as usize
    }
}

/// A batch whose columns are not what was asked for: a defect of the source.
pub(super) fn misfit(batch: &RecordBatch) -> Error {
    let schema = batch.schema();
    let types = schema.fields().iter().map(|field| field.data_type().to_string());
    let message = format!("columns of other types: {}", types.collect::<Vec<_>>().join(", "));
    let cause = SourceError::Arrow(arrow_schema::ArrowError::SchemaError(message));
    ExecError::from(cause).into()
}

pub(super) fn text(column: &StringViewArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}
