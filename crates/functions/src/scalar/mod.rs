//! Scalar functions: one row in, one value out.

mod datetime;
mod encoding;
mod general;
mod hash;
mod internal;
mod ip;
mod json;
mod numeric;
mod string;
#[cfg(test)]
mod tests;
mod time_series;

pub use internal::InternalFunction;

use std::sync::LazyLock;

use arrow_array::ArrayRef;

use crate::{EvalContext, Family, FunctionError, Operand, ResultType, Signature};

/// One scalar function.
#[derive(Debug)]
pub struct ScalarFunction {
    /// The name that the documentation uses.
    pub name: &'static str,
    /// Other spellings that are accepted.
    pub aliases: &'static [&'static str],
    /// Where it stands in the documentation.
    pub family: Family,
    /// What it takes.
    pub signature: Signature,
    /// What it gives.
    pub result: ResultType,
    /// One sentence.
    pub summary: &'static str,
    /// An expression that uses it, and what it gives as a cell of a result.
    pub example: (&'static str, &'static str),
    /// Calls it. The array is as long as `rows`, and of the type that `result` tells.
    pub kernel: Kernel,
}

/// How a function is called.
pub type Kernel =
    fn(arguments: &[Operand], rows: usize, context: &EvalContext) -> Result<ArrayRef, FunctionError>;

static TABLE: LazyLock<Vec<ScalarFunction>> = LazyLock::new(|| {
    let families = [
        numeric::functions(),
        datetime::functions(),
        general::functions(),
        ip::functions(),
        string::functions(),
        encoding::functions(),
        hash::functions(),
        json::functions(),
        time_series::functions(),
    ];
    families.into_iter().flatten().collect()
});

/// Every scalar function, by family and then in the order of the documentation.
pub fn scalar_functions() -> &'static [ScalarFunction] {
    &TABLE
}

/// The scalar function called `name`, in any case.
pub fn scalar_function(name: &str) -> Option<&'static ScalarFunction> {
    scalar_functions()
        .iter()
        .find(|f| f.name.eq_ignore_ascii_case(name) || f.aliases.iter().any(|a| a.eq_ignore_ascii_case(name)))
}
