//! Canonical text of queries and commands.

use std::fmt::{self, Display, Formatter};

use super::expr::Operand;
use super::literal::Quoted;
use crate::ast::{
    self, Command, Dedup, ExprKind, Fields, Filter, Limit, Name, Parse, ParsePattern, Query, SelectItem,
    Sort, SortDirection, SortKey, Stats,
};

/// One command per line.
impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_separated(f, &self.commands, "\n| ")
    }
}

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fields(command) => write!(f, "{command}"),
            Self::Display(command) => write!(f, "{command}"),
            Self::Filter(command) => write!(f, "{command}"),
            Self::Stats(command) => write!(f, "{command}"),
            Self::Sort(command) => write!(f, "{command}"),
            Self::Limit(command) => write!(f, "{command}"),
            Self::Parse(command) => write!(f, "{command}"),
            Self::Dedup(command) => write!(f, "{command}"),
            Self::FilterIndex(command) => write!(f, "filterIndex {}", command.condition),
            Self::Tail(command) => write!(f, "tail {}", command.count),
            Self::Source(command) => write!(f, "{command}"),
            Self::Json(command) => write!(f, "{command}"),
            Self::Unnest(command) => write!(f, "{command}"),
            Self::Expand(command) => write!(f, "expand {}", command.field),
            Self::Lookup(command) => write!(f, "{command}"),
            Self::CidrLookup(command) => write!(f, "{command}"),
            Self::Join(command) => write!(f, "{command}"),
            Self::AppendCols(command) => write!(f, "{command}"),
            Self::AddTotals(command) => write!(f, "{command}"),
            Self::AutoRegress(command) => write!(f, "{command}"),
            Self::Accum(command) => write!(f, "{command}"),
            Self::FillDown(command) => write!(f, "{command}"),
            Self::FillMissing(command) => write!(f, "{command}"),
            Self::Outlier(command) => write!(f, "{command}"),
            Self::Sessionize(command) => write!(f, "{command}"),
            Self::CountFrequent(command) => {
                f.write_str("countFrequent ")?;
                write_separated(f, &command.fields, ", ")
            }
            Self::Estimate(_) => f.write_str("estimate"),
        }
    }
}

impl Display for Fields {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("fields ")?;
        write_separated(f, &self.items, ", ")
    }
}

impl Display for ast::Display {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("display ")?;
        write_separated(f, &self.items, ", ")
    }
}

impl Display for SelectItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.expr)?;
        write_alias(f, self.alias.as_ref())
    }
}

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "filter {}", self.condition)
    }
}

impl Display for Stats {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("stats ")?;
        let aggregates: Vec<Aggregate<'_>> = self.aggregates.iter().map(Aggregate).collect();
        write_separated(f, &aggregates, ", ")?;
        if !self.keys.is_empty() {
            f.write_str(" by ")?;
            write_separated(f, &self.keys, ", ")?;
        }
        match self.offset {
            Some((period, _)) => write!(f, " offset {period}"),
            None => Ok(()),
        }
    }
}

/// A column of `stats`, where the bare word `count` would be read as a call.
struct Aggregate<'a>(&'a SelectItem);

impl Display for Aggregate<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0.expr.kind {
            ExprKind::Field(name) if name.text.eq_ignore_ascii_case("count") => {
                write!(f, "`{}`", name.text)?;
                write_alias(f, self.0.alias.as_ref())
            }
            _ => write!(f, "{}", self.0),
        }
    }
}

impl Display for Sort {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("sort ")?;
        write_separated(f, &self.keys, ", ")
    }
}

impl Display for SortKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.expr)?;
        write_alias(f, self.alias.as_ref())?;
        write!(f, " {}", self.direction)
    }
}

impl Display for SortDirection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        })
    }
}

impl Display for Limit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let any = if self.any { "any " } else { "" };
        write!(f, "limit {any}{}", self.count)
    }
}

impl Display for Parse {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("parse ")?;
        match &self.source {
            // A text would be taken for the glob.
            Some(source) if matches!(source.kind, ExprKind::Text(_)) => write!(f, "({source}) ")?,
            Some(source) => write!(f, "{} ", Operand(source))?,
            None => {}
        }
        write!(f, "{}", self.pattern)
    }
}

impl Display for ParsePattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Glob { pattern, names, .. } => {
                write!(f, "{}", Quoted(pattern))?;
                write_names(f, names)
            }
            Self::Regex { regex, names, multi } => {
                write!(f, "{regex}")?;
                write_names(f, names)?;
                f.write_str(if *multi { " multi" } else { "" })
            }
            Self::Logfmt { name } => write!(f, "logfmt as {name}"),
            Self::Csv { names } => {
                f.write_str("csv")?;
                write_names(f, names)
            }
        }
    }
}

impl Display for Dedup {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("dedup ")?;
        write_separated(f, &self.fields, ", ")
    }
}

/// `as a, b`; nothing without names.
fn write_names(f: &mut Formatter<'_>, names: &[Name]) -> fmt::Result {
    if names.is_empty() {
        return Ok(());
    }
    f.write_str(" as ")?;
    write_separated(f, names, ", ")
}

pub(super) fn write_alias(f: &mut Formatter<'_>, alias: Option<&Name>) -> fmt::Result {
    match alias {
        Some(alias) => write!(f, " as {alias}"),
        None => Ok(()),
    }
}

pub(super) fn write_separated<T: Display>(
    f: &mut Formatter<'_>,
    items: &[T],
    separator: &str,
) -> fmt::Result {
    for (idx, item) in items.iter().enumerate() {
        if idx > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}
