//! Functions of one row.

use insq_syntax::ast::{Expr, ExprKind, Period};

use super::expression::{number, text, truth};
use super::kind::{Kind, Kinds};
use super::value::number_of;
use super::{Unsupported, Value, arithmetic, encodings, maps, unsupported};

type Evaluate<'a> = &'a dyn Fn(&Expr) -> Result<Value, Unsupported>;

/// The value of a call; `name` is in lower case.
pub(super) fn call(
    name: &str,
    arguments: &[Expr],
    of: Evaluate<'_>,
    kinds: &Kinds,
) -> Result<Value, Unsupported> {
    if let Some(value) = of_period(name, arguments, of, kinds.shift_ms)? {
        return Ok(value);
    }
    let values: Vec<Value> = arguments.iter().map(of).collect::<Result<_, _>>()?;
    if let "coalesce" | "if" | "case" = name {
        let kind = kinds.of(&Expr {
            kind: ExprKind::Call {
                name: insq_syntax::ast::Name {
                    text: name.to_owned(),
                    span: arguments[0].span,
                },
                arguments: arguments.to_vec(),
            },
            span: arguments[0].span,
        });
        return Ok(converted(chosen(name, &values), kind));
    }
    let found = of_numbers(name, &values)
        .or_else(|| of_texts(name, &values))
        .or_else(|| encodings::call(name, &values))
        .or_else(|| of_any(name, &values));
    found.map_or_else(|| unsupported(format!("{name}()")), Ok)
}

/// Functions with a period: `bin(5m)`, `datefloor(t, 1h)`.
fn of_period(
    name: &str,
    arguments: &[Expr],
    of: Evaluate<'_>,
    shift_ms: i64,
) -> Result<Option<Value>, Unsupported> {
    let Some(ExprKind::Period(period)) = arguments.last().map(|argument| &argument.kind) else {
        return Ok(None);
    };
    let period: Period = *period;
    let time = match (name, arguments) {
        ("bin", [_]) => of(&timestamp(&arguments[0]))?,
        (_, [time, _]) => of(time)?,
        _ => return unsupported(name),
    };
    let Some(ms) = time_of(&time) else {
        return Ok(Some(Value::Null));
    };
    let (start, next) = arithmetic::moved_period(period, shift_ms, ms);
    Ok(Some(match name {
        "bin" | "datefloor" => Value::Time(start),
        "dateceil" if start == ms => Value::Time(start),
        "dateceil" => Value::Time(next),
        _ => return unsupported(name),
    }))
}

fn timestamp(place: &Expr) -> Expr {
    let name = insq_syntax::ast::Name {
        text: "@timestamp".to_owned(),
        span: place.span,
    };
    Expr {
        kind: ExprKind::Field(name),
        span: place.span,
    }
}

fn time_of(value: &Value) -> Option<i64> {
    match value {
        Value::Time(ms) => Some(*ms),
        other => other
            .number()
            .filter(|ms| ms.abs() < 8e15)
            .map(|ms| ms.round() as i64),
    }
}

fn chosen(name: &str, values: &[Value]) -> Value {
    if name == "coalesce" {
        return values
            .iter()
            .find(|value| !value.is_null())
            .cloned()
            .unwrap_or(Value::Null);
    }
    for pair in values.chunks(2) {
        match pair {
            [condition, value] if condition.truth() == Some(true) => return value.clone(),
            [default] => return default.clone(),
            _ => {}
        }
    }
    Value::Null
}

pub(super) fn converted(value: Value, kind: Kind) -> Value {
    match kind {
        Kind::Number => number(value.number()),
        Kind::Time => time_of(&value).map_or(Value::Null, Value::Time),
        Kind::Bool => truth(value.truth()),
        Kind::Json => maps::as_json(value).map_or(Value::Null, Value::Json),
        Kind::Text | Kind::Null => text(value.text()),
    }
}

fn of_numbers(name: &str, values: &[Value]) -> Option<Value> {
    let numbers: Vec<Option<f64>> = values.iter().map(Value::number).collect();
    let present = || numbers.iter().copied().flatten();
    let first = numbers.first().copied().flatten();
    let second = numbers.get(1).copied().flatten();
    Some(number(match name {
        "abs" => first.map(f64::abs),
        "ceil" => first.map(f64::ceil),
        "floor" => first.map(f64::floor),
        "greatest" => present().reduce(f64::max),
        "least" => present().reduce(f64::min),
        "log" => first.filter(|n| *n > 0.0).map(f64::ln),
        "sqrt" => first.filter(|n| *n >= 0.0).map(f64::sqrt),
        "round" if numbers.len() == 1 => first.map(f64::round),
        "tonumber" | "todouble" | "tomillis" => first,
        "tolong" => first
            .map(f64::trunc)
            .filter(|n| (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(n)),
        "histogram" => first
            .zip(second.filter(|width| *width > 0.0))
            .map(|(n, width)| (n / width).floor() * width),
        "toint" => first
            .map(f64::trunc)
            .filter(|n| (-2147483648.0..=2147483647.0).contains(n)),
        "frommillis" => return Some(time_of(&values[0]).map_or(Value::Null, Value::Time)),
        "dectohex" | "haversine" => return None,
        "power" => first.zip(second).map(|(a, b)| a.powf(b)),
        _ => return None,
    }))
}

fn of_texts(name: &str, values: &[Value]) -> Option<Value> {
    let texts: Vec<Option<String>> = values.iter().map(Value::text).collect();
    let first = texts.first().cloned().flatten();
    let both = || first.clone().zip(texts.get(1).cloned().flatten());
    Some(match name {
        "strlen" => number(first.map(|text| text.chars().count() as f64)),
        "messagesize" => number(first.map(|text| text.len() as f64)),
        "toupper" => text(first.map(|text| text.to_uppercase())),
        "tolower" => text(first.map(|text| text.to_lowercase())),
        "trim" if texts.len() == 1 => text(first.map(|text| text.trim().to_owned())),
        "ltrim" if texts.len() == 1 => text(first.map(|text| text.trim_start().to_owned())),
        "rtrim" if texts.len() == 1 => text(first.map(|text| text.trim_end().to_owned())),
        "trim" => text(both().map(|(text, set)| text.trim_matches(|c| set.contains(c)).to_owned())),
        "ltrim" => text(both().map(|(text, set)| text.trim_start_matches(|c| set.contains(c)).to_owned())),
        "rtrim" => text(both().map(|(text, set)| text.trim_end_matches(|c| set.contains(c)).to_owned())),
        "split" => {
            let parts = |(text, by): (String, String)| -> Option<String> {
                let parts: Vec<&str> = (!by.is_empty()).then(|| text.split(by.as_str()).collect())?;
                serde_json::to_string(&parts).ok()
            };
            both().and_then(parts).map_or(Value::Null, Value::Json)
        }
        "regexreplace" => {
            let (pattern, by) = (texts.get(1)?.clone()?, texts.get(2)?.clone());
            let regex = regex::Regex::new(&pattern).ok()?;
            let replaced = |(text, by): (String, String)| regex.replace_all(&text, by.as_str()).into_owned();
            text(first.zip(by).map(replaced))
        }
        "concat" => Value::Text(texts.into_iter().flatten().collect()),
        "replace" => {
            let third = texts.get(2).cloned().flatten();
            let replaced = |((text, part), by): ((String, String), String)| match part.is_empty() {
                true => text,
                false => text.replace(&part, &by),
            };
            text(both().zip(third).map(replaced))
        }
        "substr" => {
            let count = |idx: usize| Some(values.get(idx)?.number()?.max(0.0) as usize);
            let length = if values.len() > 2 {
                count(2)
            } else {
                Some(usize::MAX)
            };
            let part = |((text, start), length): ((String, usize), usize)| {
                text.chars().skip(start).take(length).collect()
            };
            text(first.zip(count(1)).zip(length).map(part))
        }
        "strcontains" if values.get(2).is_some_and(|flag| flag.truth() == Some(true)) => {
            let holds = |(text, part): (String, String)| text.to_lowercase().contains(&part.to_lowercase());
            truth(both().map(holds))
        }
        "strcontains" => truth(both().map(|(text, part)| text.contains(&part))),
        "startswith" => truth(both().map(|(text, part)| text.starts_with(&part))),
        "endswith" => truth(both().map(|(text, part)| text.ends_with(&part))),
        _ => return None,
    })
}

fn of_any(name: &str, values: &[Value]) -> Option<Value> {
    let shown = values.first()?.text();
    Some(Value::Bool(match name {
        "ispresent" => !values.first()?.is_null(),
        "isempty" => shown.is_none_or(|text| text.is_empty()),
        "isblank" => shown.is_none_or(|text| text.trim().is_empty()),
        "isnumeric" => shown.is_some_and(|text| number_of(&text).is_some()),
        _ => return None,
    }))
}
