//! Numbers, times and lengths of time as people write them.

/// `12,345`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What is smaller than this has no digit to show.
const AMOUNT_MIN: f64 = 0.0005;

/// Three significant digits, and no fewer than stand before the point: `756`, `11.9`, `0.189`, `12,345`.
pub(crate) fn amount(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if !value.is_finite() => "–".to_owned(),
        _ if value == 0.0 => "0".to_owned(),
        ..AMOUNT_MIN => "<0.001".to_owned(),
        100.0.. => {
            let sign = if value < 0.0 { "−" } else { "" };
            format!("{sign}{}", count(size.round() as u64))
        }
        _ => {
            let decimals = if size >= 10.0 {
                1
            } else if size >= 1.0 {
                2
            } else {
                3
            };
            format!("{value:.decimals$}").replace('-', "−")
        }
    }
}

/// With a sign: `+12.5`, `−3`.
pub(crate) fn change(value: f64) -> String {
    if value.abs() < AMOUNT_MIN {
        return "0".to_owned();
    }
    let text = amount(value);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// `75.6 %`.
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if !value.is_finite() {
        return "–".to_owned();
    }
    let decimals = usize::from(value.abs() < 99.95);
    format!("{value:.decimals$} %").replace('-', "−")
}

/// A percentage as it was asked for: `99.5`, `90`.
pub(crate) fn percentage(value: f64) -> String {
    format!("{value}")
}

/// `2020-02-01 18:52:11.129`, UTC.
pub(crate) fn time_ms(us: i64) -> String {
    insq::format_time(us.div_euclid(1_000))
}

/// `2020-02-01 18:52:11`, UTC.
pub(crate) fn time_s(us: i64) -> String {
    let text = time_ms(us);
    text.strip_suffix(".000")
        .or_else(|| text.rsplit_once('.').map(|(seconds, _)| seconds))
        .unwrap_or(&text)
        .to_owned()
}

/// `18:52:11`, UTC.
pub(crate) fn clock(us: i64) -> String {
    let text = time_s(us);
    text.rsplit_once(' ')
        .map_or(text.as_str(), |(_, clock)| clock)
        .to_owned()
}

/// `2020-02-01`, UTC.
pub(crate) fn day(us: i64) -> String {
    let text = time_s(us);
    text.split_once(' ')
        .map_or(text.as_str(), |(day, _)| day)
        .to_owned()
}

/// `1 d 11 h`, `35 m 10 s`, `2.35 s`, `870 ms`: the two largest units that matter.
pub(crate) fn length(us: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let seconds = us / 1_000_000;
    if seconds < 1 {
        return format!("{} ms", amount(us as f64 / 1e3));
    }
    if seconds < 60 {
        return format!("{} s", amount(us as f64 / 1e6));
    }
    let first = UNITS.iter().position(|(size, _)| seconds >= *size).unwrap_or(3);
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, unit) in UNITS.iter().skip(first).take(2) {
        if rest / size > 0 {
            parts.push(format!("{} {unit}", count((rest / size) as u64)));
        }
        rest %= size;
    }
    parts.join(" ")
}

/// Milliseconds as a length of time: `7.31 ms`, `2.35 s`.
pub(crate) fn duration_ms(ms: f64) -> String {
    if ms < 1_000.0 {
        format!("{} ms", amount(ms))
    } else {
        format!("{} s", amount(ms / 1e3))
    }
}

/// `1 invocation`, `3 invocations`.
pub(crate) fn plural(number: u64, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{} {one}s", count(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (value, expected) in [
            (0.0, "0"),
            (0.18934, "0.189"),
            (-11.93, "−11.9"),
            (0.0004, "<0.001"),
            (9.5, "9.50"),
            (756.4, "756"),
            (-1_234.5, "−1,235"),
            (1_234_567.0, "1,234,567"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(amount(value), expected);
        }
        assert_eq!(percent(0.756), "75.6 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(change(2.0), "+2.00");
        assert_eq!(plural(1, "call"), "1 call");
        assert_eq!(plural(2_000, "call"), "2,000 calls");
    }

    #[test]
    fn lengths() {
        for (us, expected) in [
            (870_000, "870 ms"),
            (2_350_000, "2.35 s"),
            (59_000_000, "59.0 s"),
            (60_000_000, "1 m"),
            (2_110_000_000, "35 m 10 s"),
            (127_710_405_000, "1 d 11 h"),
            (86_400_000_000 + 60_000_000, "1 d"),
        ] {
            assert_eq!(length(us), expected);
        }
        assert_eq!(duration_ms(7.31), "7.31 ms");
        assert_eq!(duration_ms(2_350.0), "2.35 s");
    }

    #[test]
    fn times() {
        assert_eq!(time_ms(1_580_583_131_129_000), "2020-02-01 18:52:11.129");
        assert_eq!(time_s(1_580_583_131_129_000), "2020-02-01 18:52:11");
        assert_eq!(clock(1_580_583_131_129_000), "18:52:11");
        assert_eq!(day(1_580_583_131_129_000), "2020-02-01");
    }
}
