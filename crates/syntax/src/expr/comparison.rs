//! `=`, `<` and their like, `in`, `like`: at most one between two values.

use super::{Built, Result, refuse};
use crate::Span;
use crate::ast::{BinaryOperator, ExprKind, LikePattern};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;
use crate::unexpected::shortened;

/// What may stand between two values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Compare(BinaryOperator),
    Like { negated: bool },
    In { negated: bool },
}

/// Symbols, those first that another one begins.
const SYMBOLS: &[(&str, Relation)] = &[
    ("==", Relation::Compare(BinaryOperator::Equal)),
    ("=~", Relation::Like { negated: false }),
    ("~=", Relation::Like { negated: false }),
    ("!=", Relation::Compare(BinaryOperator::NotEqual)),
    ("<=", Relation::Compare(BinaryOperator::LessOrEqual)),
    (">=", Relation::Compare(BinaryOperator::GreaterOrEqual)),
    ("=", Relation::Compare(BinaryOperator::Equal)),
    ("<", Relation::Compare(BinaryOperator::Less)),
    (">", Relation::Compare(BinaryOperator::Greater)),
];

impl Reader<'_> {
    /// `a = b`, `a in [b]`, `a like /b/`, or a value alone.
    pub(super) fn comparison(&mut self) -> Result<Built> {
        let left = self.sum()?;
        let Some(relation) = self.relation() else {
            return Ok(left);
        };
        let compared = match relation {
            Relation::Compare(operator) => {
                let right = self.sum()?;
                Built::binary(operator, left, right)?
            }
            Relation::Like { negated } => self.like(left, negated)?,
            Relation::In { negated } => self.membership(left, negated)?,
        };
        self.no_further_relation()?;
        Ok(compared)
    }

    fn relation(&mut self) -> Option<Relation> {
        if self.at("<>") || self.at("=<") || self.at("=>") {
            return None;
        }
        if let Some(&(symbol, relation)) = SYMBOLS.iter().find(|(symbol, _)| self.at(symbol)) {
            let span = self.advance(symbol.len());
            match symbol {
                "==" => self.warn(span, "`==` is read as `=`; write `=`"),
                "~=" => self.warn(span, "`~=` is read as `like`; write `like`"),
                "=" if self.rest().starts_with('!') => self.warn(
                    Span::new(span.start, span.end + 1),
                    "`=!` compares with the opposite of what follows; to compare for difference write `!=`",
                ),
                _ => {}
            }
            return Some(relation);
        }
        self.word_relation()
    }

    fn word_relation(&mut self) -> Option<Relation> {
        let mark = self.mark();
        let negated = self.eat_keyword("not");
        if self.eat_keyword("like") {
            return Some(Relation::Like { negated });
        }
        if self.eat_keyword("in") {
            return Some(Relation::In { negated });
        }
        self.reset(&mark);
        None
    }

    fn no_further_relation(&mut self) -> Result<()> {
        let mark = self.mark();
        if self.relation().is_none() {
            return Ok(());
        }
        let span = self.last();
        self.reset(&mark);
        refuse(SyntaxErrorKind::ChainedComparison, span)
    }

    fn like(&mut self, value: Built, negated: bool) -> Result<Built> {
        let (pattern, height) = self.like_pattern()?;
        let span = self.span_from(value.expr.span);
        let below = value.height.max(height);
        Built::above(
            ExprKind::Like {
                value: value.expr,
                pattern,
                negated,
            },
            span,
            below,
        )
    }

    fn like_pattern(&mut self) -> Result<(LikePattern, usize)> {
        if self.at_regex() {
            return Ok((LikePattern::Regex(self.regex_literal()?), 1));
        }
        if let Some(wildcard) = self.peek().filter(|c| matches!(c, '%' | '*')) {
            return Err(self.wildcard(wildcard).into());
        }
        let text = self.sum()?;
        Ok((LikePattern::Text(text.expr), text.height))
    }

    /// `%late%`, `*late*` without quotes.
    fn wildcard(&mut self, wildcard: char) -> SyntaxError {
        let start = self.here();
        let written = self
            .rest()
            .split(|c: char| c.is_whitespace() || "|)],".contains(c))
            .next()
            .unwrap_or_default();
        let text = shortened(written.trim_matches(['%', '*', '"', '\'']));
        let span = Span::new(start.start, start.start + written.len());
        SyntaxError::new(SyntaxErrorKind::LikeWildcard { wildcard, text }, span)
    }

    fn membership(&mut self, value: Built, negated: bool) -> Result<Built> {
        if let Some(query) = self.list_query()? {
            let (span, below) = (self.span_from(value.expr.span), value.height);
            let (value, query) = (value.expr, Box::new(query));
            let kind = ExprKind::InQuery {
                value,
                query,
                negated,
            };
            return Built::above(kind, span, below);
        }
        let (list, height) = self.list()?;
        let span = self.span_from(value.expr.span);
        let below = value.height.max(height);
        Built::above(
            ExprKind::In {
                value: value.expr,
                list,
                negated,
            },
            span,
            below,
        )
    }
}
