//! Little's law beside what was, as bars.

use insq::{BinEstimate, Concurrency};

use super::html::escaped;
use super::labels::shortened;
use super::tables::scopes;
use crate::words::{amount, count};

/// Functions with bars, at most; the table has all.
const SHOWN: usize = 8;

/// The picture, in its own units: names to the left, and room for numbers to the right.
const WIDTH: f64 = 1_056.0;
const LEFT: f64 = 236.0;
const RIGHT: f64 = 70.0;

/// Height of a bar, and of the space below those of a function.
const BAR: f64 = 13.0;
const SPACE: f64 = 12.0;

/// Characters of a name, at most.
const NAME_CHARS: usize = 28;

/// Per scope: the exact peak, the estimate for the same bin, and the highest estimate of any bin.
pub(super) fn bars(found: &Concurrency) -> String {
    let estimate = |bin: Option<BinEstimate>| bin.map_or(0.0, |bin| bin.by_percentile).max(0.0);
    let shown: Vec<(&str, [f64; 3])> = scopes(found)
        .take(SHOWN)
        .map(|(name, scope)| {
            let estimates = [scope.at_peak, scope.highest_estimate].map(estimate);
            (name, [f64::from(scope.peak), estimates[0], estimates[1]])
        })
        .collect();
    let values = shown.iter().flat_map(|(_, values)| values);
    let top = values
        .copied()
        .filter(|value| value.is_finite())
        .fold(1.0, f64::max);
    let height = shown.len() as f64 * (3.0 * BAR + SPACE);
    let rows: String = shown
        .iter()
        .enumerate()
        .map(|(idx, (name, values))| row(name, values, top, SPACE / 2.0 + idx as f64 * (3.0 * BAR + SPACE)))
        .collect();
    format!(
        "<ul class=\"legend\">{}{}{}</ul><div class=\"scroll\"><svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" aria-label=\"Exact peaks beside estimates; the table below has the numbers\">{rows}</svg></div>",
        key("b0", "exact peak"),
        key("b1", "estimate for the same bin"),
        key("b2", "highest estimate of any bin"),
    )
}

fn key(class: &str, text: &str) -> String {
    format!(
        "<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"16\" \
         height=\"16\"/></svg>{text}</li>"
    )
}

fn row(name: &str, values: &[f64; 3], top: f64, y: f64) -> String {
    let mut out = format!(
        "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" class=\"name\">{}</text>",
        LEFT - 8.0,
        y + 1.5 * BAR + 4.5,
        escaped(&shortened(name, NAME_CHARS))
    );
    for (idx, &value) in values.iter().enumerate() {
        let wide = (WIDTH - LEFT - RIGHT) * (value / top).clamp(0.0, 1.0);
        let y = y + idx as f64 * BAR;
        let text = if idx == 0 {
            count(value as u64)
        } else {
            amount(value)
        };
        out.push_str(&format!(
            "<rect class=\"b{idx}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{}\"/><text x=\"{:.1}\" \
             y=\"{:.1}\">{text}</text>",
            BAR - 2.0,
            LEFT + wide + 6.0,
            y + BAR - 2.5,
        ));
    }
    out
}
