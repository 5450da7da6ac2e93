//! Expressions, from the loosest operator to the tightest:
//! `or`, `and`, `not`, comparisons with `in` and `like`, `+ -`, `* / %`, sign, `^`, `!`, values.

mod balance;
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
pub(crate) struct Built {
    pub(crate) expr: Expr,
    pub(crate) height: usize,
}

type Result<T> = std::result::Result<T, SyntaxError>;

impl Built {
    fn leaf(kind: ExprKind, span: Span) -> Self {
        Self {
            expr: Expr { kind, span },
            height: 1,
        }
    }

    /// A node above trees of at most `below`.
    fn above(kind: ExprKind, span: Span, below: usize) -> Result<Self> {
        let height = below + 1;
        if height > TREE_HEIGHT_MAX {
            return Err(SyntaxError::new(
                SyntaxErrorKind::TreeTooHigh {
                    limit: TREE_HEIGHT_MAX,
                },
                span,
            ));
        }
        Ok(Self {
            expr: Expr { kind, span },
            height,
        })
    }

    fn binary(operator: BinaryOperator, left: Self, right: Self) -> Result<Self> {
        let span = left.expr.span.to(right.expr.span);
        let below = left.height.max(right.height);
        let (left, right) = (Box::new(left.expr), Box::new(right.expr));
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

    fn unary(operator: UnaryOperator, operand: Self, span: Span) -> Result<Self> {
        Self::above(
            ExprKind::Unary {
                operator,
                operand: Box::new(operand.expr),
            },
            span,
            operand.height,
        )
    }
}

impl Reader<'_> {
    /// Any expression.
    pub(crate) fn expression(&mut self) -> Result<Expr> {
        self.alternatives().map(|built| built.expr)
    }

    /// `a or b or …`
    fn alternatives(&mut self) -> Result<Built> {
        let first = self.conditions()?;
        if !self.at_keyword("or") {
            return Ok(first);
        }
        let mut others = Vec::new();
        while self.eat_keyword("or") {
            others.push(self.conditions()?);
        }
        balanced(BinaryOperator::Or, first, others)
    }

    /// `a and b and …`
    fn conditions(&mut self) -> Result<Built> {
        let first = self.condition()?;
        if !self.at_keyword("and") {
            return Ok(first);
        }
        let mut others = Vec::new();
        while self.eat_keyword("and") {
            others.push(self.condition()?);
        }
        balanced(BinaryOperator::And, first, others)
    }

    /// `not a = b` denies the comparison.
    fn condition(&mut self) -> Result<Built> {
        if !self.at_not() {
            return self.comparison();
        }
        let start = self.here();
        self.eat_keyword("not");
        self.enter()?;
        let operand = self.condition()?;
        self.leave();
        Built::unary(UnaryOperator::Not, operand, self.span_from(start))
    }

    /// True at a `not` that denies something, rather than names a field.
    fn at_not(&mut self) -> bool {
        self.at_keyword("not")
            && self.ahead(|reader| {
                reader.eat_keyword("not");
                reader.at_keyword("not") || reader.at_operand() || reader.at("-") || reader.peek().is_none()
            })
    }

    /// `a + b - c`
    pub(crate) fn sum(&mut self) -> Result<Built> {
        let mut left = self.product()?;
        while let Some(operator) = self.additive() {
            let right = self.product()?;
            left = Built::binary(operator, left, right)?;
        }
        Ok(left)
    }

    fn additive(&mut self) -> Option<BinaryOperator> {
        match self.peek()? {
            '+' => self.operator(1, BinaryOperator::Add),
            '-' => self.operator(1, BinaryOperator::Subtract),
            _ => None,
        }
    }

    /// `a * b / c`
    fn product(&mut self) -> Result<Built> {
        let mut left = self.signed()?;
        while let Some(operator) = self.multiplicative() {
            let right = self.signed()?;
            left = Built::binary(operator, left, right)?;
        }
        Ok(left)
    }

    fn multiplicative(&mut self) -> Option<BinaryOperator> {
        match self.peek()? {
            '*' if !self.at("**") => self.operator(1, BinaryOperator::Multiply),
            '/' => self.operator(1, BinaryOperator::Divide),
            '%' => self.operator(1, BinaryOperator::Remainder),
            _ => None,
        }
    }

    fn operator(&mut self, length: usize, operator: BinaryOperator) -> Option<BinaryOperator> {
        self.advance(length);
        Some(operator)
    }

    /// `-a ^ b` is the negative of the power.
    fn signed(&mut self) -> Result<Built> {
        if !self.at("-") {
            return self.power();
        }
        let start = self.here();
        self.advance(1);
        self.enter()?;
        let operand = self.signed()?;
        self.leave();
        Built::unary(UnaryOperator::Negate, operand, self.span_from(start))
    }

    /// `a ^ b ^ c` is `a ^ (b ^ c)`.
    fn power(&mut self) -> Result<Built> {
        let base = self.denied()?;
        if !self.eat("^") {
            return Ok(base);
        }
        self.enter()?;
        let exponent = self.signed()?;
        self.leave();
        Built::binary(BinaryOperator::Power, base, exponent)
    }

    /// `!a` binds tighter than any other operator, and so does a `not` behind one of them.
    fn denied(&mut self) -> Result<Built> {
        let start = self.here();
        let is_sign = self.at("!") && !self.at("!=") && !self.at("!~");
        if !(is_sign || self.at_not()) {
            return self.primary();
        }
        self.advance(if is_sign { 1 } else { "not".len() });
        self.enter()?;
        let operand = self.denied()?;
        self.leave();
        Built::unary(UnaryOperator::Not, operand, self.span_from(start))
    }
}
