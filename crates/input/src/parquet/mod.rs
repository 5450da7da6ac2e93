//! Parquet: written from logs, and read like them.
//!
//! A file of insq's own holds every event with all of its system fields, its place in the original, its message, and
//! the frequent fields of JSON messages as columns. Whatever is no column is read from the message, by the readers that
//! read logs. A file of another tool has its columns for fields.

mod convert;
mod encode;
mod field_tally;
mod file;
mod folder;
mod foreign;
mod gather;
mod layout;
mod merge;
mod plan;
mod ranged;
mod read;
mod runs;
mod typed;
mod write;

pub use convert::{ConvertError, ConvertOptions, Converted, convert};
pub(crate) use encode::extracted;
pub(crate) use file::{PARQUET_MAGIC, ParquetFile};
pub use folder::{FolderConverted, FolderOptions, PartitionBy, convert_folder};
pub(crate) use folder::{FolderParts, day_of_path};
pub(crate) use plan::is_parquet;
pub(crate) use read::of_kinds;
