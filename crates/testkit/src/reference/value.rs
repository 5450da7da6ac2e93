//! Values: what they count as where a number, a text or a truth value is wanted, and their order.

use std::cmp::Ordering;

use super::maps;

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Missing.
    Null,
    /// Never infinite, never not a number.
    Number(f64),
    /// Milliseconds since the epoch.
    Time(i64),
    /// A truth value.
    Bool(bool),
    /// A text, and a value of a log as it is written there.
    Text(String),
    /// The JSON text of a value within a map or list, in queries that take those apart. No answer has it.
    Json(String),
}

impl Value {
    pub(super) fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// True for maps and lists.
    pub(super) fn is_structure(&self) -> bool {
        matches!(self, Self::Json(json) if maps::is_structure(json))
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Null => None,
            Self::Number(number) => Some(*number),
            Self::Time(ms) => Some(*ms as f64),
            Self::Bool(value) => Some(if *value { 1.0 } else { 0.0 }),
            Self::Text(_) | Self::Json(_) => match self.text()?.as_str() {
                "true" => Some(1.0),
                "false" => Some(0.0),
                text => number_of(text),
            },
        }
    }

    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Number(number) => Some(shown(*number)),
            Self::Time(ms) => Some(shown_time(*ms)),
            Self::Bool(value) => Some(if *value { "1" } else { "0" }.to_owned()),
            Self::Text(text) => Some(text.clone()),
            Self::Json(json) => maps::leaf(json),
        }
    }

    /// What it is where values are compared: maps and lists are missing there.
    pub(super) fn into_key(self) -> Self {
        match self {
            Self::Json(json) => maps::leaf(&json).map_or(Self::Null, Self::Text),
            other => other,
        }
    }

    /// What an answer shows: maps and lists as their JSON.
    pub(super) fn shown(self) -> Self {
        match self {
            Self::Json(json) if maps::is_structure(&json) => Self::Text(maps::without_blanks(&json)),
            other => other.into_key(),
        }
    }

    /// Other than zero; a text that is no number is neither.
    pub(super) fn truth(&self) -> Option<bool> {
        Some(self.number()? != 0.0)
    }
}

/// The number that a text stands for: digits with a sign, a fraction, an exponent.
pub(super) fn number_of(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let number: f64 = text.chars().all(plain).then(|| text.parse().ok())??;
    (number.is_finite() && !text.starts_with(['e', 'E'])).then_some(number)
}

/// Whole numbers without a point, very large and very small ones with an exponent.
fn shown(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-7..1e15).contains(&size) => format!("{number:E}"),
        _ => format!("{number}"),
    }
}

fn shown_time(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = super::arithmetic::civil(days);
    let (seconds, ms) = (rest / 1_000, rest % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ms:03}")
}

/// How two texts compare: as numbers where both are, else by code points. Long integers by their digits.
pub(super) fn compare_texts(a: &str, b: &str) -> Ordering {
    match (number_of(a), number_of(b)) {
        (Some(x), Some(y)) => match (integer(a), integer(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => x.total_cmp(&(y + 0.0)).then(Ordering::Equal),
        },
        _ => a.cmp(b),
    }
}

fn integer(text: &str) -> Option<i128> {
    text.parse().ok()
}

/// The order of `sort`: texts that are no number, then numbers by size and by their text; missing values last in
/// both directions.
pub(super) fn sort_order(a: &Value, b: &Value, descending: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) if descending => natural(b, a),
        (false, false) => natural(a, b),
    }
}

/// The order of `sort`, ascending, of two values that are there.
pub(super) fn natural(a: &Value, b: &Value) -> Ordering {
    let (Value::Text(a), Value::Text(b)) = (a, b) else {
        return a.number().partial_cmp(&b.number()).unwrap_or(Ordering::Equal);
    };
    match (sort_number(a), sort_number(b)) {
        (Some(x), Some(y)) => x
            .partial_cmp(&y)
            .unwrap_or(Ordering::Equal)
            .then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => compare_runs(a, b),
    }
}

/// A number of an order begins with a digit, behind a minus at most.
fn sort_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| number_of(text))?
}

/// Runs of digits by length and value, other runs by code point; a run of digits stands among other signs where `0`
/// stands.
fn compare_runs(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let ((run_a, rest_a), (run_b, rest_b)) = (first_run(a), first_run(b));
        let order = match (is_digits(run_a), is_digits(run_b)) {
            (true, true) => run_a.len().cmp(&run_b.len()).then_with(|| run_a.cmp(run_b)),
            (true, false) => "0".cmp(run_b),
            (false, true) => run_a.cmp("0"),
            (false, false) => run_a.cmp(run_b),
        };
        if order.is_ne() || a.is_empty() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
}

fn is_digits(run: &str) -> bool {
    run.starts_with(|c: char| c.is_ascii_digit())
}

fn first_run(text: &str) -> (&str, &str) {
    let kind = is_digits(text);
    let end = text
        .find(|c: char| c.is_ascii_digit() != kind)
        .unwrap_or(text.len());
    text.split_at(end)
}
