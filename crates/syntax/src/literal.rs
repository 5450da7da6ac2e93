//! Numbers, periods and texts.

use crate::Span;
use crate::ast::{ExprKind, NumberLiteral, Period, PeriodUnit};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::lexical;
use crate::reader::Reader;
use crate::unexpected::shortened;

impl Reader<'_> {
    /// `"text"`, with `\\`, `\"` and `\'` unescaped.
    pub(crate) fn text_literal(&mut self) -> Result<String, SyntaxError> {
        Ok(unescaped(self.raw_text()?, Escapes::Quotes))
    }

    /// `"text"` as a glob reads it: a tab may be written `\t`.
    pub(crate) fn glob_literal(&mut self) -> Result<String, SyntaxError> {
        Ok(unescaped(self.raw_text()?, Escapes::QuotesAndTab))
    }

    fn raw_text(&mut self) -> Result<&str, SyntaxError> {
        let start = self.here();
        let quote = start.of(self.text).chars().next().unwrap_or('"');
        match self.lexeme(lexical::string) {
            Some(raw) => Ok(raw),
            None => Err(SyntaxError::new(
                SyntaxErrorKind::UnclosedString { quote },
                self.rest_of_line(start),
            )),
        }
    }

    /// From `start` to the end of its line, blanks at the end left out.
    pub(crate) fn rest_of_line(&self, start: Span) -> Span {
        let rest = Span::new(start.start, self.text.len()).of(self.text);
        let line = rest.split('\n').next().unwrap_or_default().trim_end();
        Span::new(start.start, start.start + line.len().max(1))
    }

    /// A number, or a period when a unit follows at once.
    pub(crate) fn number_or_period(&mut self) -> Result<ExprKind, SyntaxError> {
        let start = self.here();
        let Some(digits) = self.lexeme(lexical::number) else {
            return Err(self.unexpected_value());
        };
        if let Some(unit) = self.lexeme(lexical::later_step) {
            return Ok(ExprKind::Period(self.period(digits, unit, start)?));
        }
        if let Some(period) = self.spaced_period(digits, start)? {
            return Ok(ExprKind::Period(period));
        }
        self.number_of(digits).map(ExprKind::Number)
    }

    /// A number where no period may stand: a word after it is the next thing, be it `d` or `m`.
    pub(crate) fn plain_number(&mut self) -> Result<NumberLiteral, SyntaxError> {
        match self.lexeme(lexical::number) {
            Some(digits) => self.number_of(digits),
            None => Err(self.unexpected_value()),
        }
    }

    /// The number that `digits`, which were read just now, are.
    fn number_of(&mut self, digits: &str) -> Result<NumberLiteral, SyntaxError> {
        if digits.starts_with('.') {
            self.warn(
                self.last(),
                format!("`{digits}` is read as `0{digits}`; write the zero"),
            );
        }
        let value: f64 = digits.parse().unwrap_or(f64::INFINITY);
        if value.is_infinite() {
            let found = shortened(digits);
            return Err(SyntaxError::new(
                SyntaxErrorKind::NumberTooLarge { found },
                self.last(),
            ));
        }
        Ok(NumberLiteral {
            value,
            text: digits.to_owned(),
        })
    }

    /// A period and nothing else: after `offset`.
    pub(crate) fn period_literal(&mut self) -> Result<(Period, Span), SyntaxError> {
        let start = self.here();
        match self.number_or_period()? {
            ExprKind::Period(period) => Ok((period, self.span_from(start))),
            _ => {
                let count = shortened(self.last().of(self.text));
                let kind = SyntaxErrorKind::PeriodWithoutUnit { count };
                Err(SyntaxError::new(kind, self.span_from(start)))
            }
        }
    }

    /// `5 minutes`: the service wants it without the blank.
    fn spaced_period(&mut self, digits: &str, start: Span) -> Result<Option<Period>, SyntaxError> {
        let mark = self.mark();
        let unit = self.peek_word().filter(|word| unit(word).is_some());
        let Some(unit) = unit.filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit())) else {
            self.reset(&mark);
            return Ok(None);
        };
        self.advance(unit.len());
        let period = self.period(digits, unit, start)?;
        self.warn(
            self.span_from(start),
            format!("a period is written without a blank: `{period}`"),
        );
        Ok(Some(period))
    }

    fn period(&mut self, digits: &str, written: &str, start: Span) -> Result<Period, SyntaxError> {
        let span = self.span_from(start);
        let Some(unit) = unit(written) else {
            let kind = SyntaxErrorKind::UnknownUnit {
                count: shortened(digits),
                unit: shortened(written),
            };
            return Err(SyntaxError::new(kind, span));
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let found = shortened(span.of(self.text));
            return Err(SyntaxError::new(SyntaxErrorKind::PeriodNotWhole { found }, span));
        }
        let Some(count) = digits.parse().ok().filter(|&count: &u32| count > 0) else {
            return Err(SyntaxError::new(
                SyntaxErrorKind::PeriodOutOfRange { max: u32::MAX },
                span,
            ));
        };
        let period = Period { count, unit };
        if written.chars().any(char::is_uppercase) {
            self.warn(
                span,
                format!("units of time are written in lower case: `{period}`"),
            );
        }
        Ok(period)
    }
}

/// The unit of a spelling: `m`, `min`, `mins`, `minute`, `minutes`.
fn unit(written: &str) -> Option<PeriodUnit> {
    // Elsewhere a capital M is a month: two meanings, so none.
    if written == "M" {
        return None;
    }
    let lower = written.to_ascii_lowercase();
    let singular = lower.strip_suffix('s').filter(|singular| singular.len() > 1);
    // `ms` is no plural, and `mss` no word.
    let singular = singular.filter(|singular| *singular != "ms");
    spelled(&lower).or_else(|| spelled(singular?))
}

/// Milliseconds of a unit of fixed length.
pub(crate) fn unit_ms(written: &str) -> Option<i64> {
    Period {
        count: 1,
        unit: unit(written)?,
    }
    .fixed_ms()
}

fn spelled(unit: &str) -> Option<PeriodUnit> {
    Some(match unit {
        "ms" | "msec" | "millisecond" => PeriodUnit::Millisecond,
        "s" | "sec" | "second" => PeriodUnit::Second,
        "m" | "min" | "minute" => PeriodUnit::Minute,
        "h" | "hr" | "hour" => PeriodUnit::Hour,
        "d" | "day" => PeriodUnit::Day,
        "w" | "week" => PeriodUnit::Week,
        "mo" | "mon" | "month" => PeriodUnit::Month,
        "q" | "qtr" | "quarter" => PeriodUnit::Quarter,
        "y" | "yr" | "year" => PeriodUnit::Year,
        _ => return None,
    })
}

/// Which escapes are more than the backslash and the sign after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Quotes,
    QuotesAndTab,
}

/// Other escapes stay as they are: texts that look like regexes are common.
fn unescaped(raw: &str, escapes: Escapes) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some(quoted @ ('\\' | '"' | '\''))) => {
                text.push(quoted);
                chars.next();
            }
            ('\\', Some('t')) if escapes == Escapes::QuotesAndTab => {
                text.push('\t');
                chars.next();
            }
            _ => text.push(c),
        }
    }
    text
}
