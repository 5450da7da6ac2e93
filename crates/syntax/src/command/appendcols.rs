//! `appendcols`: syntax.
//!
//! `appendcols = "appendcols" {"override=" bool | "max=" integer} "(" query ")"`

use super::Result;
use crate::Span;
use crate::ast::AppendCols;
use crate::reader::Reader;

const EXAMPLE: &str = "appendcols (SOURCE \"b\" | stats count(*) as others)";

impl Reader<'_> {
    pub(super) fn append_cols(&mut self, start: Span) -> Result<AppendCols> {
        let (mut replace, mut max) = (false, None);
        while let Some(key) = self.option_key(&["override", "max"]) {
            match key {
                "override" => replace = self.option_bool("appendcols", EXAMPLE)?,
                _ => max = Some(self.row_limit()?),
            }
        }
        if !self.eat("(") {
            return Err(self.expected("appendcols", "a query in round brackets", EXAMPLE));
        }
        let query = self.subquery()?;
        Ok(AppendCols {
            replace,
            max,
            query,
            span: self.span_from(start),
        })
    }

    fn row_limit(&mut self) -> Result<u64> {
        let here = self.here();
        match self.option_whole("appendcols", EXAMPLE)? {
            0 => {
                let kind = crate::error::SyntaxErrorKind::Expected {
                    command: "appendcols",
                    expected: "a whole number from 1",
                    found: Some("0".to_owned()),
                    example: EXAMPLE,
                };
                Err(crate::error::SyntaxError::new(kind, here))
            }
            max => Ok(u64::from(max)),
        }
    }
}
