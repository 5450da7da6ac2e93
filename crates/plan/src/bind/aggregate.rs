//! Expressions over the groups of a `stats`: binding.

use insq_event::{ColumnType, ScanField};
use insq_functions::{AggregateFunction, ConcurrencyFunction, Param, ResultType, Scalar};
use insq_syntax::Span;
use insq_syntax::ast::{self, ExprKind, Name};

use super::Binder;
use super::call::{bind_argument, check_arity, is_aggregate, param_of};
use super::concurrency::ConcurrencyCall;
use super::environment::{Environment, Rows};
use super::scope::canonical;
use crate::column::ColumnId;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;
use crate::logical::AggregateColumn;

/// Expressions over the groups of one `stats`.
pub(super) struct Groups<'a> {
    pub(super) binder: &'a mut Binder,
    /// Calls found so far; equal calls are made once.
    pub(super) calls: Vec<(String, AggregateColumn, ColumnType)>,
    /// Calls of functions of concurrency found so far.
    pub(super) concurrency: Vec<ConcurrencyCall>,
    /// Group keys and earlier aliases of the same command, by name.
    pub(super) named: Vec<(String, Expr)>,
    /// Group keys by the canonical text of their expression.
    pub(super) keys: Vec<(String, Expr)>,
}

impl Environment for Groups<'_> {
    fn field(&mut self, name: &Name) -> Result<Expr, PlanError> {
        let found = self.named.iter().rev().find(|(known, _)| *known == name.text);
        match found {
            Some((_, expr)) => Ok(expr.clone()),
            None => Err(PlanError::new(
                PlanErrorKind::NotAggregated {
                    name: name.text.clone(),
                },
                name.span,
            )),
        }
    }

    fn known(&mut self, expr: &ast::Expr) -> Option<Expr> {
        if matches!(expr.kind, ExprKind::Field(_)) || self.keys.is_empty() {
            return None;
        }
        let text = canonical(expr);
        self.keys
            .iter()
            .find(|(known, _)| *known == text)
            .map(|(_, key)| key.clone())
    }

    fn aggregate(
        &mut self,
        function: &'static AggregateFunction,
        name: &Name,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr, PlanError> {
        let mut text = format!("{}(", function.name);
        for argument in written(arguments) {
            text.push_str(&canonical(argument));
            text.push(',');
        }
        if let Some((_, call, ty)) = self.calls.iter().find(|(known, ..)| *known == text) {
            return Ok(shown(call.id, *ty));
        }
        let (call, ty) = self.bind_aggregate(function, name, arguments, span)?;
        let id = call.id;
        self.calls.push((text, call, ty));
        Ok(shown(id, ty))
    }

    fn concurrency(
        &mut self,
        function: &'static ConcurrencyFunction,
        name: &Name,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr, PlanError> {
        self.bind_concurrency(function, name, arguments, span)
    }

    fn timestamp(&mut self, reader: &Name) -> Result<Expr, PlanError> {
        Err(PlanError::new(
            PlanErrorKind::NotAggregated {
                name: reader.text.clone(),
            },
            reader.span,
        ))
    }

    fn structure(&mut self, _name: &Name) -> Option<Expr> {
        None
    }

    fn is_rows(&self) -> bool {
        false
    }

    fn binder(&mut self) -> &mut Binder {
        self.binder
    }
}

/// The value of an aggregate. A time leaves `max`, `latest` and their kin as milliseconds since the epoch.
///
/// # Source
/// Observed on the service; `fromMillis` shows it as a time again.
fn shown(id: ColumnId, ty: ColumnType) -> Expr {
    let column = Expr::Column(id, ty);
    if ty == ColumnType::Time {
        column.converted(ColumnType::Number)
    } else {
        column
    }
}

impl Groups<'_> {
    fn bind_aggregate(
        &mut self,
        function: &'static AggregateFunction,
        name: &Name,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<(AggregateColumn, ColumnType), PlanError> {
        let arguments = written(arguments);
        check_arity(name, &function.signature, arguments.len(), 0)?;
        let (mut columns, mut constants) = (Vec::new(), Vec::new());
        for (idx, argument) in arguments.iter().enumerate() {
            refuse_nested(argument)?;
            let param = param_of(&function.signature, idx);
            let bound = bind_argument(function.name, idx, argument, param, &mut Rows(self.binder))?;
            match (param, bound) {
                (Param::ConstantNumber | Param::ConstantText | Param::Period, Expr::Constant(scalar, _)) => {
                    constants.push(scalar);
                }
                // Whether a map is there can be counted; what it is cannot be gathered.
                (_, column) if function.name == "count" => columns.push(column),
                (_, column) => columns.push(column.into_key()),
            }
        }
        let ty = match function.result {
            ResultType::Fixed(ty) => ty,
            ResultType::OfArgument(idx) => columns[idx].column_type(),
            ResultType::CommonOf(_) => ColumnType::Any,
        };
        let call = self.checked_call(function, columns, constants, name, span)?;
        let id = self
            .binder
            .columns
            .add(&canonical_call(name, arguments), Some(ty));
        Ok((AggregateColumn { id, ..call }, ty))
    }

    /// Makes the accumulator once, so that a constant it can't take is refused before anything is read.
    fn checked_call(
        &mut self,
        function: &'static AggregateFunction,
        mut arguments: Vec<Expr>,
        constants: Vec<Scalar>,
        name: &Name,
        span: Span,
    ) -> Result<AggregateColumn, PlanError> {
        let call = insq_functions::AggregateCall {
            argument_types: arguments.iter().map(Expr::column_type).collect(),
            constants: constants.clone(),
        };
        (function.make)(&call).map_err(|cause| PlanError::new(PlanErrorKind::Function(cause), span))?;
        if function.needs_order {
            arguments.push(Rows(self.binder).timestamp(name)?);
            arguments.push(self.binder.position(name)?);
        }
        Ok(AggregateColumn {
            id: ColumnId(u32::MAX),
            function,
            arguments,
            constants,
        })
    }
}

impl Binder {
    /// The position of each event, for functions that need the order of rows.
    fn position(&mut self, reader: &Name) -> Result<Expr, PlanError> {
        if !self.scope.is_events() {
            return Err(PlanError::new(
                PlanErrorKind::NoTimestamp {
                    name: reader.text.clone(),
                },
                reader.span,
            ));
        }
        Ok(Expr::Column(
            self.scan_column(ScanField::Position),
            ColumnType::Number,
        ))
    }
}

/// The arguments that matter: `count(*)` has none.
fn written(arguments: &[ast::Expr]) -> &[ast::Expr] {
    match arguments {
        [only] if matches!(only.kind, ExprKind::Star) => &[],
        all => all,
    }
}

fn canonical_call(name: &Name, arguments: &[ast::Expr]) -> String {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    format!(
        "{}({})",
        name.text.to_lowercase(),
        if arguments.is_empty() {
            "*".to_owned()
        } else {
            arguments.join(", ")
        }
    )
}

fn refuse_nested(argument: &ast::Expr) -> Result<(), PlanError> {
    let mut nested = None;
    argument.walk(&mut |inner| {
        if let ExprKind::Call { name, .. } = &inner.kind
            && is_aggregate(&name.text)
            // `histogram` of a row is another function than that of `stats`.
            && insq_functions::scalar_function(&name.text).is_none()
            && nested.is_none()
        {
            nested = Some((name.text.clone(), inner.span));
        }
    });
    match nested {
        Some((name, span)) => Err(PlanError::new(PlanErrorKind::NestedAggregate { name }, span)),
        None => Ok(()),
    }
}
