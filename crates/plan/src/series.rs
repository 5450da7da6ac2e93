//! Steps that read rows as a series.

use insq_functions::Period;

use crate::column::ColumnId;
use crate::expr::Expr;

/// A running sum (`accum`).
#[derive(Clone, Debug)]
pub struct Accumulate {
    /// What is summed, a number.
    pub source: Expr,
    /// The sum up to the row; missing where the number is.
    pub id: ColumnId,
}

/// Values of earlier rows (`autoregress`).
#[derive(Clone, Debug)]
pub struct AutoRegress {
    /// Whose earlier values.
    pub source: Expr,
    /// How many rows before, and the column that the value fills.
    pub lags: Vec<(usize, ColumnId)>,
}

/// The last present value instead of missing ones (`filldown`).
#[derive(Clone, Debug)]
pub struct FillDown {
    /// What is filled, and the columns that hold the result.
    pub columns: Vec<(ColumnId, ColumnId)>,
}

/// Rows for empty time bins (`fillmissing`).
#[derive(Clone, Debug)]
pub struct FillMissing {
    /// The column of the bins.
    pub bin: ColumnId,
    /// How the bins divide time.
    pub period: Period,
    /// The other group keys: every combination gets all bins.
    pub keys: Vec<ColumnId>,
    /// Columns of the rows that are added and the constants that they hold, of the type of the column.
    pub constants: Vec<(ColumnId, Expr)>,
}

/// Values far from the others (`outlier`).
#[derive(Clone, Debug)]
pub struct Outliers {
    /// One per field.
    pub fields: Vec<OutlierField>,
    /// How many interquartile ranges a value may lie beyond the quartiles.
    pub param: f64,
    /// True when values may be too small as well.
    pub use_lower: bool,
    /// True when rows with an outlier go.
    pub removes: bool,
}

/// A field that is looked at for outliers.
#[derive(Clone, Debug)]
pub struct OutlierField {
    /// Its number.
    pub source: Expr,
    /// The number, clamped where it is an outlier.
    pub clamped: ColumnId,
    /// True where it is an outlier; missing where there is no number.
    pub mark: ColumnId,
}

/// Sessions: rows of one identity with no long gap between them (`sessionize`).
#[derive(Clone, Debug)]
pub struct Sessionize {
    /// Whose sessions.
    pub identity: Vec<ColumnId>,
    /// The time of a row.
    pub time: Expr,
    /// The longest gap within a session, milliseconds.
    pub max_gap_ms: i64,
    /// The number of the session among those of its identity, from 1; missing for rows without a time.
    pub id: ColumnId,
}

/// A last row with the sums of columns (`addtotals col=true`).
#[derive(Clone, Debug)]
pub struct AddTotalRow {
    /// The columns that are summed; all others are missing in the last row.
    pub columns: Vec<ColumnId>,
}
