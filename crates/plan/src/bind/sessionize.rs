//! `sessionize`: binding.

use insq_event::ColumnType;
use insq_syntax::Span;
use insq_syntax::ast::{self, Name};

use super::Binder;
use super::environment::{Environment, Rows};
use crate::error::{PlanError, PlanErrorKind};
use crate::logical::Step;
use crate::series::Sessionize;

/// The gap that ends a session, unless the query says otherwise.
const MAX_GAP_DEFAULT_MS: i64 = 30 * 60_000;

/// The field of the session's number, unless the query says otherwise.
const NAME_DEFAULT: &str = "session_id";

impl Binder {
    pub(super) fn bind_sessionize(&mut self, command: &ast::Sessionize) -> Result<(), PlanError> {
        self.fix_order();
        let mut identity = Vec::with_capacity(command.fields.len());
        for field in &command.fields {
            let expr = self.resolve(field).into_key();
            identity.push(self.as_column(expr, &field.text).0);
        }
        let max_gap_ms = match command.max_span {
            None => MAX_GAP_DEFAULT_MS,
            Some((period, span)) => period.fixed_ms().ok_or_else(|| {
                let kind = PlanErrorKind::PeriodNotFixed {
                    period: period.to_string(),
                };
                PlanError::new(kind, span)
            })?,
        };
        let reader = Name {
            text: "sessionize".to_owned(),
            span: Span::new(command.span.start, command.span.start + "sessionize".len()),
        };
        let time = Rows(self).timestamp(&reader)?;
        let name = command.alias.as_ref().map_or(NAME_DEFAULT, |alias| &alias.text);
        let id = self.columns.add(name, Some(ColumnType::Number));
        self.steps.push(Step::Sessionize(Sessionize {
            identity,
            time,
            max_gap_ms,
            id,
        }));
        self.show_made(name, (id, ColumnType::Number));
        Ok(())
    }
}
