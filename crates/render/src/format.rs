//! The output formats and their names.

use std::fmt;
use std::str::FromStr;

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A table for people, as wide as the terminal.
    Table,
    /// RFC 4180 with a header; missing is an empty cell; lines end with LF.
    Csv,
    /// One array with one object per row; missing is `null`.
    Json,
    /// One object per line; missing is `null`.
    JsonLines,
    /// A table for documents (GitHub's dialect).
    Markdown,
    /// Columns with their types, zstd; not for terminals.
    Parquet,
    /// Columns with their types as an Arrow IPC file, with a table of contents; not for terminals.
    Arrow,
    /// Columns with their types as an Arrow IPC stream, which can be read as it comes; not for terminals.
    ArrowStream,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Table,
        Self::Csv,
        Self::Json,
        Self::JsonLines,
        Self::Markdown,
        Self::Parquet,
        Self::Arrow,
        Self::ArrowStream,
    ];

    /// False for what only programs read.
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Parquet | Self::Arrow | Self::ArrowStream)
    }

    /// The name that users type.
    ///
    /// ```
    /// use insq_render::Format;
    ///
    /// assert_eq!(Format::JsonLines.name(), "jsonl");
    /// assert_eq!("jsonl".parse(), Ok(Format::JsonLines));
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Markdown => "markdown",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::ArrowStream => "arrow-stream",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no [`Format`] has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown output format `{found}`; there are table, csv, json, jsonl, markdown, parquet, arrow and arrow-stream"
)]
pub struct UnknownFormat {
    /// What was asked for.
    pub found: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| UnknownFormat {
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_formats() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err();
        for format in Format::ALL {
            assert!(
                error.to_string().contains(format.name()),
                "{error} lists {format}"
            );
        }
    }
}
