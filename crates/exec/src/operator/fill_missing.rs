//! `fillmissing`: execution.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, TimestampMillisecondArray, UInt32Array, cast::AsArray};
use arrow_select::interleave::interleave;
use arrow_select::take::take;
use insq_functions::{EvalContext, Period};
use insq_plan::Expr;

use super::whole::RewriteRows;
use crate::cells::Cells;
use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// Rows that are added at most: more are a slip rather than a chart.
pub(crate) const FILL_ROWS_MAX: usize = 10_000_000;

/// Adds rows so that every combination of the other keys has every bin from the first to the last that is present.
///
/// # Order
/// Rows come in the order of their bins: descending where they came so, else ascending. Within a bin, combinations
/// come in the order in which they first appeared. Rows without a bin come last.
pub(crate) struct FillBins {
    pub(crate) bin: usize,
    pub(crate) period: Period,
    pub(crate) keys: Vec<usize>,
    /// Where the columns stand that are a constant in the rows that are added.
    pub(crate) constants: Vec<(usize, Expr)>,
    pub(crate) context: EvalContext,
}

/// A row that comes out: one that came in, or a new one.
enum Filled {
    Old(u32),
    /// The bin, and a row that has the other keys.
    New(i64, u32),
}

impl RewriteRows for FillBins {
    fn rewrite(&mut self, rows: Chunk) -> Result<Chunk, ExecError> {
        let order = self.order(&rows)?;
        if order.len() == rows.rows {
            return Ok(rows);
        }
        let columns = (0..rows.columns.len())
            .map(|position| self.column(position, &rows, &order))
            .collect::<Result<_, _>>()?;
        Ok(Chunk {
            columns,
            rows: order.len(),
        })
    }
}

impl FillBins {
    fn order(&self, rows: &Chunk) -> Result<Vec<Filled>, ExecError> {
        let bins = rows.columns[self.bin].as_primitive::<TimestampMillisecondType>();
        let keys: Vec<Cells<'_>> = self
            .keys
            .iter()
            .map(|position| Cells::of(&rows.columns[*position]))
            .collect::<Result<_, _>>()?;
        // The combinations of the other keys: a row of each, and the number of each row's.
        let mut combinations: Vec<u32> = Vec::new();
        let mut number_of: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut rows_of: HashMap<(i64, usize), Vec<u32>> = HashMap::new();
        let mut without_bin = Vec::new();
        let mut present = HashSet::new();
        for row in 0..rows.rows {
            if bins.is_null(row) {
                without_bin.push(Filled::Old(row as u32));
                continue;
            }
            let mut key = Vec::new();
            keys.iter().for_each(|cells| cells.append_nullable(row, &mut key));
            let number = *number_of.entry(key).or_insert_with(|| {
                combinations.push(row as u32);
                combinations.len() - 1
            });
            rows_of
                .entry((bins.value(row), number))
                .or_default()
                .push(row as u32);
            present.insert(bins.value(row));
        }
        let mut all = self.all_bins(&present, combinations.len())?;
        if is_descending(bins) {
            all.reverse();
        }
        let mut order = Vec::new();
        for bin in all {
            for (number, row) in combinations.iter().enumerate() {
                match rows_of.get(&(bin, number)) {
                    Some(old) => order.extend(old.iter().copied().map(Filled::Old)),
                    None => order.push(Filled::New(bin, *row)),
                }
            }
        }
        order.extend(without_bin);
        Ok(order)
    }

    /// Every bin from the first to the last, ascending.
    fn all_bins(&self, present: &HashSet<i64>, n_combinations: usize) -> Result<Vec<i64>, ExecError> {
        let (Some(&first), Some(&last)) = (present.iter().min(), present.iter().max()) else {
            return Ok(Vec::new());
        };
        let mut all = vec![first];
        let mut bin = first;
        while bin < last {
            // A bin that the period would not make, as behind a `sort` of something else, is kept where it is.
            bin = self.period.next(bin).unwrap_or(last).min(last);
            all.push(bin);
            if all.len().saturating_mul(n_combinations) > FILL_ROWS_MAX {
                return Err(ExecError::TooManyRows {
                    operator: "fillmissing",
                    limit: FILL_ROWS_MAX,
                });
            }
        }
        Ok(all)
    }

    fn column(&self, position: usize, rows: &Chunk, order: &[Filled]) -> Result<ArrayRef, ExecError> {
        let column = &rows.columns[position];
        if position == self.bin {
            let bins = column.as_primitive::<TimestampMillisecondType>();
            let filled = order.iter().map(|row| match row {
                Filled::Old(row) => bins.is_valid(*row as usize).then(|| bins.value(*row as usize)),
                Filled::New(bin, _) => Some(*bin),
            });
            return Ok(Arc::new(filled.collect::<TimestampMillisecondArray>()));
        }
        let is_key = self.keys.contains(&position);
        if let Some((_, constant)) = self.constants.iter().find(|(at, _)| *at == position) {
            let one = Chunk {
                columns: Vec::new(),
                rows: 1,
            };
            let constant = Evaluator::new(Layout::default(), self.context).array(constant, &one)?;
            let places: Vec<(usize, usize)> = order
                .iter()
                .map(|row| match row {
                    Filled::Old(row) => (0, *row as usize),
                    Filled::New(..) => (1, 0),
                })
                .collect();
            return Ok(interleave(&[&**column, &*constant], &places)?);
        }
        let indices: UInt32Array = order
            .iter()
            .map(|row| match row {
                Filled::Old(row) => Some(*row),
                Filled::New(_, row) => is_key.then_some(*row),
            })
            .collect();
        Ok(take(column, &indices, None)?)
    }
}

/// True when bins fall from row to row, and not all are the same.
fn is_descending(bins: &TimestampMillisecondArray) -> bool {
    let present: Vec<i64> = bins.iter().flatten().collect();
    present.windows(2).all(|pair| pair[0] >= pair[1]) && present.first() != present.last()
}
