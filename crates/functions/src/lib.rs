//! The one table of scalar and aggregate functions of insq, and their only implementation, over Arrow
//! arrays.

mod aggregate;
mod error;
mod operand;
mod period;
mod scalar;
mod signature;

pub use aggregate::{Accumulator, AggregateCall, AggregateFunction, aggregate_function, aggregate_functions};
pub use error::FunctionError;
pub use operand::{EvalContext, Operand, Scalar};
pub use period::{Period, Step};
pub use scalar::{ScalarFunction, scalar_function, scalar_functions};
pub use signature::{Family, Param, ResultType, Signature};
