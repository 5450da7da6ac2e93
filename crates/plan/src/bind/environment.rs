//! What a name or an aggregate means at the place where an expression stands.

use insq_event::{ColumnType, FieldPath, SYSTEM_FIELDS, ScanField, SystemField};
use insq_functions::{AggregateFunction, ConcurrencyFunction, Scalar};
use insq_syntax::Span;
use insq_syntax::ast::{self, Name};

use super::{Binder, ServiceRules};
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;

/// A place where expressions stand: over the rows of a command, or over the groups of a `stats`.
pub(super) trait Environment {
    /// What a name means here.
    fn field(&mut self, name: &Name) -> Result<Expr, PlanError>;

    /// The column that an earlier command made of the same expression, if there is one.
    fn known(&mut self, expr: &ast::Expr) -> Option<Expr>;

    /// What a call of an aggregate means here.
    fn aggregate(
        &mut self,
        function: &'static AggregateFunction,
        name: &Name,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr, PlanError>;

    /// What a call of a function of concurrency means here.
    fn concurrency(
        &mut self,
        function: &'static ConcurrencyFunction,
        name: &Name,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr, PlanError>;

    /// `@timestamp` for functions such as `bin` that always read it.
    fn timestamp(&mut self, reader: &Name) -> Result<Expr, PlanError>;

    /// The whole value of a field of the log, maps and lists included; `None` for any other name.
    fn structure(&mut self, name: &Name) -> Option<Expr>;

    /// True where the rows of a command are, rather than the groups of a `stats`.
    fn is_rows(&self) -> bool;

    /// The binder, for warnings.
    fn binder(&mut self) -> &mut Binder;
}

/// Expressions over the rows that a command sees.
pub(super) struct Rows<'a>(pub(super) &'a mut Binder);

impl Environment for Rows<'_> {
    fn field(&mut self, name: &Name) -> Result<Expr, PlanError> {
        Ok(self.0.resolve(name))
    }

    fn known(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let (id, ty) = self.0.scope.find_text(expr)?;
        Some(Expr::Column(id, ty))
    }

    fn aggregate(
        &mut self,
        _function: &'static AggregateFunction,
        name: &Name,
        _arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr, PlanError> {
        Err(outside_stats(name, span))
    }

    fn concurrency(
        &mut self,
        _function: &'static ConcurrencyFunction,
        name: &Name,
        _arguments: &[ast::Expr],
        span: Span,
    ) -> Result<Expr, PlanError> {
        Err(outside_stats(name, span))
    }

    fn timestamp(&mut self, reader: &Name) -> Result<Expr, PlanError> {
        if let Some((id, ty)) = self.0.scope.find(SystemField::Timestamp.name()) {
            return Ok(Expr::Column(id, ty).converted(ColumnType::Time));
        }
        if !self.0.scope.is_events() {
            let kind = PlanErrorKind::NoTimestamp {
                name: reader.text.clone(),
            };
            return Err(PlanError::new(kind, reader.span));
        }
        let id = self.0.scan_column(ScanField::System(SystemField::Timestamp));
        Ok(Expr::Column(id, ColumnType::Time))
    }

    fn structure(&mut self, name: &Name) -> Option<Expr> {
        self.0.structure(name)
    }

    fn is_rows(&self) -> bool {
        true
    }

    fn binder(&mut self) -> &mut Binder {
        self.0
    }
}

fn outside_stats(name: &Name, span: Span) -> PlanError {
    let kind = PlanErrorKind::AggregateOutsideStats {
        name: name.text.clone(),
    };
    PlanError::new(kind, span)
}

impl Binder {
    /// The column called `name`: made by the query, a system field, or discovered in the log.
    pub(super) fn resolve(&mut self, name: &Name) -> Expr {
        if let Some((id, ty)) = self.scope.find(&name.text) {
            return Expr::Column(id, ty);
        }
        if let Some(member) = self.path_into_made(name) {
            return member;
        }
        if let Some(stage) = self.scope.closed_by() {
            self.warn_dropped(name, stage);
            return Expr::Constant(Scalar::Null, ColumnType::Any);
        }
        if let Some(side) = self.join_side(name) {
            return self.resolve_side(&side);
        }
        if let Some(field) = SystemField::from_name(&name.text) {
            if self.is_missing_in_service(field, name) {
                return Expr::Constant(Scalar::Null, field.column_type());
            }
            return Expr::Column(self.scan_column(ScanField::System(field)), field.column_type());
        }
        self.warn_slip(name);
        let id = self.scan_column(ScanField::Discovered(FieldPath::new(&name.text)));
        Expr::Column(id, ColumnType::Any)
    }

    fn warn_dropped(&mut self, name: &Name, stage: usize) {
        let kept: Vec<String> = self.scope.names().map(|kept| format!("`{kept}`")).collect();
        let message = format!(
            "`{}` ended at the stats in stage {stage}, which keeps only {}",
            name.text,
            kept.join(", ")
        );
        self.warn(name.span, message);
    }

    /// True when the service is kept to and has no such field.
    fn is_missing_in_service(&mut self, field: SystemField, name: &Name) -> bool {
        if field.is_of_service() || self.options.service == ServiceRules::Ignored {
            return false;
        }
        let message = format!("the service has no field `{}`: there it is missing", field.name());
        self.warn(name.span, message);
        self.options.service == ServiceRules::Enforced
    }

    /// A slip in the name of a system field makes a field of the log that nobody has.
    fn warn_slip(&mut self, name: &Name) {
        let is_same = |field: &&SystemField| field.name().eq_ignore_ascii_case(&name.text);
        let message = match (SYSTEM_FIELDS.iter().find(is_same), similar_field(&name.text)) {
            (Some(field), _) => format!(
                "names are case-sensitive: `{}` exists, `{}` does not",
                field.name(),
                name.text
            ),
            (None, Some(field)) => format!(
                "no event has a field `{}`; did you mean `{}`?",
                name.text,
                field.name()
            ),
            (None, None) => return,
        };
        self.warn(name.span, message);
    }
}

/// Names less alike than this are rather two names than one with a slip.
const SIMILARITY_MIN: f64 = 0.92;

/// The system field that `name` looks like. Keys of a log are not meant: in queries they never begin with one `@`.
fn similar_field(name: &str) -> Option<SystemField> {
    if !name.starts_with('@') || name.starts_with("@@") {
        return None;
    }
    let likeness = |field: &SystemField| strsim::jaro_winkler(&field.name()[1..], &name[1..]);
    SYSTEM_FIELDS
        .iter()
        .copied()
        .filter(|field| likeness(field) >= SIMILARITY_MIN)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

#[cfg(test)]
mod tests {
    use super::similar_field;

    #[test]
    fn slips_are_told_from_other_names() {
        for (name, expected) in [
            ("@timestmp", Some("@timestamp")),
            ("@mesage", Some("@message")),
            ("@durration", Some("@duration")),
            ("@requestID", Some("@requestId")),
            ("@logstream", Some("@logStream")),
            ("@pattern", None),
            ("@entity.KeyAttributes.Name", None),
            ("@aws.region", None),
            ("@@timestmp", None),
            ("timestmp", None),
            ("@", None),
        ] {
            let found = similar_field(name).map(|field| field.name());
            assert_eq!(found, expected, "{name}");
        }
    }
}
