//! Columns: `expr as name`, in `fields`, `display` and `stats`.

use super::Result;
use crate::Span;
use crate::ast::{Expr, ExprKind, SelectItem};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::items::ItemLimit;
use crate::limits::ITEMS_MAX;
use crate::reader::Reader;

/// Of columns and of names.
pub(super) const COLUMNS: ItemLimit = ItemLimit {
    what: "items in one command",
    limit: ITEMS_MAX,
};

impl Reader<'_> {
    /// The columns of `fields` and `display`.
    pub(super) fn columns(
        &mut self,
        command: &'static str,
        example: &'static str,
    ) -> Result<Vec<SelectItem>> {
        let items = self.items(COLUMNS, Self::at_command_end, Self::select_item)?;
        if items.is_empty() {
            return Err(self.nothing_after(command, "at least one field", example));
        }
        Ok(items)
    }

    pub(super) fn select_item(&mut self) -> Result<SelectItem> {
        let start = self.here();
        if self.at("*") && !self.at("**") {
            return Err(SyntaxError::new(SyntaxErrorKind::StarMisplaced, start));
        }
        let expr = self.expression()?;
        let span = self.span_from(start);
        let text = self.column_text(&expr, span);
        let alias = self.alias()?;
        Ok(SelectItem { expr, alias, text })
    }

    fn column_text(&self, expr: &Expr, span: Span) -> String {
        match &expr.kind {
            ExprKind::Field(name) if name.span == span && span.of(self.text).contains('`') => {
                name.text.clone()
            }
            _ => self.collapsed(span),
        }
    }
}
