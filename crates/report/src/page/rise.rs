//! Why concurrency rose, function by function; what is shown adds up to what rose.

use insq::{Cause, FunctionRise, Parts, Spike, WindowStats};

use super::html::{Cell, Column, Table, number, picture, table};
use crate::words::{amount, change, count, duration_ms, percent};

/// Functions with a row of their own, at most; the others share one.
const FUNCTIONS_SHOWN: usize = 12;

/// Width and height of the bar of a function, in its own units.
const BAR_WIDTH: f64 = 200.0;
const BAR_HEIGHT: f64 = 14.0;

/// A rise and its parts: of a function, or of several.
struct Rise {
    name: String,
    share: f64,
    rise: f64,
    parts: Parts,
}

impl Rise {
    fn of(found: &FunctionRise) -> Self {
        Self {
            name: found.name.clone(),
            share: found.share,
            rise: found.rise,
            parts: found.parts,
        }
    }

    fn sum(name: String, all: &[FunctionRise]) -> Self {
        let sum = |of: &dyn Fn(&FunctionRise) -> f64| all.iter().map(of).sum::<f64>();
        Self {
            name,
            share: sum(&|found| found.share),
            rise: sum(&|found| found.rise),
            parts: Parts {
                rate: sum(&|found| found.parts.rate),
                duration: sum(&|found| found.parts.duration),
                cold_start: sum(&|found| found.parts.cold_start),
                carried_in: sum(&|found| found.parts.carried_in),
            },
        }
    }

    /// How far its bar reaches to the left and to the right.
    fn extent(&self) -> (f64, f64) {
        let parts = Cause::ALL.map(|cause| finite(self.parts.of(cause)));
        let below = parts.iter().map(|part| part.min(0.0)).sum();
        (below, parts.iter().map(|part| part.max(0.0)).sum())
    }

    fn row(&self, extent: (f64, f64)) -> Vec<Cell> {
        let part = |value: f64| number(value, change(value));
        let mut row = vec![
            Cell::from(self.name.as_str()),
            number(self.share, share(self.share)),
            part(self.rise),
            picture(self.bar(extent), self.rise),
        ];
        row.extend(Cause::ALL.map(|cause| part(self.parts.of(cause))));
        row
    }

    /// The parts side by side: what worked for the rise to the right, what worked against it to the left.
    fn bar(&self, (below, above): (f64, f64)) -> String {
        let reach = above - below;
        let scale = if reach > 0.0 { BAR_WIDTH / reach } else { 0.0 };
        let zero = -below * scale;
        let (mut left, mut right) = (zero, zero);
        let mut out = String::new();
        for (idx, cause) in Cause::ALL.into_iter().enumerate() {
            let wide = finite(self.parts.of(cause)) * scale;
            let x = if wide < 0.0 {
                left += wide;
                left
            } else {
                right += wide;
                right - wide
            };
            if wide.abs() >= 0.05 {
                out.push_str(&format!(
                    "<rect class=\"k{idx}\" x=\"{x:.1}\" y=\"1\" width=\"{:.1}\" height=\"{}\"/>",
                    wide.abs(),
                    BAR_HEIGHT - 2.0
                ));
            }
        }
        format!(
            "<svg class=\"bar\" viewBox=\"-1 0 {} {BAR_HEIGHT}\" aria-hidden=\"true\">{out}<path class=\"zero\" \
             d=\"M{zero:.1} 0v{BAR_HEIGHT}\"/></svg>",
            BAR_WIDTH + 2.0
        )
    }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// A share, without a sign before a zero.
fn share(value: f64) -> String {
    match percent(value).as_str() {
        "−0.0 %" => "0.0 %".to_owned(),
        text => text.to_owned(),
    }
}

/// Who holds which share of the rise, and why; the parts add up.
pub(super) fn rise(spike: &Spike) -> String {
    let functions = &spike.attribution.functions;
    if functions.is_empty() {
        return String::new();
    }
    let columns = [
        Column::Text("Why it rose"),
        Column::Number("Share"),
        Column::Number("Rise"),
        Column::Number("By cause"),
        Column::Number("Rate"),
        Column::Number("Duration"),
        Column::Number("Cold starts"),
        Column::Number("Carried in"),
    ];
    let (shown, others) = functions.split_at(functions.len().min(FUNCTIONS_SHOWN));
    let mut rises: Vec<Rise> = shown.iter().map(Rise::of).collect();
    if !others.is_empty() {
        rises.push(Rise::sum(format!("{} others", others.len()), others));
    }
    let all = Rise::sum(format!("all {}", functions.len()), functions);
    let extents = rises.iter().chain([&all]).map(Rise::extent);
    let extent = extents.fold((0.0, 0.0), |(below, above), (left, right)| {
        (f64::min(below, left), f64::max(above, right))
    });
    let rows: Vec<Vec<Cell>> = rises.iter().map(|found| found.row(extent)).collect();
    let table = Table {
        label: "Why concurrency rose, by function and cause",
        columns: &columns,
        rows: &rows,
        total: Some(&all.row(extent)),
        anchors: &[],
    };
    format!("{}{}", legend(), table.html())
}

fn legend() -> String {
    let names = Cause::ALL.map(|cause| match cause {
        Cause::Rate => "more invocations",
        Cause::Duration => "longer ones",
        Cause::ColdStart => "cold starts",
        Cause::CarriedIn => "carried in",
    });
    let entries = names.iter().enumerate().map(|(idx, name)| {
        format!(
            "<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><rect class=\"k{idx}\" width=\"16\" \
             height=\"16\"/></svg>{name}</li>"
        )
    });
    format!("<ul class=\"legend\">{}</ul>", entries.collect::<String>())
}

/// What the functions did before the rise and meanwhile.
pub(super) fn change_of_functions(spike: &Spike) -> String {
    let columns = [
        Column::Text("Before → meanwhile"),
        Column::Number("Invocations a second"),
        Column::Number("Mean duration"),
        Column::Number("Cold of them"),
        Column::Number("Mean in flight"),
        Column::Number("At the peak"),
    ];
    let functions = spike.attribution.functions.iter().take(FUNCTIONS_SHOWN);
    let rows: Vec<Vec<Cell>> = functions.map(changed).collect();
    if rows.is_empty() {
        return String::new();
    }
    table("Functions before the rise and meanwhile", &columns, &rows)
}

fn changed(found: &FunctionRise) -> Vec<Cell> {
    let (before, during) = (&found.before, &found.during);
    let pair = |of: &dyn Fn(&WindowStats) -> Option<f64>, text: fn(f64) -> String| {
        let told = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), text);
        let shown = format!("{} → {}", told(of(before)), told(of(during)));
        number(of(during).unwrap_or(f64::NAN), shown)
    };
    let cold =
        |stats: &WindowStats| (stats.starts > 0).then(|| stats.cold_starts as f64 / stats.starts as f64);
    vec![
        Cell::from(if found.is_new {
            format!("{} (new)", found.name)
        } else {
            found.name.clone()
        }),
        pair(&|stats| Some(stats.rate_per_s()), amount),
        pair(&WindowStats::duration_ms, duration_ms),
        pair(&cold, percent),
        pair(&|stats| Some(stats.concurrency()), amount),
        number(f64::from(found.at_peak), count(u64::from(found.at_peak))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_no_room_for_nothing_and_none_for_what_is_no_number() {
        let rise = |rate: f64, duration: f64| Rise {
            name: String::new(),
            share: 0.0,
            rise: 0.0,
            parts: Parts {
                rate,
                duration,
                ..Parts::default()
            },
        };
        assert_eq!(rise(f64::NAN, -2.0).extent(), (-2.0, 0.0));
        for bar in [
            rise(0.0, 0.0).bar((0.0, 0.0)),
            rise(f64::INFINITY, f64::NAN).bar((0.0, 0.0)),
        ] {
            assert!(
                !bar.contains("NaN") && !bar.contains("inf") && !bar.contains("<rect"),
                "{bar}"
            );
        }
        let bar = rise(3.0, -1.0).bar((-1.0, 3.0));
        assert!(
            bar.contains("class=\"k0\" x=\"50.0\" y=\"1\" width=\"150.0\""),
            "{bar}"
        );
        assert!(
            bar.contains("class=\"k1\" x=\"0.0\" y=\"1\" width=\"50.0\""),
            "{bar}"
        );
    }

    #[test]
    fn no_share_is_less_than_nothing() {
        assert_eq!(share(-0.0001), "0.0 %");
        assert_eq!(share(-0.01), "−1.0 %");
    }
}
