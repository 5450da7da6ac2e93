//! Names inside of the layers of a picture, where there is room for them.

use super::html::escaped;
use super::stack::{LEFT, Plot};

/// Width of a character of a label, in units of the picture; rather more than less.
const CHAR_WIDTH: f64 = 7.6;

/// Height of a label.
const LINE_HEIGHT: f64 = 17.0;

/// Characters of a label, at most.
const CHARS_MAX: usize = 26;

/// At most so many characters of a name, the last one telling that there are more.
pub(super) fn shortened(name: &str, chars_max: usize) -> String {
    if name.chars().count() <= chars_max {
        return name.to_owned();
    }
    let kept: String = name.chars().take(chars_max.saturating_sub(1)).collect();
    kept + "…"
}

/// The names of the layers that have room for theirs; `heights` are those of the columns.
pub(super) fn labels(names: &[String], heights: &[Vec<f64>], plot: &Plot) -> String {
    let mut text = String::new();
    for (layer, name) in names.iter().enumerate() {
        let name = shortened(name, CHARS_MAX);
        let wide = name.chars().count() as f64 * CHAR_WIDTH + CHAR_WIDTH;
        let columns = (wide / plot.step).ceil() as usize;
        let Some((first, low, high)) = roomiest(heights, layer, columns) else {
            continue;
        };
        let (bottom, top) = (plot.y(low), plot.y(high));
        if bottom - top < LINE_HEIGHT {
            continue;
        }
        text.push_str(&format!(
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            LEFT + (first as f64 + columns as f64 / 2.0) * plot.step,
            (bottom + top) / 2.0 + 4.5,
            escaped(&name)
        ));
    }
    text
}

/// Of all runs of so many columns, the one in which a layer has the highest common room: its first column, and the
/// bounds of the room.
fn roomiest(heights: &[Vec<f64>], layer: usize, columns: usize) -> Option<(usize, f64, f64)> {
    let bounds: Vec<(f64, f64)> = heights
        .iter()
        .map(|column| {
            let low: f64 = column[..layer].iter().sum();
            (low, low + column[layer])
        })
        .collect();
    let runs = bounds.windows(columns.max(1)).enumerate().map(|(first, run)| {
        let low = run.iter().map(|bound| bound.0).fold(0.0, f64::max);
        let high = run.iter().map(|bound| bound.1).fold(f64::INFINITY, f64::min);
        (first, low, high)
    });
    runs.max_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_where_the_layer_is_high() {
        let heights = vec![vec![1.0, 1.0], vec![1.0, 8.0], vec![1.0, 9.0], vec![5.0, 1.0]];
        assert_eq!(roomiest(&heights, 1, 2), Some((1, 1.0, 9.0)));
        assert_eq!(roomiest(&heights, 0, 1), Some((3, 0.0, 5.0)));
        assert_eq!(roomiest(&heights, 0, 5), None);
    }

    #[test]
    fn long_names_are_shortened_by_characters() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("äöüß", 3), "äö…");
    }
}
