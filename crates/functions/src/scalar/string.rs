//! Functions of text.

use std::borrow::Cow;

use arrow_array::ArrayRef;
use insq_event::ColumnType::{Bool, Json, Number, Text};

use super::{Kernel, ScalarFunction};
use crate::argument::{Bools, Numbers, Texts};
use crate::kernel::{bools, map_text, numbers, texts};
use crate::structure::push_quoted;
use crate::{Family, FunctionError, Operand, Param, ResultType, Signature, compile_regex};

const TEXT: &[Param] = &[Param::Text];
const TWO_TEXTS: &[Param] = &[Param::Text, Param::Text];

pub(super) fn functions() -> Vec<ScalarFunction> {
    let function = |name, params, required, result, summary, example, kernel: Kernel| ScalarFunction {
        name,
        aliases: if name == "regexReplace" {
            &["regex_replace"]
        } else {
            &[]
        },
        family: Family::String,
        signature: Signature {
            params,
            required,
            variadic: if name == "concat" { TEXT } else { &[] },
        },
        result: ResultType::Fixed(result),
        summary,
        example,
        kernel,
    };
    vec![
        function(
            "split",
            TWO_TEXTS,
            2,
            Json,
            "The parts of the text between the delimiters, as a list.",
            ("split(\"a,b\", \",\")", "[\"a\",\"b\"]"),
            |a, rows, _| {
                let (text, delimiter) = (Texts::of(&a[0])?, Texts::of(&a[1])?);
                Ok(texts(rows, |row| {
                    Some(list_of_parts(text.get(row)?, delimiter.get(row)?))
                }))
            },
        ),
        function(
            "isempty",
            TEXT,
            1,
            Bool,
            "True where the field is missing or empty.",
            ("isempty(\"\")", "1"),
            |a, rows, _| test(a, rows, str::is_empty),
        ),
        function(
            "isblank",
            TEXT,
            1,
            Bool,
            "True where the field is missing, empty or only white space.",
            ("isblank(\"  \")", "1"),
            |a, rows, _| test(a, rows, |text| text.trim().is_empty()),
        ),
        function(
            "concat",
            TEXT,
            1,
            Text,
            "The texts one after another; a missing one counts as empty.",
            ("concat(\"a\", 1, nosuch)", "a1"),
            |a, rows, _| concat(a, rows),
        ),
        function(
            "ltrim",
            TWO_TEXTS,
            1,
            Text,
            "The text without white space, or without any of the characters, at its start.",
            ("ltrim(\"xyZxyfooxyZ\", \"xyZ\")", "fooxyZ"),
            |a, rows, _| trim(a, rows, true, false),
        ),
        function(
            "rtrim",
            TWO_TEXTS,
            1,
            Text,
            "The text without white space, or without any of the characters, at its end.",
            ("rtrim(\"xyZfooxyxyZ\", \"xyZ\")", "xyZfoo"),
            |a, rows, _| trim(a, rows, false, true),
        ),
        function(
            "trim",
            TWO_TEXTS,
            1,
            Text,
            "The text without white space, or without any of the characters, at both ends.",
            ("trim(\"xyZxyfooxyxyZ\", \"xyZ\")", "foo"),
            |a, rows, _| trim(a, rows, true, true),
        ),
        function(
            "strlen",
            TEXT,
            1,
            Number,
            "The length in Unicode code points.",
            ("strlen(\"\u{e9}\")", "1"),
            |a, rows, _| {
                let text = Texts::of(&a[0])?;
                Ok(numbers(rows, |row| {
                    text.get(row).map(|text| char_count(text) as f64)
                }))
            },
        ),
        function(
            "toupper",
            TEXT,
            1,
            Text,
            "The text in capitals.",
            ("toupper(\"abc\")", "ABC"),
            |a, rows, _| map_text(a, rows, |text| Some(text.to_uppercase())),
        ),
        function(
            "tolower",
            TEXT,
            1,
            Text,
            "The text in small letters.",
            ("tolower(\"ABC\")", "abc"),
            |a, rows, _| map_text(a, rows, |text| Some(text.to_lowercase())),
        ),
        function(
            "substr",
            &[Param::Text, Param::Number, Param::Number],
            2,
            Text,
            "The text from a position on, counted from 0, to its end or of a length.",
            ("substr(\"xyZfooxyZ\", 3, 3)", "foo"),
            |a, rows, _| substr(a, rows),
        ),
        function(
            "replace",
            &[Param::Text, Param::Text, Param::Text],
            3,
            Text,
            "The text with every occurrence of one text replaced by another.",
            ("replace(\"a-b-c\", \"-\", \"+\")", "a+b+c"),
            |a, rows, _| replace(a, rows),
        ),
        function(
            "strcontains",
            &[Param::Text, Param::Text, Param::Bool],
            2,
            Bool,
            "True where the first text holds the second; case is ignored where the third argument is true.",
            ("strcontains(\"Hello\", \"ELL\", true)", "1"),
            |a, rows, _| strcontains(a, rows),
        ),
        function(
            "regexReplace",
            &[Param::Text, Param::ConstantText, Param::Text],
            3,
            Text,
            "The text with every match of an expression replaced; `$1` stands for a group.",
            ("regexReplace(\"a1b22\", \"[0-9]+\", \"#\")", "a#b#"),
            |a, rows, _| regex_replace(a, rows),
        ),
        function(
            "startsWith",
            TWO_TEXTS,
            2,
            Bool,
            "True where the first text starts with the second.",
            ("startsWith(\"abc\", \"ab\")", "1"),
            |a, rows, _| both(a, rows, |text, start| text.starts_with(start)),
        ),
        function(
            "endsWith",
            TWO_TEXTS,
            2,
            Bool,
            "True where the first text ends with the second.",
            ("endsWith(\"abc\", \"bc\")", "1"),
            |a, rows, _| both(a, rows, |text, end| text.ends_with(end)),
        ),
    ]
}

/// The parts as a JSON list. An empty delimiter divides nothing.
fn list_of_parts(text: &str, delimiter: &str) -> String {
    let mut list = String::with_capacity(2 * text.len());
    list.push('[');
    if delimiter.is_empty() {
        push_quoted(&mut list, text);
    } else {
        for (number, part) in text.split(delimiter).enumerate() {
            if number > 0 {
                list.push(',');
            }
            push_quoted(&mut list, part);
        }
    }
    list.push(']');
    list
}

/// A test that also says something about a missing text: it counts as empty.
fn test(arguments: &[Operand], rows: usize, holds: impl Fn(&str) -> bool) -> Result<ArrayRef, FunctionError> {
    let text = Texts::of(&arguments[0])?;
    Ok(bools(rows, |row| Some(holds(text.get(row).unwrap_or("")))))
}

fn both(
    arguments: &[Operand],
    rows: usize,
    holds: impl Fn(&str, &str) -> bool,
) -> Result<ArrayRef, FunctionError> {
    let (text, other) = (Texts::of(&arguments[0])?, Texts::of(&arguments[1])?);
    Ok(bools(rows, |row| Some(holds(text.get(row)?, other.get(row)?))))
}

fn concat(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    let arguments: Vec<Texts<'_>> = arguments.iter().map(Texts::of).collect::<Result<_, _>>()?;
    Ok(texts(rows, |row| {
        Some(
            arguments
                .iter()
                .filter_map(|argument| argument.get(row))
                .collect::<String>(),
        )
    }))
}

fn trim(arguments: &[Operand], rows: usize, start: bool, end: bool) -> Result<ArrayRef, FunctionError> {
    let text = Texts::of(&arguments[0])?;
    let chars = arguments.get(1).map(Texts::of).transpose()?;
    Ok(texts(rows, |row| {
        let text = text.get(row)?;
        let set = match &chars {
            Some(chars) => Some(chars.get(row)?),
            None => None,
        };
        let goes = |char: char| set.map_or(char.is_whitespace(), |set| set.contains(char));
        let text = if start {
            text.trim_start_matches(goes)
        } else {
            text
        };
        Some((if end { text.trim_end_matches(goes) } else { text }).to_owned())
    }))
}

fn substr(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    let (text, start) = (Texts::of(&arguments[0])?, Numbers::of(&arguments[1])?);
    let length = arguments.get(2).map(Numbers::of).transpose()?;
    Ok(texts(rows, |row| {
        // Casting takes negative numbers for zero, and cuts fractions off.
        let (text, start) = (text.get(row)?, start.get(row)? as usize);
        let length = match &length {
            Some(length) => length.get(row)? as usize,
            None => usize::MAX,
        };
        Some(slice_of_chars(text, start, length))
    }))
}

fn char_count(text: &str) -> usize {
    // Most texts have as many bytes as characters, which is told faster than characters are counted.
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

/// The characters from number `start` on, at most `length` of them.
fn slice_of_chars(text: &str, start: usize, length: usize) -> &str {
    let rest = &text[bytes_of_chars(text, start)..];
    &rest[..bytes_of_chars(rest, length)]
}

/// Length of the first `count` characters in bytes.
fn bytes_of_chars(text: &str, count: usize) -> usize {
    match text.as_bytes().get(..count) {
        // No text has more characters than bytes.
        None => text.len(),
        Some(first) if first.is_ascii() => count,
        Some(_) => text.char_indices().nth(count).map_or(text.len(), |(at, _)| at),
    }
}

fn replace(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    let [text, search, by] = [0, 1, 2].map(|idx| Texts::of(&arguments[idx]));
    let (text, search, by) = (text?, search?, by?);
    Ok(texts(rows, |row| {
        let (text, search, by) = (text.get(row)?, search.get(row)?, by.get(row)?);
        Some(if search.is_empty() {
            text.to_owned()
        } else {
            text.replace(search, by)
        })
    }))
}

fn strcontains(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    let (text, search) = (Texts::of(&arguments[0])?, Texts::of(&arguments[1])?);
    let ignores_case = arguments.get(2).map(Bools::of).transpose()?;
    Ok(bools(rows, |row| {
        let (text, search) = (text.get(row)?, search.get(row)?);
        let ignores_case = ignores_case
            .as_ref()
            .and_then(|flag| flag.get(row))
            .unwrap_or(false);
        Some(if ignores_case {
            text.to_lowercase().contains(&search.to_lowercase())
        } else {
            text.contains(search)
        })
    }))
}

fn regex_replace(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    let (text, by) = (Texts::of(&arguments[0])?, Texts::of(&arguments[2])?);
    let pattern = Texts::of(&arguments[1])?;
    let compiled = compile_regex(pattern.get(0).unwrap_or("")).map_err(FunctionError::Argument)?;
    Ok(texts(rows, |row| {
        let (text, by) = (text.get(row)?, bounded_groups(by.get(row)?));
        Some(compiled.regex().replace_all(text, &*by).into_owned())
    }))
}

/// The replacement as the engine takes it: `$1` ends where its digits end, also before letters, and a `$`
/// that starts no group is itself.
fn bounded_groups(by: &str) -> Cow<'_, str> {
    let Some(first) = by.find('$') else {
        return Cow::Borrowed(by);
    };
    let mut out = by[..first].to_owned();
    for part in by[first..].split('$').skip(1) {
        let digits = part.len() - part.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        if digits > 0 {
            out.push_str(&format!("${{{}}}{}", &part[..digits], &part[digits..]));
        } else if part.starts_with('{') && part.contains('}') {
            out.push('$');
            out.push_str(part);
        } else {
            out.push_str("$$");
            out.push_str(part);
        }
    }
    Cow::Owned(out)
}
