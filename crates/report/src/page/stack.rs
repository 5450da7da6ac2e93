//! Concurrency over time, stacked by function, as SVG.

use insq::Overview;

use super::html::{escaped, script_string};
use super::labels::labels;
use super::layers::Layers;
use crate::words::{count, time_s};

/// The plot, in units of the picture.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 260.0;

/// Left of the plot, for numbers.
pub(super) const LEFT: f64 = 56.0;

/// Above and below the plot.
const TOP: f64 = 12.0;
const BOTTOM: f64 = 40.0;

/// Half of the width of a mark, and the width of a character beside it.
const MARK_WIDTH: f64 = 6.0;
const MARK_CHAR_WIDTH: f64 = 7.5;

/// The picture goes up to the quota when the peak reaches this part of it.
const QUOTA_SHOWN_FROM: f64 = 0.4;

/// An instant to mark.
pub(super) struct Mark {
    pub(super) at_us: i64,
    /// What stands beside the mark if there is room.
    pub(super) text: String,
    /// What is told about it in full.
    pub(super) label: String,
    /// Where on the page it leads.
    pub(super) href: Option<String>,
}

/// What is marked beside the layers of a picture.
pub(super) struct Frame<'a> {
    pub(super) quota: u32,
    pub(super) marks: &'a [Mark],
    /// Of the picture; no other element of the page has it.
    pub(super) id: &'a str,
    /// What the picture shows, for those who do not see it.
    pub(super) label: &'a str,
}

/// Where values and columns are in the picture.
pub(super) struct Plot {
    top: f64,
    /// Width of a column.
    pub(super) step: f64,
}

impl Plot {
    pub(super) fn y(&self, value: f64) -> f64 {
        TOP + HEIGHT * (1.0 - value / self.top)
    }

    fn x(&self, overview: &Overview, at_us: i64) -> f64 {
        let columns = (at_us - overview.window_us.start) as f64 / overview.column_us.max(1) as f64;
        LEFT + (columns * self.step).clamp(0.0, WIDTH)
    }
}

/// The chart with its axes, its legend, and what a script needs to read it out.
pub(super) fn stack(overview: &Overview, layers: &Layers, frame: &Frame<'_>) -> String {
    let highest = overview.columns.iter().map(|column| column.max).max();
    let highest = highest.unwrap_or(0);
    let is_quota_shown = f64::from(highest) >= f64::from(frame.quota) * QUOTA_SHOWN_FROM;
    let shown = highest.max(if is_quota_shown { frame.quota } else { 0 }).max(1);
    let plot = Plot {
        top: f64::from(shown) * 1.05,
        step: WIDTH / overview.columns.len().max(1) as f64,
    };
    let columns = overview.columns.iter();
    let heights: Vec<Vec<f64>> = columns.map(|column| layers.heights(column)).collect();
    let mut svg = format!(
        "<svg class=\"chart\" id=\"{}\" viewBox=\"0 0 {} {}\" role=\"group\" tabindex=\"0\" aria-label=\"{}\">",
        escaped(frame.id),
        LEFT + WIDTH,
        TOP + HEIGHT + BOTTOM,
        escaped(frame.label)
    );
    for layer in 0..layers.names().len() {
        if heights.iter().any(|column| column[layer] > 0.0) {
            let path = layer_path(&heights, layer, &plot);
            svg.push_str(&format!(
                "<path class=\"l{}\" d=\"{path}\"/>",
                layers.class(layer)
            ));
        }
    }
    svg.push_str(&axes(overview, &plot));
    svg.push_str(&labels(layers.names(), &heights, &plot));
    if is_quota_shown {
        svg.push_str(&quota_line(frame.quota, &plot));
    }
    svg.push_str(&marks(overview, frame.marks, &plot));
    svg.push_str(&format!(
        "<line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"{TOP}\" y2=\"{}\"/></svg>",
        TOP + HEIGHT
    ));
    format!(
        "<div class=\"scroll\">{svg}</div><p class=\"readout\" aria-live=\"polite\" data-for=\"{}\"></p>{}{}",
        escaped(frame.id),
        layers.legend(&heights),
        data(overview, layers, &heights, frame.id)
    )
}

fn quota_line(quota: u32, plot: &Plot) -> String {
    let at = plot.y(f64::from(quota));
    // Above the line, or below it where it is at the very top.
    let text_y = if at - 4.0 < TOP + 10.0 {
        at + 14.0
    } else {
        at - 4.0
    };
    format!(
        "<line class=\"quota\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text x=\"{}\" y=\"{text_y:.1}\" \
         class=\"quota\" text-anchor=\"end\">quota {}</text>",
        LEFT + WIDTH,
        LEFT + WIDTH - 4.0,
        count(u64::from(quota))
    )
}

/// Triangles below the axis, with their texts where these do not run into each other.
fn marks(overview: &Overview, marks: &[Mark], plot: &Plot) -> String {
    let mut out = String::new();
    let mut ordered: Vec<&Mark> = marks.iter().collect();
    ordered.sort_by_key(|mark| mark.at_us);
    for (idx, mark) in ordered.iter().enumerate() {
        let x = plot.x(overview, mark.at_us);
        let next = ordered.get(idx + 1);
        let free_to = next.map_or(LEFT + WIDTH, |next| plot.x(overview, next.at_us) - MARK_WIDTH);
        let mut drawn = format!(
            "<path class=\"mark\" d=\"M{x:.1} {:.1}l-{MARK_WIDTH} 11h{}z\"><title>{}</title></path>",
            TOP + HEIGHT + 2.0,
            2.0 * MARK_WIDTH,
            escaped(&mark.label)
        );
        let wide = mark.text.chars().count() as f64 * MARK_CHAR_WIDTH;
        if x + MARK_WIDTH + 2.0 + wide <= free_to {
            drawn.push_str(&format!(
                "<text class=\"mark\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                x + MARK_WIDTH + 2.0,
                TOP + HEIGHT + 14.0,
                escaped(&mark.text)
            ));
        }
        out.push_str(&match &mark.href {
            Some(href) => format!(
                "<a href=\"#{}\" aria-label=\"{}\">{drawn}</a>",
                escaped(href),
                escaped(&mark.label)
            ),
            None => drawn,
        });
    }
    out
}

/// The area between a layer's lower and upper bound. Columns are steps, and runs of equal ones one step; a step takes
/// one coordinate for each of its lines, which keeps pages small.
fn layer_path(heights: &[Vec<f64>], layer: usize, plot: &Plot) -> String {
    let x_of = |idx: usize| short(LEFT + idx as f64 * plot.step);
    let upper = steps(heights, layer + 1, plot);
    let lower = steps(heights, layer, plot);
    let Some((_, first)) = upper.first() else {
        return String::new();
    };
    let mut path = format!("M{} {first}", x_of(0));
    for (idx, y) in &upper[1..] {
        path.push_str(&format!("H{}V{y}", x_of(*idx)));
    }
    path.push_str(&format!("H{}", x_of(heights.len())));
    for (idx, y) in lower.iter().rev() {
        path.push_str(&format!("V{y}H{}", x_of(*idx)));
    }
    path + "Z"
}

/// Where so many layers together change their height: the column, and where it is in the picture.
fn steps(heights: &[Vec<f64>], layers: usize, plot: &Plot) -> Vec<(usize, String)> {
    let mut steps: Vec<(usize, String)> = Vec::new();
    for (idx, column) in heights.iter().enumerate() {
        let y = short(plot.y(column[..layers].iter().sum()));
        if steps.last().is_none_or(|(_, last)| *last != y) {
            steps.push((idx, y));
        }
    }
    steps
}

/// A coordinate, to a tenth of a unit.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn axes(overview: &Overview, plot: &Plot) -> String {
    let mut out = String::new();
    for value in ticks(plot.top) {
        let at = plot.y(value);
        out.push_str(&format!(
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text x=\"{}\" y=\"{:.1}\" \
             text-anchor=\"end\">{}</text>",
            LEFT + WIDTH,
            LEFT - 6.0,
            at + 4.0,
            count(value as u64)
        ));
    }
    let window = &overview.window_us;
    let below = TOP + HEIGHT + BOTTOM - 6.0;
    for (share, anchor) in [(0.0, "start"), (0.5, "middle"), (1.0, "end")] {
        let at = window.start + ((window.end - window.start) as f64 * share) as i64;
        let zone = if share == 0.0 { " UTC" } else { "" };
        out.push_str(&format!(
            "<text x=\"{}\" y=\"{below}\" text-anchor=\"{anchor}\">{}{zone}</text>",
            LEFT + WIDTH * share,
            time_s(at)
        ));
    }
    out
}

/// Round values up to `top`, about four.
fn ticks(top: f64) -> Vec<f64> {
    let raw = top / 4.0;
    let magnitude = 10f64.powf(raw.log10().floor()).max(1.0);
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * magnitude >= raw);
    let step = factor.unwrap_or(10.0) * magnitude;
    let number = (top / step).floor() as usize;
    (0..=number).map(|tick| tick as f64 * step).collect()
}

/// Times and layers of every column, for the read-out.
fn data(overview: &Overview, layers: &Layers, heights: &[Vec<f64>], id: &str) -> String {
    let names: Vec<String> = layers.names().iter().map(|name| script_string(name)).collect();
    let columns: Vec<String> = overview
        .columns
        .iter()
        .zip(heights)
        .map(|(column, heights)| {
            let layers: Vec<String> = whole(heights).iter().map(u64::to_string).collect();
            format!("[{},{}]", column.max, layers.join(","))
        })
        .collect();
    format!(
        "<script type=\"application/json\" data-of=\"{id}\">{{\"start\":{},\"step\":{},\"left\":{LEFT},\"width\":{WIDTH},\
         \"names\":[{}],\"columns\":[{}]}}</script>",
        overview.window_us.start / 1_000,
        overview.column_us as f64 / 1e3,
        names.join(","),
        columns.join(",")
    )
}

/// Heights that add up to a whole number as whole numbers that add up to the same: those that lose most by being cut
/// get one more.
fn whole(heights: &[f64]) -> Vec<u64> {
    let mut cut: Vec<u64> = heights.iter().map(|height| height.floor() as u64).collect();
    let missing = (heights.iter().sum::<f64>().round() as u64).saturating_sub(cut.iter().sum());
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*b].fract().total_cmp(&heights[*a].fract()));
    for layer in order.into_iter().take(missing as usize) {
        cut[layer] += 1;
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_top() {
        assert_eq!(ticks(1_050.0), [0.0, 500.0, 1_000.0]);
        assert_eq!(ticks(1.05), [0.0, 1.0]);
        assert!(ticks(793.8).len() <= 6);
    }

    #[test]
    fn whole_parts_add_up() {
        assert_eq!(whole(&[1.5, 0.25, 0.25]), [2, 0, 0]);
        assert_eq!(whole(&[0.4, 0.35, 0.25]), [1, 0, 0]);
        assert_eq!(whole(&[2.0, 3.0]), [2, 3]);
        assert!(whole(&[]).is_empty());
    }

    #[test]
    fn a_path_steps_along_the_upper_bound_and_back_along_the_lower_one() {
        let plot = Plot {
            top: 260.0,
            step: 10.0,
        };
        let heights = vec![vec![10.0, 5.0], vec![10.0, 5.0], vec![20.0, 5.0]];
        assert_eq!(layer_path(&heights, 0, &plot), "M56 262H76V252H86V272H56Z");
        assert_eq!(layer_path(&heights, 1, &plot), "M56 257H76V247H86V252H76V262H56Z");
        assert_eq!(layer_path(&[], 0, &plot), "");
    }
}
