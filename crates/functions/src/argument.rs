//! Arguments read row by row, without making arrays of constants.

use std::sync::Arc;

use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{
    Array, BooleanArray, Float64Array, StringViewArray, TimestampMillisecondArray, cast::AsArray,
};

use crate::coerce::{scalar_number, scalar_text, typed};
use crate::{FunctionError, Operand, Scalar};

/// An argument of a parameter that takes numbers.
pub(crate) enum Numbers<'a> {
    Column(&'a Float64Array),
    Constant(Option<f64>),
}

impl<'a> Numbers<'a> {
    pub(crate) fn of(operand: &'a Operand) -> Result<Self, FunctionError> {
        Ok(match operand {
            Operand::Column(array, _) => Self::Column(typed(array.as_primitive_opt::<Float64Type>(), array)?),
            Operand::Constant(scalar) => Self::Constant(scalar_number(scalar)),
        })
    }

    pub(crate) fn get(&self, row: usize) -> Option<f64> {
        match self {
            Self::Column(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Constant(value) => *value,
        }
    }
}

/// An argument of a parameter that takes text.
pub(crate) enum Texts<'a> {
    Column(&'a StringViewArray),
    Constant(Option<Arc<str>>),
}

impl<'a> Texts<'a> {
    pub(crate) fn of(operand: &'a Operand) -> Result<Self, FunctionError> {
        Ok(match operand {
            Operand::Column(array, _) => Self::Column(typed(array.as_string_view_opt(), array)?),
            Operand::Constant(scalar) => Self::Constant(scalar_text(scalar)),
        })
    }

    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Column(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Constant(text) => text.as_deref(),
        }
    }
}

/// An argument of a parameter that takes truth values.
pub(crate) enum Bools<'a> {
    Column(&'a BooleanArray),
    Constant(Option<bool>),
}

impl<'a> Bools<'a> {
    pub(crate) fn of(operand: &'a Operand) -> Result<Self, FunctionError> {
        Ok(match operand {
            Operand::Column(array, _) => Self::Column(typed(array.as_boolean_opt(), array)?),
            Operand::Constant(scalar) => Self::Constant(scalar_number(scalar).map(|number| number != 0.0)),
        })
    }

    pub(crate) fn get(&self, row: usize) -> Option<bool> {
        match self {
            Self::Column(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Constant(value) => *value,
        }
    }
}

/// An argument of a parameter that takes times.
pub(crate) enum Times<'a> {
    Column(&'a TimestampMillisecondArray),
    Constant(Option<i64>),
}

impl<'a> Times<'a> {
    pub(crate) fn of(operand: &'a Operand) -> Result<Self, FunctionError> {
        Ok(match operand {
            Operand::Column(array, _) => Self::Column(typed(
                array.as_primitive_opt::<TimestampMillisecondType>(),
                array,
            )?),
            Operand::Constant(Scalar::Time(ms)) => Self::Constant(Some(*ms)),
            Operand::Constant(scalar) => Self::Constant(scalar_number(scalar).map(|ms| ms.round() as i64)),
        })
    }

    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        match self {
            Self::Column(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Constant(ms) => *ms,
        }
    }
}
