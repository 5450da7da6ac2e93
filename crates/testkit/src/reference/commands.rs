//! The commands that choose, cut and order rows.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use insq_syntax::ast::{Command, Dedup, Expr, SelectItem, Sort, SortDirection};

use super::expression::evaluate;
use super::stats::name_of;
use super::value::sort_order;
use super::{Pipeline, Unsupported, Value, unsupported};

impl Pipeline {
    pub(super) fn apply(&mut self, command: &Command) -> Result<(), Unsupported> {
        match command {
            Command::Fields(fields) => self.select(&fields.items, false),
            Command::Display(display) => self.select(&display.items, true),
            Command::Filter(filter) | Command::FilterIndex(filter) => self.filter(&filter.condition),
            Command::Stats(stats) => self.stats(stats),
            Command::Sort(sort) => self.sort(sort),
            Command::Limit(limit) if !limit.any => {
                self.fix_order();
                self.rows.truncate(limit.count as usize);
                Ok(())
            }
            Command::Tail(tail) => {
                self.fix_order();
                let excess = self.rows.len().saturating_sub(tail.count as usize);
                self.rows.drain(..excess);
                Ok(())
            }
            Command::Parse(parse) => self.parse(parse),
            Command::Dedup(dedup) => self.dedup(dedup),
            Command::Accum(accum) => self.accum(accum),
            Command::AutoRegress(lags) => self.auto_regress(lags),
            Command::FillDown(fill) => self.fill_down(fill),
            Command::Outlier(outlier) => self.outlier(outlier),
            Command::Sessionize(sessions) => self.sessionize(sessions),
            Command::AddTotals(totals) => self.add_totals(totals),
            Command::CountFrequent(count) => self.count_frequent(count),
            other => unsupported(format!("{other:?}")),
        }
    }

    /// Rows are kept newest first, so the order only becomes known.
    pub(super) fn fix_order(&mut self) {
        self.is_ordered = true;
    }

    fn select(&mut self, items: &[SelectItem], is_display: bool) -> Result<(), Unsupported> {
        if is_display {
            self.shown.clear();
            self.is_displayed = true;
        }
        for item in items {
            let name = name_of(item).to_owned();
            for idx in 0..self.rows.len() {
                let value = evaluate(&item.expr, &self.rows[idx], &self.kinds)?;
                self.rows[idx].fields.insert(name.clone(), value);
            }
            let kind = self.kinds.of(&item.expr);
            self.define(&name, kind);
            if is_display || !self.is_displayed {
                self.show(&name);
            }
        }
        Ok(())
    }

    fn filter(&mut self, condition: &Expr) -> Result<(), Unsupported> {
        let mut kept = Vec::new();
        for row in std::mem::take(&mut self.rows) {
            if evaluate(condition, &row, &self.kinds)?.truth() == Some(true) {
                kept.push(row);
            }
        }
        self.rows = kept;
        Ok(())
    }

    fn sort(&mut self, sort: &Sort) -> Result<(), Unsupported> {
        let mut keyed = Vec::new();
        for row in std::mem::take(&mut self.rows) {
            let of = |key: &insq_syntax::ast::SortKey| evaluate(&key.expr, &row, &self.kinds);
            let keys: Vec<Value> = sort.keys.iter().map(of).collect::<Result<_, _>>()?;
            keyed.push((keys, row));
        }
        keyed.sort_by(|(a, _), (b, _)| {
            let orders = sort
                .keys
                .iter()
                .zip(a.iter().zip(b))
                .map(|(key, (a, b))| sort_order(a, b, key.direction == SortDirection::Descending));
            orders.fold(Ordering::Equal, Ordering::then)
        });
        self.rows = keyed.into_iter().map(|(_, row)| row).collect();
        self.is_ordered = true;
        Ok(())
    }

    /// Keeps the first row of every combination, and every row that lacks one of the fields.
    fn dedup(&mut self, dedup: &Dedup) -> Result<(), Unsupported> {
        self.fix_order();
        let mut seen = BTreeSet::new();
        self.rows.retain(|row| {
            let keys: Option<Vec<String>> = dedup
                .fields
                .iter()
                .map(|field| row.get(&field.text).text())
                .collect();
            keys.is_none_or(|keys| seen.insert(keys))
        });
        Ok(())
    }
}
