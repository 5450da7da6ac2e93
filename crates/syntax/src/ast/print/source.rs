//! Canonical text of `SOURCE`.

use std::fmt::{self, Display, Formatter};

use super::literal::Quoted;
use crate::ast::{Source, SourceSelection, SourceTime};

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SOURCE")?;
        for selection in &self.selections {
            write!(f, " {selection}")?;
        }
        if let Some(start) = self.start {
            write!(f, " START={start}")?;
        }
        match self.end {
            Some(end) => write!(f, " END={end}"),
            None => Ok(()),
        }
    }
}

impl Display for SourceSelection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::LogGroup { name, .. } => write!(f, "{}", Quoted(name)),
            Self::LogGroups {
                prefixes,
                accounts,
                classes,
                ..
            } => {
                f.write_str("logGroups(")?;
                let mut separator = "";
                for (key, texts) in [
                    ("namePrefix", prefixes),
                    ("accountIdentifiers", accounts),
                    ("class", classes),
                ] {
                    if !texts.is_empty() {
                        write!(f, "{separator}{key}: ")?;
                        write_texts(f, texts)?;
                        separator = ", ";
                    }
                }
                f.write_str(")")
            }
            Self::DataSource { names, .. } => {
                f.write_str("dataSource(")?;
                write_texts(f, names)?;
                f.write_str(")")
            }
        }
    }
}

fn write_texts(f: &mut Formatter<'_>, texts: &[String]) -> fmt::Result {
    f.write_str("[")?;
    for (idx, text) in texts.iter().enumerate() {
        let comma = if idx == 0 { "" } else { ", " };
        write!(f, "{comma}{}", Quoted(text))?;
    }
    f.write_str("]")
}

/// Units from the largest: a bound is written in the largest that divides it.
const UNITS: &[(i64, &str)] = &[
    (86_400_000, "d"),
    (3_600_000, "h"),
    (60_000, "m"),
    (1_000, "s"),
    (1, "ms"),
];

impl Display for SourceTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Absolute(ms) => write!(f, "{ms}"),
            Self::Relative(0) => f.write_str("0s"),
            Self::Relative(ms) => {
                let (unit_ms, unit) = UNITS
                    .iter()
                    .find(|(unit_ms, _)| ms % unit_ms == 0)
                    .unwrap_or(&(1, "ms"));
                write!(f, "{}{unit}", ms / unit_ms)
            }
        }
    }
}
