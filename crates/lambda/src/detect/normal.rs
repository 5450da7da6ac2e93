//! The normal distribution's quantiles.

/// Coefficients of Acklam's rational approximation, relative error below 1.2e-9.
const CENTRE_TOP: [f64; 6] = [
    -3.969683028665376e1,
    2.209460984245205e2,
    -2.759285104469687e2,
    1.38357751867269e2,
    -3.066479806614716e1,
    2.506628277459239,
];
const CENTRE_BOTTOM: [f64; 6] = [
    -5.447609879822406e1,
    1.615858368580409e2,
    -1.556989798598866e2,
    6.680131188771972e1,
    -1.328068155288572e1,
    1.0,
];
const TAIL_TOP: [f64; 6] = [
    -7.784894002430293e-3,
    -3.223964580411365e-1,
    -2.400758277161838,
    -2.549732539343734,
    4.374664141464968,
    2.938163982698783,
];
const TAIL_BOTTOM: [f64; 5] = [
    7.784695709041462e-3,
    3.224671290700398e-1,
    2.445134137142996,
    3.754408661907416,
    1.0,
];

/// Where the approximation of the centre hands over to that of the tails.
const TAIL: f64 = 0.02425;

/// The value that a standard normal variable exceeds with the probability `p`, which is cut to what doubles
/// can tell from 0 and 1.
pub(crate) fn exceeded_with(p: f64) -> f64 {
    let p = p.clamp(1e-300, 1.0 - 1e-16);
    if p > 1.0 - TAIL {
        return -exceeded_with(1.0 - p);
    }
    if p < TAIL {
        let root = (-2.0 * p.ln()).sqrt();
        return -polynomial(&TAIL_TOP, root) / polynomial(&TAIL_BOTTOM, root);
    }
    let centred = 0.5 - p;
    let square = centred * centred;
    polynomial(&CENTRE_TOP, square) * centred / polynomial(&CENTRE_BOTTOM, square)
}

/// Horner's rule, highest power first.
fn polynomial(coefficients: &[f64], at: f64) -> f64 {
    coefficients
        .iter()
        .fold(0.0, |sum, coefficient| sum * at + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_quantiles() {
        for (p, expected) in [
            (0.5, 0.0),
            (0.25, 0.6744897501960817),
            (0.75, -0.6744897501960817),
            (0.02, 2.0537489106318225),
            (0.001, 3.090232306167813),
            (1e-6, 4.753424308822899),
            (0.999, -3.090232306167813),
        ] {
            assert!(
                (exceeded_with(p) - expected).abs() < 1e-7,
                "{p}: {}",
                exceeded_with(p)
            );
        }
        assert!(exceeded_with(0.0).is_finite() && exceeded_with(1.0).is_finite());
    }
}
