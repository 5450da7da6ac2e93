//! Concurrency over time in characters.

use insq::{Load, Overview, OverviewColumn};

use crate::words::{clock, count, day};

/// Rows of the plot.
const ROWS: usize = 10;

/// Characters that stand for the functions with the largest shares, and for all others together. They differ in how
/// dark they are, so that the chart can be read without colour.
const FILLS: [char; 4] = ['█', '▓', '▒', '░'];

/// Columns left of the plot: a number and the axis.
const AXIS_WIDTH: usize = 8;

/// The narrowest plot.
const PLOT_WIDTH_MIN: usize = 20;

/// The widest plot: more would not be seen at a glance.
const PLOT_WIDTH_MAX: usize = 160;

/// The width where nobody tells it.
const WIDTH_DEFAULT: u16 = 100;

/// A chart is drawn up to the quota when the peak reaches this part of it.
const QUOTA_SHOWN_FROM: f64 = 0.5;

/// Columns of a plot on a surface of `width` characters.
pub fn chart_columns(width: Option<u16>) -> usize {
    let width = usize::from(width.unwrap_or(WIDTH_DEFAULT));
    width
        .saturating_sub(AXIS_WIDTH + 1)
        .clamp(PLOT_WIDTH_MIN, PLOT_WIDTH_MAX)
}

/// What stands beside the curve.
pub(crate) struct Marks<'a> {
    /// Quota of all together.
    pub(crate) quota: Option<u32>,
    /// Instants to mark below the axis, microseconds since the epoch.
    pub(crate) instants_us: &'a [i64],
}

/// The chart, its axes and its legend; a bar is the highest instant of its column of time.
pub(crate) fn chart(overview: &Overview, load: &Load, marks: &Marks<'_>) -> String {
    let highest = overview
        .columns
        .iter()
        .map(|column| column.max)
        .max()
        .unwrap_or(0);
    let quota = marks
        .quota
        .filter(|quota| f64::from(highest) >= f64::from(*quota) * QUOTA_SHOWN_FROM);
    let top = nice_top(highest.max(quota.unwrap_or(0)).max(1));
    let named = Named::of(overview, load);
    let mut lines = Vec::new();
    for row in (0..ROWS).rev() {
        let quota_row = quota.is_some_and(|quota| row_of(quota, top) == row);
        let label = match quota.filter(|_| quota_row) {
            Some(quota) => format!("{}┤", count(u64::from(quota))),
            None if row == ROWS - 1 || row == ROWS / 2 - 1 => {
                let value = u64::from(top) * (row as u64 + 1) / ROWS as u64;
                format!("{}┤", count(value))
            }
            None => "│".to_owned(),
        };
        let empty = if quota_row { '╌' } else { ' ' };
        let cells = overview
            .columns
            .iter()
            .map(|column| cell(column, row, top, &named).unwrap_or(empty));
        let line: String = cells.collect();
        lines.push(format!("{label:>AXIS_WIDTH$}{}", line.trim_end()));
    }
    lines.push(format!(
        "{:>AXIS_WIDTH$}{}",
        "0└",
        "─".repeat(overview.columns.len())
    ));
    if let Some(line) = mark_line(overview, marks.instants_us) {
        lines.push(line);
    }
    lines.push(time_line(overview));
    lines.extend(named.legend());
    lines.join("\n")
}

/// A round number at or above `value`.
fn nice_top(value: u32) -> u32 {
    let magnitude = 10u64.pow(value.max(1).ilog10());
    let steps = [10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100];
    let found = steps
        .iter()
        .map(|step| (step * magnitude).div_ceil(10))
        .find(|top| *top >= u64::from(value));
    found.map_or(value, |top| u32::try_from(top).unwrap_or(u32::MAX))
}

fn row_of(value: u32, top: u32) -> usize {
    let row = (u64::from(value) * ROWS as u64).div_ceil(u64::from(top));
    (row as usize).clamp(1, ROWS) - 1
}

/// The fill of a cell, if the bar reaches its middle; the lowest row is filled by anything at all.
fn cell(column: &OverviewColumn, row: usize, top: u32, named: &Named) -> Option<char> {
    let middle = (row as f64 + 0.5) * f64::from(top) / ROWS as f64;
    if f64::from(column.max) < middle && !(row == 0 && column.max > 0) {
        return None;
    }
    let share = middle / f64::from(column.max);
    let mut below = 0.0;
    // From the bottom up: the functions of the legend in its order, then all others.
    for (place, id) in named.ids.iter().enumerate() {
        below += column
            .shares
            .iter()
            .find(|(known, _)| known == id)
            .map_or(0.0, |(_, share)| *share);
        if share <= below {
            return Some(FILLS[place]);
        }
    }
    Some(if named.has_others {
        FILLS[named.ids.len()]
    } else {
        FILLS[0]
    })
}

/// The functions that have fills of their own.
struct Named {
    ids: Vec<insq::FunctionId>,
    names: Vec<String>,
    has_others: bool,
}

impl Named {
    /// The functions with the largest shares of the columns' maxima.
    fn of(overview: &Overview, load: &Load) -> Self {
        let mut sizes = vec![0.0f64; load.functions().len()];
        for column in &overview.columns {
            for (id, share) in &column.shares {
                sizes[id.index()] += share * f64::from(column.max);
            }
        }
        let mut order: Vec<(insq::FunctionId, &str)> = load
            .functions()
            .filter(|(id, _)| sizes[id.index()] > 0.0)
            .collect();
        order.sort_by(|a, b| sizes[b.0.index()].total_cmp(&sizes[a.0.index()]));
        let shown = if order.len() <= FILLS.len() {
            order.len()
        } else {
            FILLS.len() - 1
        };
        Self {
            has_others: order.len() > shown,
            ids: order.iter().take(shown).map(|(id, _)| *id).collect(),
            names: order
                .iter()
                .take(shown)
                .map(|(_, name)| (*name).to_owned())
                .collect(),
        }
    }

    fn legend(&self) -> Option<String> {
        if self.ids.len() < 2 && !self.has_others {
            return None;
        }
        let mut entries: Vec<String> = self
            .names
            .iter()
            .zip(FILLS)
            .map(|(name, fill)| format!("{fill} {name}"))
            .collect();
        if self.has_others {
            entries.push(format!("{} others", FILLS[self.ids.len()]));
        }
        Some(format!("{:AXIS_WIDTH$}{}", "", entries.join("   ")))
    }
}

fn mark_line(overview: &Overview, instants_us: &[i64]) -> Option<String> {
    let mut line = vec![' '; overview.columns.len()];
    let mut any = false;
    for us in instants_us {
        let column = (us - overview.window_us.start).div_euclid(overview.column_us);
        if let Some(cell) = usize::try_from(column)
            .ok()
            .and_then(|column| line.get_mut(column))
        {
            *cell = '▲';
            any = true;
        }
    }
    let line: String = line.into_iter().collect();
    any.then(|| format!("{:AXIS_WIDTH$}{}", "", line.trim_end()))
}

/// Times at both ends and in the middle, as far as there is room; the day once, or twice when it changes.
fn time_line(overview: &Overview) -> String {
    let width = overview.columns.len();
    let (start, end) = (overview.window_us.start, overview.window_us.end);
    let first = format!("{} {}", day(start), clock(start));
    let last = if day(start) == day(end) {
        clock(end)
    } else {
        format!("{} {}", day(end), clock(end))
    };
    let gap = width.saturating_sub(first.len() + last.len());
    format!("{:AXIS_WIDTH$}{first}{}{last}", "", " ".repeat(gap.max(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_are_round() {
        for (value, expected) in [
            (1, 1),
            (3, 3),
            (7, 8),
            (756, 800),
            (1_000, 1_000),
            (1_001, 1_200),
            (93, 100),
        ] {
            assert_eq!(nice_top(value), expected, "{value}");
        }
        assert!(nice_top(u32::MAX) == u32::MAX);
    }

    #[test]
    fn plots_fit_their_surface() {
        assert_eq!(chart_columns(Some(80)), 71);
        assert_eq!(chart_columns(Some(10)), PLOT_WIDTH_MIN);
        assert_eq!(chart_columns(Some(1_000)), PLOT_WIDTH_MAX);
    }
}
