//! Lookup tables: CSV files of a folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{ArrayRef, StringViewArray};
use insq_event::{ColumnType, Relation, RelationColumn, Tables};

/// Bytes of a table at most. The service takes 10 MB.
pub const TABLE_BYTES_MAX: u64 = 256 << 20;

/// The files `NAME.csv` of a folder as the tables `NAME`: UTF-8 with a header line. Empty cells are missing.
///
/// A table is read when the first query names it, and kept.
#[derive(Debug)]
pub(crate) struct TableFolder {
    folder: PathBuf,
    read: Mutex<HashMap<String, Arc<Relation>>>,
}

impl TableFolder {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            read: Mutex::default(),
        }
    }

    /// The names of the tables that there are.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let is_table = path.extension().is_some_and(|extension| extension == "csv");
                is_table.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))?
            })
            .collect();
        names.sort();
        names
    }
}

impl Tables for TableFolder {
    fn table(&self, name: &str) -> Result<Arc<Relation>, String> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = read.get(name) {
            return Ok(Arc::clone(table));
        }
        // A name with a slash could lead out of the folder.
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        let path = self.folder.join(format!("{name}.csv"));
        if !is_name || !path.is_file() {
            let names = self.names();
            let known = match names.is_empty() {
                true => "there are no CSV files in there".to_owned(),
                false => format!("there are {}", names.join(", ")),
            };
            return Err(format!(
                "there is no table `{name}` in {}; {known}",
                self.folder.display()
            ));
        }
        let table = Arc::new(read_table(&path).map_err(|reason| format!("{}: {reason}", path.display()))?);
        read.insert(name.to_owned(), Arc::clone(&table));
        Ok(table)
    }
}

fn read_table(path: &Path) -> Result<Relation, String> {
    let size = std::fs::metadata(path).map_err(|cause| cause.to_string())?.len();
    if size > TABLE_BYTES_MAX {
        return Err(format!("the table is larger than {TABLE_BYTES_MAX} bytes"));
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(path)
        .map_err(|cause| cause.to_string())?;
    let header = reader.headers().map_err(|cause| cause.to_string())?.clone();
    let names: Vec<String> = header
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
        .collect();
    if let Some(name) = names
        .iter()
        .enumerate()
        .find_map(|(idx, name)| names[..idx].contains(name).then_some(name))
    {
        return Err(format!("the header names `{name}` twice"));
    }
    let mut cells: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
    for record in reader.records() {
        let record = record.map_err(|cause| cause.to_string())?;
        for (idx, column) in cells.iter_mut().enumerate() {
            let cell = record.get(idx).filter(|cell| !cell.is_empty());
            column.push(cell.map(str::to_owned));
        }
    }
    let rows = cells.first().map_or(0, Vec::len);
    let columns = names
        .into_iter()
        .zip(cells)
        .map(|(name, column)| RelationColumn {
            name,
            column_type: ColumnType::Any,
            cells: Arc::new(StringViewArray::from_iter(column)) as ArrayRef,
        })
        .collect();
    Ok(Relation { columns, rows })
}
