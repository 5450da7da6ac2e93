//! Results to tables, CSV, JSON, Markdown, Parquet and Arrow; the only door to a terminal.
//!
//! A [`Renderer`] is made once per result, with the schema, so that an empty result still has a header;
//! it is then given batch after batch and finished. Log content is never trusted: what a terminal would
//! take for a command leaves this crate as visible text (see [`sanitizer`]).
//!
//! ```
//! use std::sync::Arc;
//! use arrow_array::{Float64Array, RecordBatch};
//! use arrow_schema::Schema;
//! use insq_event::ColumnType;
//! use insq_render::{Format, Renderer, Target, renderer};
//!
//! let schema = Arc::new(Schema::new(vec![ColumnType::Number.field("count(*)")]));
//! let counts = Float64Array::from(vec![Some(3.0), None]);
//! let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(counts)])?;
//!
//! let mut out = Vec::new();
//! let mut json = renderer(Format::JsonLines, Target::Bytes, &schema, &mut out)?;
//! json.batch(&batch)?;
//! json.finish()?;
//! drop(json);
//! assert_eq!(String::from_utf8(out)?, "{\"count(*)\":3}\n{\"count(*)\":null}\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arrow;
mod column;
mod csv;
mod error;
mod format;
mod json;
mod markdown;
mod number;
mod parquet;
mod renderer;
pub mod sanitizer;
mod table;
mod terminal;

pub use error::RenderError;
pub use format::{Format, UnknownFormat};
pub use insq_event::write_time;
pub use number::write_number;
pub use renderer::{Renderer, Target, renderer};
pub use table::{CELL_BYTES_MAX, CELL_LINES_MAX, CHUNK_BYTES_MAX, CHUNK_ROWS_MAX, COLUMN_WIDTH_MAX};
pub use terminal::{TERMINAL_COLUMNS_DEFAULT, terminal_columns};
