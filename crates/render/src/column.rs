//! The columns of a result: what they are called, what type they have, and their cells as text.

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, RecordBatch, StringViewArray, TimestampMillisecondArray,
};
use arrow_schema::Schema;
use insq_event::ColumnType;

use crate::{RenderError, write_number, write_time};

/// Names and types of all columns, checked once so that cells need no checks.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) names: Vec<String>,
    pub(crate) types: Vec<ColumnType>,
}

impl Columns {
    pub(crate) fn of(schema: &Schema) -> Result<Self, RenderError> {
        let mut columns = Self {
            names: Vec::new(),
            types: Vec::new(),
        };
        for field in schema.fields() {
            let unsupported = || RenderError::UnsupportedType {
                name: field.name().clone(),
                data_type: field.data_type().to_string(),
            };
            columns
                .types
                .push(ColumnType::of_field(field).ok_or_else(unsupported)?);
            columns.names.push(field.name().clone());
        }
        Ok(columns)
    }

    /// The cells of `batch`, column by column.
    pub(crate) fn cells<'a>(&self, batch: &'a RecordBatch) -> Result<Vec<Cells<'a>>, RenderError> {
        if batch.num_columns() != self.types.len() {
            let counts = format!("{} columns instead of {}", batch.num_columns(), self.types.len());
            return Err(RenderError::SchemaMismatch(counts));
        }
        let columns = self.names.iter().zip(&self.types).zip(batch.columns());
        columns
            .map(|((name, ty), array)| {
                Cells::new(*ty, array).ok_or_else(|| {
                    let found = array.data_type();
                    RenderError::SchemaMismatch(format!("column `{name}` is {found} instead of {ty}"))
                })
            })
            .collect()
    }
}

/// The cells of one column of one batch.
#[derive(Debug)]
pub(crate) enum Cells<'a> {
    Number(&'a Float64Array),
    Time(&'a TimestampMillisecondArray),
    Bool(&'a BooleanArray),
    Text(&'a StringViewArray),
    Any(&'a StringViewArray),
}

impl<'a> Cells<'a> {
    fn new(ty: ColumnType, array: &'a ArrayRef) -> Option<Self> {
        let array = array.as_any();
        match ty {
            ColumnType::Number => array.downcast_ref().map(Self::Number),
            ColumnType::Time => array.downcast_ref().map(Self::Time),
            ColumnType::Bool => array.downcast_ref().map(Self::Bool),
            ColumnType::Text => array.downcast_ref().map(Self::Text),
            ColumnType::Any | ColumnType::Json => array.downcast_ref().map(Self::Any),
        }
    }

    /// The cell of `row`, or `None` where it is missing.
    pub(crate) fn get(&self, row: usize) -> Option<Cell<'a>> {
        match self {
            Self::Number(array) => array.is_valid(row).then(|| Cell::Number(array.value(row))),
            Self::Time(array) => array.is_valid(row).then(|| Cell::Time(array.value(row))),
            Self::Bool(array) => array.is_valid(row).then(|| Cell::Bool(array.value(row))),
            Self::Text(array) => array.is_valid(row).then(|| Cell::Text(array.value(row))),
            Self::Any(array) => array.is_valid(row).then(|| Cell::Any(array.value(row))),
        }
    }
}

/// A value that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Number(f64),
    Time(i64),
    Bool(bool),
    Text(&'a str),
    Any(&'a str),
}

impl<'a> Cell<'a> {
    /// The text of the cell; what has none of its own is written to `scratch`.
    pub(crate) fn text<'t>(self, scratch: &'t mut String) -> &'t str
    where
        'a: 't,
    {
        scratch.clear();
        match self {
            Self::Text(text) | Self::Any(text) => return text,
            Self::Number(value) => write_number(scratch, value),
            Self::Time(time_ms) => write_time(scratch, time_ms),
            Self::Bool(value) => scratch.push(if value { '1' } else { '0' }),
        }
        scratch
    }
}
