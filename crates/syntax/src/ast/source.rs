//! `SOURCE`: which logs a query reads.

use crate::Span;

/// `SOURCE "/aws/lambda/orders" START=-3600s END=0s`
#[derive(Clone, Debug)]
pub struct Source {
    /// What is selected; the events of any of them. Never empty.
    pub selections: Vec<SourceSelection>,
    /// First instant that is read.
    pub start: Option<SourceTime>,
    /// First instant that is not read any more.
    pub end: Option<SourceTime>,
    /// The whole command.
    pub span: Span,
}

/// One selection of a [`Source`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceSelection {
    /// A log group by its name or ARN.
    LogGroup {
        /// As written, without quotes.
        name: String,
        /// Its place.
        span: Span,
    },
    /// `logGroups(namePrefix: ["/aws"], class: "STANDARD")`; every log group when nothing is inside.
    LogGroups {
        /// Beginnings of names; any name when empty.
        prefixes: Vec<String>,
        /// Account ids; any account when empty.
        accounts: Vec<String>,
        /// Classes of log groups, which files do not have.
        classes: Vec<String>,
        /// Its place.
        span: Span,
    },
    /// `dataSource(["aws_vpc.flow"])`
    DataSource {
        /// Names of data sources.
        names: Vec<String>,
        /// Its place.
        span: Span,
    },
}

impl SourceSelection {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::LogGroup { span, .. } | Self::LogGroups { span, .. } | Self::DataSource { span, .. } => {
                *span
            }
        }
    }
}

/// `-3600s`, `now`, `1767312000000`: a bound of a [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceTime {
    /// Milliseconds from the instant of the query; before it when negative.
    Relative(i64),
    /// Milliseconds since the epoch.
    Absolute(i64),
}
