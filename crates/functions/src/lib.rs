//! The one table of scalar and aggregate functions of insq, and their only implementation, over Arrow
//! arrays.
//!
//! Missing is Arrow null. No function gives NaN or an infinity: what has no finite value is missing. The
//! result of an aggregate depends on neither the order of its rows nor on how they were grouped on the way.

mod aggregate;
mod argument;
mod arithmetic;
mod coerce;
mod compare;
mod concurrency;
mod equality;
mod error;
mod format;
mod in_list;
mod ip_block;
mod java_pattern;
mod kernel;
mod logfmt;
mod logic;
mod operand;
pub mod order;
mod period;
mod regex_literal;
mod scalar;
mod search;
mod signature;
mod structure;

pub use aggregate::{
    Accumulator, AggregateCall, AggregateFunction, BUCKETS_MAX, EXACT_VALUES_MAX, ExactSum,
    aggregate_function, aggregate_functions,
};
pub use arithmetic::{ArithmeticOp, arithmetic, negate};
pub use coerce::{coerce, parse_number, texts_of};
pub use compare::{CompareOp, compare};
pub use concurrency::{ConcurrencyFunction, ConcurrencyMeasure, concurrency_function, concurrency_functions};
pub use equality::{equality_key, is_equal_text};
pub use error::FunctionError;
pub use format::{format_java_double, format_number, format_time, format_time_in};
pub use in_list::InList;
pub use ip_block::IpBlock;
pub use logic::{and, not, or};
pub use operand::{EvalContext, Operand, Scalar};
pub use period::{Period, Step};
pub use regex_literal::{CompiledRegex, REGEX_BYTES_MAX, REGEX_NESTING_MAX, compile_regex};
pub use scalar::{InternalFunction, Kernel, ScalarFunction, scalar_function, scalar_functions};
pub use search::{contains, matches};
pub use signature::{Family, Param, ResultType, Signature};
pub use structure::{PATH_STEPS_MAX, is_structure, leaf_text, list_elements, shown_text};
