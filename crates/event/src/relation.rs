//! Rows that a query meets beside its events: lookup tables and the results of sub-queries.

use std::sync::Arc;

use arrow_array::ArrayRef;

use crate::ColumnType;

/// A table in memory: named columns of equal length.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Name, type and cells of every column.
    pub columns: Vec<RelationColumn>,
    /// Rows of every column.
    pub rows: usize,
}

/// A column of a [`Relation`].
#[derive(Clone, Debug)]
pub struct RelationColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// Its cells, of the Arrow type of `column_type`.
    pub cells: ArrayRef,
}

impl Relation {
    /// The position of the column called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// Where `lookup` finds its tables.
pub trait Tables {
    /// The table called `name`.
    ///
    /// # Errors
    /// One sentence that says why there is none, and which there are.
    fn table(&self, name: &str) -> Result<Arc<Relation>, String>;
}

/// No tables at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTables;

impl Tables for NoTables {
    fn table(&self, name: &str) -> Result<Arc<Relation>, String> {
        Err(format!(
            "there is no table `{name}`: no folder of lookup tables is named"
        ))
    }
}
