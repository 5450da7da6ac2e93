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

    /// Adds a named column. A later column of the same name hides an earlier one.
    pub(super) fn name(&mut self, name: &str, column: (ColumnId, ColumnType)) {
        self.made.push(Made {
            name: name.to_owned(),
            text: None,
            column,
        });
    }

    /// Adds a column that is known by the text of its expression.
    pub(super) fn unnamed(&mut self, name: &str, expr: &ast::Expr, column: (ColumnId, ColumnType)) {
        self.made.push(Made {
            name: name.to_owned(),
            text: Some(canonical(expr)),
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
    pub(super) fn find_text(&self, expr: &ast::Expr) -> Option<(ColumnId, ColumnType)> {
        if self.made.iter().all(|made| made.text.is_none()) {
            return None;
        }
        let text = canonical(expr);
        self.made
            .iter()
            .rev()
            .find(|made| made.text.as_ref() == Some(&text))
            .map(|made| made.column)
    }

    /// The visible names, oldest first.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.made.iter().map(|made| made.name.as_str())
    }
}

/// The text by which two expressions are the same. `count()` counts the same as `count(*)`.
pub(super) fn canonical(expr: &ast::Expr) -> String {
    expr.canonical_text().replace("count()", "count(*)")
}
