//! The physical plan: what every worker does with its partitions, and what happens to the merged result.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use insq_event::{Bar, RunContext, ScanColumn, ScanField, ScanRequest, SystemField};
use insq_functions::EvalContext;
use insq_plan::{ColumnId, Expr, LogicalPlan, SortDirection, Step, explain_scan};

use crate::chunk::Layout;
use crate::error::ExecError;
use crate::operator::BoxedOperator;
use crate::sink::Sink;
use crate::stack::{stack, step_word};
use crate::transform::Transform;

/// Rows of a batch unless asked otherwise: enough to spread the cost of a batch, few enough to stay in the
/// cache.
pub const BATCH_ROWS_DEFAULT: usize = 8_192;

/// A plan cut at its first step that must see many rows.
///
/// Everything before the cut runs per partition, on any thread, into a sink of that thread. The sinks are
/// merged; everything after the cut runs once, on what comes out.
pub struct PhysicalPlan {
    plan: LogicalPlan,
    request: Arc<ScanRequest>,
    transforms: Vec<Transform>,
    /// Index of the step at the cut.
    cut: usize,
    /// What arrives at the cut.
    layout: Layout,
    context: EvalContext,
    schema: SchemaRef,
}

impl PhysicalPlan {
    /// Cuts `plan`. `batch_rows` bounds the batches of the scan; at least 1.
    ///
    /// # Errors
    /// [`ExecError::Internal`] when the plan has no step to cut at, or shows what is no value.
    pub fn new(plan: LogicalPlan, context: EvalContext, batch_rows: usize) -> Result<Self, ExecError> {
        let request = Arc::new(scan_request(&plan, batch_rows));
        let mut layout = Layout::new(plan.scan.columns.iter().map(|binding| binding.id).collect());
        let mut transforms = Vec::new();
        let mut cut = 0;
        while let Some(step) = plan.steps.get(cut)
            && let Some((transform, after)) = Transform::of(step, &layout, wanted_after(&plan, cut), context)?
        {
            transforms.push(transform);
            layout = after;
            cut += 1;
        }
        if cut == plan.steps.len() {
            return Err(ExecError::Internal(
                "a plan whose rows are neither ordered nor gathered".to_owned(),
            ));
        }
        let schema = output_schema(&plan)?;
        Ok(Self {
            plan,
            request,
            transforms,
            cut,
            layout,
            context,
            schema,
        })
    }

    /// What is asked of the source.
    pub fn request(&self) -> &Arc<ScanRequest> {
        &self.request
    }

    /// The schema of the result.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The plan in words: what each partition does, and what happens to all of them together.
    pub fn explain(&self) -> String {
        let mut text = String::from("each partition, on any thread:\n");
        text.push_str(&format!("  {}\n", self.explain_scan()));
        for step in &self.plan.steps[..self.cut] {
            text.push_str(&format!("  {}\n", step_word(step)));
        }
        text.push_str(&format!("  partial {}\n", step_word(&self.plan.steps[self.cut])));
        text.push_str("all partitions together:\n");
        text.push_str(&format!("  merge {}\n", step_word(&self.plan.steps[self.cut])));
        for step in &self.plan.steps[self.cut + 1..] {
            text.push_str(&format!("  {}\n", step_word(step)));
        }
        text
    }

    /// What is asked of the source, in words.
    pub fn explain_scan(&self) -> String {
        explain_scan(&self.plan.scan, &self.plan.columns)
    }

    /// Rows after which the rest of the input need not be looked at.
    pub(crate) fn enough_rows(&self) -> Option<u64> {
        match self.plan.steps.get(self.cut) {
            Some(Step::AnyRows { count, .. }) => Some(*count),
            _ => None,
        }
    }

    /// A new bar for the events of a run, where a sort keeps the first of them by what readers know of every one. Nothing on
    /// the way there may take rows out, so that those that readers leave out can be counted as if they had come.
    pub(crate) fn bar(&self) -> Option<Bar> {
        let Some(Step::TopK {
            keys,
            count,
            distinct,
        }) = self.plan.steps.get(self.cut)
        else {
            return None;
        };
        let key = keys.first()?;
        let Expr::Column(id, _) = &key.expr else {
            return None;
        };
        let mut bindings = self.plan.scan.columns.iter();
        let ScanField::System(field) = bindings.find(|binding| binding.id == *id)?.field else {
            return None;
        };
        let is_direct = self.transforms.iter().all(Transform::keeps_rows);
        if !is_direct || !is_time_or_number(field) {
            return None;
        }
        let bar = Bar::new(field, key.direction == SortDirection::Descending);
        Some(match distinct.is_empty() {
            true => bar.keeping(*count),
            false => bar,
        })
    }

    pub(crate) fn transforms(&self) -> &[Transform] {
        &self.transforms
    }

    /// An empty sink for a worker, and the layout of what leaves it.
    pub(crate) fn sink(&self, run: &RunContext) -> Result<(Sink, Layout), ExecError> {
        let step = &self.plan.steps[self.cut];
        let next = self.plan.steps.get(self.cut + 1);
        match Sink::of(
            step,
            &self.layout,
            wanted_after(&self.plan, self.cut),
            next,
            self.context,
            run,
        )? {
            Some(sink) => Ok(sink),
            None => Err(ExecError::Internal(format!(
                "{} can't be the first step of its kind",
                step_word(step)
            ))),
        }
    }

    /// The steps after the cut, on top of the merged result; and where the output's columns stand.
    pub(crate) fn rest(
        &self,
        merged: BoxedOperator,
        layout: Layout,
        run: &RunContext,
    ) -> Result<(BoxedOperator, Vec<usize>), ExecError> {
        let (mut operator, mut layout) = (merged, layout);
        for idx in self.cut + 1..self.plan.steps.len() {
            let step = &self.plan.steps[idx];
            let wanted = wanted_after(&self.plan, idx);
            (operator, layout) = stack(step, operator, layout, &wanted, self.context, run)?;
        }
        let positions: Option<Vec<usize>> = self
            .plan
            .output
            .iter()
            .map(|column| layout.position(column.id))
            .collect();
        let positions =
            positions.ok_or_else(|| ExecError::Internal(format!("the output is not in {layout:?}")))?;
        Ok((operator, positions))
    }
}

fn scan_request(plan: &LogicalPlan, batch_rows: usize) -> ScanRequest {
    let column = |binding: &insq_plan::ScanBinding| ScanColumn {
        name: plan.columns.name(binding.id).into(),
        field: binding.field.clone(),
    };
    ScanRequest {
        columns: plan.scan.columns.iter().map(column).collect(),
        kinds: plan.scan.kinds,
        time_range: plan.scan.time_range,
        literals: plan.scan.literals.clone(),
        request_id: plan.scan.request_id.clone(),
        function: plan.scan.function.clone(),
        batch_rows: batch_rows.max(1),
        bar: None,
    }
}

/// True for the time of events, and for the numbers of REPORT events.
fn is_time_or_number(field: SystemField) -> bool {
    use SystemField::{
        BilledDuration, Duration, InitDuration, MaxMemoryUsed, MemorySize, RestoreDuration, Timestamp,
    };
    matches!(
        field,
        Timestamp | Duration | BilledDuration | InitDuration | RestoreDuration | MemorySize | MaxMemoryUsed
    )
}

fn wanted_after(plan: &LogicalPlan, idx: usize) -> impl Fn(ColumnId) -> bool {
    let needed = plan.needed_after(idx);
    move |id| needed.contains(&id)
}

fn output_schema(plan: &LogicalPlan) -> Result<SchemaRef, ExecError> {
    let mut fields = Vec::with_capacity(plan.output.len());
    for column in &plan.output {
        match plan.columns.info(column.id).column_type {
            Some(ty) => fields.push(ty.field(&column.name)),
            None => return Err(ExecError::Internal(format!("`{}` is no value", column.name))),
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}
