//! The end of binding: the order of rows, the columns that are shown, and the plan.

use insq_event::{ColumnType, EventKinds, ScanField, SystemField, TimeRange};
use insq_functions::InternalFunction;

use super::service::SERVICE_ROWS_DEFAULT;
use super::{Binder, Bound, ServiceRules};
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::{Computed, LogicalPlan, OutputColumn, Scan, Step};

impl Binder {
    pub(super) fn finish(mut self) -> Result<Bound, PlanError> {
        self.fix_order();
        self.finish_join()?;
        let output = self.shown_columns();
        if self.options.service == ServiceRules::Enforced
            && !self
                .steps
                .iter()
                .any(|step| matches!(step, Step::Limit(_) | Step::AnyRows { .. }))
        {
            self.steps.push(Step::Limit(SERVICE_ROWS_DEFAULT));
        }
        let scan = Scan {
            columns: self.scan,
            kinds: EventKinds::ALL,
            time_range: self.range.unwrap_or(TimeRange::ALL),
            literals: Vec::new(),
            request_id: None,
            function: None,
        };
        Ok(Bound {
            plan: LogicalPlan {
                columns: self.columns,
                scan,
                steps: self.steps,
                output,
                subplans: self.subplans,
                sources: self.sources,
                has_own_range: self.range.is_some(),
                is_estimate: self.is_estimate,
            },
            warnings: self.warnings,
        })
    }

    /// The columns that are shown, as the values that cells can hold.
    fn shown_columns(&mut self) -> Vec<OutputColumn> {
        self.list_defaults();
        let listed = std::mem::take(&mut self.output.listed);
        listed
            .into_iter()
            .map(|column| {
                let id = match self.shown_as(&column) {
                    Some(expr) => {
                        let ty = expr.column_type();
                        let id = self.columns.add(&column.name, Some(ty));
                        self.steps.push(Step::Compute(vec![Computed { id, expr }]));
                        id
                    }
                    None => column.id,
                };
                OutputColumn { id, ..column }
            })
            .collect()
    }

    /// Without `fields`, `display` or `stats`, the time and the text of events.
    pub(super) fn list_defaults(&mut self) {
        if self.output.listed.is_empty() && self.scope.is_events() {
            // What the query has made of them, if it has.
            let id = |binder: &mut Self, field: SystemField| match binder.scope.find(field.name()) {
                Some((id, _)) => id,
                None => binder.scan_column(ScanField::System(field)),
            };
            self.output.listed = [SystemField::Timestamp, SystemField::Message]
                .map(|field| OutputColumn {
                    name: field.name().to_owned(),
                    id: id(self, field),
                })
                .into();
        }
    }

    /// What a column is shown as, when it is not shown as it is.
    fn shown_as(&self, column: &OutputColumn) -> Option<Expr> {
        let column_type = self.columns.info(column.id).column_type?;
        if column_type == ColumnType::Json {
            return Some(Expr::internal(
                InternalFunction::Shown,
                vec![Expr::Column(column.id, column_type)],
            ));
        }
        let is_metric = self.scan.iter().any(|binding| {
            binding.id == column.id
                && matches!(binding.field, ScanField::System(field) if field.column_type() == ColumnType::Number)
        });
        (is_metric && self.options.service == ServiceRules::Enforced).then(|| {
            Expr::internal(
                InternalFunction::JavaDouble,
                vec![Expr::Column(column.id, column_type)],
            )
        })
    }
}
