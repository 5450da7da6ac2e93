//! Concurrency by share of the time, as SVG: the curve of percentiles.

use insq::ScopeConcurrency;

use crate::words::{count, percentage};

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 12.0;

/// The percentages on the axis. It is stretched towards the end, where the interesting ones are: every nine takes as much.
const MARKED: [f64; 6] = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99];

/// Nines on the axis.
const NINES: f64 = 4.0;

/// Points of the curve.
const POINTS: usize = 400;

fn x_of(percent: f64) -> f64 {
    LEFT + (-(1.0 - percent / 100.0).log10() / NINES).clamp(0.0, 1.0) * WIDTH
}

/// The percentile curve of a scope.
pub(super) fn curve(scope: &ScopeConcurrency) -> String {
    let top = f64::from(scope.peak.max(1)) * 1.05;
    let y = |level: u32| TOP + HEIGHT * (1.0 - f64::from(level) / top);
    let mut path = String::new();
    for point in 0..=POINTS {
        let percent = 100.0 * (1.0 - 10f64.powf(-NINES * point as f64 / POINTS as f64));
        let letter = if point == 0 { 'M' } else { 'L' };
        path.push_str(&format!(
            "{letter}{:.1} {:.1}",
            x_of(percent),
            y(scope.percentile(percent))
        ));
    }
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Concurrency by share of the time\"><path \
         class=\"curve\" d=\"{path}\"/>",
        LEFT + WIDTH + 44.0,
        TOP + HEIGHT + 30.0
    );
    for percent in MARKED {
        let (x, level) = (x_of(percent), scope.percentile(percent));
        let anchor = if percent > 99.95 { "end" } else { "start" };
        let aside = if percent > 99.95 { -6.0 } else { 6.0 };
        svg.push_str(&format!(
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{}\"/><text x=\"{x:.1}\" y=\"{}\" \
             text-anchor=\"middle\">{} %</text><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" class=\"value\">{}</text>",
            TOP + HEIGHT,
            TOP + HEIGHT + 20.0,
            percentage(percent),
            x + aside,
            (y(level) - 6.0).max(TOP + 10.0),
            count(u64::from(level))
        ));
    }
    svg.push_str("</svg>");
    format!("<div class=\"scroll\">{svg}</div>")
}
