//! `stats`: syntax.
//!
//! `stats = "stats" expr ["as" name] {"," …} ["by" expr ["as" name] {"," …}] ["offset" period]`

use std::collections::HashSet;

use super::Result;
use super::select::COLUMNS;
use crate::Span;
use crate::ast::{Expr, ExprKind, Key, Name, SelectItem, Stats};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;

const EXAMPLE: &str = "stats count(*) as n by level";

impl Reader<'_> {
    /// `start` is where the command begins, its word included if it has one.
    pub(super) fn stats(&mut self, start: Span) -> Result<Stats> {
        let mut aggregates = self.items(COLUMNS, Self::at_aggregates_end, Self::select_item)?;
        if aggregates.is_empty() {
            return Err(self.nothing_after("stats", "at least one aggregate", EXAMPLE));
        }
        self.bare_counts(&mut aggregates);
        let keys = if self.eat_by() { self.keys()? } else { Vec::new() };
        let offset = if self.eat_keyword("offset") {
            Some(self.period_literal()?)
        } else {
            None
        };
        distinct_aliases(aggregates.iter().chain(&keys))?;
        Ok(Stats {
            aggregates,
            keys,
            offset,
            span: self.span_from(start),
        })
    }

    fn at_aggregates_end(&mut self) -> bool {
        self.at_command_end() || self.at_by()
    }

    /// True at a `by` that begins the keys, rather than names a field.
    fn at_by(&mut self) -> bool {
        self.at_keyword("by")
            && self.ahead(|reader| {
                reader.eat_keyword("by");
                reader.at_command_end()
                    || reader.at_operand()
                    || reader.at("-")
                    || reader.at(",")
                    || reader.at_name()
            })
    }

    fn eat_by(&mut self) -> bool {
        let start = self.here();
        if self.at_by() {
            return self.eat_keyword("by");
        }
        let mark = self.mark();
        if self.eat_keyword("group") && self.eat_keyword("by") {
            self.warn(self.span_from(start), "`group by` is read as `by`; write `by`");
            return true;
        }
        self.reset(&mark);
        false
    }

    fn keys(&mut self) -> Result<Vec<Key>> {
        let keys = self.items(COLUMNS, Self::at_command_end, Self::select_item)?;
        if keys.is_empty() {
            return Err(self.nothing_after("by", "at least one key", EXAMPLE));
        }
        Ok(keys)
    }

    /// `stats count by a`: the word alone is the call, unless it names an earlier column of the same command.
    fn bare_counts(&mut self, aggregates: &mut [SelectItem]) {
        let mut is_named = false;
        for item in aggregates {
            if let (false, Some(name)) = (is_named, self.bare_count(&item.expr)) {
                self.warn(name.span, "`count` is read as `count(*)`; write the brackets");
                let star = Expr {
                    kind: ExprKind::Star,
                    span: name.span,
                };
                item.expr.kind = ExprKind::Call {
                    name,
                    arguments: vec![star],
                };
            }
            is_named |= item
                .alias
                .as_ref()
                .is_some_and(|alias| alias.text.eq_ignore_ascii_case("count"));
        }
    }

    fn bare_count(&self, expr: &Expr) -> Option<Name> {
        match &expr.kind {
            ExprKind::Field(name) if expr.span.of(self.text).eq_ignore_ascii_case("count") => {
                Some(name.clone())
            }
            _ => None,
        }
    }
}

fn distinct_aliases<'a>(columns: impl Iterator<Item = &'a SelectItem>) -> Result<()> {
    let mut seen = HashSet::new();
    for alias in columns.filter_map(|column| column.alias.as_ref()) {
        if !seen.insert(alias.text.as_str()) {
            let name = crate::unexpected::shortened(&alias.text);
            return Err(SyntaxError::new(
                SyntaxErrorKind::DuplicateAlias { name },
                alias.span,
            ));
        }
    }
    Ok(())
}
