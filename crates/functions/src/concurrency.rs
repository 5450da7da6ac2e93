//! Functions of `stats` that say how many invocations were in flight: `concurrency_max`, `concurrency_avg`,
//! `concurrency_pct`.
//!
//! They are no aggregates of rows. A row tells when an invocation ended and how long it was busy, and counts in every bin
//! in which it was; so their values come of a sweep over all rows of a group rather than of an accumulator.
//!
//! # Semantics
//! An invocation is busy during [`@timestamp` − `@duration` − (`@initDuration` or `@restoreDuration`), `@timestamp`),
//! resolved to microseconds. The interval is half-open, so one that ends when another starts does not overlap it; one
//! of no length is never in flight, and neither is one with a negative part or of more than two hours, which no function
//! may run for.
//! Rows without `@duration` or without a time contribute nothing. The functions are never missing: where none was in
//! flight they are 0.
//!
//! They are functions of insq alone.

use crate::{Family, FunctionError, Param, ResultType, Scalar, Signature};
use insq_event::ColumnType;

/// A function that says how many invocations were in flight.
#[derive(Debug)]
pub struct ConcurrencyFunction {
    /// Its name.
    pub name: &'static str,
    /// Where it stands in the documentation.
    pub family: Family,
    /// What it takes, all of it constant.
    pub signature: Signature,
    /// What it gives.
    pub result: ResultType,
    /// One sentence.
    pub summary: &'static str,
    /// A command that uses it.
    pub example: &'static str,
    make: fn(&[Scalar]) -> Result<ConcurrencyMeasure, FunctionError>,
}

/// What is said of the invocations in flight during a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ConcurrencyMeasure {
    /// The most at any instant.
    Max,
    /// The time-weighted mean.
    Mean,
    /// The time-weighted percentile; between 0 and 100.
    Percentile(f64),
}

impl ConcurrencyFunction {
    /// What a call with these constants measures.
    ///
    /// # Errors
    /// [`FunctionError::Argument`] for a percentage that is none.
    ///
    /// # Examples
    /// ```
    /// use insq_functions::{ConcurrencyMeasure, Scalar, concurrency_function};
    ///
    /// let pct = concurrency_function("CONCURRENCY_PCT").unwrap();
    /// assert_eq!(pct.measure(&[Scalar::Number(99.5)]).unwrap(), ConcurrencyMeasure::Percentile(99.5));
    /// assert!(pct.measure(&[Scalar::Number(101.0)]).is_err());
    /// ```
    pub fn measure(&self, constants: &[Scalar]) -> Result<ConcurrencyMeasure, FunctionError> {
        (self.make)(constants)
    }
}

const fn function(
    name: &'static str,
    params: &'static [Param],
    summary: &'static str,
    example: &'static str,
    make: fn(&[Scalar]) -> Result<ConcurrencyMeasure, FunctionError>,
) -> ConcurrencyFunction {
    ConcurrencyFunction {
        name,
        family: Family::Concurrency,
        signature: Signature {
            params,
            required: params.len(),
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Number),
        summary,
        example,
        make,
    }
}

static TABLE: [ConcurrencyFunction; 3] = [
    function(
        "concurrency_max",
        &[],
        "The most invocations in flight at any instant of the bin; each counts in every bin that it runs in. Not a \
         function of the service.",
        "stats concurrency_max() by bin(1s)",
        |_| Ok(ConcurrencyMeasure::Max),
    ),
    function(
        "concurrency_avg",
        &[],
        "The invocations in flight, as the mean over the time of the bin. Not a function of the service.",
        "stats concurrency_avg() by bin(1m)",
        |_| Ok(ConcurrencyMeasure::Mean),
    ),
    function(
        "concurrency_pct",
        &[Param::ConstantNumber],
        "The number in flight that is not exceeded for so many percent of the time of the bin. Not a function of the \
         service.",
        "stats concurrency_pct(99.5) by bin(1h)",
        |constants| match constants.first() {
            Some(Scalar::Number(percent)) if (0.0..=100.0).contains(percent) => {
                Ok(ConcurrencyMeasure::Percentile(*percent))
            }
            _ => Err(FunctionError::Argument(
                "the percentage of `concurrency_pct` lies between 0 and 100".to_owned(),
            )),
        },
    ),
];

/// Every function of concurrency.
pub fn concurrency_functions() -> &'static [ConcurrencyFunction] {
    &TABLE
}

/// The function of concurrency called `name`, in any case.
pub fn concurrency_function(name: &str) -> Option<&'static ConcurrencyFunction> {
    TABLE
        .iter()
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_end_at_0_and_100() {
        let pct = concurrency_function("concurrency_pct").unwrap();
        for (percent, is_one) in [
            (0.0, true),
            (100.0, true),
            (-0.1, false),
            (100.1, false),
            (f64::NAN, false),
        ] {
            assert_eq!(
                pct.measure(&[Scalar::Number(percent)]).is_ok(),
                is_one,
                "{percent}"
            );
        }
        assert!(pct.measure(&[]).is_err());
    }
}
