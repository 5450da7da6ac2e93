//! Canonical text of the commands that read rows as a series, and of those that take values apart.

use std::fmt::{self, Display, Formatter};

use super::command::{write_alias, write_separated};
use super::expr::Operand;
use super::literal::Quoted;
use crate::ast::{
    Accum, AddTotals, AutoRegress, FillDown, FillMissing, JsonField, Name, Outlier, OutlierAction,
    Sessionize, Unnest,
};

impl Display for JsonField {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "json field={} {} as {}",
            self.source,
            Quoted(&self.path),
            self.alias
        )
    }
}

impl Display for Unnest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "unnest {} into {}", Operand(&self.source), self.name)
    }
}

impl Display for AddTotals {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("addtotals")?;
        if !self.row {
            f.write_str(" row=false")?;
        }
        if self.col {
            f.write_str(" col=true")?;
        }
        if let Some(name) = &self.name {
            write!(f, " fieldname={name}")?;
        }
        if self.fields.is_empty() {
            return Ok(());
        }
        f.write_str(" ")?;
        write_separated(f, &self.fields, ", ")
    }
}

impl Display for AutoRegress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "autoregress {}", self.field)?;
        write_alias(f, self.alias.as_ref())?;
        match (self.first, self.last) {
            (first, last) if first == last => write!(f, " p={first}"),
            (first, last) => write!(f, " p={first}-{last}"),
        }
    }
}

impl Display for Accum {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "accum {}", self.field)?;
        write_alias(f, self.alias.as_ref())
    }
}

impl Display for FillDown {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("filldown")?;
        self.patterns
            .iter()
            .try_for_each(|pattern| write!(f, " {}", Pattern(pattern)))
    }
}

/// A name in which a star needs no backticks.
struct Pattern<'a>(&'a Name);

impl Display for Pattern<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_part = |c: char| crate::lexical::is_name_char(c) || matches!(c, '*' | '.');
        let text = &self.0.text;
        if text.contains('*') && text.chars().all(is_part) {
            f.write_str(text)
        } else {
            write!(f, "{}", self.0)
        }
    }
}

impl Display for FillMissing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("fillmissing")?;
        for (idx, (value, name)) in self.values.iter().enumerate() {
            let before = if idx == 0 { " with" } else { "," };
            write!(f, "{before} {value} for {name}")?;
        }
        Ok(())
    }
}

impl Display for Outlier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("outlier")?;
        if self.action == OutlierAction::Remove {
            f.write_str(" action=remove")?;
        }
        if let Some(param) = &self.param {
            write!(f, " param={param}")?;
        }
        if self.use_lower {
            f.write_str(" uselower=true")?;
        }
        if self.mark {
            f.write_str(" mark=true")?;
        }
        self.fields.iter().try_for_each(|field| write!(f, " {field}"))
    }
}

impl Display for Sessionize {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("sessionize ")?;
        write_separated(f, &self.fields, ", ")?;
        if let Some((period, _)) = self.max_span {
            write!(f, " maxspan {period}")?;
        }
        write_alias(f, self.alias.as_ref())
    }
}
