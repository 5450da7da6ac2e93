//! Bound expressions: every name resolved, every type known.

use std::sync::Arc;

use insq_event::ColumnType;
use insq_functions::{ArithmeticOp, CompareOp, CompiledRegex, InList, Scalar, ScalarFunction};

use crate::column::ColumnId;

/// An expression over the columns of a plan.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A column.
    Column(ColumnId, ColumnType),
    /// A constant and the type it counts as.
    Constant(Scalar, ColumnType),
    /// `left op right`, both numbers.
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    /// `-operand`, a number.
    Negate(Box<Expr>),
    /// `left op right`, by the rules of comparison.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// Three-valued; never fewer than two operands, all boolean.
    And(Vec<Expr>),
    /// Three-valued; never fewer than two operands, all boolean.
    Or(Vec<Expr>),
    /// Three-valued; the operand is boolean.
    Not(Box<Expr>),
    /// True where the value equals one of the constants.
    In(Box<Expr>, Arc<InList>),
    /// True where the value equals one of those that a sub-query gives; becomes [`Expr::In`] before it runs.
    InSubquery(Box<Expr>, usize),
    /// True where the text of the first holds the text of the second.
    Contains(Box<Expr>, Box<Expr>),
    /// True where the expression matches anywhere in the text.
    Matches(Box<Expr>, Arc<CompiledRegex>),
    /// A call of a scalar function; arguments are of the types it takes.
    Call {
        /// The function.
        function: &'static ScalarFunction,
        /// Its arguments.
        arguments: Vec<Expr>,
        /// The type of its result.
        column_type: ColumnType,
    },
    /// The value as another type; what cannot be converted is missing.
    Convert(Box<Expr>, ColumnType),
}

impl Expr {
    /// The type of the expression's values.
    pub fn column_type(&self) -> ColumnType {
        match self {
            Self::Column(_, ty) | Self::Constant(_, ty) | Self::Convert(_, ty) => *ty,
            Self::Call { column_type, .. } => *column_type,
            Self::Arithmetic(..) | Self::Negate(_) => ColumnType::Number,
            Self::Compare(..)
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::In(..)
            | Self::InSubquery(..)
            | Self::Contains(..)
            | Self::Matches(..) => ColumnType::Bool,
        }
    }

    /// This expression as `wanted`, converted only where it is of another type.
    #[must_use]
    pub fn converted(self, wanted: ColumnType) -> Self {
        match self.column_type() {
            found if found == wanted => self,
            // Text needs no work to be taken for any value.
            ColumnType::Text if wanted == ColumnType::Any => Self::Convert(Box::new(self), wanted),
            _ => Self::Convert(Box::new(self), wanted),
        }
    }

    /// True when both give the same value for every row; false also where that is hard to tell.
    pub fn is_surely(&self, other: &Self) -> bool {
        let are_same =
            |a: &[Self], b: &[Self]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_surely(b));
        match (self, other) {
            (Self::Column(a, _), Self::Column(b, _)) => a == b,
            (Self::Constant(a, _), Self::Constant(b, _)) => a == b,
            (Self::Negate(a), Self::Negate(b)) => a.is_surely(b),
            (Self::Convert(a, to_a), Self::Convert(b, to_b)) => to_a == to_b && a.is_surely(b),
            (Self::Arithmetic(op_a, a, to_a), Self::Arithmetic(op_b, b, to_b)) => {
                op_a == op_b && a.is_surely(b) && to_a.is_surely(to_b)
            }
            (
                Self::Call {
                    function: function_a,
                    arguments: a,
                    ..
                },
                Self::Call {
                    function: function_b,
                    arguments: b,
                    ..
                },
            ) => std::ptr::eq(*function_a, *function_b) && are_same(a, b),
            _ => false,
        }
    }

    /// The expressions directly below this one.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Column(..) | Self::Constant(..) => Vec::new(),
            Self::Negate(a)
            | Self::Not(a)
            | Self::In(a, _)
            | Self::InSubquery(a, _)
            | Self::Matches(a, _)
            | Self::Convert(a, _) => vec![a],
            Self::Arithmetic(_, a, b) | Self::Compare(_, a, b) | Self::Contains(a, b) => vec![a, b],
            Self::And(all) | Self::Or(all) => all.iter().collect(),
            Self::Call { arguments, .. } => arguments.iter().collect(),
        }
    }

    /// The expressions directly below this one, to be changed.
    pub(crate) fn children_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Column(..) | Self::Constant(..) => Vec::new(),
            Self::Negate(a)
            | Self::Not(a)
            | Self::In(a, _)
            | Self::InSubquery(a, _)
            | Self::Matches(a, _)
            | Self::Convert(a, _) => vec![a],
            Self::Arithmetic(_, a, b) | Self::Compare(_, a, b) | Self::Contains(a, b) => vec![a, b],
            Self::And(all) | Self::Or(all) => all.iter_mut().collect(),
            Self::Call { arguments, .. } => arguments.iter_mut().collect(),
        }
    }

    /// Calls `visit` for every column read.
    pub fn for_each_column(&self, visit: &mut dyn FnMut(ColumnId)) {
        if let Self::Column(id, _) = self {
            visit(*id);
        }
        for child in self.children() {
            child.for_each_column(visit);
        }
    }
}
