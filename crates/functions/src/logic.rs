//! Three-valued logic: missing is neither true nor false.

use arrow_array::{Array, BooleanArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};

/// Bits of the rows that are true, and of those that are false.
fn sides(array: &BooleanArray) -> (BooleanBuffer, BooleanBuffer) {
    let values = array.values();
    match array.nulls() {
        None => (values.clone(), !values),
        Some(nulls) => (values & nulls.inner(), &!values & nulls.inner()),
    }
}

fn from_sides(is_true: BooleanBuffer, is_false: &BooleanBuffer) -> BooleanArray {
    let known = &is_true | is_false;
    let nulls = (known.count_set_bits() < known.len()).then(|| NullBuffer::new(known));
    BooleanArray::new(is_true, nulls)
}

/// `a and b`: false where either is false, true where both are true, else missing.
pub fn and(a: &BooleanArray, b: &BooleanArray) -> BooleanArray {
    let ((true_a, false_a), (true_b, false_b)) = (sides(a), sides(b));
    from_sides(&true_a & &true_b, &(&false_a | &false_b))
}

/// `a or b`: true where either is true, false where both are false, else missing.
pub fn or(a: &BooleanArray, b: &BooleanArray) -> BooleanArray {
    let ((true_a, false_a), (true_b, false_b)) = (sides(a), sides(b));
    from_sides(&true_a | &true_b, &(&false_a & &false_b))
}

/// `not a`: missing stays missing.
pub fn not(a: &BooleanArray) -> BooleanArray {
    BooleanArray::new(!a.values(), a.nulls().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_truth_tables() {
        let (t, f, n) = (Some(true), Some(false), None);
        let a = BooleanArray::from(vec![t, t, t, f, f, f, n, n, n]);
        let b = BooleanArray::from(vec![t, f, n, t, f, n, t, f, n]);
        assert_eq!(and(&a, &b), BooleanArray::from(vec![t, f, n, f, f, f, n, f, n]));
        assert_eq!(or(&a, &b), BooleanArray::from(vec![t, t, t, t, f, n, t, n, n]));
        assert_eq!(not(&a), BooleanArray::from(vec![f, f, f, t, t, t, n, n, n]));
    }
}
