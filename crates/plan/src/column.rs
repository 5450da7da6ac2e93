//! Columns of a plan, and the identity by which its parts refer to them.

use insq_event::{ColumnType, ScanField};

/// Identity of a column within one plan. Two columns of the same name have two identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub(crate) u32);

/// What is known about a column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnInfo {
    /// Its name, as explain prints it.
    pub name: String,
    /// Its type; `None` for the position of an event, which is no value of the language.
    pub column_type: Option<ColumnType>,
}

/// Every column of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    infos: Vec<ColumnInfo>,
}

impl Columns {
    pub(crate) fn add(&mut self, name: &str, column_type: Option<ColumnType>) -> ColumnId {
        let id = ColumnId(u32::try_from(self.infos.len()).unwrap_or(u32::MAX));
        self.infos.push(ColumnInfo {
            name: name.to_owned(),
            column_type,
        });
        id
    }

    /// What is known about `id`.
    pub fn info(&self, id: ColumnId) -> &ColumnInfo {
        &self.infos[id.0 as usize]
    }

    /// The name of `id`.
    pub fn name(&self, id: ColumnId) -> &str {
        &self.info(id).name
    }
}

/// A column that the scan fills.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanBinding {
    /// Its identity.
    pub id: ColumnId,
    /// What fills it.
    pub field: ScanField,
}
