//! Concurrency over time, stacked by function, as SVG.

use insq::{FunctionId, Load, Overview};

use super::html::{escaped, script_string};
use crate::words::{count, time_s};

/// Functions with a colour of their own; all others share the last one.
const COLOURED: usize = 6;

/// The plot, in units of the picture.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 260.0;

/// Left of the plot, for numbers.
const LEFT: f64 = 56.0;

/// Above and below the plot.
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;

/// The picture goes up to the quota when the peak reaches this part of it.
const QUOTA_SHOWN_FROM: f64 = 0.4;

/// The functions of a page that have colours, in the order of their layers.
pub(super) struct Layers {
    ids: Vec<FunctionId>,
    names: Vec<String>,
    has_others: bool,
}

impl Layers {
    /// The functions with the largest parts in the columns of `overview`.
    pub(super) fn of(overview: &Overview, load: &Load) -> Self {
        let mut sizes = vec![0.0f64; load.functions().len()];
        for column in &overview.columns {
            for (id, share) in &column.shares {
                sizes[id.index()] += share * f64::from(column.max);
            }
        }
        let mut order: Vec<(FunctionId, &str)> = load
            .functions()
            .filter(|(id, _)| sizes[id.index()] > 0.0)
            .collect();
        order.sort_by(|a, b| sizes[b.0.index()].total_cmp(&sizes[a.0.index()]));
        Self {
            has_others: order.len() > COLOURED,
            ids: order.iter().take(COLOURED).map(|(id, _)| *id).collect(),
            names: order
                .iter()
                .take(COLOURED)
                .map(|(_, name)| (*name).to_owned())
                .collect(),
        }
    }

    fn all(&self) -> Vec<&str> {
        let others = self.has_others.then_some("others");
        self.names.iter().map(String::as_str).chain(others).collect()
    }

    /// The heights of the layers of a column, which add up to its maximum.
    fn heights(&self, column: &insq::OverviewColumn) -> Vec<f64> {
        let max = f64::from(column.max);
        let mut heights = vec![0.0; self.all().len().max(1)];
        let last = heights.len() - 1;
        for (id, share) in &column.shares {
            let layer = self.ids.iter().position(|known| known == id).unwrap_or(last);
            heights[layer] += share * max;
        }
        heights
    }

    /// The legend, in the order of the layers from the bottom up.
    pub(super) fn legend(&self) -> String {
        let entries: String = self
            .all()
            .iter()
            .enumerate()
            .map(|(layer, name)| {
                format!(
                    "<li><span class=\"key l{}\"></span>{}</li>",
                    self.class(layer),
                    escaped(name)
                )
            })
            .collect();
        format!("<ul class=\"legend\">{entries}</ul>")
    }

    fn class(&self, layer: usize) -> usize {
        if layer < self.ids.len() { layer } else { COLOURED }
    }
}

/// An instant to mark, and where on the page it leads.
pub(super) struct Mark {
    pub(super) at_us: i64,
    pub(super) href: String,
    pub(super) label: String,
}

/// The chart with its axes, and what a script needs to read it out.
pub(super) fn stack(
    overview: &Overview,
    layers: &Layers,
    quota: u32,
    marks: &[Mark],
    id: &str,
    label: &str,
) -> String {
    let highest = overview
        .columns
        .iter()
        .map(|column| column.max)
        .max()
        .unwrap_or(0);
    let is_quota_shown = f64::from(highest) >= f64::from(quota) * QUOTA_SHOWN_FROM;
    let top = f64::from(highest.max(if is_quota_shown { quota } else { 0 }).max(1)) * 1.05;
    let y = |value: f64| TOP + HEIGHT * (1.0 - value / top);
    let step = WIDTH / overview.columns.len() as f64;
    let heights: Vec<Vec<f64>> = overview
        .columns
        .iter()
        .map(|column| layers.heights(column))
        .collect();
    let mut svg = format!(
        "<svg class=\"chart\" id=\"{id}\" viewBox=\"0 0 {} {}\" role=\"img\" tabindex=\"0\" aria-label=\"{}\">",
        LEFT + WIDTH,
        TOP + HEIGHT + BOTTOM,
        escaped(label)
    );
    for layer in 0..layers.all().len().max(1) {
        let path = layer_path(&heights, layer, step, y);
        svg.push_str(&format!(
            "<path class=\"l{}\" d=\"{path}\"/>",
            layers.class(layer)
        ));
    }
    svg.push_str(&axes(overview, top, y));
    if is_quota_shown {
        let at = y(f64::from(quota));
        svg.push_str(&format!(
            "<line class=\"quota\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text x=\"{}\" y=\"{:.1}\" \
             class=\"quota\" text-anchor=\"end\">quota {}</text>",
            LEFT + WIDTH,
            LEFT + WIDTH - 4.0,
            at - 4.0,
            count(u64::from(quota))
        ));
    }
    for mark in marks {
        let x = LEFT + (mark.at_us - overview.window_us.start) as f64 / overview.column_us as f64 * step;
        svg.push_str(&format!(
            "<a href=\"#{}\"><path class=\"mark\" d=\"M{x:.1} {:.1}l-6 11h12z\"><title>{}</title></path></a>",
            escaped(&mark.href),
            TOP + HEIGHT + 2.0,
            escaped(&mark.label)
        ));
    }
    svg.push_str(&format!(
        "<line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"{TOP}\" y2=\"{}\"/></svg>",
        TOP + HEIGHT
    ));
    format!(
        "<div class=\"scroll\">{svg}</div><p class=\"readout\" aria-live=\"polite\" data-for=\"{id}\">&#160;</p>{}",
        data(overview, layers, &heights, id)
    )
}

/// The area between a layer's lower and upper bound; columns are steps, and runs of equal ones one step.
fn layer_path(heights: &[Vec<f64>], layer: usize, step: f64, y: impl Fn(f64) -> f64) -> String {
    let bound = |column: &[f64], layers: usize| column[..layers].iter().sum::<f64>();
    let edge = |layers: usize| {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (idx, column) in heights.iter().enumerate() {
            let at = y(bound(column, layers));
            let is_same = points.last().is_some_and(|(_, last)| (last - at).abs() < 0.05);
            if !is_same {
                if let Some((_, last)) = points.last().copied() {
                    points.push((LEFT + idx as f64 * step, last));
                }
                points.push((LEFT + idx as f64 * step, at));
            }
        }
        if let Some((_, last)) = points.last().copied() {
            points.push((LEFT + heights.len() as f64 * step, last));
        }
        points
    };
    let mut path = String::from("M");
    for (x, y) in edge(layer + 1) {
        path.push_str(&format!("{x:.1} {y:.1}L"));
    }
    for (x, y) in edge(layer).into_iter().rev() {
        path.push_str(&format!("{x:.1} {y:.1}L"));
    }
    path.pop();
    path.push('Z');
    path
}

fn axes(overview: &Overview, top: f64, y: impl Fn(f64) -> f64) -> String {
    let mut out = String::new();
    for value in ticks(top) {
        let at = y(value);
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
        out.push_str(&format!(
            "<text x=\"{}\" y=\"{below}\" text-anchor=\"{anchor}\">{}</text>",
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
    let names: Vec<String> = layers.all().iter().map(|name| script_string(name)).collect();
    let columns: Vec<String> = overview
        .columns
        .iter()
        .zip(heights)
        .map(|(column, heights)| {
            let layers: Vec<String> = heights.iter().map(|height| format!("{height:.0}")).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_top() {
        assert_eq!(ticks(1_050.0), [0.0, 500.0, 1_000.0]);
        assert_eq!(ticks(1.05), [0.0, 1.0]);
        assert!(ticks(793.8).len() <= 6);
    }
}
