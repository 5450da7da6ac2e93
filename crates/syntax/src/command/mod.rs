//! Commands: which one begins here, and one file for each.

mod accum;
mod addtotals;
mod appendcols;
mod autoregress;
mod count_frequent;
mod dedup;
mod estimate;
mod expand;
mod fields;
mod filldown;
mod fillmissing;
mod filter;
mod filter_index;
mod join;
mod json;
mod limit;
mod lookup;
mod option;
mod outlier;
mod parse;
mod search;
mod select;
mod sessionize;
mod sort;
mod source;
mod stats;
mod unnest;

use crate::Span;
use crate::ast::Command;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::keywords;
use crate::lexical;
use crate::reader::Reader;
use crate::unexpected::shortened;

type Result<T> = std::result::Result<T, SyntaxError>;

impl Reader<'_> {
    /// The command that begins here.
    pub(crate) fn command(&mut self) -> Result<Command> {
        let start = self.here();
        if let Some(length) = self.aggregate_ahead() {
            self.warn(
                Span::new(start.start, start.start + length),
                "aggregates without a command are read as `stats`; write `stats` before them",
            );
            return self.stats(start).map(Command::Stats);
        }
        let Some(word) = self.peek_word() else {
            return self.no_command(start);
        };
        let Some(command) = keywords::find(word) else {
            return Err(self.unknown_command(word, start));
        };
        let written = self.advance(word.len());
        match command.name {
            "fields" => self.fields(start).map(Command::Fields),
            "display" => self.display(start).map(Command::Display),
            "filter" | "where" => self.filter(start, command).map(Command::Filter),
            "stats" => self.stats(start).map(Command::Stats),
            "sort" | "order" => self.sort(start, command).map(Command::Sort),
            "limit" | "head" => self.limit(start, command).map(Command::Limit),
            "tail" => self.limit(start, command).map(Command::Tail),
            "parse" => self.parse(start).map(Command::Parse),
            "dedup" => self.dedup(start).map(Command::Dedup),
            name => self.later_command(name, start, written, command),
        }
    }

    /// The commands that came to the language later.
    fn later_command(
        &mut self,
        name: &'static str,
        start: Span,
        written: Span,
        command: &'static keywords::CommandInfo,
    ) -> Result<Command> {
        match name {
            "SOURCE" => self.source(start).map(Command::Source),
            "filterIndex" => self.filter_index(start, command).map(Command::FilterIndex),
            "json" => self.json_field(start).map(Command::Json),
            "unnest" => self.unnest(start).map(Command::Unnest),
            "expand" => self.expand(start).map(Command::Expand),
            "lookup" => self.lookup(start).map(Command::Lookup),
            "cidrlookup" => self.cidr_lookup(start).map(Command::CidrLookup),
            "join" => self.join(start).map(|join| Command::Join(Box::new(join))),
            "appendcols" => self.append_cols(start).map(Command::AppendCols),
            "addtotals" => self.add_totals(start).map(Command::AddTotals),
            "autoregress" => self.auto_regress(start).map(Command::AutoRegress),
            "accum" => self.accum(start).map(Command::Accum),
            "filldown" => self.fill_down(start).map(Command::FillDown),
            "fillmissing" => self.fill_missing(start).map(Command::FillMissing),
            "outlier" => self.outlier(start).map(Command::Outlier),
            "sessionize" => self.sessionize(start).map(Command::Sessionize),
            "countFrequent" | "count_frequent" => self.count_frequent(start).map(Command::CountFrequent),
            "estimate" => self.estimate(start).map(Command::Estimate),
            "unmask" => Err(SyntaxError::new(SyntaxErrorKind::UnmaskCommand, written)),
            name => Err(SyntaxError::new(SyntaxErrorKind::NotBuilt { name }, written)),
        }
    }

    /// The length of the name in `avg(ms) by bin(5m)`.
    fn aggregate_ahead(&mut self) -> Option<usize> {
        let word = self.peek_word().filter(|word| keywords::is_aggregate(word))?;
        let is_call = self.ahead(|reader| {
            reader.advance(word.len());
            reader.at("(")
        });
        is_call.then_some(word.len())
    }

    /// No word stands where a command should.
    fn no_command(&mut self, start: Span) -> Result<Command> {
        match self.peek() {
            Some('"' | '\'') => self.search(start),
            Some(c) if lexical::is_name_start(c) || c == '`' => Err(self.unknown_name(start)),
            _ => Err(match self.unexpected_text() {
                SyntaxError {
                    kind: SyntaxErrorKind::UnexpectedText { found },
                    span,
                } => SyntaxError::new(SyntaxErrorKind::MissingCommand { found }, span),
                error => error,
            }),
        }
    }

    /// `@message like "x"`, and `fields@timestamp` without a blank.
    fn unknown_name(&mut self, start: Span) -> SyntaxError {
        let name = match self.path() {
            Ok(name) => name,
            Err(error) => return error,
        };
        let span = self.span_from(start);
        let found = shortened(span.of(self.text));
        let grown = keywords::commands().iter().find(|command| {
            name.text
                .strip_prefix(command.name)
                .is_some_and(|rest| rest.starts_with('@'))
        });
        match grown {
            Some(command) => {
                let kind = SyntaxErrorKind::UnknownCommand {
                    found,
                    similar: Some(command.name),
                };
                SyntaxError::new(kind, span)
            }
            None => SyntaxError::new(SyntaxErrorKind::MissingCommand { found }, span),
        }
    }

    fn unknown_command(&mut self, word: &str, start: Span) -> SyntaxError {
        let span = Span::new(start.start, start.start + word.len());
        let found = shortened(word);
        if let Some(foreign) = keywords::find_foreign(word) {
            let kind = SyntaxErrorKind::ForeignCommand {
                found,
                language: foreign.language,
                write: foreign.write,
            };
            return SyntaxError::new(kind, span);
        }
        let begins_condition = self.ahead(|reader| {
            reader.advance(word.len());
            reader.at("(") || reader.at("=") || reader.at_keyword("like") || reader.at_keyword("in")
        });
        match keywords::similar(word) {
            None if begins_condition => SyntaxError::new(SyntaxErrorKind::MissingCommand { found }, span),
            similar => SyntaxError::new(SyntaxErrorKind::UnknownCommand { found, similar }, span),
        }
    }

    /// The error of a command that ends right after its word.
    fn nothing_after(
        &self,
        command: &'static str,
        needs: &'static str,
        example: &'static str,
    ) -> SyntaxError {
        let end = self.last().end;
        SyntaxError::new(
            SyntaxErrorKind::NothingAfterCommand {
                command,
                needs,
                example,
            },
            Span::new(end, end),
        )
    }

    /// The error of a command that goes on otherwise than it can.
    fn expected(
        &mut self,
        command: &'static str,
        expected: &'static str,
        example: &'static str,
    ) -> SyntaxError {
        match self.unexpected_name() {
            SyntaxError {
                kind: SyntaxErrorKind::ExpectedName { found },
                span,
            } => SyntaxError::new(
                SyntaxErrorKind::Expected {
                    command,
                    expected,
                    found,
                    example,
                },
                span,
            ),
            error => error,
        }
    }

    /// Names separated by commas; at least one.
    fn names(&mut self, command: &'static str, example: &'static str) -> Result<Vec<crate::ast::Name>> {
        let names = self.items(select::COLUMNS, Self::at_command_end, Self::name)?;
        if names.is_empty() {
            return Err(self.nothing_after(command, "at least one field", example));
        }
        Ok(names)
    }

    /// The name after `as`, where there is one.
    fn alias(&mut self) -> Result<Option<crate::ast::Name>> {
        if self.eat_keyword("as") {
            self.name().map(Some)
        } else {
            Ok(None)
        }
    }
}
