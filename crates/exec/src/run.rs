//! Running plans: partitions over a pool of threads, then the rest of each plan over what they merged to.

use std::sync::{Arc, Mutex, PoisonError};

use insq_event::{Bar, EventSource, RunContext, ScanRequest, SharedPartition, SharedReader, SystemField};
use rayon::ThreadPool;

use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::gathered::{Gathered, Line};
use crate::physical::PhysicalPlan;
use crate::queue::Queue;
use crate::shared_scan::{Group, groups};
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
    let mut gathered = execute_shared(&[(plan, run)], source, pool, run)?;
    match gathered.pop() {
        Some(only) => only?.stream(),
        None => Err(ExecError::Internal("no query ran".to_owned())),
    }
}

/// Runs many plans in one pass over `source`, each in a context of its own; `scan` is that of the reading. Gives what
/// each of them gathered: exactly what it gathers alone. A plan that can't go on does not stop the others.
///
/// # Errors
/// [`ExecError`] when the reading can't go on, or was cancelled: then nobody has the whole.
pub fn execute_shared<'q>(
    queries: &[(&'q PhysicalPlan, &RunContext)],
    source: &dyn EventSource,
    pool: &ThreadPool,
    scan: &RunContext,
) -> Result<Vec<Result<Gathered<'q>, ExecError>>, ExecError> {
    let plans: Vec<&PhysicalPlan> = queries.iter().map(|(plan, _)| *plan).collect();
    let groups = groups(&plans);
    let bars: Vec<Option<Arc<Bar>>> = groups.iter().map(|group| bar(group, &plans)).collect();
    let requests: Vec<_> = groups
        .iter()
        .zip(&bars)
        .map(|(group, bar)| with_bar(&group.request, bar))
        .collect();
    let enough_rows = plans.iter().map(|plan| plan.enough_rows()).collect();
    let partitions = source.shared_partitions(&requests, scan)?;
    // A strict run ends at the damage that it meets first: with one thread, at that nearest to the front.
    let is_backward = !scan.strict && is_newest_first(&bars);
    let queue = Queue::new(partitions, enough_rows, is_backward);
    let workers = pool.current_num_threads().min(queue.len()).max(1);
    let shared = Shared {
        queries,
        groups: &groups,
        bars: &bars,
        queue: &queue,
        scan,
    };
    let results: Mutex<Vec<Result<Vec<Option<Line>>, ExecError>>> = Mutex::new(Vec::with_capacity(workers));
    pool.scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|_| {
                let result = shared.work();
                queue.stop_if(result.is_err());
                results
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(result);
            });
        }
    });
    for (group, bar) in groups.iter().zip(&bars) {
        if let ([only], Some(bar)) = (&group.members[..], bar) {
            queries[only.query].1.progress.add_matched(bar.left_out());
        }
    }
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut lines = results
        .into_iter()
        .map(|result| result.map(Vec::into_iter))
        .collect::<Result<Vec<_>, _>>()?;
    let mut gathered = Vec::with_capacity(queries.len());
    for ((plan, run), failure) in queries.iter().zip(queue.into_failures()) {
        let of_query: Vec<Line> = lines
            .iter_mut()
            .filter_map(|lines| lines.next().flatten())
            .collect();
        gathered.push(match failure {
            Some(failure) => Err(failure),
            None => Ok(Gathered::new(plan, (*run).clone(), of_query)),
        });
    }
    Ok(gathered)
}

/// A new bar for the events of a group, if one query alone wants them and has one.
fn bar(group: &Group, plans: &[&PhysicalPlan]) -> Option<Arc<Bar>> {
    match &group.members[..] {
        [only] => plans[only.query].bar().map(Arc::new),
        _ => None,
    }
}

fn with_bar(request: &Arc<ScanRequest>, bar: &Option<Arc<Bar>>) -> Arc<ScanRequest> {
    match bar {
        Some(_) => Arc::new(ScanRequest {
            bar: bar.clone(),
            ..(**request).clone()
        }),
        None => Arc::clone(request),
    }
}

/// True when the newest events are wanted and nothing else. In most logs they stand at the end, and once they are known, no
/// others pass.
fn is_newest_first(bars: &[Option<Arc<Bar>>]) -> bool {
    let is_newest = |bar: &Bar| bar.field() == SystemField::Timestamp && bar.is_descending();
    matches!(bars, [Some(bar)] if is_newest(bar))
}

/// What the workers of a run share.
struct Shared<'a> {
    queries: &'a [(&'a PhysicalPlan, &'a RunContext)],
    groups: &'a [Group],
    /// Those of the groups.
    bars: &'a [Option<Arc<Bar>>],
    queue: &'a Queue,
    scan: &'a RunContext,
}

impl Shared<'_> {
    /// What one worker does: partition after partition through the transforms of each query into its sink.
    fn work(&self) -> Result<Vec<Option<Line>>, ExecError> {
        let mut lines = Vec::with_capacity(self.queries.len());
        for (query, (plan, run)) in self.queries.iter().enumerate() {
            let line = Line::new(plan, run);
            lines.push(self.queue.unless_failed(query, line));
        }
        for (group, bar) in self.groups.iter().zip(self.bars) {
            if let ([only], Some(bar)) = (&group.members[..], bar)
                && let Some(line) = &mut lines[only.query]
            {
                line.tell(Arc::clone(bar));
            }
        }
        while let Some((number, partition)) =
            self.queue.take(|request, number| self.is_wanted(request, number))
        {
            self.read(number, partition, &mut lines)?;
            if self.queue.is_stopped() {
                break;
            }
            // Readers end early when they are cancelled; what they gave is not the whole.
            if self.scan.cancellation.is_cancelled() {
                return Err(ExecError::Cancelled);
            }
        }
        Ok(lines)
    }

    /// True as long as some query of a group waits for rows of a partition.
    fn is_wanted(&self, group: usize, number: usize) -> bool {
        self.groups[group]
            .members
            .iter()
            .any(|member| self.queue.is_needed(member.query, number))
    }

    fn read(
        &self,
        number: usize,
        partition: Box<dyn SharedPartition>,
        lines: &mut [Option<Line>],
    ) -> Result<(), ExecError> {
        let requests = partition.requests();
        let mut reader: Box<dyn SharedReader> = partition.open()?;
        for group in requests {
            if !self.is_wanted(group, number) {
                reader.stop(group);
            }
        }
        lines.iter_mut().flatten().for_each(Line::begin_partition);
        while let Some((group, batch)) = reader.next_batch()? {
            if self.queue.is_stopped() {
                return Ok(());
            }
            self.feed(number, &self.groups[group], &Chunk::from_batch(batch), lines);
            if self.is_done(group, number, lines) {
                reader.stop(group);
            }
        }
        Ok(())
    }

    /// True when no query of a group waits for more rows of the partition that this worker reads.
    fn is_done(&self, group: usize, number: usize, lines: &[Option<Line>]) -> bool {
        self.groups[group].members.iter().all(|member| {
            let is_open = lines[member.query].as_ref().is_some_and(|line| !line.is_done);
            !is_open || !self.queue.is_needed(member.query, number)
        })
    }

    /// Gives rows to each query of a group that still needs them.
    fn feed(&self, number: usize, group: &Group, chunk: &Chunk, lines: &mut [Option<Line>]) {
        for member in &group.members {
            let (query, (plan, run)) = (member.query, self.queries[member.query]);
            if !self.queue.is_needed(query, number) {
                // What a failed query gathered is room for the others.
                if self.queue.has_failed(query) {
                    lines[query] = None;
                }
                continue;
            }
            let Some(line) = lines[query].as_mut().filter(|line| !line.is_done) else {
                continue;
            };
            let own = match &member.projection {
                Some(places) => chunk.project(places),
                None => chunk.clone(),
            };
            match line.push(plan, run, own) {
                Ok(rows) => line.is_done = self.queue.is_enough(query, number, rows),
                Err(failure) => {
                    lines[query] = None;
                    self.queue.fail(query, failure);
                }
            }
        }
    }
}
