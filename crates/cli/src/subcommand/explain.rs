//! `insq explain`: the same as the option `--explain`.

use std::ffi::OsString;

use clap::Parser;

use crate::args::Args;
use crate::exit::Exit;

pub(super) fn explain(words: &[OsString]) -> Exit {
    let program = ["insq explain".into(), "--explain".into()];
    let args = Args::parse_from(program.into_iter().chain(words.iter().cloned()));
    crate::run::run(&args)
}
