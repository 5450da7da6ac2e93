//! Arrow IPC of other tools, as a file or as a stream: its columns are the fields.
//!
//! Both forms can be read from the first byte to the last, so that they may come through a pipe, through gzip or over a
//! network, and so that a file that was cut gives what is there: a file is a stream between two marks. `messages.rs` takes
//! messages out of the bytes, `batches.rs` makes batches of them, `reader.rs` makes of these what requests want. Files
//! on disk are read by the table of contents at their end, where that is sound (`contents.rs`, `file.rs`): large ones by
//! several threads, and what is damaged does not hide what follows.

mod batches;
mod contents;
mod file;
mod form;
mod messages;
mod reader;

pub(crate) use file::ArrowPart;
pub(crate) use form::Form;
pub(crate) use reader::Opening;
