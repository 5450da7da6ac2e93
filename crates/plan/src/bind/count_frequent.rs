//! `countFrequent`: binding.

use insq_syntax::ast::{self, Expr, ExprKind, Name, SelectItem, Sort, SortDirection, SortKey, Stats};

use super::Binder;
use crate::error::PlanError;

/// The column of the counts.
const COUNT: &str = "_approxcount";

impl Binder {
    /// The same as `stats count(*) as _approxcount by … | sort _approxcount desc`, and exact.
    pub(super) fn bind_count_frequent(&mut self, command: &ast::CountFrequent) -> Result<(), PlanError> {
        let span = command.span;
        let count = Name {
            text: COUNT.to_owned(),
            span,
        };
        let star = Expr {
            kind: ExprKind::Star,
            span,
        };
        let call = ExprKind::Call {
            name: Name {
                text: "count".to_owned(),
                span,
            },
            arguments: vec![star],
        };
        let keys = command.fields.iter().map(|field| SelectItem {
            expr: Expr {
                kind: ExprKind::Field(field.clone()),
                span: field.span,
            },
            alias: None,
            text: field.text.clone(),
        });
        self.bind_stats(&Stats {
            aggregates: vec![SelectItem {
                expr: Expr { kind: call, span },
                alias: Some(count.clone()),
                text: COUNT.to_owned(),
            }],
            keys: keys.collect(),
            offset: None,
            span,
        })?;
        self.bind_sort(&Sort {
            keys: vec![SortKey {
                expr: Expr {
                    kind: ExprKind::Field(count),
                    span,
                },
                alias: None,
                direction: SortDirection::Descending,
            }],
            span,
        })
    }
}
