//! Functions that queries call without naming them: a path into a map, the text of a value, `parse … logfmt`.

use std::sync::LazyLock;

use insq_event::ColumnType::{self, Any, Json, Number, Text};

use super::{Kernel, ScalarFunction};
use crate::argument::{Numbers, Texts};
use crate::kernel::{numbers, texts};
use crate::logfmt::parse_logfmt;
use crate::structure::{shown_text, walk};
use crate::{ExactSum, Family, Param, ResultType, Signature, format_java_double};

/// Which of the functions without a name of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InternalFunction {
    /// `path(json, "a.b")`: what a path leads to.
    Path,
    /// `shown(json)`: the value as a cell shows it.
    Shown,
    /// `total(a, b, …)`: the exact sum of the numbers that are present; missing where none is.
    Total,
    /// `javaDouble(a)`: the number as the service shows metrics of Lambda, `1.28E8`.
    JavaDouble,
    /// `logfmt(text)`: the pairs `key=value` of a text as a map; missing where there is none.
    Logfmt,
}

impl InternalFunction {
    /// The function itself.
    pub fn function(self) -> &'static ScalarFunction {
        match self {
            Self::Path => &PATH,
            Self::Shown => &SHOWN,
            Self::Logfmt => &LOGFMT,
            Self::Total => &TOTAL,
            Self::JavaDouble => &JAVA_DOUBLE,
        }
    }
}

fn internal(
    name: &'static str,
    params: &'static [Param],
    result: ColumnType,
    kernel: Kernel,
) -> ScalarFunction {
    ScalarFunction {
        name,
        aliases: &[],
        family: Family::Json,
        signature: Signature {
            params,
            required: params.len(),
            variadic: &[],
        },
        result: ResultType::Fixed(result),
        summary: "",
        example: ("", ""),
        kernel,
    }
}

static PATH: LazyLock<ScalarFunction> = LazyLock::new(|| {
    internal("path", &[Param::Json, Param::ConstantText], Json, |a, rows, _| {
        let (json, path) = (Texts::of(&a[0])?, Texts::of(&a[1])?);
        Ok(texts(rows, |row| walk(json.get(row)?, path.get(row)?)))
    })
});

static SHOWN: LazyLock<ScalarFunction> = LazyLock::new(|| {
    internal("shown", &[Param::Json], Any, |a, rows, _| {
        let json = Texts::of(&a[0])?;
        Ok(texts(rows, |row| shown_text(json.get(row)?)))
    })
});

static LOGFMT: LazyLock<ScalarFunction> = LazyLock::new(|| {
    internal("logfmt", &[Param::Text], Json, |a, rows, _| {
        let text = Texts::of(&a[0])?;
        Ok(texts(rows, |row| parse_logfmt(text.get(row)?)))
    })
});

static TOTAL: LazyLock<ScalarFunction> = LazyLock::new(|| {
    internal("total", &[], Number, |a, rows, _| {
        let terms: Vec<Numbers<'_>> = a.iter().map(Numbers::of).collect::<Result<_, _>>()?;
        Ok(numbers(rows, |row| {
            let mut present = terms.iter().filter_map(|term| term.get(row)).peekable();
            present.peek()?;
            let mut sum = ExactSum::default();
            present.for_each(|term| sum.add(term));
            Some(sum.value())
        }))
    })
});

static JAVA_DOUBLE: LazyLock<ScalarFunction> = LazyLock::new(|| {
    internal("javaDouble", &[Param::Number], Text, |a, rows, _| {
        let number = Numbers::of(&a[0])?;
        Ok(texts(rows, |row| number.get(row).map(format_java_double)))
    })
});
