//! Scores the detector on the Numenta Anomaly Benchmark: `nab path/to/windows.json`, the labels of some
//! series that lie below or beside that file.

#![allow(clippy::print_stdout, reason = "an example that reports")]

mod data;
mod scorer;

use std::error::Error;
use std::path::Path;

use insq_lambda::detect::{ScoreOptions, score_series};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: nab path/to/windows.json")?;
    let series = data::read(Path::new(&path))?;
    let files: Vec<scorer::File> = series.iter().map(scored).collect();
    let best = scorer::best(&files);
    for (series, file) in series.iter().zip(&files) {
        let own = scorer::at_threshold(std::slice::from_ref(file), best.threshold);
        println!(
            "{:60} windows {}/{}, rows outside {}",
            series.name, own.windows_found, own.windows, own.false_rows
        );
    }
    for (name, result) in [("best", best), ("0.5", scorer::at_threshold(&files, 0.5))] {
        println!(
            "score {:.1} at the threshold {:.3} ({name}): windows {}/{}, rows outside {}",
            result.score, result.threshold, result.windows_found, result.windows, result.false_rows
        );
    }
    Ok(())
}

fn scored(series: &data::Series) -> scorer::File {
    let scores = score_series(&series.times_ms, &series.values, &ScoreOptions::default());
    let rows = |&(start, end): &(i64, i64)| {
        let first = series
            .times_ms
            .iter()
            .position(|&time| time >= start)
            .unwrap_or(0);
        let last = series.times_ms.iter().rposition(|&time| time <= end).unwrap_or(0);
        first..=last
    };
    scorer::File {
        scores: scores.iter().map(|point| point.score).collect(),
        windows: series.windows.iter().map(rows).collect(),
    }
}
