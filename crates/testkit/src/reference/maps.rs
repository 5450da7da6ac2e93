//! Maps and lists: `unnest`, `expand`, `json field=`, the functions of JSON, and what is within a map that a query made.

use std::collections::BTreeMap;

use insq_syntax::ast::{Expr, ExprKind, JsonField, Name};
use serde_json::value::RawValue;

use super::event::discover;
use super::expression::{Context, evaluate, number, text};
use super::kind::{Kind, Kinds};
use super::{Pipeline, Row, Unsupported, Value, unsupported};

/// True for the JSON text of a map or list.
pub(super) fn is_structure(json: &str) -> bool {
    json.starts_with(['{', '['])
}

/// The text of a JSON value; maps, lists and null have none.
pub(super) fn leaf(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'{' | b'[' | b'n' => None,
        b'"' => serde_json::from_str(json).ok(),
        _ => Some(json.to_owned()),
    }
}

/// JSON without what stands between its parts.
pub(super) fn without_blanks(json: &str) -> String {
    let mut in_string = false;
    let mut characters = json.chars();
    let mut kept = String::new();
    while let Some(c) = characters.next() {
        if in_string || !c.is_ascii_whitespace() {
            kept.push(c);
        }
        match c {
            '"' => in_string = !in_string,
            '\\' => kept.extend(characters.next()),
            _ => {}
        }
    }
    kept
}

/// What a dotted path leads to.
pub(super) fn walk(value: &Value, path: &str) -> Value {
    let Value::Json(json) = value else {
        return Value::Null;
    };
    let mut found = BTreeMap::new();
    discover(json, "$.", &mut found);
    let path = format!("$.{path}");
    found.remove(&path).map_or(Value::Null, Value::Json)
}

pub(super) fn is_function(name: &str) -> bool {
    let names = ["jsonparse", "jsonstringify", "jsonarraysize", "jsonarraycontains"];
    names.contains(&name.to_lowercase().as_str())
}

pub(super) fn call(
    name: &str,
    arguments: &[Expr],
    context: &dyn Context,
    kinds: &Kinds,
) -> Result<Value, Unsupported> {
    let first = whole(&arguments[0], context, kinds)?;
    let given = first.clone().shown().text();
    Ok(match name {
        "jsonparse" => parsed(given.as_deref()),
        "jsonstringify" => match first {
            Value::Json(json) if is_structure(&json) => Value::Text(json),
            _ => Value::Null,
        },
        "jsonarraysize" => number(
            given
                .and_then(|given| elements(&given))
                .map(|all| all.len() as f64),
        ),
        "jsonarraycontains" => {
            let wanted = evaluate(&arguments[1], context, kinds)?.text();
            let is_wanted = |element: &String, wanted: &String| {
                leaf(element).unwrap_or_else(|| element.clone()) == *wanted
            };
            let holds = |(given, wanted): (String, String)| {
                elements(&given).is_some_and(|all| all.iter().any(|element| is_wanted(element, &wanted)))
            };
            given
                .zip(wanted)
                .map_or(Value::Null, |both| Value::Bool(holds(both)))
        }
        _ => return unsupported(name),
    })
}

/// The value, as JSON also where it is that of a map or list of the log.
fn whole(expr: &Expr, context: &dyn Context, kinds: &Kinds) -> Result<Value, Unsupported> {
    match &expr.kind {
        ExprKind::Field(name) if kinds.is_of_log(&name.text) => {
            Ok(context.structure(&name.text).map_or(Value::Null, Value::Json))
        }
        _ => evaluate(expr, context, kinds),
    }
}

fn parsed(given: Option<&str>) -> Value {
    let given = given.map_or("", |given| given.trim_matches([' ', '\t', '\r', '\n']));
    match is_structure(given) && serde_json::from_str::<&RawValue>(given).is_ok() {
        true => Value::Json(without_blanks(given)),
        false => Value::Null,
    }
}

/// The elements of a text that holds a list.
fn elements(given: &str) -> Option<Vec<String>> {
    let given = given.trim_start();
    let elements: Vec<&RawValue> = given
        .starts_with('[')
        .then(|| serde_json::from_str(given).ok())??;
    Some(
        elements
            .into_iter()
            .map(|element| element.get().to_owned())
            .collect(),
    )
}

/// A value as JSON.
pub(super) fn as_json(value: Value) -> Option<String> {
    match value {
        Value::Json(json) => Some(json),
        Value::Number(_) => value.text(),
        other => other.text().map(|text| serde_json::Value::from(text).to_string()),
    }
}

impl Pipeline<'_> {
    /// Gives every row its value of a field. What is within a map can be named, too.
    pub(super) fn put(&mut self, name: &str, kind: Kind, values: Vec<Value>) {
        let (before, within) = (self.kinds.of_field(name), format!("{name}."));
        for (row, value) in self.rows.iter_mut().zip(values) {
            if Kind::Json == before || kind == Kind::Json {
                let kinds = &self.kinds;
                row.fields
                    .retain(|field, _| !field.starts_with(&within) || kinds.is_made(field));
            }
            if Kind::Json == before && kind != Kind::Json {
                show_log_again(row, &within);
            }
            if let Value::Json(json) = &value {
                let mut found = BTreeMap::new();
                discover(json, &within, &mut found);
                for (path, json) in found {
                    row.fields.entry(path).or_insert(Value::Json(json));
                }
            }
            row.fields.insert(name.to_owned(), value);
        }
        self.define(name, kind);
    }

    pub(super) fn unnest(
        &mut self,
        source: &Expr,
        name: &Name,
        parses_text: bool,
    ) -> Result<(), Unsupported> {
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        for row in std::mem::take(&mut self.rows) {
            let json = as_json(whole(source, &row, &self.kinds)?);
            let in_text = json
                .as_deref()
                .filter(|json| parses_text && json.starts_with('"'))
                .and_then(leaf);
            let list = json.as_deref().filter(|json| json.starts_with('['));
            let list = list.and_then(elements).or_else(|| elements(&in_text?));
            let elements = list.map_or_else(|| vec![json], |list| list.into_iter().map(Some).collect());
            for element in elements {
                rows.push(row.clone());
                let element = element.filter(|element| element != "null");
                values.push(element.map_or(Value::Null, Value::Json));
            }
        }
        self.rows = rows;
        self.put(&name.text, Kind::Json, values);
        self.show_made(&name.text);
        Ok(())
    }

    pub(super) fn expand(&mut self, field: &Name) -> Result<(), Unsupported> {
        let source = Expr {
            kind: ExprKind::Field(field.clone()),
            span: field.span,
        };
        self.unnest(&source, field, true)
    }

    pub(super) fn json_field(&mut self, json: &JsonField) -> Result<(), Unsupported> {
        let source = Expr {
            kind: ExprKind::Field(json.source.clone()),
            span: json.span,
        };
        // People write `$.a[0]` for `a.0`.
        let path = json.path.strip_prefix("$.").unwrap_or(&json.path);
        let path = path.replace('[', ".").replace(']', "");
        let mut values = Vec::new();
        for row in &self.rows {
            let given = whole(&source, row, &self.kinds)?.shown().text();
            values.push(walk(&parsed(given.as_deref()), &path));
        }
        self.put(&json.alias.text, Kind::Json, values);
        self.show_made(&json.alias.text);
        Ok(())
    }
}

/// What the log has within a map, once the map that hid it is gone.
fn show_log_again(row: &mut Row, within: &str) {
    let of_log = row.structures.iter().filter(|(path, _)| path.starts_with(within));
    for (path, json) in of_log {
        if let Value::Text(text) = text(leaf(json)) {
            row.fields.entry(path.clone()).or_insert(Value::Text(text));
        }
    }
}
