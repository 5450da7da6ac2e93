//! `in [a, b, …]`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, cast::AsArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use insq_event::ColumnType;

use crate::coerce::{any_number, coerce};
use crate::compare::{CompareOp, compare};
use crate::equality::{equality_key, is_equal_text};
use crate::{FunctionError, Operand, Scalar};

/// Constants up to this number are compared one after another; more are looked up.
const COMPARED_MAX: usize = 8;

/// The constants behind `in`, made ready to be searched.
///
/// # Examples
/// ```
/// use insq_functions::{InList, Operand, Scalar};
///
/// let list = InList::new([Scalar::Text("a".into()), Scalar::Number(1.0)].into());
/// let found = list.holds(&Operand::Constant(Scalar::Text("1".into())), 1)?;
/// assert!(found.value(0));
/// # Ok::<(), insq_functions::FunctionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct InList {
    constants: Vec<Scalar>,
    /// The texts by their keys, and bits of the numbers; `None` when the constants are compared one after another.
    keys: Option<Keys>,
}

#[derive(Clone, Debug)]
struct Keys {
    texts: HashMap<Vec<u8>, Vec<Arc<str>>>,
    numbers: HashSet<u64>,
}

impl InList {
    /// A list of constants; null equals nothing.
    pub fn new(constants: Vec<Scalar>) -> Self {
        let constants: Vec<Scalar> = constants
            .into_iter()
            .filter(|constant| !matches!(constant, Scalar::Null))
            .collect();
        let keys = (constants.len() > COMPARED_MAX)
            .then(|| Keys::of(&constants))
            .flatten();
        Self { constants, keys }
    }

    /// The constants.
    pub fn constants(&self) -> &[Scalar] {
        &self.constants
    }

    /// True in every row whose value equals one of the constants; missing values give missing.
    ///
    /// # Errors
    /// [`FunctionError::Internal`] when an array is not of its type.
    pub fn holds(&self, value: &Operand, rows: usize) -> Result<BooleanArray, FunctionError> {
        if let (Some(keys), Operand::Column(array, ty)) = (&self.keys, value)
            && ty.is_textual()
        {
            return keys.hold(array);
        }
        let mut found = vec![false; rows];
        for constant in &self.constants {
            let equal = compare(
                CompareOp::Equal,
                value,
                &Operand::Constant(constant.clone()),
                rows,
            )?;
            for (row, found) in found.iter_mut().enumerate() {
                *found |= equal.is_valid(row) && equal.value(row);
            }
        }
        let nulls = match value {
            Operand::Column(array, _) => array.nulls().cloned(),
            Operand::Constant(Scalar::Null) => Some(NullBuffer::new_null(rows)),
            Operand::Constant(_) => None,
        };
        Ok(BooleanArray::new(BooleanBuffer::from(found), nulls))
    }
}

impl Keys {
    /// `None` when the list holds what is neither text nor number.
    fn of(constants: &[Scalar]) -> Option<Self> {
        let mut keys = Self {
            texts: HashMap::new(),
            numbers: HashSet::new(),
        };
        for constant in constants {
            match constant {
                Scalar::Text(text) => {
                    let same = keys.texts.entry(equality_key(text)).or_default();
                    if !same.iter().any(|known| is_equal_text(known, text)) {
                        same.push(Arc::clone(text));
                    }
                }
                Scalar::Number(number) => {
                    keys.numbers.insert((number + 0.0).to_bits());
                }
                _ => return None,
            }
        }
        Some(keys)
    }

    fn hold(&self, array: &ArrayRef) -> Result<BooleanArray, FunctionError> {
        let texts = coerce(
            &Operand::Column(array.clone(), ColumnType::Any),
            ColumnType::Any,
            array.len(),
        )?;
        let Some(texts) = texts.as_string_view_opt() else {
            return Err(FunctionError::Internal {
                function: "in",
                found: array.data_type().to_string(),
            });
        };
        let is_listed = |text: &str| {
            let is_number =
                || any_number(text).is_some_and(|number| self.numbers.contains(&(number + 0.0).to_bits()));
            let same = self.texts.get(&equality_key(text));
            same.is_some_and(|same| same.iter().any(|known| is_equal_text(known, text)))
                || (!self.numbers.is_empty() && is_number())
        };
        Ok(texts.iter().map(|text| text.map(is_listed)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::StringViewArray;

    #[test]
    fn long_lists_hold_what_short_ones_hold() {
        let values = [
            "a",
            "b",
            "1",
            "01",
            "1.0",
            "true",
            "2e2",
            "200",
            "12345678901234567890",
            "12345678901234567891",
            "1.2345678901234567e19",
            "",
            "x",
        ];
        let constants: Vec<Scalar> = vec![
            Scalar::Text("a".into()),
            Scalar::Number(1.0),
            Scalar::Text("200".into()),
            Scalar::Text("12345678901234567890".into()),
            Scalar::Text("".into()),
            Scalar::Null,
        ];
        let fillers = (0..COMPARED_MAX).map(|idx| Scalar::Text(format!("filler{idx}").into()));
        let short = InList::new(constants.clone());
        let long = InList::new(constants.into_iter().chain(fillers).collect());
        assert!(short.keys.is_none() && long.keys.is_some());
        let column: ArrayRef = Arc::new(StringViewArray::from_iter(
            values.iter().map(|value| Some(*value)).chain([None]),
        ));
        let operand = Operand::Column(column, ColumnType::Any);
        let rows = values.len() + 1;
        assert_eq!(
            short.holds(&operand, rows).unwrap(),
            long.holds(&operand, rows).unwrap()
        );
    }
}
