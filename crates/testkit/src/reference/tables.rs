//! What a query reads: the log, and tables for `lookup`.

use std::net::IpAddr;

use insq_syntax::ast::{CidrLookup, Lookup, LookupMode, LookupOutput};

use super::kind::Kind;
use super::value::compare_texts;
use super::{LogEvent, Pipeline, Row, Unsupported, Value, unsupported};

/// The first instant of a time and the first one behind it, milliseconds since the epoch; `None` where it has no end.
pub type TimeBounds = (Option<i64>, Option<i64>);

/// Everything that a query can ask of.
#[derive(Clone, Copy, Debug)]
pub struct World<'w> {
    /// The log.
    pub events: &'w [LogEvent],
    /// The queried time, of which queries are that name no other; events of other times are not there.
    pub time_ms: TimeBounds,
    /// The tables.
    pub tables: &'w [Table],
}

/// A table of texts.
#[derive(Clone, Debug)]
pub struct Table {
    name: String,
    columns: Vec<String>,
    /// One cell per column; empty cells are missing.
    rows: Vec<Vec<Option<String>>>,
}

impl Table {
    /// A table of CSV without quotes, whose first line names the columns.
    ///
    /// # Examples
    /// ```
    /// let table = insq_testkit::reference::Table::from_csv("users", "id,name\n1,Ann\n");
    /// ```
    pub fn from_csv(name: &str, csv: &str) -> Self {
        let mut lines = csv.lines();
        let header = lines.next().unwrap_or_default();
        let cells = |line: &str| -> Vec<Option<String>> {
            let cells = line.split(',');
            cells
                .map(|cell| Some(cell.to_owned()).filter(|cell| !cell.is_empty()))
                .collect()
        };
        Self {
            name: name.to_owned(),
            columns: header.split(',').map(str::to_owned).collect(),
            rows: lines.map(cells).collect(),
        }
    }

    fn column(&self, name: &str) -> Result<usize, Unsupported> {
        match self.columns.iter().position(|column| column == name) {
            Some(idx) => Ok(idx),
            None => unsupported(format!("no column {name}")),
        }
    }
}

impl<'w> Pipeline<'w> {
    /// The columns of the first row of the table of which all keys are equal.
    pub(super) fn lookup(&mut self, lookup: &Lookup) -> Result<(), Unsupported> {
        let table = self.table(&lookup.table.text)?;
        let mut pairs = Vec::new();
        for pair in &lookup.matches {
            let field = pair.field.as_ref().unwrap_or(&pair.column);
            pairs.push((table.column(&pair.column.text)?, field.text.clone()));
        }
        let is_match = |row: &Row, cells: &[Option<String>]| {
            pairs
                .iter()
                .all(|(idx, field)| match (&cells[*idx], row.get(field).text()) {
                    (Some(a), Some(b)) => compare_texts(a, &b).is_eq(),
                    _ => false,
                })
        };
        let found: Vec<Option<&Vec<Option<String>>>> = self
            .rows
            .iter()
            .map(|row| table.rows.iter().find(|cells| is_match(row, cells)))
            .collect();
        self.fill(table, &found, &lookup.outputs, lookup.mode)
    }

    /// The columns of the row of the table whose network holds an address: the smallest that does.
    pub(super) fn cidr_lookup(&mut self, lookup: &CidrLookup) -> Result<(), Unsupported> {
        let table = self.table(&lookup.table.text)?;
        let Some(column) = &lookup.column else {
            return unsupported("a column of networks that is not named");
        };
        let idx = table.column(&column.text)?;
        let found: Vec<Option<&Vec<Option<String>>>> = self
            .rows
            .iter()
            .map(|row| {
                let address: IpAddr = row.get(&lookup.field.text).text()?.parse().ok()?;
                let holding = table.rows.iter().filter_map(|cells| {
                    let bits = bits_of_network(cells[idx].as_deref()?, address)?;
                    Some((bits, cells))
                });
                // Of equal ones, the first.
                let smallest = holding.reduce(|best, next| if next.0 > best.0 { next } else { best });
                smallest.map(|(_, cells)| cells)
            })
            .collect();
        self.fill(table, &found, &lookup.outputs, lookup.mode)
    }

    fn table(&self, name: &str) -> Result<&'w Table, Unsupported> {
        match self.world.tables.iter().find(|table| table.name == name) {
            Some(table) => Ok(table),
            None => unsupported("no such table"),
        }
    }

    /// Gives every row the columns of what was found for it.
    fn fill(
        &mut self,
        table: &Table,
        found: &[Option<&Vec<Option<String>>>],
        outputs: &[LookupOutput],
        mode: LookupMode,
    ) -> Result<(), Unsupported> {
        // All are filled at once: none of them is read by another.
        let before = self.rows.clone();
        for output in outputs {
            let idx = table.column(&output.column.text)?;
            let name = &output.alias.as_ref().unwrap_or(&output.column).text;
            let value = |(row, cells): (&Row, &Option<&Vec<Option<String>>>)| {
                let cell = cells.and_then(|cells| cells[idx].clone());
                let cell = cell.map_or(Value::Null, Value::Text);
                let earlier = super::expression::text(row.get(name).shown().text());
                match (mode, &earlier) {
                    (LookupMode::Replace, _) => cell,
                    (_, Value::Null) => cell,
                    (_, Value::Text(text)) if text.is_empty() && !cell.is_null() => cell,
                    _ => earlier,
                }
            };
            let values = before.iter().zip(found).map(value).collect();
            self.put(name, Kind::Text, values);
            self.show_made(name);
        }
        Ok(())
    }
}

/// How many bits all addresses of a network share, if it holds the address.
fn bits_of_network(network: &str, address: IpAddr) -> Option<u32> {
    let (first, bits) = network.split_once('/')?;
    let (first, bits): (IpAddr, u32) = (first.parse().ok()?, bits.parse().ok()?);
    let same = match (first, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u32::from(a) ^ u32::from(b)).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a) ^ u128::from(b)).leading_zeros(),
        _ => return None,
    };
    (same >= bits).then_some(bits)
}
