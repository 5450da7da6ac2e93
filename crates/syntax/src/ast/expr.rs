//! Expressions.

use super::Query;
use crate::Span;

/// A name as the query means it: without backticks, `a[0]` written `a.0`.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name itself. Case matters.
    pub text: String,
    /// Its place, backticks included.
    pub span: Span,
}

/// An expression and its place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExprKind {
    /// `@duration`, `user.id`, `` `foo-bar` ``
    Field(Name),
    /// `1.5e3`
    Number(NumberLiteral),
    /// `"text"` or `'text'`
    Text(String),
    /// `/re/`, only where a pattern is expected.
    Regex(RegexLiteral),
    /// `5m`
    Period(Period),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// The star of `count(*)`.
    Star,
    /// `not x`, `-x`
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it applies to.
        operand: Box<Expr>,
    },
    /// `a + b`, `a and b`, `a = b`
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `x in [1, 2]`, `x not in [1, 2]`
    In {
        /// The value looked for.
        value: Box<Expr>,
        /// The list. May be empty.
        list: Vec<Expr>,
        /// True for `not in`.
        negated: bool,
    },
    /// `x in (SOURCE "b" | fields x)`
    InQuery {
        /// The value looked for.
        value: Box<Expr>,
        /// The query whose column is searched.
        query: Box<Query>,
        /// True for `not in`.
        negated: bool,
    },
    /// `jsonParse(x).a.b[1]`: a part of a map or list. Paths of names are part of the name.
    Path {
        /// The map or list.
        value: Box<Expr>,
        /// Steps joined by dots.
        path: Name,
    },
    /// `x like "text"`, `x like /re/`, `x =~ /re/`, `x not like "text"`
    Like {
        /// The text looked into.
        value: Box<Expr>,
        /// What is looked for.
        pattern: LikePattern,
        /// True for `not like`.
        negated: bool,
    },
    /// `name(arguments)`
    Call {
        /// The function as written; case does not matter.
        name: Name,
        /// The arguments.
        arguments: Vec<Expr>,
    },
}

/// What stands on the right of `like` or `=~`.
#[derive(Clone, Debug)]
pub enum LikePattern {
    /// A regular expression, searched for anywhere.
    Regex(RegexLiteral),
    /// An expression whose text is searched for as it is.
    Text(Box<Expr>),
}

/// A number as written.
#[derive(Clone, Debug)]
pub struct NumberLiteral {
    /// Its value, rounded to the nearest double.
    pub value: f64,
    /// Its digits as written, for integers that a double cannot hold.
    pub text: String,
}

/// A regular expression between slashes.
#[derive(Clone, Debug)]
pub struct RegexLiteral {
    /// The pattern with `\/` unescaped and otherwise as written.
    pub pattern: String,
    /// Its place, slashes included.
    pub span: Span,
}

/// A length of time such as `5m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// How many. At least 1.
    pub count: u32,
    /// Of what.
    pub unit: PeriodUnit,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeriodUnit {
    /// `ms`
    Millisecond,
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `mo`
    Month,
    /// `q`
    Quarter,
    /// `y`
    Year,
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `not`, `!`
    Not,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `^`
    Power,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `and`
    And,
    /// `or`
    Or,
}

impl BinaryOperator {
    /// The operator as queries write it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "^",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::And => "and",
            Self::Or => "or",
        }
    }

    /// True for `=`, `!=`, `<`, `<=`, `>`, `>=`.
    pub fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
        )
    }
}

impl BinaryOperator {
    /// True for `and`, `or`.
    pub fn is_logical(self) -> bool {
        matches!(self, Self::And | Self::Or)
    }
}

impl Expr {
    /// Calls `visit` with this expression and everything inside of it, outer before inner, left before right.
    ///
    /// Recurses no deeper than the tree is high, which [`parse`](crate::parse) bounds by
    /// [`TREE_HEIGHT_MAX`](crate::TREE_HEIGHT_MAX).
    ///
    /// ```
    /// use insq_syntax::ast::{Command, ExprKind};
    ///
    /// let query = insq_syntax::parse("filter a = 1 and lower(b) like 'x'")?.query;
    /// let Command::Filter(filter) = &query.commands[0] else { unreachable!() };
    /// let mut names = Vec::new();
    /// filter.condition.walk(&mut |expr| {
    ///     if let ExprKind::Field(name) = &expr.kind {
    ///         names.push(name.text.clone());
    ///     }
    /// });
    /// assert_eq!(names, ["a", "b"]);
    /// # Ok::<(), insq_syntax::SyntaxError>(())
    /// ```
    pub fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Self)) {
        visit(self);
        match &self.kind {
            ExprKind::Field(_)
            | ExprKind::Number(_)
            | ExprKind::Text(_)
            | ExprKind::Regex(_)
            | ExprKind::Period(_)
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Star => {}
            ExprKind::Unary { operand, .. } => operand.walk(visit),
            ExprKind::Binary { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
            ExprKind::In { value, list, .. } => {
                value.walk(visit);
                list.iter().for_each(|item| item.walk(visit));
            }
            ExprKind::InQuery { value, .. } | ExprKind::Path { value, .. } => value.walk(visit),
            ExprKind::Like { value, pattern, .. } => {
                value.walk(visit);
                if let LikePattern::Text(text) = pattern {
                    text.walk(visit);
                }
            }
            ExprKind::Call { arguments, .. } => arguments.iter().for_each(|argument| argument.walk(visit)),
        }
    }

    /// The text that all spellings of the same expression have in common: as `Display`, with function names in lower
    /// case.
    ///
    /// ```
    /// use insq_syntax::ast::Command;
    ///
    /// let query = insq_syntax::parse("filter STRLEN( a )>5")?.query;
    /// let Command::Filter(filter) = &query.commands[0] else { unreachable!() };
    /// assert_eq!(filter.condition.canonical_text(), "strlen(a) > 5");
    /// # Ok::<(), insq_syntax::SyntaxError>(())
    /// ```
    pub fn canonical_text(&self) -> String {
        let mut canonical = self.clone();
        canonical.lower_calls();
        canonical.to_string()
    }

    /// Recurses no deeper than the tree is high.
    fn lower_calls(&mut self) {
        match &mut self.kind {
            ExprKind::Call { name, arguments } => {
                name.text.make_ascii_lowercase();
                arguments.iter_mut().for_each(Self::lower_calls);
            }
            ExprKind::Unary { operand, .. } => operand.lower_calls(),
            ExprKind::Binary { left, right, .. } => {
                left.lower_calls();
                right.lower_calls();
            }
            ExprKind::In { value, list, .. } => {
                value.lower_calls();
                list.iter_mut().for_each(Self::lower_calls);
            }
            ExprKind::InQuery { value, .. } | ExprKind::Path { value, .. } => value.lower_calls(),
            ExprKind::Like { value, pattern, .. } => {
                value.lower_calls();
                if let LikePattern::Text(text) = pattern {
                    text.lower_calls();
                }
            }
            ExprKind::Field(_)
            | ExprKind::Number(_)
            | ExprKind::Text(_)
            | ExprKind::Regex(_)
            | ExprKind::Period(_)
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Star => {}
        }
    }

    /// True for what is true or false by its form: a comparison, `in`, `like`, `not`, `and`, `or`.
    pub fn is_condition(&self) -> bool {
        match &self.kind {
            ExprKind::Binary { operator, .. } => operator.is_comparison() || operator.is_logical(),
            ExprKind::Unary { operator, .. } => *operator == UnaryOperator::Not,
            ExprKind::In { .. } | ExprKind::InQuery { .. } | ExprKind::Like { .. } => true,
            _ => false,
        }
    }
}

impl Period {
    /// The length in milliseconds; `None` for months, quarters and years, whose length depends on the calendar.
    ///
    /// ```
    /// use insq_syntax::ast::{Period, PeriodUnit};
    /// assert_eq!(Period { count: 5, unit: PeriodUnit::Minute }.fixed_ms(), Some(300_000));
    /// assert_eq!(Period { count: 1, unit: PeriodUnit::Month }.fixed_ms(), None);
    /// ```
    pub fn fixed_ms(self) -> Option<i64> {
        Some(i64::from(self.count) * self.unit.fixed_ms()?)
    }
}

impl PeriodUnit {
    fn fixed_ms(self) -> Option<i64> {
        Some(match self {
            Self::Millisecond => 1,
            Self::Second => 1_000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
            Self::Week => 604_800_000,
            Self::Month | Self::Quarter | Self::Year => return None,
        })
    }

    /// The largest count that the service takes in `bin`; larger ones are cut down to it there. `None` when it
    /// states none.
    pub fn service_cap(self) -> Option<u32> {
        match self {
            Self::Millisecond => Some(1_000),
            Self::Second | Self::Minute => Some(60),
            Self::Hour => Some(24),
            _ => None,
        }
    }

    /// The shortest spelling: `m`, `mo`.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Millisecond => "ms",
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
            Self::Month => "mo",
            Self::Quarter => "q",
            Self::Year => "y",
        }
    }
}
