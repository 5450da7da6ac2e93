//! Development only: seeded log generator, reference interpreter, random queries and damaged inputs for insq's tests.

pub mod damaged;
mod generate;
pub mod model;
mod prng;
pub mod profile;
pub mod random;
pub mod reference;
mod testdata;
pub mod write;

pub use generate::{Event, FunctionTruth, Generator, Peak, SpikeTruth, Truth};
pub use prng::{Prng, split_mix};
pub use testdata::{TESTDATA_SEED, write_testdata};
