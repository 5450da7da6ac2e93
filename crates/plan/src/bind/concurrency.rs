//! `concurrency_max`, `concurrency_avg`, `concurrency_pct`: binding.

use insq_event::{ColumnType, ScanField, SystemField};
use insq_functions::{ConcurrencyFunction, Period, Scalar};
use insq_syntax::Span;
use insq_syntax::ast::{self, Name};

use super::Binder;
use super::aggregate::Groups;
use super::call::{bind_argument, check_arity, param_of};
use super::environment::{Environment, Rows};
use super::fillmissing::period_of;
use super::scope::canonical;
use crate::column::ColumnId;
use crate::concurrency::{Concurrency, ConcurrencyColumn};
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;
use crate::logical::{Computed, Step};

/// A call of a `stats`, by its canonical text.
pub(super) struct ConcurrencyCall {
    text: String,
    /// The function as written.
    name: Name,
    column: ConcurrencyColumn,
}

impl Groups<'_> {
    /// Equal calls are made once.
    pub(super) fn bind_concurrency(
        &mut self,
        function: &'static ConcurrencyFunction,
        name: &Name,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr, PlanError> {
        let reason = format!("`{}` is a function of insq alone", function.name);
        self.binder.service_refuses(reason, name.span)?;
        check_arity(name, &function.signature, arguments.len(), 0)?;
        let texts: Vec<String> = arguments.iter().map(canonical).collect();
        let text = format!("{}({})", function.name, texts.join(", "));
        if let Some(known) = self.concurrency.iter().find(|call| call.text == text) {
            return Ok(Expr::Column(known.column.id, ColumnType::Number));
        }
        let mut constants = Vec::with_capacity(arguments.len());
        for (idx, argument) in arguments.iter().enumerate() {
            let param = param_of(&function.signature, idx);
            if let Expr::Constant(scalar, _) =
                bind_argument(function.name, idx, argument, param, &mut Rows(self.binder))?
            {
                constants.push(scalar);
            }
        }
        let measure = function
            .measure(&constants)
            .map_err(|cause| PlanError::new(PlanErrorKind::Function(cause), span))?;
        let id = self.binder.columns.add(&text, Some(ColumnType::Number));
        self.concurrency.push(ConcurrencyCall {
            text,
            name: name.clone(),
            column: ConcurrencyColumn { id, measure },
        });
        Ok(Expr::Column(id, ColumnType::Number))
    }
}

impl Binder {
    /// What the calls of one `stats` need of its rows and its keys; `None` without calls. `items` are the keys as
    /// written.
    pub(super) fn concurrency(
        &mut self,
        calls: Vec<ConcurrencyCall>,
        keys: &[Computed],
        items: &[ast::SelectItem],
    ) -> Result<Option<Concurrency>, PlanError> {
        let Some(reader) = calls.first().map(|call| call.name.clone()) else {
            return Ok(None);
        };
        let end = self.end_of_invocation(&reader)?;
        let duration = self.metric(SystemField::Duration);
        let Some(duration) = duration else {
            return Err(not_kept(&reader, SystemField::Duration));
        };
        let preparations = self.preparations(&reader);
        self.hint_end_of_range(&reader);
        let bin = self.bin_of_concurrency(&end, keys, items)?;
        Ok(Some(Concurrency {
            end,
            duration,
            preparations,
            bin,
            range: self.range.unwrap_or(self.options.time_range),
            calls: calls.into_iter().map(|call| call.column).collect(),
        }))
    }

    fn end_of_invocation(&mut self, reader: &Name) -> Result<Expr, PlanError> {
        Rows(self)
            .timestamp(reader)
            .map_err(|_| not_kept(reader, SystemField::Timestamp))
    }

    /// A metric of REPORT events, or what the query made under its name; `None` where neither exists.
    fn metric(&mut self, field: SystemField) -> Option<Expr> {
        let found = match self.scope.find(field.name()) {
            Some((id, ty)) => Expr::Column(id, ty),
            None if !self.scope.is_events() => return None,
            None => Expr::Column(self.scan_column(ScanField::System(field)), field.column_type()),
        };
        Some(found.converted(ColumnType::Number))
    }

    /// New environments are busy before the invocation runs.
    fn preparations(&mut self, reader: &Name) -> Vec<Expr> {
        let found: Vec<Expr> = [SystemField::InitDuration, SystemField::RestoreDuration]
            .into_iter()
            .filter_map(|field| self.metric(field))
            .collect();
        if found.is_empty() {
            let message = "the initialisation of new environments is left out, since the `stats` before did not keep \
                           `@initDuration`";
            self.warn(reader.span, message.to_owned());
        }
        found
    }

    /// What runs at the end of the queried time ends after it, where no event is read.
    fn hint_end_of_range(&mut self, reader: &Name) {
        let range = self.range.unwrap_or(self.options.time_range);
        if range.end_ms.is_some_and(|end_ms| end_ms < self.options.now_ms) {
            let message = "invocations that end after the queried time are not seen, so what is in flight shortly \
                           before its end may be too low";
            self.warn(reader.span, message.to_owned());
        }
    }

    /// The one key that divides the time of `end` into bins. All others must be the same for the whole time of an
    /// invocation.
    fn bin_of_concurrency(
        &self,
        end: &Expr,
        keys: &[Computed],
        items: &[ast::SelectItem],
    ) -> Result<Option<(usize, Period)>, PlanError> {
        let mut bin = None;
        for (idx, (key, item)) in keys.iter().zip(items).enumerate() {
            let expr = self.defined(&key.expr);
            if let Some(period) = self.bin_of(expr, end) {
                if bin.is_some() {
                    return Err(PlanError::new(
                        PlanErrorKind::SecondConcurrencyBin,
                        item.expr.span,
                    ));
                }
                bin = Some((idx, period));
            } else if expr.column_type() == ColumnType::Time
                || period_of(expr).is_some()
                || self.reads(expr, self.origin(end))
            {
                let kind = PlanErrorKind::ConcurrencyKey {
                    key: item.expr.to_string(),
                };
                return Err(PlanError::new(kind, item.expr.span));
            }
        }
        Ok(bin)
    }

    /// The period of `expr`, when it rounds `end` down to the start of a bin.
    fn bin_of(&self, expr: &Expr, end: &Expr) -> Option<Period> {
        let Expr::Call {
            function, arguments, ..
        } = expr
        else {
            return None;
        };
        match &arguments[..] {
            [time, Expr::Constant(Scalar::Period(period), _)]
                if matches!(function.name, "bin" | "datefloor")
                    && self.origin(time).is_some()
                    && self.origin(time) == self.origin(end) =>
            {
                Some(*period)
            }
            _ => None,
        }
    }

    /// The expression that made a column, as far as it was computed.
    fn defined<'e>(&'e self, expr: &'e Expr) -> &'e Expr {
        let mut expr = expr;
        // A definition reads columns that were there before it, so this ends.
        while let Some(definition) = column_of(expr).and_then(|id| self.definition(id)) {
            expr = definition;
        }
        expr
    }

    /// The column that an expression is a copy of.
    fn origin(&self, expr: &Expr) -> Option<ColumnId> {
        let mut id = column_of(expr)?;
        while let Some(before) = self.definition(id).and_then(column_of) {
            id = before;
        }
        Some(id)
    }

    fn definition(&self, id: ColumnId) -> Option<&Expr> {
        self.steps.iter().find_map(|step| match step {
            Step::Compute(made) => made
                .iter()
                .find(|computed| computed.id == id)
                .map(|computed| &computed.expr),
            _ => None,
        })
    }

    /// True when `expr`, or what it was computed of, reads `column`.
    fn reads(&self, expr: &Expr, column: Option<ColumnId>) -> bool {
        let mut seen: Vec<ColumnId> = Vec::new();
        expr.for_each_column(&mut |id| seen.push(id));
        let mut next = 0;
        while let Some(&id) = seen.get(next) {
            next += 1;
            if Some(id) == column {
                return true;
            }
            if let Some(definition) = self.definition(id) {
                definition.for_each_column(&mut |id| {
                    if !seen.contains(&id) {
                        seen.push(id);
                    }
                });
            }
        }
        false
    }
}

/// The column that an expression is, as it is or as a time.
fn column_of(expr: &Expr) -> Option<ColumnId> {
    match expr {
        Expr::Column(id, _) => Some(*id),
        Expr::Convert(inner, ColumnType::Time) => column_of(inner),
        _ => None,
    }
}

fn not_kept(reader: &Name, field: SystemField) -> PlanError {
    let kind = PlanErrorKind::NoInvocations {
        name: reader.text.clone(),
        field: field.name(),
    };
    PlanError::new(kind, reader.span)
}
