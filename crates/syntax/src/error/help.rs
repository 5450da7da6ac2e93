//! The next step: one line for each kind of mistake, with text that can be pasted.

use super::SyntaxErrorKind;

impl SyntaxErrorKind {
    /// One line with the next step; no final dot.
    ///
    /// ```
    /// let error = insq_syntax::parse("filter a <> 1").unwrap_err();
    /// assert_eq!(error.kind.help().as_deref(), Some("write `!=`"));
    /// ```
    pub fn help(&self) -> Option<String> {
        self.help_for_commands()
            .or_else(|| self.help_for_values())
            .or_else(|| self.help_for_patterns())
    }

    /// What to write beside the carets.
    pub(crate) fn label(&self) -> Option<&'static str> {
        match self {
            Self::NothingAfterCommand { needs, .. } => Some(match *needs {
                "at least one field" => "expected a field name",
                _ => "expected here",
            }),
            Self::EmptyCommand | Self::TrailingPipe { .. } => Some("expected a command"),
            Self::GlobNames { stars, names } if names > stars => Some("no wildcard for this name"),
            Self::GlobNames { .. } => Some("no name for this wildcard"),
            Self::NothingOnRight { .. } | Self::NothingOnLeft { .. } => Some("expected a value"),
            _ => None,
        }
    }

    fn help_for_commands(&self) -> Option<String> {
        let help = match self {
            Self::UnknownCommand {
                similar: Some(similar),
                ..
            } => format!("did you mean `{similar}`?"),
            Self::UnknownCommand { similar: None, .. } => RUNNING.into(),
            Self::NotBuilt { name } => instead_of(name).into(),
            Self::FormNotBuilt { instead, .. } => format!("write {}", (*instead)?),
            Self::ForeignCommand { write, .. } => format!("write {write}"),
            Self::MissingCommand { found } => {
                format!("to keep events write `filter {found}…`, to show values `fields {found}…`")
            }
            Self::EmptyCommand => "take one pipe out".into(),
            Self::TrailingPipe { commented: true } => {
                "the command after this pipe is a comment; take the pipe out too".into()
            }
            Self::TrailingPipe { commented: false } => {
                "take the pipe out, or add a command such as `limit 20`".into()
            }
            Self::MissingPipe { command } => format!("write `| {command} …`"),
            Self::NothingAfterCommand { example, .. } => format!("example: `{example}`"),
            Self::UnexpectedText { .. } => "take it out, or join it with `|`, an operator or a comma".into(),
            Self::MissingComma { found } => format!("write `, {found}`"),
            Self::Expected { example, .. } => format!("example: `{example}`"),
            Self::SourceMisplaced => "put it first: `SOURCE \"/aws/lambda/orders\" | fields @message`".into(),
            Self::SourceList => "write one stage for each: `SOURCE \"a\" | SOURCE \"b\"`".into(),
            Self::EstimateNotLast => "take out what follows it".into(),
            Self::NestedQuery => "run the inner query first, and write its values into a list".into(),
            Self::UnmaskCommand => "write `fields unmask(@message)`".into(),
            Self::DedupBy => "example: `dedup @requestId`".into(),
            Self::QueryTooLong { .. } => {
                "a long list of values is better kept in the data, or in several queries".into()
            }
            Self::NestingTooDeep { .. } => {
                "take superfluous brackets out, or compute parts in a `fields` before".into()
            }
            Self::TreeTooHigh { .. } => {
                "compute parts in a `fields` before, or use brackets to group them".into()
            }
            Self::TooMany { .. } => "divide them over several commands".into(),
            Self::DuplicateAlias { name } => format!("give one of them another name: `as {name}2`"),
            Self::LimitCount { .. } => "example: `limit 20`".into(),
            _ => return None,
        };
        Some(help)
    }

    fn help_for_values(&self) -> Option<String> {
        let help = match self {
            Self::ChainedComparison => {
                "join two comparisons: `a < b and b < c`; or put one in brackets".into()
            }
            Self::ForeignOperator { write, .. } => format!("write `{write}`"),
            Self::WordOperator { write, .. } => format!("write `{write}`"),
            Self::CaseWhen => "write `case(a, b, c)`, or `if(a, b, c)`".into(),
            Self::InWithoutList => "write `in [\"a\", \"b\"]`".into(),
            Self::ListMisplaced => "write `in [1, 2]`, or the values without brackets".into(),
            Self::ListInBrackets => "write the values without brackets: `a, b`".into(),
            Self::StarMisplaced => "to see whole events write `fields @timestamp, @message`".into(),
            Self::LikeWildcard { text, .. } => format!("write `like \"{text}\"`"),
            Self::BinOfField { .. } => "write `bin(5m)`, or `datefloor(@timestamp, 5m)` for any time".into(),
            Self::MissingBlank { name, operator } => format!("write `{name} {operator} …`"),
            Self::UnclosedString { quote } => format!("close it with `{quote}`"),
            Self::StringEndsEarly { quote, .. } => {
                format!("write `\\{quote}` for a quote inside, or use the other kind of quotes outside")
            }
            Self::TypographicQuote { plain, .. }
            | Self::EscapedQuote { plain }
            | Self::UnquotedText { text: plain } => format!("write `\"{plain}\"`"),
            Self::Placeholder { .. } => "write the value in its place".into(),
            Self::NumberTooLarge { found } => {
                format!("as a text it can be compared for equality: `\"{found}\"`")
            }
            Self::UnknownUnit { .. } => {
                "units are ms, s, m, h, d, w, mo, q and y; text needs quotes, and a name backticks".into()
            }
            Self::PeriodWithoutUnit { count } => format!("write `{count}m`"),
            Self::PeriodNotWhole { .. } => "use a smaller unit: `90m` for an hour and a half".into(),
            Self::PeriodOutOfRange { .. } => "example: `5m`".into(),
            _ => return None,
        };
        Some(help)
    }

    fn help_for_patterns(&self) -> Option<String> {
        let help = match self {
            Self::UnclosedRegex => "close it with `/`, and write `\\/` for a slash inside".into(),
            Self::RegexFlags { flags, pattern } => format!("flags go inside: `/(?{flags}){pattern}/`"),
            Self::RegexEndsEarly { escaped } => format!("write `\\/` for a slash inside: `/{escaped}/`"),
            Self::RegexEmpty => "to see whether a field has a value write `ispresent(field)`".into(),
            Self::RegexStartsWithStar { text } => format!("write `.*`, or use `like \"{text}\"`"),
            Self::RegexMisplaced => "example: `filter @message like /late|early/`".into(),
            Self::RegexUnsupported { .. } => {
                "match more, and take the rest out with a second `filter` or `parse`".into()
            }
            Self::UnclosedName => "close it with a backtick".into(),
            Self::BacktickInName => "take one of the two backticks out".into(),
            Self::ExpectedName { found: Some(found) } if quoted_name(found).is_some() => {
                let name = quoted_name(found).unwrap_or_default();
                format!("quotes make a text; a name has backticks: `` `{name}` ``")
            }
            Self::ExpectedName { .. } => {
                "a name with other signs than letters, digits, `_`, `@` and dots needs backticks".into()
            }
            Self::NameStartsWithDigit { found } => format!("write `` `{found}` ``"),
            Self::BracketStep {
                name,
                step: Some(step),
            } => format!("write `` {name}.`{step}` ``"),
            Self::BracketStep { name, step: None } => format!("write `{name}[0]`"),
            Self::UnclosedBracket { bracket: '(' } => "close it with `)`".into(),
            Self::UnclosedBracket { .. } => "close it with `]`".into(),
            Self::NothingOpen { bracket } => format!("take the `{bracket}` out"),
            Self::ParseWithoutPattern => "example: `parse @message \"user=* took * ms\" as user, ms`".into(),
            Self::GlobWithoutNames { needed } => format!("write `as {}`", example_names(*needed)),
            Self::GlobNames { stars, .. } => format!("write `as {}`", example_names(*stars)),
            Self::RegexWithoutGroups { name, pattern } => {
                let name = name.as_deref().unwrap_or("name");
                format!("put the part to keep in `(?<{name}>…)`, as in `/(?<{name}>{pattern})/`")
            }
            Self::RegexGroupsWithoutNames { needed } => {
                format!("write `as {}`, or `(?<name>…)` inside", example_names(*needed))
            }
            Self::RegexNames { .. } => "a group that is not to be kept is written `(?:…)`".into(),
            _ => return None,
        };
        Some(help)
    }
}

/// What stands between quotes, when it can stand between backticks.
fn quoted_name(found: &str) -> Option<&str> {
    let quote = found.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = found.strip_prefix(quote)?.strip_suffix(quote)?;
    (!name.is_empty() && !name.contains(['`', '\\'])).then_some(name)
}

/// `a, b, c`, cut short where there are many.
fn example_names(n: usize) -> String {
    let names: Vec<&str> = "abcdefgh"
        .split("")
        .filter(|letter| !letter.is_empty())
        .take(n.max(1))
        .collect();
    let more = if n > names.len() { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}

/// What does nearly the same as a command that insq does not run.
fn instead_of(command: &str) -> &'static str {
    match command {
        "pattern" => "write `stats count(*) by …`, or `parse` to take the fixed text apart",
        _ => RUNNING,
    }
}

const RUNNING: &str =
    "most queries need `fields`, `filter`, `stats`, `sort`, `limit` and `parse`; `insq commands` lists all";
