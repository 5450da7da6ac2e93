//! The standard profile of the Numenta Anomaly Benchmark.
//!
//! Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark", 2015.

use std::ops::RangeInclusive;

/// Weights of the standard profile: a window that is told, a row outside of windows that is called an
/// anomaly, a window that is missed.
const FOUND: f64 = 1.0;
const FALSE_ALARM: f64 = 0.11;
const MISSED: f64 = 1.0;

/// Share of a file, and most rows, that a detector may learn from and that do not count.
const WARM_UP_SHARE: f64 = 0.15;
const WARM_UP_ROWS_MAX: usize = 750;

/// Windows after the end of one beyond which a false alarm costs all of its weight.
const FAR: f64 = 3.0;

/// A file: a score per row, and the rows of its windows.
pub(crate) struct File {
    pub(crate) scores: Vec<f64>,
    pub(crate) windows: Vec<RangeInclusive<usize>>,
}

/// What a threshold is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Result {
    pub(crate) threshold: f64,
    /// 0 for silence, 100 for perfection.
    pub(crate) score: f64,
    pub(crate) windows_found: usize,
    pub(crate) windows: usize,
    pub(crate) false_rows: usize,
}

/// Rows at the beginning of a file that do not count.
pub(crate) fn warm_up(rows: usize) -> usize {
    ((rows as f64 * WARM_UP_SHARE) as usize).min(WARM_UP_ROWS_MAX)
}

/// 1 well before 0, 0 at 0, towards -1 after it.
fn sigmoid(at: f64) -> f64 {
    if at > FAR {
        -1.0
    } else {
        2.0 / (1.0 + (5.0 * at).exp()) - 1.0
    }
}

/// What a detection in a row is worth; the number of the window if the row lies in one.
fn worth(windows: &[RangeInclusive<usize>], row: usize) -> (f64, Option<usize>) {
    if let Some(number) = windows.iter().position(|window| window.contains(&row)) {
        let window = &windows[number];
        let rows = (window.end() - window.start() + 1) as f64;
        let place = -((window.end() - row + 1) as f64) / rows;
        return (FOUND * sigmoid(place) / sigmoid(-1.0), Some(number));
    }
    let before = windows
        .iter()
        .filter(|window| *window.end() < row)
        .max_by_key(|window| *window.end());
    let sigmoid = before.map_or(-1.0, |window| {
        let past = (row - window.end()) as f64;
        sigmoid(past / ((window.end() - window.start()) as f64).max(1.0))
    });
    (FALSE_ALARM * sigmoid, None)
}

/// The unnormalised score of a file at a threshold, with what it is made of.
fn raw(file: &File, threshold: f64) -> (f64, usize, usize) {
    let mut best = vec![None; file.windows.len()];
    let (mut outside, mut false_rows) = (0.0, 0);
    for row in warm_up(file.scores.len())..file.scores.len() {
        if file.scores[row] < threshold {
            continue;
        }
        match worth(&file.windows, row) {
            (worth, Some(window)) => {
                best[window] = Some(best[window].map_or(worth, |best: f64| best.max(worth)))
            }
            (worth, None) => {
                outside += worth;
                false_rows += 1;
            }
        }
    }
    let inside: f64 = best.iter().map(|best| best.unwrap_or(-MISSED)).sum();
    (inside + outside, best.iter().flatten().count(), false_rows)
}

/// What one threshold for all files is worth.
pub(crate) fn at_threshold(files: &[File], threshold: f64) -> Result {
    let parts: Vec<_> = files.iter().map(|file| raw(file, threshold)).collect();
    let windows: usize = files.iter().map(|file| file.windows.len()).sum();
    let silence = -MISSED * windows as f64;
    let perfect = FOUND * windows as f64;
    let sum: f64 = parts.iter().map(|part| part.0).sum();
    Result {
        threshold,
        score: 100.0 * (sum - silence) / (perfect - silence),
        windows_found: parts.iter().map(|part| part.1).sum(),
        windows,
        false_rows: parts.iter().map(|part| part.2).sum(),
    }
}

/// The best threshold for all files, among the scores that occur.
pub(crate) fn best(files: &[File]) -> Result {
    let mut thresholds: Vec<f64> = files
        .iter()
        .flat_map(|file| &file.scores[warm_up(file.scores.len())..])
        .copied()
        .collect();
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    // High thresholds call few rows; below the thousandth highest, no detector is worth anything.
    let silence = at_threshold(files, f64::INFINITY);
    thresholds
        .iter()
        .rev()
        .take(THRESHOLDS_TRIED)
        .map(|&threshold| at_threshold(files, threshold))
        .fold(
            silence,
            |best, result| if result.score > best.score { result } else { best },
        )
}

/// Scores, from the highest down, that are tried as thresholds.
const THRESHOLDS_TRIED: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 rows, of which 15 do not count, and detections in some of them.
    fn file(windows: Vec<RangeInclusive<usize>>, detected: &[usize]) -> File {
        let mut scores = vec![0.0; 100];
        for &row in detected {
            scores[row] = 1.0;
        }
        File { scores, windows }
    }

    fn score(windows: Vec<RangeInclusive<usize>>, detected: &[usize]) -> f64 {
        at_threshold(&[file(windows, detected)], 0.5).score
    }

    fn close(score: f64, expected: f64) -> bool {
        (score - expected).abs() < 0.01
    }

    #[test]
    fn silence_is_0_and_a_detection_at_the_start_of_every_window_is_100() {
        let windows = || vec![30..=39, 60..=69];
        assert_eq!(score(windows(), &[]), 0.0);
        assert!(close(score(windows(), &[30, 60]), 100.0));
        assert!(close(score(windows(), &[30]), 50.0));
    }

    #[test]
    fn later_in_a_window_is_worth_less_and_only_the_best_counts() {
        // Row 39 is at -1/10: 2 / (1 + exp(-0.5)) - 1 = 0.24492, over 0.98661.
        assert!(close(
            score(vec![30..=39], &[39]),
            100.0 * (0.24492 / 0.98661 + 1.0) / 2.0
        ));
        assert!(close(
            score(vec![30..=39], &[31, 35, 39]),
            score(vec![30..=39], &[31])
        ));
    }

    #[test]
    fn rows_outside_of_windows_cost() {
        // Before any window all of 0.11, of a range of 2.
        assert!(close(score(vec![30..=39], &[20, 30]), 100.0 - 5.5));
        // 3 rows past a window of 10: at 3/9, 2 / (1 + exp(5/3)) - 1 = -0.68226.
        assert!(close(score(vec![30..=39], &[30, 42]), 100.0 - 5.5 * 0.68226));
        // So far past that it costs all.
        assert!(close(score(vec![30..=39], &[30, 90]), 100.0 - 5.5));
    }

    #[test]
    fn the_warm_up_does_not_count() {
        assert_eq!(warm_up(100), 15);
        assert_eq!(warm_up(5_000), 750);
        assert_eq!(warm_up(20_000), 750);
        assert!(close(score(vec![30..=39], &[14, 30]), 100.0));
        assert!(close(score(vec![30..=39], &[15, 30]), 94.5));
    }

    #[test]
    fn one_threshold_serves_all_files() {
        let mut high = file(vec![30..=39], &[]);
        high.scores[30] = 0.9;
        let mut low = file(vec![30..=39], &[]);
        low.scores[30] = 0.4;
        low.scores[80] = 0.6;
        let best = best(&[high, low]);
        assert_eq!((best.threshold, best.windows_found, best.false_rows), (0.4, 2, 1));
        // The whole range is 4.
        assert!(close(best.score, 100.0 - 2.75));
    }
}
