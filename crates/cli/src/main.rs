//! The `insq` command: Insights queries over local log files.

mod args;
mod diagnostics;
mod exit;
mod failure;
mod interrupt;
mod invocation;
mod local_time;
mod output;
mod output_pattern;
mod own_output;
mod progress;
mod query_file;
mod query_files;
mod reading;
mod remote;
mod report;
mod run;
mod size;
mod subcommand;
mod time;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    insq::hide_decoder_panics();
    match subcommand::Subcommand::of(std::env::args_os()) {
        Some(subcommand) => subcommand.run().into(),
        None => run::run(&args::Args::parse()).into(),
    }
}
