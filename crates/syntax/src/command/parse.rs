//! `parse`: syntax.
//!
//! `parse = "parse" [value] (glob "as" names | regex ["as" names] ["multi"] | "logfmt" "as" name | "csv" "as" names)`

use super::Result;
use super::select::COLUMNS;
use crate::Span;
use crate::ast::{Expr, Name, Parse, ParsePattern, RegexLiteral};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;
use crate::regex_literal::groups;
use crate::unexpected::shortened;

impl Reader<'_> {
    pub(super) fn parse(&mut self, start: Span) -> Result<Parse> {
        let source = if self.mode_without_source() {
            None
        } else {
            self.parse_source()?
        };
        let pattern = match self.mode_pattern()? {
            Some(pattern) => pattern,
            None => self.parse_pattern(start)?,
        };
        Ok(Parse {
            source,
            pattern,
            span: self.span_from(start),
        })
    }

    /// What is read; nothing when the pattern comes at once.
    fn parse_source(&mut self) -> Result<Option<Expr>> {
        if self.at_regex() || self.at("\"") || self.at("'") {
            return Ok(None);
        }
        if self.at_command_end() {
            let end = self.last().end;
            return Err(SyntaxError::new(
                SyntaxErrorKind::ParseWithoutPattern,
                Span::new(end, end),
            ));
        }
        self.operand().map(Some)
    }

    /// `parse logfmt as kv`, where the word is no field
    fn mode_without_source(&mut self) -> bool {
        let Some(word) = self.peek_word() else {
            return false;
        };
        let is_mode = word.eq_ignore_ascii_case("logfmt") || word.eq_ignore_ascii_case("csv");
        is_mode
            && self.ahead(|reader| {
                reader.advance(word.len());
                reader.at_keyword("as")
            })
    }

    /// `logfmt as kv`, `csv as a, b`
    fn mode_pattern(&mut self) -> Result<Option<ParsePattern>> {
        if self.eat_keyword("xml") {
            let kind = SyntaxErrorKind::FormNotBuilt {
                form: "parse … xml",
                instead: Some("a regex: `parse @message /<level>(?<level>[^<]*)/`"),
            };
            return Err(SyntaxError::new(kind, self.last()));
        }
        if self.eat_keyword("logfmt") {
            if !self.eat_keyword("as") {
                return Err(self.expected("parse", "`as` and a name", "parse @message logfmt as kv"));
            }
            let name = self.name()?;
            return Ok(Some(ParsePattern::Logfmt { name }));
        }
        if self.eat_keyword("csv") {
            let names = self.parse_names()?;
            if names.is_empty() {
                return Err(self.expected("parse", "`as` and names", "parse @message csv as a, b"));
            }
            return Ok(Some(ParsePattern::Csv { names }));
        }
        Ok(None)
    }

    fn parse_pattern(&mut self, start: Span) -> Result<ParsePattern> {
        if self.at_regex() {
            return self.regex_pattern();
        }
        match self.peek() {
            Some('"' | '\'') => self.glob_pattern(),
            None | Some('|') => {
                let end = self.last().end;
                Err(SyntaxError::new(
                    SyntaxErrorKind::ParseWithoutPattern,
                    Span::new(end, end),
                ))
            }
            Some(_) => {
                let span = self.span_from(start);
                Err(match self.unexpected_text() {
                    SyntaxError {
                        kind: SyntaxErrorKind::UnexpectedText { .. },
                        ..
                    } => SyntaxError::new(SyntaxErrorKind::ParseWithoutPattern, span),
                    error => error,
                })
            }
        }
    }

    fn glob_pattern(&mut self) -> Result<ParsePattern> {
        let pattern = self.glob_literal()?;
        let span = self.last();
        let n_stars = pattern.matches('*').count();
        let needed = n_stars.max(1);
        let names = self.parse_names()?;
        if names.is_empty() {
            return Err(SyntaxError::new(
                SyntaxErrorKind::GlobWithoutNames { needed },
                span,
            ));
        }
        if names.len() != needed {
            let place = match names.get(needed) {
                Some(surplus) => surplus.span,
                None => self.star(span, names.len()),
            };
            let kind = SyntaxErrorKind::GlobNames {
                stars: n_stars,
                names: names.len(),
            };
            return Err(SyntaxError::new(kind, place));
        }
        Ok(ParsePattern::Glob { pattern, span, names })
    }

    /// The place of a star in the literal at `span`; stars are counted from 0.
    fn star(&self, span: Span, star_idx: usize) -> Span {
        let star = span.of(self.text).match_indices('*').nth(star_idx);
        star.map_or(span, |(at, _)| Span::new(span.start + at, span.start + at + 1))
    }

    fn regex_pattern(&mut self) -> Result<ParsePattern> {
        let regex = self.regex_literal()?;
        let mut multi = self.eat_keyword("multi");
        let names = self.parse_names()?;
        multi |= self.eat_keyword("multi");
        self.check_captures(&regex, &names)?;
        Ok(ParsePattern::Regex { regex, names, multi })
    }

    fn check_captures(&self, regex: &RegexLiteral, names: &[Name]) -> Result<()> {
        let groups = groups(&regex.pattern);
        let kind = match (groups.n_named, groups.n_unnamed, names) {
            (0, 0, names) => SyntaxErrorKind::RegexWithoutGroups {
                name: names.first().map(|name| name.text.clone()),
                pattern: shortened(regex.pattern.as_str()),
            },
            (0, needed, []) => SyntaxErrorKind::RegexGroupsWithoutNames { needed },
            // Beside named groups, the others may be there for grouping only.
            (_, _, []) => return Ok(()),
            (_, n_unnamed, names) if n_unnamed == names.len() => return Ok(()),
            (_, n_unnamed, names) => SyntaxErrorKind::RegexNames {
                groups: n_unnamed,
                names: names.len(),
            },
        };
        let place = match (&kind, names) {
            (SyntaxErrorKind::RegexNames { groups, .. }, names) if names.len() > *groups => {
                names[*groups].span
            }
            _ => regex.span,
        };
        Err(SyntaxError::new(kind, place))
    }

    /// The names after `as`; none when there is no `as`.
    fn parse_names(&mut self) -> Result<Vec<Name>> {
        if !self.eat_keyword("as") {
            return Ok(Vec::new());
        }
        let at_end = |reader: &mut Self| reader.at_command_end();
        let names = self.items(COLUMNS, at_end, Self::name)?;
        if names.is_empty() {
            return Err(self.unexpected_name());
        }
        Ok(names)
    }
}
