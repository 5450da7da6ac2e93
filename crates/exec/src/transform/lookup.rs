//! `lookup` and `cidrlookup`: execution.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, UInt32Array, cast::AsArray};
use arrow_select::take::take;
use insq_event::Relation;
use insq_functions::{IpBlock, equality_key, is_equal_text, texts_of};
use insq_plan::{Lookup, LookupCondition};

use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// A table made ready to find the row for an event.
#[derive(Clone, Debug)]
pub(crate) enum TableIndex {
    /// The first row of every combination of values; several where different values have one key.
    Equal(Arc<HashMap<Vec<u8>, Vec<u32>>>),
    /// The rows of the networks, longest prefixes first.
    Network(Arc<[(IpBlock, u32)]>),
}

impl TableIndex {
    pub(crate) fn new(lookup: &Lookup) -> Self {
        match &lookup.condition {
            LookupCondition::Equal(pairs) => {
                let columns: Vec<usize> = pairs.iter().map(|(column, _)| *column).collect();
                Self::Equal(Arc::new(first_rows(&lookup.table, &columns)))
            }
            LookupCondition::Network(column, _) => {
                let texts = lookup
                    .table
                    .columns
                    .get(*column)
                    .map(|column| texts_of(&column.cells));
                let mut networks: Vec<(IpBlock, u32)> = texts
                    .unwrap_or_default()
                    .into_iter()
                    .enumerate()
                    .filter_map(|(row, text)| Some((IpBlock::parse(text?)?, row as u32)))
                    .collect();
                // Stable, so that of equal networks the first row wins.
                networks.sort_by_key(|(network, _)| std::cmp::Reverse(network.prefix_length()));
                Self::Network(networks.into())
            }
        }
    }
}

fn first_rows(table: &Relation, columns: &[usize]) -> HashMap<Vec<u8>, Vec<u32>> {
    let cells = columns_of(table, columns);
    let texts: Vec<Vec<Option<&str>>> = cells.iter().map(texts_of).collect();
    let mut rows: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
    for row in 0..table.rows {
        if let Some(key) = key_of(texts.iter().map(|column| column[row])) {
            let first = rows.entry(key).or_default();
            let is_known = |known: &u32| is_same_row(&cells, *known as usize, &cells, row);
            if !first.iter().any(is_known) {
                first.push(row as u32);
            }
        }
    }
    rows
}

fn columns_of(table: &Relation, columns: &[usize]) -> Vec<ArrayRef> {
    let columns = columns.iter().filter_map(|column| table.columns.get(*column));
    columns.map(|column| Arc::clone(&column.cells)).collect()
}

/// True when all values of the two rows, which are texts, are equal.
fn is_same_row(a: &[ArrayRef], row_a: usize, b: &[ArrayRef], row_b: usize) -> bool {
    let is_same = |(a, b): (&ArrayRef, &ArrayRef)| match (text(a, row_a), text(b, row_b)) {
        (Some(a), Some(b)) => is_equal_text(a, b),
        _ => false,
    };
    a.iter().zip(b).all(is_same)
}

fn text(cells: &ArrayRef, row: usize) -> Option<&str> {
    let texts = cells.as_string_view_opt()?;
    texts.is_valid(row).then(|| texts.value(row))
}

/// The bytes of a combination of values; `None` when one of them is missing.
fn key_of<'v>(values: impl Iterator<Item = Option<&'v str>>) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    for value in values {
        let part = equality_key(value?);
        key.extend_from_slice(&(part.len() as u32).to_le_bytes());
        key.extend_from_slice(&part);
    }
    Some(key)
}

/// Adds the columns of the row of the table that every row finds.
pub(super) fn lookup(
    evaluator: &Evaluator,
    lookup: &Lookup,
    index: &TableIndex,
    mut chunk: Chunk,
) -> Result<Chunk, ExecError> {
    let found = match (&lookup.condition, index) {
        (LookupCondition::Equal(pairs), TableIndex::Equal(rows)) => {
            let keys: Vec<ArrayRef> = pairs
                .iter()
                .map(|(_, value)| evaluator.array(value, &chunk))
                .collect::<Result<_, _>>()?;
            let texts: Vec<Vec<Option<&str>>> = keys.iter().map(texts_of).collect();
            let columns: Vec<usize> = pairs.iter().map(|(column, _)| *column).collect();
            let table = columns_of(&lookup.table, &columns);
            let found = |row: usize| {
                let candidates = rows.get(&key_of(texts.iter().map(|column| column[row]))?)?;
                let is_equal = |found: &u32| is_same_row(&table, *found as usize, &keys, row);
                candidates.iter().copied().find(is_equal)
            };
            (0..chunk.rows).map(found).collect::<UInt32Array>()
        }
        (LookupCondition::Network(_, address), TableIndex::Network(networks)) => {
            let addresses = evaluator.array(address, &chunk)?;
            let addresses = addresses.as_string_view();
            (0..chunk.rows)
                .map(|row| {
                    let address: IpAddr = addresses
                        .is_valid(row)
                        .then(|| addresses.value(row))?
                        .parse()
                        .ok()?;
                    let network = networks.iter().find(|(network, _)| network.contains(address));
                    network.map(|(_, row)| *row)
                })
                .collect()
        }
        _ => {
            return Err(ExecError::Internal(
                "a table is indexed otherwise than it is searched".to_owned(),
            ));
        }
    };
    for (column, _) in &lookup.outputs {
        let cells = lookup.table.columns.get(*column).map(|column| &column.cells);
        let cells = cells.ok_or_else(|| ExecError::Internal("a table lacks a column".to_owned()))?;
        chunk.columns.push(take(cells, &found, None)?);
    }
    Ok(chunk)
}
