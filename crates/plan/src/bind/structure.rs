//! Maps and lists: what a path leads to, and values as JSON text.

use insq_event::{ColumnType, FieldPath, ScanField, SystemField};
use insq_functions::{InternalFunction, PATH_STEPS_MAX};
use insq_syntax::Span;
use insq_syntax::ast::{self, ExprKind, Name};

use super::Binder;
use super::constant;
use super::environment::Environment;
use super::expression::bind_value;
use crate::column::ColumnId;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;

/// Binds `jsonParse(x).a.b`.
pub(super) fn bind_path(
    value: &ast::Expr,
    path: &Name,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    let bound = bind_value(value, env)?;
    if bound.column_type() != ColumnType::Json {
        let kind = PlanErrorKind::PathIntoValue {
            value: value.to_string(),
        };
        return Err(PlanError::new(kind, path.span));
    }
    check_steps(&path.text, path.span)?;
    Ok(Expr::path(bound, &path.text))
}

/// Refuses paths that are longer than any that leads somewhere.
pub(super) fn check_steps(path: &str, span: Span) -> Result<(), PlanError> {
    if path.split('.').count() > PATH_STEPS_MAX {
        let kind = PlanErrorKind::PathTooLong {
            limit: PATH_STEPS_MAX,
        };
        return Err(PlanError::new(kind, span));
    }
    Ok(())
}

/// Binds a value whose maps and lists are wanted whole.
pub(super) fn bind_structure(expr: &ast::Expr, env: &mut dyn Environment) -> Result<Expr, PlanError> {
    if let ExprKind::Field(name) = &expr.kind
        && let Some(structure) = env.structure(name)
    {
        return Ok(structure);
    }
    Ok(bind_value(expr, env)?.converted(ColumnType::Json))
}

/// Binds a value as text in which maps and lists are JSON.
pub(super) fn bind_json_text(expr: &ast::Expr, env: &mut dyn Environment) -> Result<Expr, PlanError> {
    let bound = match &expr.kind {
        ExprKind::Field(name) => match env.structure(name) {
            Some(structure) => structure,
            None => bind_value(expr, env)?,
        },
        _ => bind_value(expr, env)?,
    };
    if bound.column_type() == ColumnType::Json {
        let shown = Expr::internal(InternalFunction::Shown, vec![bound]);
        return Ok(shown.converted(ColumnType::Text));
    }
    Ok(bound.converted(ColumnType::Text))
}

impl Expr {
    /// A call of a function that queries cannot name.
    pub(super) fn internal(function: InternalFunction, arguments: Vec<Expr>) -> Self {
        let function = function.function();
        let column_type = match function.result {
            insq_functions::ResultType::Fixed(ty) => ty,
            _ => ColumnType::Any,
        };
        Self::Call {
            function,
            arguments,
            column_type,
        }
    }

    /// What `path` leads to in a map or list.
    pub(super) fn path(value: Expr, path: &str) -> Self {
        Self::internal(InternalFunction::Path, vec![value, constant::text(path)])
    }

    /// This value where it is compared with others: a map or list is missing there.
    pub(super) fn into_key(self) -> Self {
        if self.column_type() == ColumnType::Json {
            self.converted(ColumnType::Any)
        } else {
            self
        }
    }
}

impl Binder {
    /// The whole value of a field of the log; `None` for names that the query made, and for system fields.
    pub(super) fn structure(&mut self, name: &Name) -> Option<Expr> {
        let is_of_log = self.scope.is_events()
            && self.scope.find(&name.text).is_none()
            && self.scope.find_map(&name.text).is_none()
            && self.join_side(name).is_none()
            && SystemField::from_name(&name.text).is_none();
        is_of_log.then(|| {
            let id = self.scan_column(ScanField::Structure(FieldPath::new(&name.text)));
            Expr::Column(id, ColumnType::Json)
        })
    }

    /// What a dotted name leads to in a map or list that the query made.
    pub(super) fn path_into_made(&mut self, name: &Name) -> Option<Expr> {
        let (id, path) = self.scope.find_map(&name.text)?;
        let path = path.to_owned();
        self.warn_made_here(id, name);
        if check_steps(&path, name.span).is_err() {
            self.warn(
                name.span,
                format!("a path of more than {PATH_STEPS_MAX} steps leads nowhere"),
            );
        }
        Some(Expr::path(Expr::Column(id, ColumnType::Json), &path))
    }

    /// The service finds no member of a map that the same command has made.
    fn warn_made_here(&mut self, id: ColumnId, name: &Name) {
        if self.made_here.contains(&id) {
            let message = format!(
                "`{}` is made in the same command, where the service finds nothing in it; read it in the next `fields`",
                name.text.split('.').next().unwrap_or_default()
            );
            self.warn(name.span, message);
        }
    }
}
