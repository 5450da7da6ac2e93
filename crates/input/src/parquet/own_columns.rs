//! The columns of a file of insq's own, by name and type: a footer that damage has changed may tell of others.

use std::collections::HashSet;

use arrow_schema::DataType;
use insq_event::SystemField;
use parquet::errors::{ParquetError, Result};

use super::file::ParquetFile;
use super::layout::{Layout, POSITION, stored_columns};
use super::typed::is_made;

/// Finds columns by their names.
///
/// Each method gives the number of a column, and an error for one of another type than insq writes.
pub(super) struct OwnColumns<'f> {
    file: &'f ParquetFile,
}

impl<'f> OwnColumns<'f> {
    /// # Errors
    /// [`ParquetError`] when a column is a list or map, which insq never writes, or has another name than it wrote.
    pub(super) fn of(file: &'f ParquetFile, layout: &Layout) -> Result<Self> {
        let fields = file.metadata.schema().fields();
        if file.metadata.parquet_schema().num_columns() != fields.len() {
            return Err(odd("a list or map"));
        }
        let stored = stored_columns();
        let names = stored.iter().map(|column| &*column.name);
        let known: HashSet<&str> = names.chain(layout.fields.iter().map(String::as_str)).collect();
        // An older file lacks some, and a younger one has others; one with both has one under another name.
        let other = fields.iter().find(|field| !known.contains(field.name().as_str()));
        match other.filter(|_| known.iter().any(|name| file.column(name).is_none())) {
            Some(field) => Err(odd(field.name())),
            None => Ok(Self { file }),
        }
    }

    /// `None` for a field that is younger than the file.
    pub(super) fn system(&self, field: SystemField) -> Result<Option<usize>> {
        self.typed(field.name(), |found| found == &field.column_type().data_type())
    }

    /// A field that every file has.
    pub(super) fn required(&self, field: SystemField) -> Result<usize> {
        self.system(field)?.ok_or_else(|| odd(field.name()))
    }

    pub(super) fn position(&self) -> Result<usize> {
        self.typed(POSITION, |found| found == &DataType::UInt64)?
            .ok_or_else(|| odd(POSITION))
    }

    /// A column of texts, which the file may lack.
    pub(super) fn text(&self, name: &str) -> Result<Option<usize>> {
        self.typed(name, |found| found == &DataType::Utf8View)
    }

    /// A discovered field that the file has a column of.
    pub(super) fn discovered(&self, name: &str) -> Result<usize> {
        self.typed(name, is_made)?.ok_or_else(|| odd(name))
    }

    fn typed(&self, name: &str, is_type: impl Fn(&DataType) -> bool) -> Result<Option<usize>> {
        match self.file.column(name) {
            Some(column) if is_type(self.file.metadata.schema().field(column).data_type()) => {
                Ok(Some(column))
            }
            Some(_) => Err(odd(name)),
            None => Ok(None),
        }
    }
}

fn odd(name: &str) -> ParquetError {
    ParquetError::General(format!("its column {name:?} is not what insq writes"))
}
