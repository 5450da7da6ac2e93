//! The `insq` binary.
fn main() {}
