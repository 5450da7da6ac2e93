//! `fillmissing`.

use std::collections::BTreeMap;

use insq_syntax::ast::{ExprKind, FillMissing, Period, SelectItem};

use super::arithmetic;
use super::expression::evaluate;
use super::kind::Kinds;
use super::stats::name_of;
use super::{Pipeline, Row, Unsupported, Value, unsupported};

/// Rows that are made at most: a slow interpreter is asked of small answers.
const ROWS_MAX: usize = 3_000;

/// The time bins of a `stats`.
#[derive(Clone)]
pub(super) struct TimeBins {
    name: String,
    period: Period,
    /// How far the bounds are moved.
    shift_ms: i64,
    /// The names of the other keys.
    keys: Vec<String>,
    /// True when a command has given one of the names another meaning.
    is_hidden: bool,
}

impl TimeBins {
    pub(super) fn of(keys: &[SelectItem], shift_ms: i64) -> Option<Self> {
        let (idx, period) = keys
            .iter()
            .enumerate()
            .find_map(|(idx, key)| match &key.expr.kind {
                ExprKind::Call { name, arguments }
                    if ["bin", "datefloor", "dateceil"].contains(&&*name.text.to_lowercase()) =>
                {
                    match arguments.last()?.kind {
                        ExprKind::Period(period) => Some((idx, period)),
                        _ => None,
                    }
                }
                _ => None,
            })?;
        let names = keys.iter().map(|key| name_of(key).to_owned());
        let mut names: Vec<String> = names.collect();
        Some(Self {
            name: names.remove(idx),
            period,
            shift_ms,
            keys: names,
            is_hidden: false,
        })
    }

    pub(super) fn forget(&mut self, name: &str) {
        self.is_hidden |= self.name == name || self.keys.iter().any(|key| key == name);
    }
}

impl Pipeline<'_> {
    /// Gives every combination of the other keys every bin from the first to the last.
    pub(super) fn fill_missing(&mut self, fill: &FillMissing) -> Result<(), Unsupported> {
        let Some(bins) = self.bins.clone().filter(|bins| !bins.is_hidden) else {
            return unsupported("fillmissing here");
        };
        let mut constants = BTreeMap::new();
        for (value, name) in &fill.values {
            let constant = evaluate(value, &Row::default(), &Kinds::default())?;
            let kind = self.kinds.of_field(&name.text);
            constants.insert(name.text.clone(), super::functions::converted(constant, kind));
        }
        let time_of = |row: &Row| match row.get(&bins.name) {
            Value::Time(ms) => Some(ms),
            _ => None,
        };
        let key_of = |row: &Row| -> Vec<Value> { bins.keys.iter().map(|name| row.get(name)).collect() };
        let times: Vec<i64> = self.rows.iter().filter_map(time_of).collect();
        let mut combinations: Vec<Vec<Value>> = Vec::new();
        for row in self.rows.iter().filter(|row| time_of(row).is_some()) {
            if !combinations.contains(&key_of(row)) {
                combinations.push(key_of(row));
            }
        }
        let mut all = every_bin(&times, &bins, combinations.len())?;
        if times.windows(2).all(|pair| pair[0] >= pair[1]) && times.first() != times.last() {
            all.reverse();
        }
        let mut rows = Vec::new();
        for bin in all {
            for key in &combinations {
                let is_there = |row: &&Row| time_of(row) == Some(bin) && key_of(row) == *key;
                let before = rows.len();
                rows.extend(self.rows.iter().filter(is_there).cloned());
                if rows.len() == before {
                    let mut fields: BTreeMap<String, Value> =
                        bins.keys.iter().cloned().zip(key.iter().cloned()).collect();
                    fields.insert(bins.name.clone(), Value::Time(bin));
                    fields.extend(constants.clone());
                    rows.push(Row {
                        fields,
                        ..Row::default()
                    });
                }
            }
        }
        // Where nothing is missing, rows stay as they came.
        if rows.len() > times.len() {
            rows.extend(self.rows.iter().filter(|row| time_of(row).is_none()).cloned());
            self.rows = rows;
        }
        Ok(())
    }
}

fn every_bin(times: &[i64], bins: &TimeBins, n_combinations: usize) -> Result<Vec<i64>, Unsupported> {
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
        return Ok(Vec::new());
    };
    let (mut bin, mut all) = (*first, vec![*first]);
    while bin < *last {
        bin = arithmetic::moved_period(bins.period, bins.shift_ms, bin)
            .1
            .min(*last);
        all.push(bin);
        if all.len() * n_combinations > ROWS_MAX {
            return unsupported("too many bins");
        }
    }
    Ok(all)
}
