//! A whole query: commands joined by pipes.

use crate::ast::{Command, Query};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::limits::{COMMANDS_MAX, QUERY_BYTES_MAX};
use crate::reader::Reader;
use crate::unexpected::shortened;
use crate::{Span, Warning};

/// A query that was read.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What the query says.
    pub query: Query,
    /// Remarks on forms that the service may refuse, in the order of the text. Empty for a query that is sure to be
    /// taken everywhere.
    pub warnings: Vec<Warning>,
}

/// Reads a query.
///
/// An empty text is a query without commands.
///
/// # Errors
/// [`SyntaxError`] for the first mistake: what, where, and through [`SyntaxErrorKind::help`] what to write instead.
///
/// # Examples
/// ```
/// let parsed = insq_syntax::parse("FILTER level == 'ERROR' | stats count( * ) as n by bin(5 min)")?;
/// assert_eq!(parsed.query.to_string(), "filter level = \"ERROR\"\n| stats count(*) as n by bin(5m)");
/// assert_eq!(parsed.warnings.len(), 2);
/// # Ok::<(), insq_syntax::SyntaxError>(())
/// ```
pub fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    if text.len() > QUERY_BYTES_MAX {
        let span = Span::new(QUERY_BYTES_MAX, text.len()).clamped(text);
        return Err(SyntaxError::new(
            SyntaxErrorKind::QueryTooLong {
                limit: QUERY_BYTES_MAX,
            },
            span,
        ));
    }
    let mut reader = Reader::new(text);
    let commands = reader.commands()?;
    let mut warnings = reader.warnings;
    warnings.sort_by_key(|warning| warning.span.start);
    Ok(Parsed {
        query: Query {
            commands,
            span: Span::new(0, text.len()),
        },
        warnings,
    })
}

/// Reads a query and tells where its blanks and comments are, in their order.
pub(crate) fn parse_with_trivia(text: &str) -> Result<(Parsed, Vec<Span>), SyntaxError> {
    if text.len() > QUERY_BYTES_MAX {
        return parse(text).map(|parsed| (parsed, Vec::new()));
    }
    let mut reader = Reader::new(text);
    let commands = reader.commands()?;
    let parsed = Parsed {
        query: Query {
            commands,
            span: Span::new(0, text.len()),
        },
        warnings: std::mem::take(&mut reader.warnings),
    };
    Ok((parsed, reader.into_trivia()))
}

impl Reader<'_> {
    /// A query in brackets; the opening bracket has been read.
    ///
    /// Its commands and their depth count as those of the query around it, and none stands in another.
    pub(crate) fn subquery(&mut self) -> Result<Query, SyntaxError> {
        let open = self.last();
        if self.in_subquery {
            return Err(SyntaxError::new(SyntaxErrorKind::NestedQuery, open));
        }
        self.enter()?;
        self.in_subquery = true;
        let start = self.here();
        let commands = self.commands();
        self.in_subquery = false;
        self.leave();
        let commands = commands?;
        let span = self.span_from(start);
        if !self.eat(")") {
            return Err(SyntaxError::new(
                SyntaxErrorKind::UnclosedBracket { bracket: '(' },
                open,
            ));
        }
        if !matches!(commands.first(), Some(Command::Source(_))) {
            self.warn(
                span,
                "the service takes a sub-query only with a `SOURCE`; without one it reads the same logs",
            );
        }
        Ok(Query { commands, span })
    }

    fn commands(&mut self) -> Result<Vec<Command>, SyntaxError> {
        let mut commands = Vec::new();
        self.leading_pipe()?;
        while !self.at_query_end() {
            let start = self.here();
            if commands.len() == COMMANDS_MAX {
                let kind = SyntaxErrorKind::TooMany {
                    what: "commands",
                    limit: COMMANDS_MAX,
                };
                return Err(SyntaxError::new(kind, start));
            }
            if self.at("|") {
                let pipes = if commands.is_empty() {
                    start
                } else {
                    self.last().to(start)
                };
                return Err(SyntaxError::new(SyntaxErrorKind::EmptyCommand, pipes));
            }
            let command = self.command()?;
            self.in_its_place(&commands, &command)?;
            self.after_dedup(commands.last(), &command, start);
            self.command_end(&command)?;
            commands.push(command);
            if self.eat("|") {
                self.something_after_pipe()?;
            }
        }
        Ok(commands)
    }

    /// A commented-out first command leaves its pipe behind.
    fn leading_pipe(&mut self) -> Result<(), SyntaxError> {
        if self.eat("|") {
            let pipe = self.last();
            self.warn(
                pipe,
                "the pipe before the first command is read as nothing; take it out",
            );
            self.something_after_pipe()?;
        }
        Ok(())
    }

    fn something_after_pipe(&mut self) -> Result<(), SyntaxError> {
        if !self.at_query_end() {
            return Ok(());
        }
        let pipe = self.last();
        let commented = Span::new(pipe.end, self.text.len()).of(self.text).contains('#');
        Err(SyntaxError::new(
            SyntaxErrorKind::TrailingPipe { commented },
            pipe,
        ))
    }

    /// `SOURCE` stands in front of all others, and nothing follows `estimate`.
    fn in_its_place(&mut self, before: &[Command], command: &Command) -> Result<(), SyntaxError> {
        let is_source = |command: &Command| matches!(command, Command::Source(_));
        if is_source(command) && !before.iter().all(is_source) {
            return Err(SyntaxError::new(SyntaxErrorKind::SourceMisplaced, command.span()));
        }
        match before.last() {
            Some(Command::Estimate(estimate)) => {
                Err(SyntaxError::new(SyntaxErrorKind::EstimateNotLast, estimate.span))
            }
            _ => Ok(()),
        }
    }

    fn after_dedup(&mut self, before: Option<&Command>, command: &Command, start: Span) {
        if let (Some(Command::Dedup(dedup)), false) = (before, matches!(command, Command::Limit(_))) {
            let (moved, span) = (format!("{command} | {dedup}"), self.span_from(start));
            let moved = shortened(&moved);
            self.warn(
                span,
                format!("the service takes only `limit` after `dedup`; move the `dedup` back: `{moved}`"),
            );
        }
    }

    /// A command ends at a pipe or with the text.
    fn command_end(&mut self, command: &Command) -> Result<(), SyntaxError> {
        if self.at_command_end() && !self.at_double_pipe() {
            return Ok(());
        }
        let at_name = self.at_name() && !AFTER_ITEM.iter().any(|word| self.at_keyword(word));
        Err(match self.unexpected_text() {
            SyntaxError {
                kind: SyntaxErrorKind::UnexpectedText { found },
                span,
            } if at_name && is_list(command) => {
                SyntaxError::new(SyntaxErrorKind::MissingComma { found }, span)
            }
            error => error,
        })
    }
}

/// Words that belong behind an item, so that a comma before a further one mends nothing.
const AFTER_ITEM: &[&str] = &["as", "asc", "desc", "ascending", "descending", "nulls"];

/// True for commands of columns or names, where another name probably lacks its comma.
fn is_list(command: &Command) -> bool {
    matches!(
        command,
        Command::Fields(_)
            | Command::Display(_)
            | Command::Sort(_)
            | Command::Dedup(_)
            | Command::CountFrequent(_)
            | Command::Sessionize(_)
    )
}
