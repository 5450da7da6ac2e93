//! The kinds of mistake, one per repair.

/// What is wrong with a query text. The comment of each kind holds the shortest query that has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    // Commands
    /// `stat count(*)`
    #[error("unknown command `{found}`")]
    UnknownCommand {
        /// The word that stands where a command should.
        found: String,
        /// The nearest command.
        similar: Option<&'static str>,
    },
    /// `unnest a into b`
    #[error("`{name}` is a command of the language that insq does not run yet")]
    NotBuilt {
        /// The command.
        name: &'static str,
    },
    /// `limit any 5`
    #[error("`{form}` is a form of the language that insq does not run yet")]
    FormNotBuilt {
        /// The form, as short as it can be named.
        form: &'static str,
        /// What does the same today.
        instead: Option<&'static str>,
    },
    /// `select a`
    #[error("`{found}` is a command of {language}")]
    ForeignCommand {
        /// The word as written.
        found: String,
        /// Whose command it is.
        language: &'static str,
        /// What to write.
        write: &'static str,
    },
    /// `@message like "late"`
    #[error("a command is missing before `{found}`")]
    MissingCommand {
        /// What stands where a command should.
        found: String,
    },
    /// `| | limit 5`
    #[error("there is no command between the pipes")]
    EmptyCommand,
    /// `limit 5 |`
    #[error("there is no command after the last pipe")]
    TrailingPipe {
        /// True when a comment follows, probably the command that was taken out.
        commented: bool,
    },
    /// `fields a` and on the next line `limit 5`
    #[error("a pipe is missing before `{command}`")]
    MissingPipe {
        /// The command that begins here.
        command: String,
    },
    /// `fields`
    #[error("`{command}` needs {needs}")]
    NothingAfterCommand {
        /// The command.
        command: &'static str,
        /// What it needs.
        needs: &'static str,
        /// A command that can be pasted.
        example: &'static str,
    },
    /// `fields a b`
    #[error("`{found}` is not expected here")]
    UnexpectedText {
        /// What was found.
        found: String,
    },
    /// `dedup a b`
    #[error("a comma is missing before `{found}`")]
    MissingComma {
        /// What was found.
        found: String,
    },
    /// `unnest a as b`
    #[error("`{command}` expects {expected}{}", found.as_ref().map(|found| format!(", not `{found}`")).unwrap_or_default())]
    Expected {
        /// The command.
        command: &'static str,
        /// What should stand here.
        expected: &'static str,
        /// What stands there; nothing at the end.
        found: Option<String>,
        /// A command that can be pasted.
        example: &'static str,
    },
    /// `fields a | SOURCE "b"`
    #[error("`SOURCE` stands only in front of all other commands")]
    SourceMisplaced,
    /// `SOURCE "a", "b"`
    #[error("`SOURCE` takes no list of names")]
    SourceList,
    /// `estimate | limit 5`
    #[error("nothing can follow `estimate`")]
    EstimateNotLast,
    /// `filter a in (SOURCE "b" | filter c in (SOURCE "d" | fields c) | fields a)`
    #[error("a query in brackets cannot hold another")]
    NestedQuery,
    /// `unmask @message`
    #[error("`unmask` is written like a function")]
    UnmaskCommand,
    /// `dedup by a`
    #[error("`dedup` takes names, without `by`")]
    DedupBy,

    // Limits
    /// A text of more than 1 MiB
    #[error("the query is longer than {limit} bytes")]
    QueryTooLong {
        /// Bytes at most.
        limit: usize,
    },
    /// 129 opening brackets
    #[error("the expression is nested more than {limit} levels deep")]
    NestingTooDeep {
        /// Levels at most.
        limit: usize,
    },
    /// `fields a + a + …`, 256 times
    #[error("the expression is more than {limit} levels high")]
    TreeTooHigh {
        /// Levels at most.
        limit: usize,
    },
    /// `fields a, a, …`, 1,001 times
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what there are too many.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },

    // Expressions
    /// `filter a = 1 or`
    #[error("`{operator}` has nothing on its right")]
    NothingOnRight {
        /// The operator as written.
        operator: String,
    },
    /// `filter = 1`
    #[error("`{operator}` has nothing on its left")]
    NothingOnLeft {
        /// The operator as written.
        operator: String,
    },
    /// `fields )`
    #[error("a value is expected{}", found.as_ref().map(|found| format!(", not `{found}`")).unwrap_or_default())]
    ExpectedValue {
        /// What stands there; nothing at the end.
        found: Option<String>,
    },
    /// `filter 1 < a < 5`
    #[error("comparisons don't chain")]
    ChainedComparison,
    /// `filter a <> 1`
    #[error("`{found}` is not an operator of this language")]
    ForeignOperator {
        /// As written.
        found: &'static str,
        /// The operator to write.
        write: &'static str,
    },
    /// `filter a contains "x"`, `filter a exists`
    #[error("`{found}` is not an operator of this language")]
    WordOperator {
        /// As written.
        found: String,
        /// What to write.
        write: String,
    },
    /// `fields case when a then b end`
    #[error("`case when` is the form of SQL")]
    CaseWhen,
    /// `filter a in b`
    #[error("`in` needs a list")]
    InWithoutList,
    /// `fields [1, 2]`
    #[error("a list stands only after `in`")]
    ListMisplaced,
    /// `stats count(*) by (a, b)`
    #[error("a list in round brackets is not a value")]
    ListInBrackets,
    /// `fields *`
    #[error("`*` stands only inside of `count(*)` and between factors")]
    StarMisplaced,
    /// `filter a like %late%`
    #[error("`like` finds a text anywhere by itself; `{wildcard}` is no wildcard")]
    LikeWildcard {
        /// `%` or `*`.
        wildcard: char,
        /// The text to look for.
        text: String,
    },
    /// `stats count(*) by bin(a, 5m)`
    #[error("`bin` takes a period only; it always reads `@timestamp`")]
    BinOfField {
        /// The field as written.
        field: String,
    },
    /// `filter srcAddrlike "10."`
    #[error("a blank is missing before `{operator}`")]
    MissingBlank {
        /// What stands before the operator.
        name: String,
        /// The operator.
        operator: String,
    },

    // Literals
    /// `fields "a`
    #[error("the text that begins here is never closed")]
    UnclosedString {
        /// The quote that is missing.
        quote: char,
    },
    /// `fields 'don't'`
    #[error("the text ended before `{found}`")]
    StringEndsEarly {
        /// What follows the closing quote at once.
        found: String,
        /// The quote.
        quote: char,
    },
    /// `filter a = “late”`
    #[error("`{found}` is a typesetter's quote")]
    TypographicQuote {
        /// The quote.
        found: char,
        /// The whole with plain quotes.
        plain: String,
    },
    /// `filter a = \"late\"`
    #[error("the quotes were escaped once too often")]
    EscapedQuote {
        /// The whole with plain quotes.
        plain: String,
    },
    /// `filter a = https://example.com`
    #[error("text needs quotes")]
    UnquotedText {
        /// The text as written.
        text: String,
    },
    /// `filter a = {{value}}`
    #[error("the placeholder `{found}` was not filled in")]
    Placeholder {
        /// As written.
        found: String,
    },
    /// `fields 1e999`
    #[error("`{found}` is larger than any number")]
    NumberTooLarge {
        /// As written.
        found: String,
    },
    /// `fields 5x`
    #[error("`{unit}` is not a unit of time")]
    UnknownUnit {
        /// The digits.
        count: String,
        /// What follows them.
        unit: String,
    },
    /// `stats count(*) by bin(5m) offset 5`
    #[error("`{count}` lacks its unit of time")]
    PeriodWithoutUnit {
        /// As written.
        count: String,
    },
    /// `stats count(*) by bin(1.5h)`
    #[error("`{found}` is not a whole number of units")]
    PeriodNotWhole {
        /// As written.
        found: String,
    },
    /// `stats count(*) by bin(0m)`
    #[error("the length of a period is from 1 to {max}")]
    PeriodOutOfRange {
        /// Units at most.
        max: u32,
    },

    // Regular expressions
    /// `filter a like /b`
    #[error("the regex that begins here is never closed")]
    UnclosedRegex,
    /// `filter a like /b/i`
    #[error("flags don't follow a regex")]
    RegexFlags {
        /// The flags.
        flags: String,
        /// The pattern.
        pattern: String,
    },
    /// `filter a like /b/c/`
    #[error("the regex ended at its second slash")]
    RegexEndsEarly {
        /// The whole with its inner slash escaped.
        escaped: String,
    },
    /// `parse "" //`
    #[error("the regex is empty")]
    RegexEmpty,
    /// `filter a like /*late*/`
    #[error("in a regex `*` repeats what stands before it, and nothing does")]
    RegexStartsWithStar {
        /// The text between the stars.
        text: String,
    },
    /// `fields /a/`
    #[error("a regex stands only after `like`, `=~` and in `parse`")]
    RegexMisplaced,
    /// `filter a like /(?=b)/`
    #[error("{what} are not in this language")]
    RegexUnsupported {
        /// The feature, in the plural.
        what: &'static str,
    },

    // Names
    /// ``fields `a``
    #[error("the name that begins here is never closed")]
    UnclosedName,
    /// ``fields `` ``
    #[error("a name cannot be empty")]
    EmptyName,
    /// ``fields `a``b` ``
    #[error("a name in backticks cannot hold a backtick")]
    BacktickInName,
    /// `fields a as`
    #[error("a name is expected{}", found.as_ref().map(|found| format!(", not `{found}`")).unwrap_or_default())]
    ExpectedName {
        /// What stands there; nothing at the end.
        found: Option<String>,
    },
    /// `fields a as 5xx`
    #[error("a name that begins with a digit needs backticks")]
    NameStartsWithDigit {
        /// As written.
        found: String,
    },
    /// `fields a["b"]`
    #[error("brackets after a name hold a position, counted from 0")]
    BracketStep {
        /// The name before the bracket.
        name: String,
        /// The step, where it can be told.
        step: Option<String>,
    },
    /// `stats count(*) as n, sum(a) as n`
    #[error("`{name}` names two columns of this `stats`")]
    DuplicateAlias {
        /// The name.
        name: String,
    },

    // Brackets
    /// `filter (a = 1`
    #[error("the `{bracket}` that opens here is never closed")]
    UnclosedBracket {
        /// The bracket.
        bracket: char,
    },
    /// `filter a = 1)`
    #[error("no bracket is open for `{bracket}` to close")]
    NothingOpen {
        /// The bracket.
        bracket: char,
    },

    // Single commands
    /// `limit 0`
    #[error("`limit` takes a whole number from 1, not `{found}`")]
    LimitCount {
        /// As written.
        found: String,
    },
    /// `parse @message`
    #[error("`parse` needs a glob in quotes or a regex between slashes")]
    ParseWithoutPattern,
    /// `parse @message "a=*"`
    #[error("a glob needs `as` and one name for each `*`")]
    GlobWithoutNames {
        /// Names that it needs.
        needed: usize,
    },
    /// `parse @message "a=* b=*" as a`
    #[error("{} but {}", count(*stars, "wildcard"), count(*names, "name"))]
    GlobNames {
        /// Wildcards of the glob.
        stars: usize,
        /// Names after `as`.
        names: usize,
    },
    /// `parse @message /a/`
    #[error("the regex keeps nothing")]
    RegexWithoutGroups {
        /// The only name after `as`.
        name: Option<String>,
        /// The pattern as written.
        pattern: String,
    },
    /// `parse @message /(a)/`
    #[error("groups without a name need `as` and one name each")]
    RegexGroupsWithoutNames {
        /// Names that it needs.
        needed: usize,
    },
    /// `parse @message /(a)(b)/ as a`
    #[error("{} without a name but {} after `as`", count(*groups, "group"), count(*names, "name"))]
    RegexNames {
        /// Groups without a name of their own.
        groups: usize,
        /// Names after `as`.
        names: usize,
    },
}

impl SyntaxErrorKind {
    /// A stable word for machines: `unknown_command`.
    ///
    /// ```
    /// let error = insq_syntax::parse("statz count(*)").unwrap_err();
    /// assert_eq!(error.kind.code(), "unknown_command");
    /// ```
    pub fn code(&self) -> String {
        let debug = format!("{self:?}");
        let name = debug.split([' ', '{', '(']).next().unwrap_or_default();
        let mut code = String::new();
        for c in name.chars() {
            if c.is_uppercase() && !code.is_empty() {
                code.push('_');
            }
            code.extend(c.to_lowercase());
        }
        code
    }
}

/// `1 name`, `2 names`
fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}
