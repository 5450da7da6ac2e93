//! Exact sums, calendars and periods.

use insq_syntax::ast::{Period, PeriodUnit};

/// The sum of numbers, rounded once: as a whole number of the smallest unit that any of them needs, where such a number
/// fits, else one after another.
pub(super) fn sum(numbers: &[f64]) -> f64 {
    match exact_sum(numbers) {
        Some((total, decimals)) => decimal(total, decimals),
        None => numbers.iter().sum(),
    }
}

/// The mean, rounded as little as [`sum`].
pub(super) fn mean(numbers: &[f64]) -> f64 {
    const MORE: usize = 15;
    let quotient = |(total, decimals): (i128, usize)| {
        let scaled = total.checked_mul(10_i128.pow(MORE as u32))?;
        Some(decimal(scaled / numbers.len() as i128, decimals + MORE))
    };
    let exact = exact_sum(numbers)
        .filter(|_| !numbers.is_empty())
        .and_then(quotient);
    exact.unwrap_or_else(|| sum(numbers) / numbers.len() as f64)
}

/// The sum as a whole number, and how many of its digits are decimals.
fn exact_sum(numbers: &[f64]) -> Option<(i128, usize)> {
    const DECIMALS_MAX: usize = 12;
    let texts: Vec<String> = numbers.iter().map(|number| number.to_string()).collect();
    let decimals = |text: &String| text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let most = texts.iter().map(decimals).max().unwrap_or(0);
    let scaled = |text: &String| {
        let zeros = "0".repeat(most - decimals(text));
        (text.replace('.', "") + &zeros).parse::<i128>().ok()
    };
    let total = texts
        .iter()
        .map(scaled)
        .try_fold(0_i128, |total, term| total.checked_add(term?))?;
    (most <= DECIMALS_MAX).then_some((total, most))
}

/// The mean of the squares of what numbers differ from their mean by, rounded once; `None` unless they are small and whole.
pub(super) fn variance_of_whole(numbers: &[f64]) -> Option<f64> {
    const WHOLE_MAX: f64 = 1e9;
    let whole = |n: &f64| (n.fract() == 0.0 && n.abs() <= WHOLE_MAX).then_some(*n as i128);
    let whole: Vec<i128> = numbers.iter().map(whole).collect::<Option<_>>()?;
    let (count, sum) = (whole.len() as i128, whole.iter().sum::<i128>());
    let squares: i128 = whole.iter().map(|n| n * n).sum();
    Some((count * squares - sum * sum) as f64 / (count * count) as f64)
}

/// `digits` with a point before the last `decimals` of them, as the nearest double.
fn decimal(digits: i128, decimals: usize) -> f64 {
    let sign = if digits < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = text.split_at(text.len() - decimals);
    format!("{sign}{whole}.{fraction}0").parse().unwrap_or(f64::NAN)
}

/// Year, month and day of a number of days since 1970-01-01.
pub(super) fn civil(days: i64) -> (i64, i64, i64) {
    let (mut year, mut rest) = (1970, days);
    while rest < 0 || rest >= year_days(year) {
        if rest < 0 {
            year -= 1;
            rest += year_days(year);
        } else {
            rest -= year_days(year);
            year += 1;
        }
    }
    let mut month = 1;
    while rest >= month_days(year, month) {
        rest -= month_days(year, month);
        month += 1;
    }
    (year, month, rest + 1)
}

fn year_days(year: i64) -> i64 {
    (1..=12).map(|month| month_days(year, month)).sum()
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of the first day of a month, counted from January 1970.
fn month_start(month: i64) -> i64 {
    let year = 1970 + month.div_euclid(12);
    let years: i64 = match year >= 1970 {
        true => (1970..year).map(year_days).sum(),
        false => -(year..1970).map(year_days).sum::<i64>(),
    };
    years
        + (1..=month.rem_euclid(12))
            .map(|month| month_days(year, month))
            .sum::<i64>()
}

/// As [`period`], of periods of which the bounds are moved.
pub(super) fn moved_period(of: Period, shift_ms: i64, ms: i64) -> (i64, i64) {
    let (start, next) = period(of, ms - shift_ms);
    (start + shift_ms, next + shift_ms)
}

/// The start of the period that holds an instant, and the start of the next one.
pub(super) fn period(period: Period, ms: i64) -> (i64, i64) {
    const DAY: i64 = 86_400_000;
    let count = i64::from(period.count);
    let months = match period.unit {
        PeriodUnit::Month => count,
        PeriodUnit::Quarter => count * 3,
        PeriodUnit::Year => count * 12,
        _ => {
            let length = period.fixed_ms().unwrap_or(1);
            // Weeks begin on Mondays, and 1970-01-05 was one.
            let origin = if period.unit == PeriodUnit::Week {
                4 * DAY
            } else {
                0
            };
            let start = (ms - origin).div_euclid(length) * length + origin;
            return (start, start + length);
        }
    };
    let (year, month, _) = civil(ms.div_euclid(DAY));
    let first = ((year - 1970) * 12 + month - 1).div_euclid(months) * months;
    (month_start(first) * DAY, month_start(first + months) * DAY)
}
