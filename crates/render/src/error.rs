//! What can go wrong on the way from a batch to bytes.

use std::io;

use arrow_array::RecordBatch;
use arrow_schema::Schema;

/// A result that could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The writer refused.
    #[error("cannot write the result: {0}")]
    Io(#[from] io::Error),
    /// A column that is not one of the five types of the language.
    #[error("column `{name}` has the type {data_type}, which cannot be shown")]
    UnsupportedType {
        /// Name of the column.
        name: String,
        /// Its Arrow type.
        data_type: String,
    },
    /// Bytes that no terminal shows.
    #[error("a terminal cannot show Parquet or Arrow; write it to a file with --output-file, or into a pipe")]
    BinaryOnTerminal,
    /// A batch that differs from the schema that the renderer was made with.
    #[error("batch does not fit the schema of the result: {0}")]
    SchemaMismatch(String),
}

impl RenderError {
    /// Refuses a batch whose columns are not those of the heading.
    pub(crate) fn check_columns(heading: &Schema, batch: &RecordBatch) -> Result<(), Self> {
        if batch.schema_ref().fields() == heading.fields() {
            return Ok(());
        }
        let words = "the columns differ from those of the heading";
        Err(Self::SchemaMismatch(words.to_owned()))
    }

    /// True when the reader of a pipe went away, which is a reader's right and not a failure.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
