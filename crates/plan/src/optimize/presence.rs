//! What an event must hold for an expression to have a value at all.
//!
//! A condition on something that is missing drops the row. So the key of a JSON field, or the fixed texts of a `parse`
//! pattern, can be searched for, whatever the condition says about the value.

use std::collections::HashMap;
use std::sync::Arc;

use insq_event::{FieldPath, Literals, ScanField, UNICODE_ESCAPE, UNNAMED_FIELDS};

use super::literals::{either, is_message, is_usable, of_regex, rarest};
use crate::column::ColumnId;
use crate::expr::Expr;
use crate::logical::{Computed, Extract, ExtractPattern, Scan};

/// What is known of the columns of rows that are one event each.
pub(super) struct Rows<'a> {
    pub(super) scan: &'a Scan,
    computed: HashMap<ColumnId, &'a Expr>,
    extracted: HashMap<ColumnId, (&'a Extract, Option<&'a Expr>)>,
}

impl<'a> Rows<'a> {
    /// Rows as they are read.
    pub(super) fn of(scan: &'a Scan) -> Self {
        Self {
            scan,
            computed: HashMap::new(),
            extracted: HashMap::new(),
        }
    }

    /// Columns were computed.
    pub(super) fn compute(&mut self, columns: &'a [Computed]) {
        self.computed
            .extend(columns.iter().map(|column| (column.id, &column.expr)));
    }

    /// Columns were cut out of a text.
    pub(super) fn extract(&mut self, extract: &'a Extract) {
        let captures = extract.captures.iter();
        self.extracted
            .extend(captures.map(|capture| (capture.id, (extract, capture.otherwise.as_ref()))));
    }
}

/// Sets of texts of which an event holds one each when a condition, which is no `and` or `or`, is true of it.
pub(super) fn of_tested(condition: &Expr, rows: &Rows<'_>) -> Vec<Literals> {
    let tested = match condition {
        // A missing operand makes all of these missing.
        Expr::Compare(_, a, b) | Expr::Contains(a, b) => vec![&**a, &**b],
        Expr::Matches(text, _) | Expr::In(text, _) => vec![&**text],
        Expr::Call {
            function, arguments, ..
        } if function.name == "ispresent" => arguments.iter().collect(),
        _ => Vec::new(),
    };
    tested.into_iter().filter_map(|expr| of(expr, rows)).collect()
}

/// Texts of which an event holds one when `expr` has a value for it; `None` when nothing is known.
fn of(expr: &Expr, rows: &Rows<'_>) -> Option<Literals> {
    match expr {
        Expr::Column(id, _) => of_column(*id, rows),
        Expr::Convert(inner, _) | Expr::Negate(inner) => of(inner, rows),
        Expr::Arithmetic(_, a, b) => rarest([of(a, rows), of(b, rows)].into_iter().flatten().collect()),
        _ => None,
    }
}

fn of_column(id: ColumnId, rows: &Rows<'_>) -> Option<Literals> {
    if let Some(expr) = rows.computed.get(&id) {
        return of(expr, rows);
    }
    if let Some((extract, otherwise)) = rows.extracted.get(&id) {
        let matched = of_match(extract, rows)?;
        return match otherwise {
            Some(otherwise) => either(vec![matched, of(otherwise, rows)?]),
            None => Some(matched),
        };
    }
    let binding = rows.scan.columns.iter().find(|binding| binding.id == id)?;
    match &binding.field {
        ScanField::Discovered(path) => Some(Literals {
            members: vec![key(path)?.into()],
            ..Literals::default()
        }),
        // As JSON writes it.
        ScanField::Structure(path) => Some(Literals::texts([
            format!("\"{}\"", key(path)?).into(),
            UNICODE_ESCAPE.into(),
        ])),
        ScanField::System(_) | ScanField::Position => None,
    }
}

/// What a message holds that a pattern matches.
fn of_match(extract: &Extract, rows: &Rows<'_>) -> Option<Literals> {
    if !is_message(&extract.source, rows.scan) {
        return of(&extract.source, rows);
    }
    match &extract.pattern {
        ExtractPattern::Glob(texts) => {
            let longest = texts.iter().max_by_key(|text| text.len())?;
            Some(Literals::texts([Arc::from(longest.as_str())])).filter(is_usable)
        }
        ExtractPattern::Regex(regex) => of_regex(regex.pattern()),
        ExtractPattern::Csv => None,
    }
}

/// The key of a field. Paths are left alone, since they may be one key or several; so are names that some messages do not
/// spell out.
fn key(path: &FieldPath) -> Option<&str> {
    let name = path.as_str();
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let is_key = is_plain && !name.is_empty() && !UNNAMED_FIELDS.contains(&name);
    is_key.then_some(name)
}
