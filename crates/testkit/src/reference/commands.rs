//! The commands that choose, cut and order rows.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use insq_syntax::ast::{
    Command, Dedup, Expr, ExprKind, SelectItem, Sort, SortDirection, Source, SourceSelection, SourceTime,
};

use super::expression::evaluate;
use super::stats::name_of;
use super::value::sort_order;
use super::{Pipeline, Unsupported, Value, unsupported};

impl Pipeline<'_> {
    pub(super) fn apply(&mut self, command: &Command) -> Result<(), Unsupported> {
        self.run_subqueries(command)?;
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
            Command::Source(source) => self.source(source),
            Command::CountFrequent(count) => self.count_frequent(count),
            Command::FillMissing(fill) => self.fill_missing(fill),
            Command::Unnest(unnest) => self.unnest(&unnest.source, &unnest.name, false),
            Command::Expand(expand) => self.expand(&expand.field),
            Command::Json(json) => self.json_field(json),
            Command::Lookup(lookup) => self.lookup(lookup),
            Command::CidrLookup(lookup) => self.cidr_lookup(lookup),
            Command::Join(join) => self.join(join),
            Command::AppendCols(append) => self.append_cols(append),
            other => unsupported(format!("{other:?}")),
        }
    }

    /// `SOURCE logGroups()`, of some time perhaps, which wins over the queried one.
    pub(super) fn source(&mut self, source: &Source) -> Result<(), Unsupported> {
        let is_any = |selection: &SourceSelection| {
            matches!(selection, SourceSelection::LogGroups { prefixes, accounts, classes, .. }
                if prefixes.is_empty() && accounts.is_empty() && classes.is_empty())
        };
        if !source.selections.iter().all(is_any) {
            return unsupported("some log groups");
        }
        let bound = |time: Option<SourceTime>| match time {
            Some(SourceTime::Absolute(ms)) => Ok(Some(ms)),
            None => Ok(None),
            Some(SourceTime::Relative(_)) => unsupported("a time before now"),
        };
        if source.start.is_some() || source.end.is_some() {
            *self = Self::of_events(self.world, (bound(source.start)?, bound(source.end)?));
        }
        Ok(())
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
            let values: Vec<Value> = self
                .rows
                .iter()
                .map(|row| evaluate(&item.expr, row, &self.kinds))
                .collect::<Result<_, _>>()?;
            // A field that is named alone is shown, not made.
            if !matches!(&item.expr.kind, ExprKind::Field(field) if field.text == name) {
                let kind = self.kinds.of(&item.expr);
                self.put(&name, kind, values);
            }
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
            let keys: Vec<Value> = keys.into_iter().map(Value::into_key).collect();
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
