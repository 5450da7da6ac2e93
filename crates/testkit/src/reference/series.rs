//! The commands that read rows as a series.

use std::collections::BTreeMap;

use insq_syntax::ast::{
    Accum, AddTotals, AutoRegress, CountFrequent, FillDown, Outlier, OutlierAction, Sessionize,
};

use super::expression::{number, text, truth};
use super::kind::Kind;
use super::{Pipeline, Row, Unsupported, Value, arithmetic, unsupported};

impl Pipeline<'_> {
    pub(super) fn accum(&mut self, accum: &Accum) -> Result<(), Unsupported> {
        self.fix_order();
        let name = accum.alias.as_ref().unwrap_or(&accum.field).text.clone();
        let mut numbers = Vec::new();
        for row in &mut self.rows {
            let sum = row.get(&accum.field.text).number().map(|n| {
                numbers.push(n);
                arithmetic::sum(&numbers)
            });
            row.fields.insert(name.clone(), number(sum));
        }
        self.make(&name, Kind::Number);
        Ok(())
    }

    /// A field that a command made is shown beside the default ones.
    fn make(&mut self, name: &str, kind: Kind) {
        self.define(name, kind);
        self.show_defaults();
        self.show(name);
    }

    pub(super) fn auto_regress(&mut self, lags: &AutoRegress) -> Result<(), Unsupported> {
        self.fix_order();
        let values: Vec<Value> = {
            let before = |row: &Row| row.get(&lags.field.text).into_key();
            self.rows.iter().map(before).collect()
        };
        for lag in lags.first..=lags.last {
            let name = match &lags.alias {
                Some(alias) => alias.text.clone(),
                None => format!("{}_p{lag}", lags.field.text),
            };
            for (idx, row) in self.rows.iter_mut().enumerate() {
                let before = idx
                    .checked_sub(lag as usize)
                    .map_or(Value::Null, |before| values[before].clone());
                row.fields.insert(name.clone(), before);
            }
            let kind = match self.kinds.of_field(&lags.field.text) {
                Kind::Json => Kind::Text,
                kind => kind,
            };
            self.make(&name, kind);
        }
        Ok(())
    }

    pub(super) fn fill_down(&mut self, fill: &FillDown) -> Result<(), Unsupported> {
        self.fix_order();
        self.show_defaults();
        let names: Vec<String> = match fill.patterns.is_empty() {
            true => self.shown.clone(),
            false => fill.patterns.iter().map(|pattern| pattern.text.clone()).collect(),
        };
        if names.iter().any(|name| name.contains('*')) {
            return unsupported("filldown with a pattern");
        }
        for name in &names {
            let mut last = Value::Null;
            for row in &mut self.rows {
                match row.get(name) {
                    Value::Null => row.fields.insert(name.clone(), last.clone()),
                    present => {
                        last = present;
                        None
                    }
                };
            }
        }
        for name in &names {
            self.define(name, self.kinds.of_field(name));
            self.show(name);
        }
        Ok(())
    }

    pub(super) fn outlier(&mut self, outlier: &Outlier) -> Result<(), Unsupported> {
        self.fix_order();
        let (mut made, mut is_kept) = (Vec::new(), vec![true; self.rows.len()]);
        for field in &outlier.fields {
            let numbers: Vec<Option<f64>> = self
                .rows
                .iter()
                .map(|row| row.get(&field.text).number())
                .collect();
            let mut sorted: Vec<f64> = numbers.iter().copied().flatten().collect();
            sorted.sort_by(f64::total_cmp);
            let (first, third) = (quartile(&sorted, 0.25), quartile(&sorted, 0.75));
            let reach = (third - first) * outlier.param.as_ref().map_or(2.5, |param| param.value);
            let lower = if outlier.use_lower {
                first - reach
            } else {
                f64::NEG_INFINITY
            };
            let clamped: Vec<Option<f64>> = numbers
                .iter()
                .map(|n| Some((*n)?.max(lower).min(third + reach)))
                .collect();
            let marks: Vec<Value> = numbers
                .iter()
                .zip(&clamped)
                .map(|(n, clamped)| truth(n.map(|_| n != clamped)))
                .collect();
            for (is_kept, mark) in is_kept.iter_mut().zip(&marks) {
                *is_kept &= mark.truth() != Some(true);
            }
            if outlier.action != OutlierAction::Remove {
                let clamped: Vec<Value> = clamped.into_iter().map(number).collect();
                made.push((field.text.clone(), Kind::Number, clamped));
            }
            if outlier.mark {
                made.push((format!("{}_outlier", field.text), Kind::Bool, marks));
            }
        }
        for (name, kind, values) in made {
            for (row, value) in self.rows.iter_mut().zip(values) {
                row.fields.insert(name.clone(), value);
            }
            self.make(&name, kind);
        }
        if outlier.action == OutlierAction::Remove {
            let mut is_kept = is_kept.into_iter();
            self.rows.retain(|_| is_kept.next().unwrap_or(true));
        }
        Ok(())
    }

    pub(super) fn sessionize(&mut self, sessions: &Sessionize) -> Result<(), Unsupported> {
        self.fix_order();
        if !self.is_events {
            return unsupported("sessionize of groups");
        }
        let gap = sessions
            .max_span
            .map_or(Some(1_800_000), |(period, _)| period.fixed_ms());
        let Some(gap) = gap else {
            return unsupported("sessionize by months");
        };
        let name = sessions
            .alias
            .as_ref()
            .map_or("session_id", |alias| &alias.text)
            .to_owned();
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|idx| self.rows[*idx].time);
        let mut last: BTreeMap<Vec<Option<String>>, (i64, f64)> = BTreeMap::new();
        for idx in order {
            let row = &mut self.rows[idx];
            // The row of totals has no time, and so no session.
            let Some(time) = row.time else {
                continue;
            };
            let identity = sessions
                .fields
                .iter()
                .map(|field| row.get(&field.text).text())
                .collect();
            let (before, session) = last.entry(identity).or_insert((i64::MIN, 0.0));
            if time.saturating_sub(*before) > gap {
                *session += 1.0;
            }
            *before = time;
            row.fields.insert(name.clone(), Value::Number(*session));
        }
        self.make(&name, Kind::Number);
        Ok(())
    }

    /// Row totals are of the fields that are named, or of every shown field of numbers; so is the row at the end.
    pub(super) fn add_totals(&mut self, totals: &AddTotals) -> Result<(), Unsupported> {
        self.fix_order();
        self.show_defaults();
        let mut names: Vec<String> = match totals.fields.is_empty() {
            true => self.shown.clone(),
            false => totals.fields.iter().map(|field| field.text.clone()).collect(),
        };
        if totals.fields.is_empty() {
            names.retain(|name| matches!(self.kinds.of_field(name), Kind::Number | Kind::Text | Kind::Json));
        }
        if totals.row {
            let name = totals.name.as_ref().map_or("Total", |name| &name.text).to_owned();
            for row in &mut self.rows {
                let numbers: Vec<f64> = names.iter().filter_map(|name| row.get(name).number()).collect();
                let total = (!numbers.is_empty()).then(|| arithmetic::sum(&numbers));
                row.fields.insert(name.clone(), number(total));
            }
            self.make(&name, Kind::Number);
            names.push(name);
        }
        if totals.col {
            names.iter().for_each(|name| self.show(name));
        }
        // Nothing has no total.
        if totals.col && !self.rows.is_empty() {
            let mut last = Row {
                position: self.rows.len(),
                ..Row::default()
            };
            for name in names {
                let is_text = self.kinds.of_field(&name) != Kind::Number;
                if is_text {
                    let shown = |row: &Row| text(row.get(&name).shown().text());
                    let values = self.rows.iter().map(shown).collect();
                    self.put(&name, Kind::Text, values);
                    self.show(&name);
                }
                let numbers: Vec<f64> = self
                    .rows
                    .iter()
                    .filter_map(|row| total_number(&row.get(&name)))
                    .collect();
                let total = number((!numbers.is_empty()).then(|| arithmetic::sum(&numbers)));
                last.fields
                    .insert(name, if is_text { text(total.text()) } else { total });
            }
            self.rows.push(last);
        }
        Ok(())
    }

    pub(super) fn count_frequent(&mut self, count: &CountFrequent) -> Result<(), Unsupported> {
        if count.fields.iter().any(|field| field.text == "_approxcount") {
            return unsupported("two columns of one name");
        }
        let names: Vec<String> = count
            .fields
            .iter()
            .map(|field| format!("`{}`", field.text))
            .collect();
        let keys = names.join(", ");
        let same = format!("stats count(*) as _approxcount by {keys} | sort _approxcount desc");
        let Ok(parsed) = insq_syntax::parse(&same) else {
            return unsupported(same);
        };
        parsed
            .query
            .commands
            .iter()
            .try_for_each(|command| self.apply(command))
    }
}

/// `true` is no number of a column that is added up.
fn total_number(value: &Value) -> Option<f64> {
    match value {
        Value::Text(text) => super::value::number_of(text),
        other => other.number(),
    }
}

/// By linear interpolation between the neighbouring ranks.
fn quartile(sorted: &[f64], share: f64) -> f64 {
    let rank = share * sorted.len().saturating_sub(1) as f64;
    let (below, above) = (rank.floor() as usize, rank.ceil() as usize);
    match (sorted.get(below), sorted.get(above)) {
        (Some(a), Some(b)) => a + (b - a) * rank.fract(),
        _ => f64::INFINITY,
    }
}
