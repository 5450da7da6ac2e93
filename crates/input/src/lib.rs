//! Reads Lambda logs from files and streams: containers, compression, REPORT lines, discovered fields.
//!
//! [`LogSource`] answers an [`insq_event::ScanRequest`]. Files are recognised by content, read in blocks
//! with `read`, decompressed in a stream, and cut into partitions; blocks are searched for what an event
//! must hold before lines are looked at. Damage is noted with its place and never loses the rest.

mod ahead;
mod ansi;
mod app_times;
mod archive;
mod arrow;
mod at_once;
mod behind_bar;
mod beside;
mod blocks;
mod classify;
mod cli_text;
mod clock;
mod clock_gap;
mod columns;
mod copies;
mod csv;
mod cuttable;
mod decompress;
mod detect;
mod discovered;
mod document_times;
mod documents;
mod error;
mod expansion;
mod facts;
mod failing;
mod foreign;
mod format;
mod framed;
mod grammar;
mod groups;
mod guarded;
mod gzip_whole;
mod inspect;
mod json;
mod json_event;
mod json_fields;
mod json_keys;
mod json_lines;
mod json_scan;
mod json_shape;
mod json_specials;
mod json_tokens;
mod json_values;
mod lambda_names;
mod lane;
mod leaves;
mod mapped_part;
mod members;
mod named_times;
mod names;
mod packed;
mod parquet;
mod partition;
mod paths;
mod payload;
mod pipe;
mod planner;
mod platform;
mod platform_usual;
mod ranged;
mod raw_search;
mod remote;
mod report;
mod reserved;
mod route53;
mod rows;
mod sampled;
mod scout;
mod search;
mod sieve;
mod sorted;
mod source;
mod spool;
mod standing;
mod text;
mod text_fields;
mod timestamp;
mod utf16;
mod vpc_flow;

pub use blocks::EVENT_BYTES_MAX;
pub use clock::LogClock;
pub use expansion::{EXPANSION_FREE_BYTES, EXPANSION_MAX_DEFAULT};
pub use format::LogFormat;
pub use guarded::hide_decoder_panics;
pub use inspect::{FileKind, Inspection, LeafType, NAMES_MAX, Names, inspect};

pub use parquet::{
    ConvertError, ConvertOptions, Converted, FolderConverted, FolderOptions, PartitionBy, convert,
    convert_folder,
};
pub use paths::{names_below, would_read};
pub use remote::{RemoteChanged, RemoteFile};
pub use source::{BLOCK_BYTES_DEFAULT, Input, LogSource, ReadOptions, SPLIT_BYTES_DEFAULT};
