//! Paths into structs, lists and maps: they lead where they lead in JSON.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::UInt64Builder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, StringViewArray, UInt64Array};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType};
use arrow_select::take::take;

use super::cells::Cells;
use super::json;

/// What is wanted of the value that a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A value that is no list, struct or map; these are missing, as they are in JSON.
    Leaf,
    /// Any value, as JSON.
    Whole,
}

/// Key and rest of a path in every way to read it, since keys may hold dots: the whole path first, which wins.
pub(super) fn splits(path: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let shorter = path.rmatch_indices('.');
    std::iter::once((path, None)).chain(shorter.map(|(at, _)| (&path[..at], Some(&path[at + 1..]))))
}

/// The number of an element, and the rest of the path.
fn element_of(path: &str) -> Option<(usize, Option<&str>)> {
    let (number, rest) = match path.split_once('.') {
        Some((number, rest)) => (number, Some(rest)),
        None => (path, None),
    };
    let found: usize = number.parse().ok()?;
    (found.to_string() == number).then_some((found, rest))
}

/// True when a path can lead to something in a column of this type.
///
/// # Errors
/// The type that is not taken, when it leads there.
pub(super) fn leads(ty: &DataType, path: Option<&str>, form: Form) -> Result<bool, DataType> {
    if let DataType::Dictionary(_, values) = ty {
        return leads(values, path, form);
    }
    if let DataType::RunEndEncoded(_, values) = ty {
        return leads(values.data_type(), path, form);
    }
    let Some(path) = path else {
        return match not_taken(ty, form) {
            Some(refused) => Err(refused.clone()),
            None => Ok(true),
        };
    };
    match ty {
        DataType::Struct(fields) => {
            for (key, rest) in splits(path) {
                if let Some((_, field)) = fields.find(key)
                    && leads(field.data_type(), rest, form)?
                {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        DataType::Map(entries, _) => match value_type(entries.data_type()) {
            Some(value) => {
                for (_, rest) in splits(path) {
                    if leads(value, rest, form)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            None => Ok(false),
        },
        _ => match (element_type(ty), element_of(path)) {
            (Some(element), Some((_, rest))) => leads(element, rest, form),
            _ => Ok(false),
        },
    }
}

/// The type within `ty` that has no cells, where it would be read.
fn not_taken(ty: &DataType, form: Form) -> Option<&DataType> {
    match ty {
        DataType::Interval(_) | DataType::Union(..) => Some(ty),
        DataType::Dictionary(_, values) => not_taken(values, form),
        DataType::RunEndEncoded(_, values) => not_taken(values.data_type(), form),
        _ if form == Form::Leaf => None,
        DataType::Struct(fields) => fields.iter().find_map(|field| not_taken(field.data_type(), form)),
        DataType::Map(entries, _) => not_taken(entries.data_type(), form),
        _ => not_taken(element_type(ty)?, form),
    }
}

fn value_type(entries: &DataType) -> Option<&DataType> {
    match entries {
        DataType::Struct(fields) => fields.get(1).map(|field| field.data_type()),
        _ => None,
    }
}

fn element_type(ty: &DataType) -> Option<&DataType> {
    match ty {
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => Some(element.data_type()),
        _ => None,
    }
}

/// What a path leads to, of every row.
pub(super) fn texts_at(
    column: &ArrayRef,
    path: Option<&str>,
    form: Form,
) -> Result<StringViewArray, ArrowError> {
    let Some(path) = path else {
        return match form {
            Form::Leaf => leaf(column),
            Form::Whole => json::whole(column),
        };
    };
    match column.data_type() {
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => {
            values_of(column, &|values| texts_at(values, Some(path), form))
        }
        DataType::Struct(_) => in_struct(column, path, form),
        DataType::Map(..) => in_map(column, path, form),
        _ => in_list(column, path, form),
    }
}

/// The texts of a column; lists, structs and maps have none.
pub(super) fn leaf(column: &ArrayRef) -> Result<StringViewArray, ArrowError> {
    match column.data_type() {
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => values_of(column, &leaf),
        _ => Ok(Cells(column).texts()),
    }
}

fn in_struct(column: &ArrayRef, path: &str, form: Form) -> Result<StringViewArray, ArrowError> {
    let members = column.as_struct();
    // A key that is the whole path wins with whatever it has: in JSON it would be there, and be null.
    if let Some(child) = members.column_by_name(path) {
        return texts_at(&masked(child, members.nulls())?, None, form);
    }
    let mut found = None;
    for (key, rest) in splits(path) {
        if let Some(child) = members.column_by_name(key) {
            let child = masked(child, members.nulls())?;
            found = Some(or(found, texts_at(&child, rest, form)?));
        }
    }
    Ok(found.unwrap_or_else(|| StringViewArray::new_null(column.len())))
}

/// A child of a struct, missing where the struct is.
fn masked(child: &ArrayRef, nulls: Option<&NullBuffer>) -> Result<ArrayRef, ArrowError> {
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        Some(nulls) => {
            let rows = (0..child.len() as u64).zip(nulls.iter());
            let kept: UInt64Array = rows.map(|(row, is_there)| is_there.then_some(row)).collect();
            take(child, &kept, None)
        }
        None => Ok(Arc::clone(child)),
    }
}

fn in_list(column: &ArrayRef, path: &str, form: Form) -> Result<StringViewArray, ArrowError> {
    let (Some(elements), Some((number, rest))) = (Elements::of(column), element_of(path)) else {
        return Ok(StringViewArray::new_null(column.len()));
    };
    let place = |row: usize| Some(elements.range(row)?.nth(number)? as u64);
    let places: UInt64Array = (0..column.len()).map(place).collect();
    texts_at(&take(&elements.values, &places, None)?, rest, form)
}

fn in_map(column: &ArrayRef, path: &str, form: Form) -> Result<StringViewArray, ArrowError> {
    let map = column.as_map();
    let keys = leaf(map.keys())?;
    let mut found = None;
    for (key, rest) in splits(path) {
        let place = |row: usize| {
            let offsets = map.value_offsets();
            let mut entries = offsets[row] as usize..offsets[row + 1] as usize;
            // Of equal keys the last one counts, as in JSON.
            let is_it = |at: &usize| keys.is_valid(*at) && keys.value(*at) == key;
            (map.is_valid(row))
                .then(|| entries.rfind(is_it))?
                .map(|at| at as u64)
        };
        let places: UInt64Array = (0..map.len()).map(place).collect();
        if places.null_count() < places.len() {
            found = Some(or(
                found,
                texts_at(&take(map.values(), &places, None)?, rest, form)?,
            ));
        }
    }
    Ok(found.unwrap_or_else(|| StringViewArray::new_null(column.len())))
}

/// The first of two readings of a path, where it has something.
fn or(first: Option<StringViewArray>, second: StringViewArray) -> StringViewArray {
    match first {
        Some(first) if first.null_count() == 0 => first,
        Some(first) => first
            .iter()
            .zip(second.iter())
            .map(|(first, second)| first.or(second))
            .collect(),
        None => second,
    }
}

/// The elements of lists of any kind.
pub(super) struct Elements {
    pub(super) values: ArrayRef,
    /// Where the elements of each row lie; `None` for rows that are missing.
    ranges: Vec<Option<Range<usize>>>,
}

impl Elements {
    /// `None` for what is no list.
    pub(super) fn of(column: &ArrayRef) -> Option<Self> {
        let within = |values: &ArrayRef, range: &dyn Fn(usize) -> Range<usize>| Self {
            values: Arc::clone(values),
            ranges: (0..column.len())
                .map(|row| column.is_valid(row).then(|| range(row)))
                .collect(),
        };
        Some(match column.data_type() {
            DataType::List(_) => {
                let (list, offsets) = (column.as_list::<i32>(), column.as_list::<i32>().value_offsets());
                within(list.values(), &|row| {
                    offsets[row] as usize..offsets[row + 1] as usize
                })
            }
            DataType::LargeList(_) => {
                let (list, offsets) = (column.as_list::<i64>(), column.as_list::<i64>().value_offsets());
                within(list.values(), &|row| {
                    offsets[row] as usize..offsets[row + 1] as usize
                })
            }
            DataType::ListView(_) => {
                let list = column.as_list_view::<i32>();
                let (starts, sizes) = (list.value_offsets(), list.value_sizes());
                within(list.values(), &|row| {
                    starts[row] as usize..(starts[row] + sizes[row]) as usize
                })
            }
            DataType::LargeListView(_) => {
                let list = column.as_list_view::<i64>();
                let (starts, sizes) = (list.value_offsets(), list.value_sizes());
                within(list.values(), &|row| {
                    starts[row] as usize..(starts[row] + sizes[row]) as usize
                })
            }
            DataType::FixedSizeList(..) => {
                let list = column.as_fixed_size_list();
                within(list.values(), &|row| {
                    list.value_offset(row) as usize..list.value_offset(row + 1) as usize
                })
            }
            _ => return None,
        })
    }

    pub(super) fn range(&self, row: usize) -> Option<Range<usize>> {
        self.ranges.get(row)?.clone()
    }
}

/// Makes texts of the values of a dictionary or of runs, once for each, and deals them out to the rows.
pub(super) fn values_of(
    column: &ArrayRef,
    make: &dyn Fn(&ArrayRef) -> Result<StringViewArray, ArrowError>,
) -> Result<StringViewArray, ArrowError> {
    let (places, values) = encoded(column)?;
    if values.len() > places.len() {
        return make(&take(&values, &places, None)?);
    }
    let texts = take(&make(&values)?, &places, None)?;
    texts
        .as_string_view_opt()
        .cloned()
        .ok_or_else(|| ArrowError::ComputeError("texts became something else".to_owned()))
}

/// A column without encoding.
pub(super) fn plain(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => {
            let (places, values) = encoded(column)?;
            plain(&take(&values, &places, None)?)
        }
        _ => Ok(Arc::clone(column)),
    }
}

/// Where the value of each row stands, and the values.
fn encoded(column: &ArrayRef) -> Result<(ArrayRef, ArrayRef), ArrowError> {
    if let Some(dictionary) = column.as_any_dictionary_opt() {
        let keys = dictionary.keys();
        return Ok((keys.slice(0, keys.len()), Arc::clone(dictionary.values())));
    }
    macro_rules! runs {
        ($($ty:ty),*) => {
            $(if let Some(runs) = column.as_run_opt::<$ty>() {
                let mut places = UInt64Builder::with_capacity(runs.len());
                (0..runs.len()).for_each(|row| places.append_value(runs.get_physical_index(row) as u64));
                return Ok((Arc::new(places.finish()), Arc::clone(runs.values())));
            })*
        };
    }
    runs!(Int16Type, Int32Type, Int64Type);
    Err(ArrowError::NotYetImplemented(column.data_type().to_string()))
}
