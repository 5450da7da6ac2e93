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
    /// `stats count(*) by @requestId | stats concurrency_max()`
    #[error("`{name}` reads `{field}`, which the `stats` before it did not keep")]
    NoInvocations {
        /// The function as written.
        name: String,
        /// The field.
        field: &'static str,
    },
    /// `stats concurrency_max() by @timestamp`
    #[error("an invocation is in flight for a stretch of time, and `{key}` tells only when it ended")]
    ConcurrencyKey {
        /// The group key as written.
        key: String,
    },
    /// `stats concurrency_max() by bin(1s), bin(1m)`
    #[error("concurrency has one kind of bins, and this is the second")]
    SecondConcurrencyBin,
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
    /// `sort jsonParse(@message)`
    #[error("`{name}` gives a map or list, which has no order and makes no groups")]
    StructureAsKey {
        /// The function as written.
        name: String,
    },
    /// `fields concat(a, b).c`
    #[error("`{value}` is neither map nor list, so no path leads into it")]
    PathIntoValue {
        /// The value.
        value: String,
    },
    /// A path of 129 steps
    #[error("a path of more than {limit} steps leads nowhere")]
    PathTooLong {
        /// Steps at most.
        limit: usize,
    },
    /// `filter a in (SOURCE "b" | fields c, d)`
    #[error("the query in brackets gives several columns, and none is called `{wanted}`")]
    SubqueryColumns {
        /// Its columns.
        found: Vec<String>,
        /// The field that is compared.
        wanted: String,
    },
    /// Two `join`
    #[error("a query has one `join`")]
    SecondJoin,
    /// `lookup nosuch id OUTPUT name`
    #[error("{reason}")]
    NoTable {
        /// Why there is no such table.
        reason: String,
    },
    /// `lookup users id OUTPUT nosuch`
    #[error("the table `{table}` has no column `{column}`")]
    NoTableColumn {
        /// The table.
        table: String,
        /// The column as written.
        column: String,
        /// The columns that there are.
        known: Vec<String>,
    },
    /// `cidrlookup users ip OUTPUT name`
    #[error("no column of the table `{table}` holds networks such as `10.0.0.0/8`")]
    NoNetworks {
        /// The table.
        table: String,
    },
    /// `fields a | fillmissing`
    #[error("there are no time bins: no group key of the last `stats` is `bin(…)`")]
    NoBins,
    /// `… | fillmissing with a for n`
    #[error("`{found}` is no constant")]
    NotConstant {
        /// As written.
        found: String,
    },
    /// `… | fillmissing with 0 for nosuch`
    #[error("the result has no column `{name}`")]
    NoColumn {
        /// The name.
        name: String,
        /// The columns that there are.
        known: Vec<String>,
    },
    /// `sessionize user maxspan 1mo`
    #[error("`{period}` has no fixed length")]
    PeriodNotFixed {
        /// The period.
        period: String,
    },
    /// `limit 100001`, where the rules of the service hold
    #[error("the service refuses this: {reason}")]
    ServiceRefuses {
        /// Why.
        reason: String,
    },
    /// A form of the language that is not run
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
            Self::NotAggregated { name } if insq_functions::concurrency_function(name).is_some() => {
                Some(format!("it is a function: `{name}()`"))
            }
            Self::NotAggregated { name } => Some(format!(
                "for example: `stats max({name})`, `stats latest({name})` or `stats … by {name}`"
            )),
            Self::NoTimestamp { .. } => {
                Some("carry it along: `stats max(@timestamp) as @t …`, then `dateceil(@t, 5m)`".to_owned())
            }
            Self::NoInvocations { .. } => Some(
                "use it in the first `stats`, or carry along `max(@timestamp) as @timestamp, max(@duration) as \
                 @duration, max(@initDuration) as @initDuration`"
                    .to_owned(),
            ),
            Self::ConcurrencyKey { .. } => Some(
                "divide time with `bin(…)` of `@timestamp`, and its bins in a second `stats`: `stats \
                 concurrency_max() as c by bin(1s) as t | stats max(c) by datefloor(t, 1h)`"
                    .to_owned(),
            ),
            Self::SecondConcurrencyBin => Some(
                "take the shorter one, and gather its bins in a second `stats`: `stats concurrency_max() as c by \
                 bin(1s) as t | stats max(c) by datefloor(t, 1m)`"
                    .to_owned(),
            ),
            Self::NotATime { .. } => Some(
                "write `2026-01-02 03:04:05`, or compare `toMillis(@timestamp)` with a number".to_owned(),
            ),
            Self::StructureAsKey { .. } => {
                Some("name a part of it: `jsonParse(@message).user.id`".to_owned())
            }
            Self::PathIntoValue { .. } => {
                Some("maps and lists come from `jsonParse(…)`, `split(…)` and `parse … logfmt`".to_owned())
            }
            Self::SubqueryColumns { found, wanted } => Some(format!(
                "end it with `fields {wanted}`, or with one of its columns: {}",
                listed(found)
            )),
            Self::SecondJoin => Some("use `lookup` for the second table".to_owned()),
            Self::NoTableColumn { known, .. } | Self::NoColumn { known, .. } => {
                Some(format!("there are {}", listed(known)))
            }
            Self::NoNetworks { .. } => {
                Some("name the column: `cidrlookup nets ip as network OUTPUT zone`".to_owned())
            }
            Self::NoBins => {
                Some("for example: `stats count(*) as n by bin(5m) | fillmissing with 0 for n`".to_owned())
            }
            Self::NotConstant { .. } => Some("write a number or a text in quotes".to_owned()),
            Self::PeriodNotFixed { .. } => Some("write it in days or shorter units: `30d`".to_owned()),
            Self::NoGroups => Some("put the part to keep into `(?<name>…)`".to_owned()),
            _ => None,
        }
    }

    /// A stable word for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownFunction { .. } => "unknown_function",
            Self::NotBuiltYet { .. } => "not_built",
            Self::WrongArity { .. } => "wrong_arity",
            Self::WrongArgument { .. } => "wrong_argument",
            Self::AggregateOutsideStats { .. } => "aggregate_outside_stats",
            Self::NestedAggregate { .. } => "nested_aggregate",
            Self::NotAggregated { .. } => "not_aggregated",
            Self::NoAggregate => "no_aggregate",
            Self::DuplicateName { .. } => "duplicate_name",
            Self::NoTimestamp { .. } => "no_timestamp",
            Self::NoInvocations { .. } => "no_invocations",
            Self::ConcurrencyKey { .. } => "concurrency_key",
            Self::SecondConcurrencyBin => "second_concurrency_bin",
            Self::NotATime { .. } => "not_a_time",
            Self::BadRegex { .. } => "bad_regex",
            Self::GroupCount { .. } => "group_count",
            Self::NoGroups => "no_groups",
            Self::PeriodAsValue { .. } => "period_as_value",
            Self::StarAsValue => "star_as_value",
            Self::Function(_) => "bad_argument",
            Self::StructureAsKey { .. } => "structure_as_key",
            Self::PathIntoValue { .. } => "path_into_value",
            Self::PathTooLong { .. } => "path_too_long",
            Self::SubqueryColumns { .. } => "subquery_columns",
            Self::SecondJoin => "second_join",
            Self::NoTable { .. } => "no_table",
            Self::NoTableColumn { .. } => "no_table_column",
            Self::NoNetworks { .. } => "no_networks",
            Self::NoBins => "no_bins",
            Self::NotConstant { .. } => "not_constant",
            Self::NoColumn { .. } => "no_column",
            Self::PeriodNotFixed { .. } => "period_not_fixed",
            Self::ServiceRefuses { .. } => "service_refuses",
        }
    }
}

/// Names in a message at most.
const LISTED_MAX: usize = 12;

/// `a`, `b`, …
fn listed(names: &[String]) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(LISTED_MAX)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > LISTED_MAX {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}
