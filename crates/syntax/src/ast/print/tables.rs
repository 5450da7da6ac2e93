//! Canonical text of `lookup`, `cidrlookup`, `join` and `appendcols`.

use std::fmt::{self, Display, Formatter};

use super::command::{write_alias, write_separated};
use super::literal::Quoted;
use crate::ast::{
    AppendCols, CidrLookup, Join, JoinKind, Lookup, LookupMatch, LookupMode, LookupOutput, Name,
};

impl Display for Lookup {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "lookup {} ", Table(&self.table))?;
        write_separated(f, &self.matches, ", ")?;
        write!(f, " {} ", self.mode)?;
        write_separated(f, &self.outputs, ", ")
    }
}

impl Display for CidrLookup {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "cidrlookup {} {}", Table(&self.table), self.field)?;
        write_alias(f, self.column.as_ref())?;
        write!(f, " {} ", self.mode)?;
        write_separated(f, &self.outputs, ", ")
    }
}

/// The name of a table, in quotes where it is no word.
struct Table<'a>(&'a Name);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = &self.0.text;
        let is_word = |c: char| crate::lexical::is_word_char(c) || c == '-';
        if !text.is_empty() && text.chars().all(is_word) {
            f.write_str(text)
        } else {
            write!(f, "{}", Quoted(text))
        }
    }
}

impl Display for LookupMatch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.column)?;
        write_alias(f, self.field.as_ref())
    }
}

impl Display for LookupOutput {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.column)?;
        write_alias(f, self.alias.as_ref())
    }
}

impl Display for LookupMode {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replace => "OUTPUT",
            Self::FillMissing => "OUTPUTNEW",
        })
    }
}

impl Display for Join {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            JoinKind::Inner => "inner",
            JoinKind::Left => "left",
        };
        let (left, right) = (&self.left, &self.right);
        write!(f, "join type={kind} left={left} right={right} where ")?;
        write!(
            f,
            "{} = {} (",
            Qualified(left, &self.left_key),
            Qualified(right, &self.right_key)
        )?;
        write_separated(f, &self.sources, " | ")?;
        f.write_str(")")
    }
}

/// `alias.field`
struct Qualified<'a>(&'a Name, &'a Name);

impl Display for Qualified<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{}", self.0.text, self.1.text);
        let span = self.1.span;
        write!(f, "{}", Name { text, span })
    }
}

impl Display for AppendCols {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("appendcols ")?;
        if self.replace {
            f.write_str("override=true ")?;
        }
        if let Some(max) = self.max {
            write!(f, "max={max} ")?;
        }
        f.write_str("(")?;
        write_separated(f, &self.query.commands, " | ")?;
        f.write_str(")")
    }
}
