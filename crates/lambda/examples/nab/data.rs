//! The files of the benchmark.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

/// A series and the windows of its anomalies, in milliseconds, both ends included.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) times_ms: Vec<i64>,
    pub(crate) values: Vec<f64>,
    pub(crate) windows: Vec<(i64, i64)>,
}

/// Reads the series that a file of windows names. They lie below its folder, or beside it under their names
/// alone.
pub(crate) fn read(windows: &Path) -> Result<Vec<Series>, Box<dyn Error>> {
    let folder = windows.parent().unwrap_or(Path::new("."));
    let text = fs::read_to_string(windows)?;
    let labels: BTreeMap<String, Vec<(String, String)>> = serde_json::from_str(&text)?;
    labels
        .into_iter()
        .map(|(name, windows)| {
            let windows = windows
                .iter()
                .map(|(start, end)| Ok((time_ms(start)?, time_ms(end)?)))
                .collect::<Result<_, Box<dyn Error>>>()?;
            let below = folder.join(&name);
            let beside = folder.join(Path::new(&name).file_name().unwrap_or_default());
            let text = fs::read_to_string(if below.exists() { below } else { beside })?;
            let (times_ms, values) = rows(&text)?;
            Ok(Series {
                name,
                times_ms,
                values,
                windows,
            })
        })
        .collect()
}

fn rows(text: &str) -> Result<(Vec<i64>, Vec<f64>), Box<dyn Error>> {
    text.lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (time, value) = line.split_once(',').ok_or("a row without a comma")?;
            Ok((time_ms(time)?, value.trim().parse::<f64>()?))
        })
        .collect()
}

/// Milliseconds since the epoch of `2014-02-14 14:30:00`, with or without a fraction, which is dropped.
fn time_ms(text: &str) -> Result<i64, Box<dyn Error>> {
    let parts = text
        .split(['-', ' ', ':', '.'])
        .take(6)
        .map(str::parse)
        .collect::<Result<Vec<i64>, _>>()?;
    let &[year, month, day, hour, minute, second] = parts.as_slice() else {
        return Err(format!("not a time: {text}").into());
    };
    Ok((((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1_000)
}

/// Days since the epoch, by counting years from March on.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(time_ms("1970-01-01 00:00:01").unwrap(), 1_000);
        assert_eq!(time_ms("2014-02-26 13:45:00.000000").unwrap(), 1_393_422_300_000);
        assert_eq!(
            time_ms("2016-03-01 00:00:00").unwrap() - time_ms("2016-02-28 00:00:00").unwrap(),
            172_800_000
        );
        assert!(time_ms("2014-02-26").is_err());
    }
}
