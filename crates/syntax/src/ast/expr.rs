//! Expressions.

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
            Self::Equal | Self::NotEqual | Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual
        )
    }
}
