//! Functions that queries call without naming them: a path into a map, the text of a value, `parse … logfmt`.

use std::sync::LazyLock;

use insq_event::ColumnType::{Any, Json};

use super::{Kernel, ScalarFunction};
use crate::argument::Texts;
use crate::kernel::texts;
use crate::logfmt::parse_logfmt;
use crate::structure::{shown_text, walk};
use crate::{Family, Param, ResultType, Signature};

/// Which of the functions without a name of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InternalFunction {
    /// `path(json, "a.b")`: what a path leads to.
    Path,
    /// `shown(json)`: the value as a cell shows it.
    Shown,
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
        }
    }
}

fn internal(name: &'static str, params: &'static [Param], json: bool, kernel: Kernel) -> ScalarFunction {
    ScalarFunction {
        name,
        aliases: &[],
        family: Family::Json,
        signature: Signature {
            params,
            required: params.len(),
            variadic: &[],
        },
        result: ResultType::Fixed(if json { Json } else { Any }),
        summary: "",
        example: ("", ""),
        kernel,
    }
}

static PATH: LazyLock<ScalarFunction> = LazyLock::new(|| {
    internal("path", &[Param::Json, Param::ConstantText], true, |a, rows, _| {
        let (json, path) = (Texts::of(&a[0])?, Texts::of(&a[1])?);
        Ok(texts(rows, |row| walk(json.get(row)?, path.get(row)?)))
    })
});

static SHOWN: LazyLock<ScalarFunction> = LazyLock::new(|| {
    internal("shown", &[Param::Json], false, |a, rows, _| {
        let json = Texts::of(&a[0])?;
        Ok(texts(rows, |row| shown_text(json.get(row)?)))
    })
});

static LOGFMT: LazyLock<ScalarFunction> = LazyLock::new(|| {
    internal("logfmt", &[Param::Text], true, |a, rows, _| {
        let text = Texts::of(&a[0])?;
        Ok(texts(rows, |row| parse_logfmt(text.get(row)?)))
    })
});
