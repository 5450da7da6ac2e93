//! Functions of maps, lists and JSON text.

use arrow_array::ArrayRef;
use insq_event::ColumnType::{Bool, Json, Number, Text};

use super::{Kernel, ScalarFunction};
use crate::argument::Texts;
use crate::kernel::{bools, numbers, texts};
use crate::structure::{is_structure, leaf_text, list_elements, parse_structure};
use crate::{Family, FunctionError, Operand, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<ScalarFunction> {
    let function = |name, params, result, summary, example, kernel: Kernel| ScalarFunction {
        name,
        aliases: &[],
        family: Family::Json,
        signature: Signature {
            params,
            required: params.len(),
            variadic: &[],
        },
        result: ResultType::Fixed(result),
        summary,
        example,
        kernel,
    };
    vec![
        function(
            "jsonParse",
            &[Param::JsonText],
            Json,
            "The map or list that the text holds; missing where it holds neither.",
            ("jsonParse('{\"a\": {\"b\": [10, 20]}}').a.b[1]", "20"),
            |a, rows, _| {
                let text = Texts::of(&a[0])?;
                Ok(texts(rows, |row| parse_structure(text.get(row)?)))
            },
        ),
        function(
            "jsonStringify",
            &[Param::Json],
            Text,
            "The JSON text of a map or list; missing for any other value.",
            ("jsonStringify(jsonParse('[1, 2]'))", "[1,2]"),
            |a, rows, _| {
                let json = Texts::of(&a[0])?;
                Ok(texts(rows, |row| json.get(row).filter(|json| is_structure(json))))
            },
        ),
        function(
            "jsonArraySize",
            &[Param::JsonText],
            Number,
            "The number of elements of a JSON array; missing where the text is none.",
            ("jsonArraySize('[\"x\", [1, 2]]')", "2"),
            |a, rows, _| {
                let text = Texts::of(&a[0])?;
                Ok(numbers(rows, |row| Some(elements(text.get(row)?)?.len() as f64)))
            },
        ),
        function(
            "jsonArrayContains",
            &[Param::JsonText, Param::Text],
            Bool,
            "True where the JSON array holds the value, in the same case; false where the text is no array.",
            ("jsonArrayContains('[\"Admin\", 1]', \"Admin\")", "1"),
            array_contains,
        ),
    ]
}

fn elements(text: &str) -> Option<Vec<&str>> {
    list_elements(text.trim_start())
}

fn array_contains(
    arguments: &[Operand],
    rows: usize,
    _: &crate::EvalContext,
) -> Result<ArrayRef, FunctionError> {
    let (text, value) = (Texts::of(&arguments[0])?, Texts::of(&arguments[1])?);
    // Strings are compared by what they stand for; everything else by what is written.
    let is_value = |element: &str, value: &str| match leaf_text(element) {
        Some(text) => text == value,
        None => element == value,
    };
    Ok(bools(rows, |row| {
        let (text, value) = (text.get(row)?, value.get(row)?);
        Some(elements(text).is_some_and(|elements| elements.iter().any(|element| is_value(element, value))))
    }))
}
