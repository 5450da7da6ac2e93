//! `sort`: syntax.
//!
//! `sort = ("sort" | "order") ["by"] expr ["as" name] ["asc" | "desc"] {"," …}`

use super::Result;
use super::select::COLUMNS;
use crate::Span;
use crate::ast::{Sort, SortDirection, SortKey};
use crate::keywords::CommandInfo;
use crate::reader::Reader;

impl Reader<'_> {
    pub(super) fn sort(&mut self, start: Span, command: &'static CommandInfo) -> Result<Sort> {
        if self.at_filler_by() {
            self.eat_keyword("by");
        }
        let keys = self.items(COLUMNS, Self::at_command_end, Self::sort_key)?;
        if keys.is_empty() {
            return Err(self.nothing_after(command.name, "at least one key", command.example));
        }
        Ok(Sort {
            keys,
            span: self.span_from(start),
        })
    }

    /// True at the `by` of `sort by a`; in `sort by desc` it is the field.
    fn at_filler_by(&mut self) -> bool {
        self.at_keyword("by")
            && self.ahead(|reader| {
                reader.eat_keyword("by");
                reader.at_operand() || reader.at("-") || reader.at_keyword("by")
            })
    }

    fn sort_key(&mut self) -> Result<SortKey> {
        let expr = self.expression()?;
        let alias = self.alias()?;
        Ok(SortKey {
            expr,
            alias,
            direction: self.direction(),
        })
    }

    fn direction(&mut self) -> SortDirection {
        if self.eat_keyword("desc") {
            return SortDirection::Descending;
        }
        self.eat_keyword("asc");
        SortDirection::Ascending
    }
}
