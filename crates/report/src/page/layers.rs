//! Which functions have a colour and a pattern of their own, the same ones in every picture of a page.

use insq::{FunctionId, Load, Overview, OverviewColumn};

use super::html::escaped;

/// Functions with a colour of their own; all others share the last one.
pub(super) const COLOURED: usize = 6;

/// Of every colour, what is drawn over it, in a square of [`TILE`] units: colour is not the only sign.
const PATTERNS: [&str; COLOURED + 1] = [
    "",
    "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "M2 2h1v1h-1zM6 6h1v1h-1z",
    "M0 4h8",
    "M-2 6l4 4M0 0l8 8M6-2l4 4",
    "M0 2h8M2 0v8",
    "M4 0v8",
];

/// Width and height of a pattern.
const TILE: u32 = 8;

/// The functions of a page that have colours, in the order of their layers from the bottom up.
pub(super) struct Layers {
    ids: Vec<FunctionId>,
    names: Vec<String>,
}

impl Layers {
    /// Those that are largest in any of `charts`: a function that matters for a minute has its colour in the picture of
    /// the day, too.
    pub(super) fn of<'a>(charts: impl Iterator<Item = &'a Overview>, load: &Load) -> Self {
        let mut largest = vec![0.0f64; load.functions().len()];
        for chart in charts {
            for (size, share) in largest.iter_mut().zip(sizes(chart, load)) {
                *size = size.max(share);
            }
        }
        let size = |id: FunctionId| largest.get(id.index()).copied().unwrap_or(0.0);
        let mut order: Vec<(FunctionId, &str)> = load.functions().filter(|(id, _)| size(*id) > 0.0).collect();
        order.sort_by(|a, b| size(b.0).total_cmp(&size(a.0)).then(a.0.cmp(&b.0)));
        let has_others = order.len() > COLOURED;
        order.truncate(COLOURED);
        let others = has_others.then_some("others");
        Self {
            ids: order.iter().map(|(id, _)| *id).collect(),
            names: order
                .iter()
                .map(|(_, name)| *name)
                .chain(others)
                .map(str::to_owned)
                .collect(),
        }
    }

    /// The functions, and `others` if there are any.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The heights of the layers of a column, which add up to its maximum.
    pub(super) fn heights(&self, column: &OverviewColumn) -> Vec<f64> {
        let max = f64::from(column.max);
        let mut heights = vec![0.0; self.names.len()];
        for (id, share) in &column.shares {
            let layer = self.ids.iter().position(|known| known == id);
            if let Some(height) = heights.get_mut(layer.unwrap_or(self.ids.len())) {
                *height += share * max;
            }
        }
        heights
    }

    /// The layers of a picture that are anywhere in it.
    pub(super) fn legend(&self, heights: &[Vec<f64>]) -> String {
        let is_shown = |layer: usize| heights.iter().any(|column| column[layer] > 0.0);
        let shown = self
            .names
            .iter()
            .enumerate()
            .filter(|(layer, _)| is_shown(*layer));
        let entries: String = shown
            .map(|(layer, name)| {
                let class = self.class(layer);
                format!(
                    "<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><rect class=\"l{class}\" \
                     width=\"16\" height=\"16\"/></svg>{}</li>",
                    escaped(name)
                )
            })
            .collect();
        format!("<ul class=\"legend\">{entries}</ul>")
    }

    /// Number of the colour of a layer.
    pub(super) fn class(&self, layer: usize) -> usize {
        if layer < self.ids.len() { layer } else { COLOURED }
    }
}

/// Of every function, its share of all that a picture shows.
fn sizes(chart: &Overview, load: &Load) -> Vec<f64> {
    let all: f64 = chart.columns.iter().map(|column| f64::from(column.max)).sum();
    let mut sizes = vec![0.0; load.functions().len()];
    for column in &chart.columns {
        for (id, share) in &column.shares {
            if let Some(size) = sizes.get_mut(id.index()) {
                *size += share * f64::from(column.max) / all.max(1.0);
            }
        }
    }
    sizes
}

/// What the colours of all pictures of a page refer to: those of the functions, and that of cold starts among causes.
pub(super) fn patterns() -> String {
    let functions = PATTERNS.iter().enumerate();
    let functions =
        functions.map(|(number, path)| pattern(&format!("p{number}"), &format!("c{number}"), path));
    // Of no size rather than not displayed, which would take the patterns away in some browsers.
    format!(
        "<svg class=\"patterns\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>{}{}</defs></svg>",
        functions.collect::<String>(),
        pattern("cold", "cold", PATTERNS[1])
    )
}

fn pattern(id: &str, class: &str, path: &str) -> String {
    format!(
        "<pattern id=\"{id}\" width=\"{TILE}\" height=\"{TILE}\" patternUnits=\"userSpaceOnUse\"><rect \
         class=\"{class}\" width=\"{TILE}\" height=\"{TILE}\"/><path class=\"hatch\" d=\"{path}\"/></pattern>"
    )
}
