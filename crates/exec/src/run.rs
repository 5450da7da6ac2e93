//! Running a plan: partitions over a pool of threads, then the rest of the plan over what they merged to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use insq_event::{EventSource, RunContext, ScanPartition};
use rayon::ThreadPool;

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::physical::PhysicalPlan;
use crate::sink::Sink;
use crate::stream::ResultStream;

/// Runs `plan` over `source` and returns the result, batch by batch.
///
/// The scan and everything before the first gathering step are done when this returns; the rest happens as
/// the stream is read.
///
/// # Errors
/// [`ExecError`] when the run can't go on; [`ExecError::Cancelled`] soon after the context's cancellation.
pub fn execute(
    plan: &PhysicalPlan,
    source: &dyn EventSource,
    pool: &ThreadPool,
    run: &RunContext,
) -> Result<ResultStream, ExecError> {
    let queue = Queue::new(source.partitions(plan.request(), run)?, plan.enough_rows());
    let workers = pool.current_num_threads().min(queue.len()).max(1);
    let results: Mutex<Vec<Result<(Sink, Layout), ExecError>>> = Mutex::new(Vec::with_capacity(workers));
    pool.scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|_| {
                let result = work(plan, &queue, run);
                queue.stop_if(result.is_err());
                results
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(result);
            });
        }
    });
    let (sink, layout) = merge(results.into_inner().unwrap_or_else(PoisonError::into_inner))?;
    let (operator, positions) = plan.rest(sink.finish()?, layout, run)?;
    Ok(ResultStream::new(
        operator,
        positions,
        plan.schema().clone(),
        run.clone(),
    ))
}

/// Partitions that wait for a worker.
struct Queue {
    waiting: Mutex<std::iter::Enumerate<std::vec::IntoIter<Box<dyn ScanPartition>>>>,
    count: usize,
    stopped: AtomicBool,
    /// Rows of one partition after which no later one matters.
    enough_rows: Option<u64>,
    /// Number of the last partition that matters.
    last_needed: AtomicUsize,
}

impl Queue {
    fn new(partitions: Vec<Box<dyn ScanPartition>>, enough_rows: Option<u64>) -> Self {
        let count = partitions.len();
        Self {
            waiting: Mutex::new(partitions.into_iter().enumerate()),
            count,
            stopped: AtomicBool::new(false),
            enough_rows,
            last_needed: AtomicUsize::new(usize::MAX),
        }
    }

    fn len(&self) -> usize {
        self.count
    }

    /// The next partition, in the order of ingestion.
    fn take(&self) -> Option<(usize, Box<dyn ScanPartition>)> {
        let next = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        next.filter(|(number, _)| self.is_needed(*number))
    }

    /// True as long as the rows of a partition can be in the result.
    fn is_needed(&self, number: usize) -> bool {
        number <= self.last_needed.load(Ordering::Relaxed)
    }

    /// True when a partition has given so many rows that neither its own further rows nor those of later partitions
    /// can be in the result: whichever rows are taken, they are those that came first in the input.
    fn is_enough(&self, number: usize, rows: u64) -> bool {
        let is_enough = self.enough_rows.is_some_and(|enough| rows >= enough);
        if is_enough {
            self.last_needed.fetch_min(number, Ordering::Relaxed);
        }
        is_enough
    }

    fn stop_if(&self, failed: bool) {
        self.stopped.fetch_or(failed, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// What one worker does: partition after partition through the transforms into its sink.
fn work(plan: &PhysicalPlan, queue: &Queue, run: &RunContext) -> Result<(Sink, Layout), ExecError> {
    let (mut sink, layout) = plan.sink(run)?;
    while let Some((number, partition)) = queue.take() {
        let mut reader = partition.open()?;
        let mut rows = 0;
        while queue.is_needed(number)
            && let Some(batch) = reader.next_batch()?
        {
            if queue.is_stopped() {
                return Ok((sink, layout));
            }
            if let Some(chunk) = transform(plan, Chunk::from_batch(batch))? {
                run.progress.add_matched(chunk.rows as u64);
                sink.push(&chunk)?;
                rows += chunk.rows as u64;
                if queue.is_enough(number, rows) {
                    break;
                }
            }
        }
        // Readers end early when they are cancelled; what they gave is not the whole.
        if run.cancellation.is_cancelled() {
            return Err(ExecError::Cancelled);
        }
    }
    Ok((sink, layout))
}

fn transform(plan: &PhysicalPlan, chunk: Chunk) -> Result<Option<Chunk>, ExecError> {
    let mut chunk = chunk;
    for transform in plan.transforms() {
        match transform.apply(chunk)? {
            Some(made) => chunk = made,
            None => return Ok(None),
        }
    }
    Ok(Some(chunk))
}

fn merge(results: Vec<Result<(Sink, Layout), ExecError>>) -> Result<(Sink, Layout), ExecError> {
    let mut sinks = results.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter();
    let Some((mut merged, layout)) = sinks.next() else {
        return Err(ExecError::Internal("no worker ran".to_owned()));
    };
    for (sink, _) in sinks {
        merged.merge(sink)?;
    }
    Ok((merged, layout))
}
