//! Which names a command can see.

use crate::column::ColumnId;
use insq_event::ColumnType;
use insq_syntax::ast;

/// The names visible to a command: those that the query made, and, as long as rows are events, every field
/// of the log.
pub(super) struct Scope {
    made: Vec<Made>,
    /// Number of the `stats` after which only what it made exists.
    closed_by: Option<usize>,
}

/// A column that the query made.
struct Made {
    name: String,
    /// Canonical text of the expression, for columns without an alias.
    text: Option<String>,
    /// The fields that the expression reads.
    reads: Vec<String>,
    column: (ColumnId, ColumnType),
}

impl Scope {
    /// Rows are events.
    pub(super) fn events() -> Self {
        Self {
            made: Vec::new(),
            closed_by: None,
        }
    }

    /// Rows are groups made by command number `stage`.
    pub(super) fn groups(stage: usize) -> Self {
        Self {
            made: Vec::new(),
            closed_by: Some(stage),
        }
    }

    pub(super) fn is_events(&self) -> bool {
        self.closed_by.is_none()
    }

    pub(super) fn closed_by(&self) -> Option<usize> {
        self.closed_by
    }

    /// Adds a named column. A later column of the same name hides an earlier one, and what was computed of the earlier one
    /// is no longer what the text of its expression says. Groups keep theirs: nobody can compute `sum(a)` again.
    pub(super) fn name(&mut self, name: &str, column: (ColumnId, ColumnType)) {
        if self.is_events() {
            let stale = self
                .made
                .iter_mut()
                .filter(|made| made.reads.iter().any(|read| read == name));
            stale.for_each(|made| made.text = None);
        }
        self.made.push(Made {
            name: name.to_owned(),
            text: None,
            reads: Vec::new(),
            column,
        });
    }

    /// Adds a column that is known by the text of its expression.
    pub(super) fn unnamed(&mut self, name: &str, expr: &ast::Expr, column: (ColumnId, ColumnType)) {
        self.made.push(Made {
            name: name.to_owned(),
            text: Some(canonical(expr)),
            reads: fields_of(expr),
            column,
        });
    }

    /// The column called `name`.
    pub(super) fn find(&self, name: &str) -> Option<(ColumnId, ColumnType)> {
        self.made
            .iter()
            .rev()
            .find(|made| made.name == name || made.text.as_deref() == Some(name))
            .map(|made| made.column)
    }

    /// The map or list that a dotted name leads into, and the path within it; of several the longest name.
    pub(super) fn find_map<'n>(&self, name: &'n str) -> Option<(ColumnId, &'n str)> {
        name.rmatch_indices('.')
            .find_map(|(dot, _)| match self.find(&name[..dot]) {
                Some((id, ColumnType::Json)) => Some((id, &name[dot + 1..])),
                _ => None,
            })
    }

    /// Every visible name and its column, oldest first.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, (ColumnId, ColumnType))> {
        self.made.iter().map(|made| (made.name.as_str(), made.column))
    }

    /// The un-aliased column of the same expression, whatever its spacing and case of function names.
    ///
    /// A plain field is found by [`find`](Self::find), which knows what a name was made last.
    pub(super) fn find_text(&self, expr: &ast::Expr) -> Option<(ColumnId, ColumnType)> {
        if matches!(expr.kind, ast::ExprKind::Field(_)) || self.made.iter().all(|made| made.text.is_none()) {
            return None;
        }
        let text = canonical(expr);
        self.made
            .iter()
            .rev()
            .find(|made| made.text.as_ref() == Some(&text) || made.name == text)
            .map(|made| made.column)
    }

    /// The visible names, oldest first.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.made.iter().map(|made| made.name.as_str())
    }
}

/// The names of the fields that an expression reads.
fn fields_of(expr: &ast::Expr) -> Vec<String> {
    let mut names = Vec::new();
    expr.walk(&mut |inner| {
        if let ast::ExprKind::Field(name) = &inner.kind {
            names.push(name.text.clone());
        }
    });
    names
}

/// The text by which two expressions are the same. `count()` counts the same as `count(*)`.
pub(super) fn canonical(expr: &ast::Expr) -> String {
    expr.canonical_text().replace("count()", "count(*)")
}
