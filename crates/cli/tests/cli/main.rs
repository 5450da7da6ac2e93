//! The real binary on real files: what it prints, where, and how it ends.

// A failed step of a test is a failed test, in its shared functions too.
#![allow(clippy::unwrap_used)]

mod agreement;
mod analysis;
mod arrow;
mod batch;
mod convert;
mod convert_folder;
mod damage;
mod formats;
mod log_clock;
mod memory;
mod output_file;
mod remote;
mod sample;
mod streams;
mod subcommands;
mod testdata;
mod times;
mod usage;
