//! `addtotals`: syntax.
//!
//! `addtotals = "addtotals" {"row=" bool | "col=" bool | "fieldname=" name} [name {"," name}]`

use super::Result;
use super::select::COLUMNS;
use crate::Span;
use crate::ast::AddTotals;
use crate::reader::Reader;

const EXAMPLE: &str = "addtotals col=true fieldname=Sum a, b";

impl Reader<'_> {
    pub(super) fn add_totals(&mut self, start: Span) -> Result<AddTotals> {
        let (mut row, mut col, mut name) = (true, false, None);
        while let Some(key) = self.option_key(&["row", "col", "fieldname"]) {
            match key {
                "row" => row = self.option_bool("addtotals", EXAMPLE)?,
                "col" => col = self.option_bool("addtotals", EXAMPLE)?,
                _ => name = Some(self.name()?),
            }
        }
        let fields = self.items(COLUMNS, Self::at_command_end, Self::name)?;
        Ok(AddTotals {
            row,
            col,
            name,
            fields,
            span: self.span_from(start),
        })
    }
}
