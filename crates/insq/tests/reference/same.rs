//! When two answers are the same.

use insq_testkit::reference::{Answer, Value};

/// How far two numbers may differ: the engine's sums are exact, and what is made of them is rounded.
const TOLERANCE: f64 = 1e-9;

pub(crate) fn is_same(a: &Answer, b: &Answer) -> bool {
    let same_row = |(a, b): (&Vec<Value>, &Vec<Value>)| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_close(a, b))
    };
    a.columns == b.columns && a.rows.len() == b.rows.len() && a.rows.iter().zip(&b.rows).all(same_row)
}

fn is_close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => is_near(*a, *b),
        (Value::Text(a), Value::Text(b)) => a == b || is_same_text(a, b),
        (a, b) => a == b,
    }
}

/// True when the texts differ by no more than the rounding of numbers within them.
fn is_same_text(a: &str, b: &str) -> bool {
    let pieces = |text: &str| -> Vec<String> {
        let mut pieces = vec![String::new()];
        let (mut was_numeric, mut has_point) = (false, false);
        for c in text.chars() {
            let is_numeric = c.is_ascii_digit() || c == '.';
            // A second point begins a second number: numbers may be joined without a sign between them.
            if is_numeric != was_numeric || (c == '.' && has_point) {
                pieces.push(String::new());
                has_point = false;
            }
            was_numeric = is_numeric;
            has_point |= c == '.';
            pieces.last_mut().unwrap().push(c);
        }
        pieces
    };
    let (a, b) = (pieces(a), pieces(b));
    let is_same_piece = |(a, b): (&String, &String)| match (a.parse(), b.parse()) {
        (Ok(a), Ok(b)) => is_near(a, b),
        _ => a == b,
    };
    a.len() == b.len() && a.iter().zip(&b).all(is_same_piece)
}

fn is_near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
}
