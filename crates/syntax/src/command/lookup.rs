//! `lookup` and `cidrlookup`: syntax.
//!
//! `lookup = "lookup" table name ["as" name] {"," …} ("OUTPUT" | "OUTPUTNEW") name ["as" name] {"," …}`
//!
//! `cidrlookup = "cidrlookup" table name ["as" name] ("OUTPUT" | "OUTPUTNEW") name ["as" name] {"," …}`

use super::Result;
use super::select::COLUMNS;
use crate::Span;
use crate::ast::{CidrLookup, Lookup, LookupMatch, LookupMode, LookupOutput, Name};
use crate::lexical;
use crate::reader::Reader;

const LOOKUP: (&str, &str) = ("lookup", "lookup users id OUTPUT name");
const CIDR: (&str, &str) = ("cidrlookup", "cidrlookup nets ip OUTPUT zone");

impl Reader<'_> {
    pub(super) fn lookup(&mut self, start: Span) -> Result<Lookup> {
        let table = self.table_name(LOOKUP)?;
        let matches = self.items(COLUMNS, Self::at_output, Self::lookup_match)?;
        if matches.is_empty() {
            return Err(self.expected(LOOKUP.0, "a column of the table to compare", LOOKUP.1));
        }
        let (mode, outputs) = self.outputs(LOOKUP)?;
        Ok(Lookup {
            table,
            matches,
            mode,
            outputs,
            span: self.span_from(start),
        })
    }

    pub(super) fn cidr_lookup(&mut self, start: Span) -> Result<CidrLookup> {
        let table = self.table_name(CIDR)?;
        if self.at_output() {
            return Err(self.expected(CIDR.0, "a field that holds addresses", CIDR.1));
        }
        let field = self.name()?;
        let column = self.alias()?;
        let (mode, outputs) = self.outputs(CIDR)?;
        Ok(CidrLookup {
            table,
            field,
            column,
            mode,
            outputs,
            span: self.span_from(start),
        })
    }

    /// Letters, digits, hyphens and underscores; or anything in backticks or quotes.
    fn table_name(&mut self, (command, example): (&'static str, &'static str)) -> Result<Name> {
        let start = self.here();
        if self.at("`") {
            return self.name();
        }
        if self.at("\"") || self.at("'") {
            let text = self.text_literal()?;
            return Ok(Name {
                text,
                span: self.span_from(start),
            });
        }
        let rest = self.rest();
        let is_part = |c: char| lexical::is_word_char(c) || c == '-';
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.expected(command, "the name of a table", example));
        }
        let text = rest[..length].to_owned();
        self.advance(length);
        Ok(Name {
            text,
            span: self.span_from(start),
        })
    }

    fn at_output(&mut self) -> bool {
        self.at_command_end() || self.at_keyword("output") || self.at_keyword("outputnew")
    }

    fn lookup_match(&mut self) -> Result<LookupMatch> {
        let column = self.name()?;
        let field = self.alias()?;
        Ok(LookupMatch { column, field })
    }

    fn outputs(
        &mut self,
        (command, example): (&'static str, &'static str),
    ) -> Result<(LookupMode, Vec<LookupOutput>)> {
        let mode = if self.eat_keyword("output") {
            LookupMode::Replace
        } else if self.eat_keyword("outputnew") {
            LookupMode::FillMissing
        } else {
            return Err(self.expected(command, "`OUTPUT` or `OUTPUTNEW`", example));
        };
        let outputs = self.items(COLUMNS, Self::at_command_end, Self::lookup_output)?;
        if outputs.is_empty() {
            return Err(self.expected(command, "a column of the table to add", example));
        }
        Ok((mode, outputs))
    }

    fn lookup_output(&mut self) -> Result<LookupOutput> {
        let column = self.name()?;
        let alias = self.alias()?;
        Ok(LookupOutput { column, alias })
    }
}
