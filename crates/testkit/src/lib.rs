//! Development only: seeded log generator, fuzzing and damaged inputs for insq's tests.

pub mod damaged;
mod generate;
pub mod model;
mod prng;
pub mod profile;
mod testdata;
pub mod write;

pub use generate::{Event, FunctionTruth, Generator, Peak, SpikeTruth, Truth};
pub use prng::{Prng, split_mix};
pub use testdata::{TESTDATA_SEED, write_testdata};
