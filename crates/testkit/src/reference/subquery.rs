//! Queries in brackets: `in (…)`, `appendcols`, `join`.

use insq_syntax::ast::{AppendCols, Command, Expr, ExprKind, Join, JoinKind, Query};

use super::expression::text;
use super::kind::Kind;
use super::value::compare_texts;
use super::{Pipeline, Row, Unsupported, Value, unsupported};

/// A table that a query in brackets has made.
struct Found {
    columns: Vec<(String, Kind)>,
    rows: Vec<Vec<Value>>,
}

impl Pipeline<'_> {
    /// Runs the queries within the expressions of a command.
    pub(super) fn run_subqueries(&mut self, command: &Command) -> Result<(), Unsupported> {
        let mut queries = Vec::new();
        let mut collect = |expr: &Expr| {
            expr.walk(&mut |inner| {
                if let ExprKind::InQuery { value, query, .. } = &inner.kind {
                    queries.push((inner.canonical_text(), (**value).clone(), (**query).clone()));
                }
            });
        };
        match command {
            Command::Filter(filter) => collect(&filter.condition),
            Command::Fields(fields) => fields.items.iter().for_each(|item| collect(&item.expr)),
            _ => {}
        }
        for (text, value, query) in queries {
            let found = self.found(&query)?;
            let wanted = value.to_string();
            let idx = match found.columns.len() {
                1 => Some(0),
                _ => found.columns.iter().position(|(name, _)| *name == wanted),
            };
            let Some(idx) = idx else {
                return unsupported("several columns");
            };
            let kind = found.columns[idx].1;
            let values = found.rows.into_iter().map(|mut row| row.swap_remove(idx));
            let values = values.filter(|value| !value.is_null()).collect();
            self.kinds.subqueries.insert(text, (kind, values));
        }
        Ok(())
    }

    fn found(&self, query: &Query) -> Result<Found, Unsupported> {
        let inner = Pipeline::run(query, self.world)?;
        // What an answer shows of maps is text.
        let kind = |name: &String| match inner.kinds.of_field(name) {
            Kind::Json | Kind::Null => Kind::Text,
            kind => kind,
        };
        let columns = inner.shown.iter().map(|name| (name.clone(), kind(name)));
        Ok(Found {
            columns: columns.collect(),
            rows: inner.finish().rows,
        })
    }

    /// The columns of the other query beside the rows of the same number.
    pub(super) fn append_cols(&mut self, append: &AppendCols) -> Result<(), Unsupported> {
        self.fix_order();
        self.show_defaults();
        let found = self.found(&append.query)?;
        let max = append.max.unwrap_or(10_000) as usize;
        for (idx, (name, added)) in found.columns.iter().enumerate() {
            let is_shown = self.shown.contains(name);
            let before = self.kinds.of_field(name);
            let kind = match is_shown {
                true if before == Kind::Json => Kind::Json,
                true if before != *added => Kind::Text,
                _ => *added,
            };
            let value = |(number, row): (usize, &Row)| {
                let other = found.rows.get(number).filter(|_| number < max);
                let other = other.map_or(Value::Null, |cells| cells[idx].clone());
                let (first, second) = match (is_shown, append.replace) {
                    (true, false) => (row.get(name), other),
                    (true, true) => (other, row.get(name)),
                    (false, _) => (other, Value::Null),
                };
                let values = [first, second].map(|value| match kind {
                    Kind::Text => text(value.text()),
                    Kind::Json => super::functions::converted(value, kind),
                    _ => value,
                });
                let [first, second] = values;
                if first.is_null() { second } else { first }
            };
            let values = self.rows.iter().enumerate().map(value).collect();
            self.put(name, kind, values);
            self.show(name);
        }
        Ok(())
    }

    /// One row per pair whose keys are equal. The fields of both sides are known by their aliases.
    pub(super) fn join(&mut self, join: &Join) -> Result<(), Unsupported> {
        if self.left.is_some() || !self.is_events {
            return unsupported("join here");
        }
        self.left = Some(join.left.text.clone());
        let mut right = Pipeline::of_events(self.world, self.world.time_ms);
        join.sources.iter().try_for_each(|source| right.source(source))?;
        let mut rows = Vec::new();
        for row in std::mem::take(&mut self.rows) {
            let key = row.get(&join.left_key.text).text();
            let is_partner = |other: &&Row| match (&key, other.get(&join.right_key.text).text()) {
                (Some(a), Some(b)) => compare_texts(a, &b).is_eq(),
                _ => false,
            };
            let mut partners = right.rows.iter().filter(is_partner).peekable();
            if partners.peek().is_none() && join.kind == JoinKind::Left {
                rows.push(aliased(&row, &join.left.text, &Row::default(), &join.right.text));
            }
            rows.extend(partners.map(|other| aliased(&row, &join.left.text, other, &join.right.text)));
        }
        self.rows = rows;
        for side in [&join.left.text, &join.right.text] {
            self.kinds.define_aliased(side);
        }
        Ok(())
    }
}

/// The left row, with the fields of both sides by their aliases.
fn aliased(left: &Row, left_alias: &str, right: &Row, right_alias: &str) -> Row {
    let of = |row: &Row, alias: &str| {
        let fields = row.fields.iter();
        fields
            .map(|(name, value)| (format!("{alias}.{name}"), value.clone()))
            .collect::<Vec<_>>()
    };
    let mut row = left.clone();
    row.fields.extend(of(left, left_alias));
    row.fields.extend(of(right, right_alias));
    row
}
