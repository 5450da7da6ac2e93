//! The text of numbers and times.

use chrono::{DateTime, SecondsFormat, Utc};

use insq_event::Zone;

/// Whole numbers from here on are shown with an exponent.
const PLAIN_MAX: f64 = 1e15;

/// The shortest text that reads back as the same number; whole numbers below 10^15 without a decimal point.
///
/// # Examples
/// ```
/// use insq_functions::format_number;
///
/// assert_eq!(format_number(1395.0), "1395");
/// assert_eq!(format_number(0.1), "0.1");
/// assert_eq!(format_number(1.5e18), "1.5E18");
/// assert_eq!(format_number(-0.0), "0");
/// ```
pub fn format_number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.abs() >= PLAIN_MAX || value.abs() < 1e-7 {
        return format!("{value:E}");
    }
    value.to_string()
}

/// The time by the clock of a zone, with its offset from UTC where it is another: `2026-03-29 03:00:00.000+02:00`.
///
/// # Examples
/// ```
/// use insq_event::Zone;
/// use insq_functions::format_time_in;
///
/// let berlin = Zone::parse("Europe/Berlin").unwrap();
/// assert_eq!(format_time_in(1_772_582_400_123, berlin), "2026-03-04 01:00:00.123+01:00");
/// assert_eq!(format_time_in(0, Zone::Utc), "1970-01-01 00:00:00.000");
/// ```
pub fn format_time_in(ms: i64, zone: Zone) -> String {
    let local = zone
        .offset_at(ms)
        .and_then(|offset| Some(DateTime::<Utc>::from_timestamp_millis(ms)?.with_timezone(&offset)));
    match (zone, local) {
        (Zone::Utc, _) | (_, None) => format_time(ms),
        (_, Some(local)) => local.format("%Y-%m-%d %H:%M:%S%.3f%:z").to_string(),
    }
}

/// The number as Java's `Double.toString` writes it, which is how the service shows the metrics of Lambda.
///
/// # Examples
/// ```
/// use insq_functions::format_java_double;
///
/// assert_eq!(format_java_double(1395.0), "1395.0");
/// assert_eq!(format_java_double(1.28e8), "1.28E8");
/// assert_eq!(format_java_double(0.0005), "5.0E-4");
/// assert_eq!(format_java_double(0.001), "0.001");
/// ```
pub fn format_java_double(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

/// `YYYY-MM-DD HH:MM:SS.mmm`, UTC. Instants that no calendar reaches are shown as milliseconds.
///
/// # Examples
/// ```
/// assert_eq!(insq_functions::format_time(1_772_582_400_123), "2026-03-04 00:00:00.123");
/// ```
pub fn format_time(ms: i64) -> String {
    match DateTime::<Utc>::from_timestamp_millis(ms) {
        Some(time) => {
            let text = time.to_rfc3339_opts(SecondsFormat::Millis, true);
            text.trim_end_matches('Z').replace('T', " ")
        }
        None => ms.to_string(),
    }
}
