//! The commands of the language, the ones of its neighbours, and the nearest of them to a word.

/// A command of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandInfo {
    /// The word that a query begins it with, as the manual spells it. Case does not matter.
    pub name: &'static str,
    /// True when insq runs it.
    pub is_built: bool,
    /// What it does, in one line.
    pub summary: &'static str,
    /// A command that can be pasted.
    pub example: &'static str,
}

/// Every command of the language, those that insq runs first.
///
/// ```
/// let built: Vec<&str> = insq_syntax::commands().iter().filter(|command| command.is_built).map(|c| c.name).collect();
/// assert!(built.contains(&"stats"));
/// ```
pub fn commands() -> &'static [CommandInfo] {
    COMMANDS
}

const fn built(name: &'static str, summary: &'static str, example: &'static str) -> CommandInfo {
    CommandInfo {
        name,
        is_built: true,
        summary,
        example,
    }
}

const fn known(name: &'static str, summary: &'static str, example: &'static str) -> CommandInfo {
    CommandInfo {
        name,
        is_built: false,
        summary,
        example,
    }
}

const COMMANDS: &[CommandInfo] = &[
    built(
        "fields",
        "adds columns to the result",
        "fields @timestamp, @message",
    ),
    built(
        "display",
        "sets the columns of the result",
        "display @timestamp, level",
    ),
    built(
        "filter",
        "keeps the events for which a condition is true",
        "filter level = \"ERROR\"",
    ),
    built("where", "another word for `filter`", "where level = \"ERROR\""),
    built(
        "stats",
        "makes one row per group of events",
        "stats count(*) as n by level",
    ),
    built("sort", "puts rows in order", "sort @timestamp desc"),
    built("order", "another word for `sort`", "order by @timestamp desc"),
    built("limit", "keeps the first rows", "limit 20"),
    built("head", "an old word for `limit`", "head 20"),
    built(
        "parse",
        "takes a text apart into new fields",
        "parse @message \"user=* took * ms\" as user, ms",
    ),
    built(
        "dedup",
        "keeps the first event of each combination of values",
        "dedup @requestId",
    ),
    built(
        "filterIndex",
        "keeps events by an indexed field",
        "filterIndex traceId = \"1-2-3\"",
    ),
    built("tail", "an old word for the oldest rows", "tail 20"),
    built(
        "unnest",
        "makes one row per element of a list",
        "unnest m.items into item",
    ),
    built(
        "expand",
        "makes one row per element of a JSON array",
        "expand items",
    ),
    built("lookup", "adds columns of a table", "lookup users id OUTPUT name"),
    built(
        "cidrlookup",
        "adds columns of a table of networks",
        "cidrlookup nets ip OUTPUT name",
    ),
    built(
        "join",
        "joins two sources",
        "join type=left left=l right=r where l.id = r.id (SOURCE \"b\")",
    ),
    built(
        "SOURCE",
        "chooses the logs that are read",
        "SOURCE \"/aws/lambda/orders\" START=-3600s",
    ),
    built(
        "json",
        "reads a path of a JSON field",
        "json field=payload \"user.name\" as name",
    ),
    built("addtotals", "adds sums of rows and columns", "addtotals"),
    built(
        "autoregress",
        "adds earlier values as columns",
        "autoregress n p=1-3",
    ),
    built("accum", "adds a running sum", "accum n as total"),
    built(
        "appendcols",
        "adds the columns of another query",
        "appendcols (SOURCE \"b\" | stats count(*) as others)",
    ),
    built(
        "filldown",
        "repeats the last value in empty cells",
        "filldown level",
    ),
    built(
        "fillmissing",
        "adds rows for empty time bins",
        "fillmissing with 0 for n",
    ),
    built(
        "outlier",
        "removes, clamps or marks outliers",
        "outlier action=remove n",
    ),
    built(
        "sessionize",
        "numbers the sessions of users",
        "sessionize user maxspan 30m",
    ),
    built(
        "countFrequent",
        "counts the most frequent values",
        "countFrequent path",
    ),
    built(
        "count_frequent",
        "another spelling of `countFrequent`",
        "count_frequent path",
    ),
    built(
        "estimate",
        "tells how much would be read, and reads nothing",
        "estimate",
    ),
    known(
        "pattern",
        "groups messages by their fixed text",
        "pattern @message",
    ),
    known(
        "diff",
        "compares patterns with an earlier time",
        "pattern @message | diff",
    ),
    known("anomaly", "marks unusual patterns", "pattern @message | anomaly"),
    known(
        "unmask",
        "shows text that data protection masks; a function: `fields unmask(@message)`",
        "unmask(@message)",
    ),
    known(
        "relevantfields",
        "ranks fields by what they say about a condition",
        "relevantfields where status >= 500",
    ),
    known(
        "logcompare",
        "compares with an earlier time",
        "logcompare timeshift 1d",
    ),
];

/// The command of that name, in any case.
pub(crate) fn find(word: &str) -> Option<&'static CommandInfo> {
    COMMANDS
        .iter()
        .find(|command| command.name.eq_ignore_ascii_case(word))
}

/// A command of another language.
pub(crate) struct ForeignCommand {
    name: &'static str,
    pub(crate) language: &'static str,
    /// What to write instead, quotes and all.
    pub(crate) write: &'static str,
}

const fn foreign(name: &'static str, language: &'static str, write: &'static str) -> ForeignCommand {
    ForeignCommand {
        name,
        language,
        write,
    }
}

const SQL: &str = "SQL";
const PIPES: &str = "another pipe language";

const FOREIGN: &[ForeignCommand] = &[
    foreign("select", SQL, "`fields a, b`"),
    foreign("from", SQL, "the files or log groups outside of the query"),
    foreign("having", SQL, "`filter n > 3` after the `stats`"),
    foreign("group", SQL, "`stats count(*) by a`"),
    foreign("with", SQL, "one pipeline of commands joined by `|`"),
    foreign("union", SQL, "all files or log groups outside of the query"),
    foreign("distinct", SQL, "`stats count(*) by a`"),
    foreign("field", PIPES, "`fields a`"),
    foreign("eval", PIPES, "`fields a / 1000 as b`"),
    foreign("extend", PIPES, "`fields a / 1000 as b`"),
    foreign("let", PIPES, "`fields a / 1000 as b`"),
    foreign("rename", PIPES, "`fields a as b`"),
    foreign("project", PIPES, "`display a, b`"),
    foreign("table", PIPES, "`display a, b`"),
    foreign("keep", PIPES, "`display a, b`"),
    foreign("summarize", PIPES, "`stats count(*) by a`"),
    foreign("timechart", PIPES, "`stats count(*) by bin(5m)`"),
    foreign("chart", PIPES, "`stats count(*) by a`"),
    foreign("rex", PIPES, "`parse @message /user=(?<user>\\w+)/`"),
    foreign("regex", PIPES, "`filter @message like /user=\\w+/`"),
    foreign("grok", PIPES, "`parse @message /user=(?<user>\\w+)/`"),
    foreign("extract", PIPES, "`parse @message /user=(?<user>\\w+)/`"),
    foreign(
        "top",
        PIPES,
        "`stats count(*) as n by a | sort n desc | limit 10`",
    ),
    foreign(
        "rare",
        PIPES,
        "`stats count(*) as n by a | sort n asc | limit 10`",
    ),
    foreign("take", PIPES, "`limit 10`"),
    foreign("grep", PIPES, "`filter @message like \"late\"`"),
    foreign("search", PIPES, "`filter @message like \"late\"`"),
    foreign("fillnull", PIPES, "`fields coalesce(a, 0) as a`"),
    foreign(
        "eventstats",
        PIPES,
        "`stats … by …`, which keeps only its own columns",
    ),
    foreign(
        "streamstats",
        PIPES,
        "`stats … by …`, which keeps only its own columns",
    ),
    foreign("trendline", PIPES, "`stats avg(a) by bin(5m)`"),
    foreign("makemv", PIPES, "`fields split(a, \",\") as parts`"),
    foreign("replace", PIPES, "`fields replace(a, \"x\", \"y\") as b`"),
    foreign("flatten", PIPES, "the path of the value: `fields a.b.c`"),
    foreign("fieldsummary", PIPES, "`stats count(a), count_distinct(a)`"),
];

/// The command of another language of that name, in any case.
pub(crate) fn find_foreign(word: &str) -> Option<&'static ForeignCommand> {
    FOREIGN
        .iter()
        .find(|command| command.name.eq_ignore_ascii_case(word))
}

/// Functions that make one value of many: a command that begins with one means `stats`.
const AGGREGATES: &[&str] = &[
    "avg",
    "count",
    "count_distinct",
    "max",
    "min",
    "pct",
    "stddev",
    "sum",
    "values",
    "earliest",
    "latest",
    "sortsfirst",
    "sortslast",
    "rate",
    "countovertime",
    "count_over_time",
    "sumovertime",
    "sum_over_time",
    "histogram",
    "median",
];

/// True for the name of an aggregate, in any case.
pub(crate) fn is_aggregate(word: &str) -> bool {
    AGGREGATES.iter().any(|name| name.eq_ignore_ascii_case(word))
}

/// Edits within which a word is taken for a slip.
const EDITS_MAX: usize = 2;

/// From which similarity on a word with more edits is still taken for one.
const SIMILARITY_MIN: f64 = 0.87;

/// Longer words are nobody's slip, and measuring them would take long.
const WORD_BYTES_MAX: usize = 32;

/// The command that `word` was probably meant to be.
pub(crate) fn similar(word: &str) -> Option<&'static str> {
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let edits_max = if word.len() < 4 { 1 } else { EDITS_MAX };
    let slip = COMMANDS
        .iter()
        .map(|command| {
            (
                strsim::osa_distance(&word, &command.name.to_ascii_lowercase()),
                command.name,
            )
        })
        .filter(|(edits, _)| *edits <= edits_max)
        .min_by_key(|(edits, _)| *edits);
    let relative = || {
        COMMANDS
            .iter()
            .map(|command| {
                (
                    strsim::jaro_winkler(&word, &command.name.to_ascii_lowercase()),
                    command.name,
                )
            })
            .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
            .max_by(|(left, _), (right, _)| left.total_cmp(right))
            .map(|(_, name)| name)
    };
    slip.map(|(_, name)| name).or_else(relative)
}
