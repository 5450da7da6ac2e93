//! What a query gathers while partitions are read: one line per worker, and all of them together in the end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use insq_event::{Bar, RunContext};

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::physical::PhysicalPlan;
use crate::sink::Sink;
use crate::stream::ResultStream;

/// The sink of one query at one worker.
pub(crate) struct Line {
    sink: Sink,
    layout: Layout,
    /// Rows of the partition that is being read.
    rows: u64,
    /// True when further rows of this partition can't be in the result.
    pub(crate) is_done: bool,
    busy: Duration,
}

impl Line {
    pub(crate) fn new(plan: &PhysicalPlan, run: &RunContext) -> Result<Self, ExecError> {
        let (sink, layout) = plan.sink(run)?;
        Ok(Self {
            sink,
            layout,
            rows: 0,
            is_done: false,
            busy: Duration::ZERO,
        })
    }

    /// Says to `bar` what rows must pass, as it becomes known.
    pub(crate) fn tell(&mut self, bar: Arc<Bar>) {
        self.sink.tell(bar);
    }

    pub(crate) fn begin_partition(&mut self) {
        (self.rows, self.is_done) = (0, false);
    }

    /// Takes rows of the scan in; gives how many of this partition have passed the filters so far.
    pub(crate) fn push(
        &mut self,
        plan: &PhysicalPlan,
        run: &RunContext,
        chunk: Chunk,
    ) -> Result<u64, ExecError> {
        let started = Instant::now();
        if let Some(chunk) = transform(plan, chunk)? {
            run.progress.add_matched(chunk.rows as u64);
            self.sink.push(&chunk)?;
            self.rows += chunk.rows as u64;
        }
        self.busy += started.elapsed();
        Ok(self.rows)
    }
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

/// What all workers gathered for a query, which is not merged yet.
pub struct Gathered<'q> {
    plan: &'q PhysicalPlan,
    run: RunContext,
    lines: Vec<Line>,
}

impl<'q> Gathered<'q> {
    pub(crate) fn new(plan: &'q PhysicalPlan, run: RunContext, lines: Vec<Line>) -> Self {
        Self { plan, run, lines }
    }

    /// Time that workers spent on the rows of this query alone, all workers together. Reading is not in it.
    pub fn busy(&self) -> Duration {
        self.lines.iter().map(|line| line.busy).sum()
    }

    /// The result, batch by batch: merges, and puts the rest of the plan on top.
    ///
    /// # Errors
    /// [`ExecError`] when the run can't go on.
    pub fn stream(self) -> Result<ResultStream, ExecError> {
        let mut lines = self.lines.into_iter();
        let Some(Line {
            sink: mut merged,
            layout,
            ..
        }) = lines.next()
        else {
            return Err(ExecError::Internal("no worker ran".to_owned()));
        };
        for line in lines {
            merged.merge(line.sink)?;
        }
        let (operator, positions) = self.plan.rest(merged.finish()?, layout, &self.run)?;
        Ok(ResultStream::new(
            operator,
            positions,
            self.plan.schema().clone(),
            self.run,
        ))
    }
}
