//! `stats`: binding.

use insq_event::{ColumnType, ScanField, SystemField};
use insq_functions::concurrency_function;
use insq_syntax::ast;

use super::aggregate::Groups;
use super::environment::Rows;
use super::expression::bind_value;
use super::fillmissing::TimeBins;
use super::scope::{Scope, canonical};
use super::sort::refuse_structure;
use super::{Binder, Output};
use crate::column::ColumnId;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;
use crate::logical::{Aggregate, Computed, GroupOrder, OutputColumn, Step};

/// A column that a `stats` makes, and how later commands may call it.
struct Made<'a> {
    item: &'a ast::SelectItem,
    column: (ColumnId, ColumnType),
}

impl Made<'_> {
    fn name(&self) -> &str {
        self.item
            .alias
            .as_ref()
            .map_or(&self.item.text, |alias| &alias.text)
    }
}

impl Binder {
    pub(super) fn bind_stats(&mut self, command: &ast::Stats) -> Result<(), PlanError> {
        refuse_duplicates(command)?;
        self.bin_offset_ms = self.offset_ms(command)?;
        let keys = self.bind_keys(command);
        self.bin_offset_ms = 0;
        let (keys, mut made) = keys?;
        let bins = TimeBins::of(&keys);
        if let (Some((_, span)), None) = (command.offset, &bins) {
            return Err(PlanError::new(PlanErrorKind::NoBins, span));
        }
        let order = self.group_order(&keys);
        let mut groups = Groups {
            named: made
                .iter()
                .map(|key| (key.name().to_owned(), Expr::Column(key.column.0, key.column.1)))
                .collect(),
            keys: made
                .iter()
                .map(|key| {
                    (
                        canonical(&key.item.expr),
                        Expr::Column(key.column.0, key.column.1),
                    )
                })
                .collect(),
            calls: Vec::new(),
            concurrency: Vec::new(),
            binder: self,
        };
        let mut values = Vec::with_capacity(command.aggregates.len());
        for item in &command.aggregates {
            let expr = bind_value(&item.expr, &mut groups)?;
            if let Some(alias) = &item.alias {
                groups.named.push((alias.text.clone(), expr.clone()));
            }
            values.push((item, expr));
        }
        let calls: Vec<_> = groups.calls.into_iter().map(|(_, call, _)| call).collect();
        let concurrency = groups.concurrency;
        let concurrency = self.concurrency(concurrency, &keys, &command.keys)?;
        if calls.is_empty() && concurrency.is_none() {
            return Err(PlanError::new(PlanErrorKind::NoAggregate, command.span));
        }
        self.steps.push(Step::Aggregate(Aggregate {
            keys,
            calls,
            concurrency,
            order,
        }));
        let mut counts = Vec::new();
        for (item, expr) in values {
            let name = item.alias.as_ref().map_or(&item.text, |alias| &alias.text);
            let column = self.as_column(expr, name);
            if is_zero_of_nothing(&item.expr) {
                counts.push(column);
            }
            made.push(Made { item, column });
        }
        self.bins = bins.map(|bins| bins.with_counts(counts));
        self.close_scope(&made);
        Ok(())
    }

    fn bind_keys<'a>(
        &mut self,
        command: &'a ast::Stats,
    ) -> Result<(Vec<Computed>, Vec<Made<'a>>), PlanError> {
        let (mut keys, mut made) = (Vec::new(), Vec::new());
        for item in &command.keys {
            refuse_structure(&item.expr)?;
            let expr = bind_value(&item.expr, &mut Rows(self))?.into_key();
            let ty = expr.column_type();
            let name = item.alias.as_ref().map_or(&item.text, |alias| &alias.text);
            let id = self.columns.add(name, Some(ty));
            keys.push(Computed { id, expr });
            made.push(Made {
                item,
                column: (id, ty),
            });
        }
        Ok((keys, made))
    }

    /// By how much the bins are shifted.
    fn offset_ms(&mut self, command: &ast::Stats) -> Result<i64, PlanError> {
        match command.offset {
            None => Ok(0),
            Some((period, span)) => period.fixed_ms().ok_or_else(|| {
                let kind = PlanErrorKind::PeriodNotFixed {
                    period: period.to_string(),
                };
                PlanError::new(kind, span)
            }),
        }
    }

    /// Groups of events that nobody has ordered come in the order of a newest-first scan.
    fn group_order(&mut self, keys: &[Computed]) -> GroupOrder {
        if self.is_ordered || !self.scope.is_events() || keys.is_empty() {
            return GroupOrder::FirstSeen;
        }
        let time = self.scan_column(ScanField::System(SystemField::Timestamp));
        if let [
            Computed {
                expr: Expr::Call {
                    function, arguments, ..
                },
                ..
            },
        ] = keys
        {
            let reads_time =
                matches!(arguments.first(), Some(Expr::Column(id, ColumnType::Time)) if *id == time);
            if reads_time && matches!(function.name, "bin" | "datefloor" | "dateceil") {
                return GroupOrder::KeyDescending;
            }
        }
        GroupOrder::Newest {
            time,
            position: self.scan_column(ScanField::Position),
        }
    }

    /// From here on only what the `stats` made exists.
    fn close_scope(&mut self, made: &[Made<'_>]) {
        self.scope = Scope::groups(self.stage);
        self.output = Output::default();
        self.is_ordered = true;
        for column in made {
            match &column.item.alias {
                Some(alias) => self.scope.name(&alias.text, column.column),
                None => self
                    .scope
                    .unnamed(&column.item.text, &column.item.expr, column.column),
            }
            self.output.show(OutputColumn {
                name: column.name().to_owned(),
                id: column.column.0,
            });
        }
    }
}

/// True for a call that counts, and so gives 0 of no rows.
fn is_zero_of_nothing(expr: &ast::Expr) -> bool {
    let counts = ["count", "count_distinct", "countOverTime", "count_over_time"];
    let is_count = |name: &str| counts.iter().any(|known| known.eq_ignore_ascii_case(name));
    matches!(
        &expr.kind,
        ast::ExprKind::Call { name, .. } if is_count(&name.text) || concurrency_function(&name.text).is_some()
    )
}

fn refuse_duplicates(command: &ast::Stats) -> Result<(), PlanError> {
    let mut seen: Vec<&str> = Vec::new();
    for alias in command
        .keys
        .iter()
        .chain(&command.aggregates)
        .filter_map(|item| item.alias.as_ref())
    {
        if seen.contains(&alias.text.as_str()) {
            return Err(PlanError::new(
                PlanErrorKind::DuplicateName {
                    name: alias.text.clone(),
                },
                alias.span,
            ));
        }
        seen.push(&alias.text);
    }
    Ok(())
}
