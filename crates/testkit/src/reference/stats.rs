//! `stats`: groups and their aggregates.

use std::cell::RefCell;
use std::collections::BTreeMap;

use insq_syntax::ast::{Expr, ExprKind, SelectItem, Stats};

use super::concurrency::{Bins, Interval, measure};
use super::expression::{Context, evaluate, number};
use super::kind::{Kind, Kinds};
use super::missing_bins::TimeBins;
use super::{Pipeline, Row, Unsupported, Value, aggregate, arithmetic, unsupported};

/// The functions that look at all rows of a group.
const AGGREGATES: &[&str] = &[
    "count",
    "count_distinct",
    "sum",
    "avg",
    "stddev",
    "pct",
    "percentile",
    "median",
    "max",
    "min",
    "earliest",
    "latest",
    "sortsfirst",
    "sortslast",
    "values",
    "rate",
    "histogram",
    "countovertime",
    "sumovertime",
];

/// The values of a group's keys, and its rows.
pub(super) type Members<'a> = (Vec<Value>, Vec<&'a Row>);

/// One group, and what its aggregates may ask of.
struct Group<'a> {
    rows: Vec<&'a Row>,
    /// What is in flight, and the time that this is measured against.
    in_flight: (Vec<Interval>, Interval),
    /// Keys and aliases of the same command.
    named: RefCell<BTreeMap<String, Value>>,
    /// Keys by the text of their expression.
    keys: Vec<(String, Value)>,
    kinds: &'a Kinds,
}

impl Context for Group<'_> {
    fn field(&self, name: &str) -> Result<Value, Unsupported> {
        match self.named.borrow().get(name) {
            Some(value) => Ok(value.clone()),
            None => unsupported(format!("{name} is not a value of the group")),
        }
    }

    fn whole(&self, expr: &Expr) -> Option<Result<Value, Unsupported>> {
        let text = expr.canonical_text();
        if let Some((_, value)) = self.keys.iter().find(|(key, _)| *key == text) {
            return Some(Ok(value.clone()));
        }
        let ExprKind::Call { name, arguments } = &expr.kind else {
            return None;
        };
        let name = name.text.to_lowercase();
        if name.starts_with("concurrency_") {
            return Some(self.concurrency(&name, arguments));
        }
        AGGREGATES
            .contains(&name.as_str())
            .then(|| self.aggregate(&name, arguments))
    }

    fn structure(&self, _: &str) -> Option<String> {
        None
    }
}

impl Group<'_> {
    fn concurrency(&self, name: &str, arguments: &[Expr]) -> Result<Value, Unsupported> {
        let percent = match arguments.first().map(|argument| &argument.kind) {
            Some(ExprKind::Number(literal)) => Some(literal.value),
            None => None,
            Some(_) => return unsupported("a percentage that is not written out"),
        };
        measure(name, &self.in_flight.0, self.in_flight.1, percent)
    }

    fn aggregate(&self, name: &str, arguments: &[Expr]) -> Result<Value, Unsupported> {
        let mut rows = self.rows.clone();
        if matches!(name, "earliest" | "latest" | "rate") {
            if rows.iter().any(|row| row.time.is_none()) {
                return unsupported(format!("{name}() of groups"));
            }
            rows.sort_by_key(|row| (row.time, row.position));
        }
        let of = |row: &&Row| match arguments.first().map(|argument| &argument.kind) {
            None | Some(ExprKind::Star) => Ok(Value::Bool(true)),
            // Whether a map is there is counted; what it is is not gathered.
            Some(_) if name == "count" => evaluate(&arguments[0], *row, self.kinds),
            Some(_) => evaluate(&arguments[0], *row, self.kinds).map(Value::into_key),
        };
        let values: Vec<Value> = rows.iter().map(of).collect::<Result<_, _>>()?;
        if name == "rate" {
            return rate(&rows, &values, &arguments[1]);
        }
        if name == "values" {
            return Ok(aggregate::list(&values, self.kinds.of(&arguments[0])));
        }
        let parameter = match arguments.get(1).map(|argument| &argument.kind) {
            Some(ExprKind::Number(literal)) => Some(literal.value),
            _ => None,
        };
        aggregate::aggregate(name, &values, parameter)
    }
}

impl Pipeline<'_> {
    pub(super) fn stats(&mut self, stats: &Stats) -> Result<(), Unsupported> {
        let shift_ms = match stats.offset.map(|(period, _)| period.fixed_ms()) {
            None => 0,
            Some(Some(ms)) => ms,
            Some(None) => return unsupported("an offset of months"),
        };
        // Only what rows are grouped by is moved.
        let moved = self.kinds.moved(shift_ms);
        let mut groups = self.groups(&stats.keys, &moved)?;
        let bins = Bins::of(stats, &self.rows, self.is_events, self.time_ms, shift_ms)?;
        if let Some(bins) = &bins {
            groups = bins.with_groups(groups, self.is_ordered, &self.rows, |row| {
                keys_of(&stats.keys, row, &moved)
            })?;
        }
        let mut rows = Vec::new();
        for (position, (keys, members)) in groups.into_iter().enumerate() {
            let in_flight = match &bins {
                Some(bins) => bins.in_flight(&keys, &self.rows, |row| keys_of(&stats.keys, row, &moved))?,
                None => (Vec::new(), (0, 0)),
            };
            let fields = self.group_row(stats, keys, members, in_flight)?;
            rows.push(Row {
                fields,
                position,
                ..Row::default()
            });
        }
        let mut kinds = Kinds::default();
        self.shown.clear();
        let mut maps = Vec::new();
        let mut of_groups = self.kinds.of_groups();
        for item in &stats.aggregates {
            let kind = of_groups.of(&item.expr);
            of_groups.define(name_of(item), kind);
        }
        for item in &stats.keys {
            kinds.define(name_of(item), self.kinds.of(&item.expr));
            self.show(name_of(item));
        }
        for item in &stats.aggregates {
            kinds.define(name_of(item), of_groups.of(&item.expr));
            self.show(name_of(item));
        }
        // Maps are no keys; what they stand for is.
        for key in &stats.keys {
            if kinds.of_field(name_of(key)) == Kind::Json {
                kinds.define(name_of(key), Kind::Text);
            }
        }
        for item in &stats.aggregates {
            if kinds.of_field(name_of(item)) == Kind::Json {
                maps.push(name_of(item));
            }
        }
        self.rows = rows;
        self.kinds = kinds;
        for name in maps {
            let values = self.rows.iter().map(|row| row.get(name)).collect();
            self.put(name, Kind::Json, values);
        }
        self.bins = TimeBins::of(&stats.keys, shift_ms);
        self.left = None;
        (self.is_events, self.is_ordered, self.is_displayed) = (false, true, false);
        Ok(())
    }

    /// The groups in the order of their first row, with the values of their keys.
    fn groups(&self, keys: &[SelectItem], kinds: &Kinds) -> Result<Vec<Members<'_>>, Unsupported> {
        if keys.is_empty() {
            return Ok(vec![(Vec::new(), self.rows.iter().collect())]);
        }
        let mut groups: Vec<Members<'_>> = Vec::new();
        for row in &self.rows {
            let values = keys_of(keys, row, kinds)?;
            match groups.iter_mut().find(|(known, _)| *known == values) {
                Some((_, members)) => members.push(row),
                None => groups.push((values, vec![row])),
            }
        }
        Ok(groups)
    }

    fn group_row(
        &self,
        stats: &Stats,
        keys: Vec<Value>,
        rows: Vec<&Row>,
        in_flight: (Vec<Interval>, Interval),
    ) -> Result<BTreeMap<String, Value>, Unsupported> {
        let named = stats
            .keys
            .iter()
            .zip(&keys)
            .map(|(item, value)| (name_of(item).to_owned(), value.clone()));
        let mut kinds = self.kinds.of_groups();
        let group = Group {
            rows,
            in_flight,
            named: RefCell::new(named.collect()),
            keys: stats
                .keys
                .iter()
                .map(|item| item.expr.canonical_text())
                .zip(keys)
                .collect(),
            kinds: &self.kinds,
        };
        for item in &stats.aggregates {
            let value = evaluate(&item.expr, &group, &kinds)?;
            kinds.define(name_of(item), kinds.of(&item.expr));
            group.named.borrow_mut().insert(name_of(item).to_owned(), value);
        }
        Ok(group.named.into_inner())
    }
}

fn keys_of(keys: &[SelectItem], row: &Row, kinds: &Kinds) -> Result<Vec<Value>, Unsupported> {
    let of = |key: &SelectItem| evaluate(&key.expr, row, kinds).map(Value::into_key);
    keys.iter().map(of).collect()
}

/// The change from the first number to the last, per period; `rows` are in the order of time.
fn rate(rows: &[&Row], values: &[Value], period: &Expr) -> Result<Value, Unsupported> {
    let ExprKind::Period(period) = &period.kind else {
        return unsupported("a rate without a period");
    };
    let (start, next) = arithmetic::period(*period, 0);
    let readings = rows.iter().zip(values);
    let readings: Vec<(i64, f64)> = readings
        .filter_map(|(row, value)| Some((row.time?, value.number()?)))
        .collect();
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else {
        return Ok(Value::Null);
    };
    let elapsed_ms = (last.0 - first.0) as f64;
    let rate = (last.1 - first.1) / elapsed_ms * (next - start) as f64;
    Ok(number(Some(rate).filter(|_| elapsed_ms > 0.0)))
}

/// The name of a column.
pub(super) fn name_of(item: &SelectItem) -> &str {
    item.alias
        .as_ref()
        .map_or(item.text.as_str(), |alias| &alias.text)
}
