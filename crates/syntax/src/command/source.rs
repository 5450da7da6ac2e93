//! `SOURCE`: syntax.
//!
//! `source = "SOURCE" selection {selection} ["START" "=" time] ["END" "=" time]`
//!
//! `selection = text | name | "logGroups" "(" [argument {"," argument}] ")" | "dataSource" "(" list ")"`

use super::Result;
use crate::Span;
use crate::ast::{Source, SourceSelection, SourceTime};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::items::ItemLimit;
use crate::limits::LIST_ITEMS_MAX;
use crate::reader::Reader;

const EXAMPLE: &str = "SOURCE \"/aws/lambda/orders\" START=-3600s END=0s";
const GROUPS_EXAMPLE: &str = "SOURCE logGroups(namePrefix: [\"/aws/lambda\"])";

const TEXTS: ItemLimit = ItemLimit {
    what: "values in a list",
    limit: LIST_ITEMS_MAX,
};

impl Reader<'_> {
    pub(super) fn source(&mut self, start: Span) -> Result<Source> {
        let mut selections = Vec::new();
        while !self.at_command_end() && !self.at_source_time() {
            if selections.len() == LIST_ITEMS_MAX {
                let kind = SyntaxErrorKind::TooMany {
                    what: "selections of one `SOURCE`",
                    limit: LIST_ITEMS_MAX,
                };
                return Err(SyntaxError::new(kind, self.here()));
            }
            selections.push(self.selection()?);
            if self.at(",") {
                return Err(SyntaxError::new(SyntaxErrorKind::SourceList, self.here()));
            }
        }
        if selections.is_empty() {
            return Err(self.nothing_after("SOURCE", "a log group", EXAMPLE));
        }
        let (mut from, mut to) = (None, None);
        while let Some(key) = self.option_key(&["start", "end"]) {
            let time = Some(self.source_time()?);
            *(if key == "start" { &mut from } else { &mut to }) = time;
        }
        Ok(Source {
            selections,
            start: from,
            end: to,
            span: self.span_from(start),
        })
    }

    fn at_source_time(&mut self) -> bool {
        self.ahead(|reader| reader.option_key(&["start", "end"]).is_some())
    }

    fn selection(&mut self) -> Result<SourceSelection> {
        let start = self.here();
        if self.at("\"") || self.at("'") {
            let name = self.text_literal()?;
            return Ok(SourceSelection::LogGroup {
                name,
                span: self.span_from(start),
            });
        }
        if self.eat_call("loggroups") {
            return self.log_groups(start);
        }
        if self.eat_call("datasource") {
            let names = self.source_texts()?;
            self.close_selection()?;
            return Ok(SourceSelection::DataSource {
                names,
                span: self.span_from(start),
            });
        }
        if !self.at_name() {
            return Err(self.expected("SOURCE", "a log group in quotes", EXAMPLE));
        }
        let name = self.name()?;
        Ok(SourceSelection::LogGroup {
            name: name.text,
            span: name.span,
        })
    }

    /// Steps over `word(`.
    fn eat_call(&mut self, word: &str) -> bool {
        let mark = self.mark();
        if self.eat_keyword(word) && self.eat("(") {
            return true;
        }
        self.reset(&mark);
        false
    }

    fn log_groups(&mut self, start: Span) -> Result<SourceSelection> {
        let (mut prefixes, mut accounts, mut classes) = (Vec::new(), Vec::new(), Vec::new());
        while !self.at(")") {
            let Some(word) = self.peek_word() else {
                return Err(self.expected(
                    "SOURCE",
                    "`namePrefix:`, `accountIdentifiers:` or `class:`",
                    GROUPS_EXAMPLE,
                ));
            };
            let texts = match word.to_ascii_lowercase().as_str() {
                "nameprefix" => &mut prefixes,
                "accountidentifiers" | "accountidentifier" => &mut accounts,
                "class" | "loggroupclass" => &mut classes,
                _ => {
                    return Err(self.expected(
                        "SOURCE",
                        "`namePrefix:`, `accountIdentifiers:` or `class:`",
                        GROUPS_EXAMPLE,
                    ));
                }
            };
            self.advance(word.len());
            if !self.eat(":") {
                return Err(self.expected("SOURCE", "a colon", GROUPS_EXAMPLE));
            }
            *texts = self.source_texts()?;
            if !self.eat(",") {
                break;
            }
        }
        self.close_selection()?;
        Ok(SourceSelection::LogGroups {
            prefixes,
            accounts,
            classes,
            span: self.span_from(start),
        })
    }

    fn close_selection(&mut self) -> Result<()> {
        if self.eat(")") {
            return Ok(());
        }
        Err(self.expected("SOURCE", "a comma or `)`", GROUPS_EXAMPLE))
    }

    /// `["a", "b"]` or `"a"`
    fn source_texts(&mut self) -> Result<Vec<String>> {
        if !self.eat("[") {
            return Ok(vec![self.source_text()?]);
        }
        let texts = self.items(TEXTS, |reader| reader.at("]"), Self::source_text)?;
        if !self.eat("]") {
            return Err(self.expected("SOURCE", "a comma or `]`", GROUPS_EXAMPLE));
        }
        Ok(texts)
    }

    fn source_text(&mut self) -> Result<String> {
        if self.at("\"") || self.at("'") {
            return self.text_literal();
        }
        Err(self.expected("SOURCE", "a text in quotes", GROUPS_EXAMPLE))
    }

    /// `-3600s`, `0s`, `now`, or milliseconds since the epoch.
    fn source_time(&mut self) -> Result<SourceTime> {
        let start = self.here();
        if self.eat_keyword("now") {
            return Ok(SourceTime::Relative(0));
        }
        let is_quoted = self.at("\"") || self.at("'");
        let text = if is_quoted {
            self.text_literal()?
        } else {
            self.bare_time()
        };
        parse_time(&text).ok_or_else(|| {
            let kind = SyntaxErrorKind::Expected {
                command: "SOURCE",
                expected: "a time such as `-3600s`, `0s` or `now`",
                found: Some(crate::unexpected::shortened(&text)),
                example: EXAMPLE,
            };
            SyntaxError::new(kind, self.span_from(start))
        })
    }

    /// Signs, digits and letters up to a blank or another sign.
    fn bare_time(&mut self) -> String {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.advance(length);
        rest[..length].to_owned()
    }
}

/// Epoch times of the service have at least so many digits: milliseconds since 2001.
const EPOCH_MS_DIGITS: usize = 13;

fn parse_time(text: &str) -> Option<SourceTime> {
    if text.eq_ignore_ascii_case("now") {
        return Some(SourceTime::Relative(0));
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = rest.split_at(digits);
    let number: i64 = number.parse().ok()?;
    if unit.is_empty() {
        return match (number, digits) {
            (0, _) => Some(SourceTime::Relative(0)),
            (_, EPOCH_MS_DIGITS) if sign == 1 => Some(SourceTime::Absolute(number)),
            _ => None,
        };
    }
    let unit_ms = crate::literal::unit_ms(unit)?;
    Some(SourceTime::Relative(sign * number.checked_mul(unit_ms)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, expected) in [
            ("-3600s", Some(SourceTime::Relative(-3_600_000))),
            ("0s", Some(SourceTime::Relative(0))),
            ("0", Some(SourceTime::Relative(0))),
            ("-1d", Some(SourceTime::Relative(-86_400_000))),
            ("now", Some(SourceTime::Relative(0))),
            ("1767312000000", Some(SourceTime::Absolute(1_767_312_000_000))),
            ("-1767312000000", None),
            ("5", None),
            ("-1mo", None),
            ("-9223372036854775807d", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(parse_time(text), expected, "{text}");
        }
    }
}
