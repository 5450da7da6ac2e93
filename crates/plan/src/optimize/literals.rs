//! Literals: texts that an event must hold to pass the filters. The reader searches whole blocks for them
//! before it looks for lines; the filters stay and decide.

use std::sync::Arc;

use insq_event::{Literals, ScanField, SystemField, UNICODE_ESCAPE};
use insq_functions::{CompareOp, Scalar};

use super::presence::{self, Rows};
use super::regex_literals::required_literals;
use crate::column::ColumnId;
use crate::expr::Expr;
use crate::logical::{LogicalPlan, Scan, Step};

pub(super) fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut found = Vec::new();
    let mut rows = Rows::of(&plan.scan);
    for step in &plan.steps {
        match step {
            Step::Filter(condition) => found.extend(literals_of(condition, &rows)),
            // What a row gets is made of its own event.
            Step::Compute(columns) => rows.compute(columns),
            Step::Extract(extract) => rows.extract(extract),
            _ => break,
        }
    }
    if found.is_empty() {
        return None;
    }
    let effect = found.iter().map(describe).collect::<Vec<_>>().join(" and ");
    plan.scan.literals = found;
    Some(effect)
}

/// A set for explain.
pub(crate) fn describe(literals: &Literals) -> String {
    let texts = literals.any_of.iter().map(|text| format!("{text:?}"));
    let members = literals.members.iter().map(|name| format!("a value of {name}"));
    texts.chain(members).collect::<Vec<_>>().join(" or ")
}

fn literals_of(condition: &Expr, rows: &Rows<'_>) -> Vec<Literals> {
    match condition {
        Expr::And(terms) => terms.iter().flat_map(|term| literals_of(term, rows)).collect(),
        Expr::Or(terms) => any_of_terms(terms, rows).into_iter().collect(),
        condition => {
            // Of sets that are equally good the last is taken: what a field is tells more than that it is there.
            let mut found = presence::of_tested(condition, rows);
            found.extend(of_value(condition, rows.scan));
            found
        }
    }
}

/// What an event must hold for the value that a condition wants.
fn of_value(condition: &Expr, scan: &Scan) -> Vec<Literals> {
    match condition {
        Expr::Contains(text, needle) => match (field(text, scan), &**needle) {
            (Some(Field::Message), Expr::Constant(Scalar::Text(needle), _)) => one(needle),
            _ => Vec::new(),
        },
        Expr::Matches(text, regex) if is_message(text, scan) => {
            of_regex(regex.pattern()).into_iter().collect()
        }
        Expr::Compare(CompareOp::Equal, a, b) => match (&**a, &**b) {
            (column, Expr::Constant(Scalar::Text(text), _))
            | (Expr::Constant(Scalar::Text(text), _), column) => equality(column, text, scan),
            _ => Vec::new(),
        },
        Expr::Call {
            function, arguments, ..
        } if function.name == "strcontains" => match &arguments[..] {
            [text, Expr::Constant(Scalar::Text(needle), _)] if is_message(text, scan) => one(needle),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What every text holds that a regular expression matches.
pub(super) fn of_regex(pattern: &str) -> Option<Literals> {
    let texts = required_literals(pattern)?.into_iter().map(Arc::from);
    Some(Literals::texts(texts)).filter(is_usable)
}

/// True for the message itself.
pub(super) fn is_message(expr: &Expr, scan: &Scan) -> bool {
    field(expr, scan) == Some(Field::Message)
}

/// `a or b` needs a literal of `a` or one of `b`.
fn any_of_terms(terms: &[Expr], rows: &Rows<'_>) -> Option<Literals> {
    let sets: Option<Vec<Literals>> = terms.iter().map(|term| rarest(literals_of(term, rows))).collect();
    either(sets?)
}

/// The set that is met least often, as a rule: that whose shortest text is longest.
pub(super) fn rarest(sets: Vec<Literals>) -> Option<Literals> {
    sets.into_iter().max_by_key(Literals::shortest_bytes)
}

/// One set of all of them, none twice.
pub(super) fn either(sets: Vec<Literals>) -> Option<Literals> {
    let mut all = Literals::default();
    for set in sets {
        set.any_of
            .into_iter()
            .for_each(|text| add_new(&mut all.any_of, text));
        set.members
            .into_iter()
            .for_each(|name| add_new(&mut all.members, name));
    }
    Some(all).filter(is_usable)
}

fn add_new(known: &mut Vec<Arc<str>>, text: Arc<str>) {
    if !known.contains(&text) {
        known.push(text);
    }
}

/// More alternatives than this are no longer searched for faster than lines are looked at.
const ALTERNATIVES_MAX: usize = 32;

pub(super) fn is_usable(literals: &Literals) -> bool {
    !literals.is_empty()
        && literals.len() <= ALTERNATIVES_MAX
        && literals
            .any_of
            .iter()
            .all(|text| !text.is_empty() && !text.contains('\u{FFFD}'))
}

fn one(text: &Arc<str>) -> Vec<Literals> {
    Some(Literals::texts([Arc::clone(text)]))
        .filter(is_usable)
        .into_iter()
        .collect()
}

/// What a field's text has to do with the bytes of the message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    /// It is the message.
    Message,
    /// It stands in the message, perhaps with JSON escapes.
    Inside,
}

fn field(expr: &Expr, scan: &Scan) -> Option<Field> {
    match expr {
        Expr::Column(id, _) => scan_field(*id, scan),
        Expr::Convert(inner, ty) if ty.is_textual() => field(inner, scan),
        _ => None,
    }
}

fn scan_field(id: ColumnId, scan: &Scan) -> Option<Field> {
    let binding = scan.columns.iter().find(|binding| binding.id == id)?;
    match &binding.field {
        ScanField::System(SystemField::Message) => Some(Field::Message),
        ScanField::System(SystemField::RequestId) | ScanField::Discovered(_) => Some(Field::Inside),
        _ => None,
    }
}

/// An equality with a text that is no number, since numbers are equal in many spellings.
fn equality(column: &Expr, text: &Arc<str>, scan: &Scan) -> Vec<Literals> {
    let is_plain = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b" _-.:".contains(&b));
    let is_number = text.parse::<f64>().is_ok();
    match field(column, scan) {
        Some(Field::Message) if !is_number => one(text),
        Some(Field::Inside) if is_plain && !is_number && !text.is_empty() => {
            vec![Literals::texts([Arc::clone(text), UNICODE_ESCAPE.into()])]
        }
        _ => Vec::new(),
    }
}
