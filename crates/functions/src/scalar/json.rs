//! Functions of JSON arrays in text.

use insq_event::ColumnType::{Bool, Number};
use serde_json::value::RawValue;

use super::ScalarFunction;
use crate::argument::Texts;
use crate::kernel::{bools, numbers};
use crate::{Family, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<ScalarFunction> {
    vec![
        ScalarFunction {
            name: "jsonArraySize",
            aliases: &[],
            family: Family::Json,
            signature: Signature {
                params: &[Param::Text],
                required: 1,
                variadic: &[],
            },
            result: ResultType::Fixed(Number),
            summary: "The number of elements of a JSON array; missing where the text is none.",
            example: ("jsonArraySize('[\"x\", [1, 2]]')", "2"),
            kernel: |a, rows, _| {
                let text = Texts::of(&a[0])?;
                Ok(numbers(rows, |row| Some(elements(text.get(row)?)?.len() as f64)))
            },
        },
        ScalarFunction {
            name: "jsonArrayContains",
            aliases: &[],
            family: Family::Json,
            signature: Signature {
                params: &[Param::Text, Param::Text],
                required: 2,
                variadic: &[],
            },
            result: ResultType::Fixed(Bool),
            summary: "True where the JSON array holds the value, in the same case; false where the text is no array.",
            example: ("jsonArrayContains('[\"Admin\", 1]', \"Admin\")", "1"),
            kernel: |a, rows, _| {
                let (text, value) = (Texts::of(&a[0])?, Texts::of(&a[1])?);
                Ok(bools(rows, |row| Some(holds(text.get(row)?, value.get(row)?))))
            },
        },
    ]
}

/// The elements as the text writes them; the reader walks nested ones without recursion.
fn elements(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

fn holds(text: &str, value: &str) -> bool {
    let is_value = |element: &&RawValue| {
        let written = element.get();
        // Strings are compared by what they stand for; everything else by what is written.
        if written.starts_with('"') {
            serde_json::from_str::<String>(written).is_ok_and(|element| element == value)
        } else {
            written == value
        }
    };
    elements(text).is_some_and(|elements| elements.iter().any(is_value))
}
