//! Expressions, from the loosest operator to the tightest:
//! `or`, `and`, `not`, comparisons with `in` and `like`, `+ -`, `* / %`, sign, `^`, `!`, values.
//!
//! Only brackets and exponents recurse, through few functions with small frames: the deepest query that is taken
//! fits a thread's stack many times.

mod balance;
mod bracket;
mod call;
mod comparison;
mod list;
mod primary;

use balance::balanced;

use crate::Span;
use crate::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::limits::TREE_HEIGHT_MAX;
use crate::reader::Reader;

/// An expression with the height of its tree, which is bounded so that trees can be walked and dropped by recursion.
struct Built {
    expr: Box<Expr>,
    height: usize,
}

/// The error is boxed for the sake of small frames.
type Result<T> = std::result::Result<T, Box<SyntaxError>>;

#[cold]
fn refuse<T>(kind: SyntaxErrorKind, span: Span) -> Result<T> {
    Err(Box::new(SyntaxError::new(kind, span)))
}

impl Built {
    fn leaf(kind: ExprKind, span: Span) -> Self {
        Self {
            expr: Box::new(Expr { kind, span }),
            height: 1,
        }
    }

    /// A node above trees of at most `below`.
    fn above(kind: ExprKind, span: Span, below: usize) -> Result<Self> {
        let height = below + 1;
        if height > TREE_HEIGHT_MAX {
            return refuse(
                SyntaxErrorKind::TreeTooHigh {
                    limit: TREE_HEIGHT_MAX,
                },
                span,
            );
        }
        Ok(Self {
            expr: Box::new(Expr { kind, span }),
            height,
        })
    }

    fn binary(operator: BinaryOperator, left: Self, right: Self) -> Result<Self> {
        let span = left.expr.span.to(right.expr.span);
        let below = left.height.max(right.height);
        let (left, right) = (left.expr, right.expr);
        Self::above(
            ExprKind::Binary {
                operator,
                left,
                right,
            },
            span,
            below,
        )
    }

    /// The operand under operators that begin at `starts`, the innermost last.
    fn under(self, operator: UnaryOperator, starts: &[usize]) -> Result<Self> {
        let mut built = self;
        for &start in starts.iter().rev() {
            let span = Span::new(start, built.expr.span.end);
            let kind = ExprKind::Unary {
                operator,
                operand: built.expr,
            };
            built = Self::above(kind, span, built.height)?;
        }
        Ok(built)
    }
}

impl Reader<'_> {
    /// Any expression.
    pub(crate) fn expression(&mut self) -> std::result::Result<Expr, SyntaxError> {
        match self.condition() {
            Ok(built) => Ok(*built.expr),
            Err(error) => Err(*error),
        }
    }

    /// A value that no operator joins to another.
    pub(crate) fn operand(&mut self) -> std::result::Result<Expr, SyntaxError> {
        match self.primary() {
            Ok(built) => Ok(*built.expr),
            Err(error) => Err(*error),
        }
    }

    /// `a and b or c and d`
    fn condition(&mut self) -> Result<Built> {
        let first = self.conjunction()?;
        let mut others = Vec::new();
        while self.eat_keyword("or") {
            others.push(self.conjunction()?);
        }
        balanced(BinaryOperator::Or, first, others)
    }

    /// `a and b`
    fn conjunction(&mut self) -> Result<Built> {
        let first = self.denied_comparison()?;
        let mut others = Vec::new();
        while self.eat_keyword("and") {
            others.push(self.denied_comparison()?);
        }
        balanced(BinaryOperator::And, first, others)
    }

    /// `not a = b` denies the comparison.
    fn denied_comparison(&mut self) -> Result<Built> {
        let starts = self.prefixes(Self::eat_not)?;
        self.comparison()?.under(UnaryOperator::Not, &starts)
    }

    /// Where the operators in front begin: no more than there may be levels of nesting, although nothing recurses.
    fn prefixes(&mut self, eat: fn(&mut Self) -> bool) -> Result<Vec<usize>> {
        let mut starts = Vec::new();
        while eat(self) {
            self.enter()?;
            starts.push(self.last().start);
        }
        for _ in &starts {
            self.leave();
        }
        Ok(starts)
    }

    fn eat_not(&mut self) -> bool {
        let found = self.at_not();
        if found {
            self.advance("not".len());
        }
        found
    }

    /// True at a `not` that denies something, rather than names a field.
    fn at_not(&mut self) -> bool {
        self.at_keyword("not")
            && self.ahead(|reader| {
                reader.eat_keyword("not");
                reader.at_keyword("not") || reader.at_operand() || reader.at("-") || reader.peek().is_none()
            })
    }

    fn eat_denial(&mut self) -> bool {
        let is_sign = self.at("!") && !self.at("!=") && !self.at("!~");
        is_sign && self.eat("!") || self.eat_not()
    }

    /// `a + b * c`
    fn sum(&mut self) -> Result<Built> {
        let mut pending: Option<(Built, BinaryOperator)> = None;
        let mut product = self.factor()?;
        while let Some(operator) = self.arithmetic_operator() {
            if matches!(operator, BinaryOperator::Add | BinaryOperator::Subtract) {
                pending = Some((added(pending, product)?, operator));
                product = self.factor()?;
            } else {
                let factor = self.factor()?;
                product = Built::binary(operator, product, factor)?;
            }
        }
        added(pending, product)
    }

    fn arithmetic_operator(&mut self) -> Option<BinaryOperator> {
        let operator = match self.peek()? {
            '+' => BinaryOperator::Add,
            '-' => BinaryOperator::Subtract,
            '*' if !self.at("**") => BinaryOperator::Multiply,
            '/' if !self.at("//") && !self.at("/*") => BinaryOperator::Divide,
            '%' => BinaryOperator::Remainder,
            _ => return None,
        };
        let sign = self.advance(1);
        if operator == BinaryOperator::Subtract && self.rest().starts_with('-') {
            let both = Span::new(sign.start, sign.end + 1);
            self.warn(
                both,
                "`--` within a line is read as minus a negative; write `#` for a comment, else `- -`",
            );
        }
        Some(operator)
    }

    /// `-a ^ b` is the negative of the power, and `a ^ b ^ c` is `a ^ (b ^ c)`. `!a` binds tighter than any other
    /// operator, and so does a `not` behind one of them.
    fn factor(&mut self) -> Result<Built> {
        let signs = self.prefixes(|reader| reader.eat("-"))?;
        let denials = self.prefixes(Self::eat_denial)?;
        let mut factor = self.primary()?.under(UnaryOperator::Not, &denials)?;
        if self.eat("^") {
            self.enter()?;
            let exponent = self.factor()?;
            self.leave();
            factor = Built::binary(BinaryOperator::Power, factor, exponent)?;
        }
        factor.under(UnaryOperator::Negate, &signs)
    }
}

fn added(pending: Option<(Built, BinaryOperator)>, product: Built) -> Result<Built> {
    match pending {
        Some((left, operator)) => Built::binary(operator, left, product),
        None => Ok(product),
    }
}
