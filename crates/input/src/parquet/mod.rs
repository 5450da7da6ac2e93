//! Parquet: written from logs, and read like them.
//!
//! A file of insq's own holds every event with all of its system fields, its place in the original, its message, and
//! the frequent fields of JSON messages as columns. Whatever is no column is read from the message, by the readers that
//! read logs. A file of another tool has its columns for fields.

mod cells;
mod convert;
mod encode;
mod failure;
mod far;
mod field_tally;
mod file;
mod first_rows;
mod folder;
mod foreign;
mod gather;
mod late;
mod layout;
mod look;
mod merge;
mod own_columns;
mod parts;
mod plan;
mod ranged;
mod read;
mod rows;
mod runs;
mod spool;
mod typed;
mod write;

pub use convert::{ConvertError, ConvertOptions, Converted, convert};
pub(crate) use encode::extracted;
pub(crate) use failure::Failure;
pub(crate) use file::{PARQUET_MAGIC, ParquetFile};
pub use folder::{FolderConverted, FolderOptions, PartitionBy, convert_folder};
pub(crate) use folder::{FolderParts, is_converted_folder, is_of_other_parts};
pub(crate) use late::LateParquet;
pub(crate) use look::{Look, Looker};
pub(crate) use plan::{is_parquet, uses_pages};
pub(crate) use read::of_kinds;
pub(crate) use spool::spooled;
