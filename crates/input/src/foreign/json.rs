//! Structs, lists and maps as JSON.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, MapArray, StringViewArray, StructArray};
use arrow_schema::{ArrowError, DataType};

use super::cells::Cells;
use super::nested::{Elements, values_of};

/// A column as JSON texts. Missing cells stay missing; within others they are `null`. A text that is itself a map or a
/// list in JSON is taken for one.
pub(super) fn whole(column: &ArrayRef) -> Result<StringViewArray, ArrowError> {
    let quoted = |text: &str, out: &mut String| {
        let is_nested =
            text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        if is_nested {
            out.push_str(text);
        } else {
            push_quoted(text, out);
        }
    };
    match column.data_type() {
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => values_of(column, &whole),
        ty if ty.is_nested() => inner(column),
        _ => Ok(Cells(column).json(quoted)),
    }
}

/// As [`whole`], for what lies within something: texts are texts.
fn inner(column: &ArrayRef) -> Result<StringViewArray, ArrowError> {
    match column.data_type() {
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => values_of(column, &inner),
        DataType::Struct(_) => of_struct(column.as_struct()),
        DataType::Map(..) => of_map(column.as_map()),
        _ => match Elements::of(column) {
            Some(elements) => of_list(column, &elements),
            None => Ok(Cells(column).json(push_quoted)),
        },
    }
}

fn push_quoted(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// Writes a cell per row that is not null.
fn written(rows: usize, column: &dyn Array, mut write: impl FnMut(usize, &mut String)) -> StringViewArray {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut text = String::new();
    for row in 0..rows {
        if column.is_null(row) {
            builder.append_null();
            continue;
        }
        text.clear();
        write(row, &mut text);
        builder.append_value(&text);
    }
    builder.finish()
}

fn push_cell(cells: &StringViewArray, row: usize, out: &mut String) {
    out.push_str(if cells.is_valid(row) {
        cells.value(row)
    } else {
        "null"
    });
}

/// The columns of some rows as a JSON object each, without what is missing; rows with nothing are missing. A column whose name
/// holds dots is there all the same, so that it wins over a path through others, as ever.
pub(super) fn objects(
    names: &[&str],
    columns: &[ArrayRef],
    rows: usize,
) -> Result<StringViewArray, ArrowError> {
    let mut members = Vec::with_capacity(names.len());
    for (name, column) in names.iter().zip(columns) {
        members.push((key(name), name.contains('.'), inner(column)?));
    }
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut text = String::new();
    for row in 0..rows {
        text.clear();
        for (key, is_kept, cells) in &members {
            if *is_kept || cells.is_valid(row) {
                text.push(if text.is_empty() { '{' } else { ',' });
                text.push_str(key);
                push_cell(cells, row, &mut text);
            }
        }
        if text.is_empty() {
            builder.append_null();
        } else {
            text.push('}');
            builder.append_value(&text);
        }
    }
    Ok(builder.finish())
}

/// A key and the colon behind it.
fn key(name: &str) -> String {
    let mut key = String::new();
    push_quoted(name, &mut key);
    key.push(':');
    key
}

fn of_struct(column: &StructArray) -> Result<StringViewArray, ArrowError> {
    let mut members = Vec::with_capacity(column.num_columns());
    for (field, child) in column.fields().iter().zip(column.columns()) {
        members.push((key(field.name()), inner(child)?));
    }
    Ok(written(column.len(), column, |row, out| {
        out.push('{');
        for (number, (key, cells)) in members.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            out.push_str(key);
            push_cell(cells, row, out);
        }
        out.push('}');
    }))
}

/// The part of `values` that some ranges lie in, and where it begins: a slice of a column keeps the values of all.
fn used(values: &ArrayRef, ranges: impl Iterator<Item = Range<usize>>) -> (ArrayRef, usize) {
    let (start, end) = ranges
        .filter(|range| !range.is_empty())
        .fold((usize::MAX, 0), |(start, end), range| {
            (start.min(range.start), end.max(range.end))
        });
    let start = start.min(end);
    (values.slice(start, end - start), start)
}

fn of_list(column: &ArrayRef, elements: &Elements) -> Result<StringViewArray, ArrowError> {
    let ranges = (0..column.len()).filter_map(|row| elements.range(row));
    let (values, start) = used(&elements.values, ranges);
    let cells = inner(&values)?;
    Ok(written(column.len(), column, |row, out| {
        out.push('[');
        for (number, at) in elements.range(row).unwrap_or_default().enumerate() {
            if number > 0 {
                out.push(',');
            }
            push_cell(&cells, at - start, out);
        }
        out.push(']');
    }))
}

fn of_map(column: &MapArray) -> Result<StringViewArray, ArrowError> {
    let range = |row: usize| {
        let offsets = column.value_offsets();
        offsets[row] as usize..offsets[row + 1] as usize
    };
    let (entries, start) = used(
        &(Arc::new(column.entries().clone()) as ArrayRef),
        (0..column.len()).map(range),
    );
    let entries = entries.as_struct();
    let keys = super::nested::leaf(entries.column(0))?;
    let cells = inner(entries.column(1))?;
    Ok(written(column.len(), column, |row, out| {
        out.push('{');
        for (number, at) in range(row).enumerate() {
            if number > 0 {
                out.push(',');
            }
            let at = at - start;
            push_quoted(if keys.is_valid(at) { keys.value(at) } else { "" }, out);
            out.push(':');
            push_cell(&cells, at, out);
        }
        out.push('}');
    }))
}
