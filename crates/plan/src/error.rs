//! Why a query that can be read can't be run.

use insq_syntax::Span;

/// A query that parses but cannot be bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct PlanError {
    /// What is wrong.
    pub kind: PlanErrorKind,
    /// Where, in the query text.
    pub span: Span,
}

impl PlanError {
    pub(crate) fn new(kind: PlanErrorKind, span: Span) -> Self {
        Self { kind, span }
    }
}

/// What is wrong with a query that parses. The comment of each kind holds the shortest query that has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanErrorKind {
    /// `fields strlenn(@message)`
    #[error("unknown function `{name}`")]
    UnknownFunction {
        /// The function as written.
        name: String,
        /// The nearest function, or what the language has instead.
        similar: Option<String>,
    },
    /// `fields jsonParse(@message)`
    #[error("`{name}` is a function of the language that insq does not run yet: {reason}")]
    NotBuilt {
        /// The function as written.
        name: String,
        /// Why.
        reason: String,
    },
    /// `fields strlen()`
    #[error("`{name}` takes {expected}, not {found}")]
    WrongArity {
        /// The function.
        name: String,
        /// What it takes, in words.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// `stats pct(@duration, @memorySize)`
    #[error("{what} of `{name}` must be {expected}")]
    WrongArgument {
        /// The function.
        name: String,
        /// Which argument.
        what: String,
        /// What it must be.
        expected: String,
    },
    /// `filter count(*) > 1`
    #[error("`{name}` gathers many events into one value, so it belongs into `stats`")]
    AggregateOutsideStats {
        /// The function as written.
        name: String,
    },
    /// `stats sum(avg(@duration))`
    #[error("`{name}` can't stand inside another aggregate")]
    NestedAggregate {
        /// The function as written.
        name: String,
    },
    /// `stats @duration by @logStream`
    #[error("`{name}` has many values in a group: aggregate it, or group by it")]
    NotAggregated {
        /// The field as written.
        name: String,
    },
    /// `stats 1 as one`
    #[error("`stats` needs at least one aggregate such as `count(*)`")]
    NoAggregate,
    /// `stats count(*) as n, avg(@duration) as n`
    #[error("`{name}` names two columns of the same `stats`")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// `stats count(*) by @type | stats count(*) by bin(5m)`
    #[error("`{name}` reads `@timestamp`, which the `stats` before it did not keep")]
    NoTimestamp {
        /// The function as written.
        name: String,
    },
    /// `filter @timestamp > "yesterday"`
    #[error("`{text}` is not a time")]
    NotATime {
        /// The text compared with a time.
        text: String,
    },
    /// `filter @message like /(/`
    #[error("this regular expression can't be used: {reason}")]
    BadRegex {
        /// Why.
        reason: String,
    },
    /// `parse @message /(a)(b)/ as x`
    #[error("the expression has {groups} un-named groups, but `as` gives {names} names")]
    GroupCount {
        /// Un-named groups.
        groups: usize,
        /// Names after `as`.
        names: usize,
    },
    /// `parse @message /abc/`
    #[error("the expression keeps nothing: no part of it is a group")]
    NoGroups,
    /// `fields 5m as x`
    #[error("a length of time such as `{period}` is no value by itself")]
    PeriodAsValue {
        /// The period.
        period: String,
    },
    /// `fields strlen(*)`
    #[error("`*` stands for all rows, in `count(*)` only")]
    StarAsValue,
    /// `stats pct(@duration, 101)`
    #[error("{0}")]
    Function(insq_functions::FunctionError),
    /// `stats count(*) by bin(1m) offset 30s`
    #[error("{what} is part of the language that insq does not run yet")]
    NotBuiltYet {
        /// What.
        what: String,
    },
}

impl PlanErrorKind {
    /// One line that says what to write instead.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownFunction {
                similar: Some(similar),
                ..
            } => Some(format!("did you mean `{similar}`?")),
            Self::AggregateOutsideStats { name } => Some(format!(
                "for example: `stats {name}(…) as value | filter value > 10`"
            )),
            Self::NotAggregated { name } => Some(format!(
                "for example: `stats max({name})`, `stats latest({name})` or `stats … by {name}`"
            )),
            Self::NoTimestamp { .. } => {
                Some("carry it along: `stats max(@timestamp) as @t …`, then `dateceil(@t, 5m)`".to_owned())
            }
            Self::NotATime { .. } => Some(
                "write `2026-01-02 03:04:05`, or compare `toMillis(@timestamp)` with a number".to_owned(),
            ),
            Self::NoGroups => Some("put the part to keep into `(?<name>…)`".to_owned()),
            _ => None,
        }
    }

    /// A stable word for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownFunction { .. } => "unknown_function",
            Self::NotBuilt { .. } | Self::NotBuiltYet { .. } => "not_built",
            Self::WrongArity { .. } => "wrong_arity",
            Self::WrongArgument { .. } => "wrong_argument",
            Self::AggregateOutsideStats { .. } => "aggregate_outside_stats",
            Self::NestedAggregate { .. } => "nested_aggregate",
            Self::NotAggregated { .. } => "not_aggregated",
            Self::NoAggregate => "no_aggregate",
            Self::DuplicateName { .. } => "duplicate_name",
            Self::NoTimestamp { .. } => "no_timestamp",
            Self::NotATime { .. } => "not_a_time",
            Self::BadRegex { .. } => "bad_regex",
            Self::GroupCount { .. } => "group_count",
            Self::NoGroups => "no_groups",
            Self::PeriodAsValue { .. } => "period_as_value",
            Self::StarAsValue => "star_as_value",
            Self::Function(_) => "bad_argument",
        }
    }
}
