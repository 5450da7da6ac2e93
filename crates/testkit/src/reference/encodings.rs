//! Functions between a text and what it stands for.

use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::Value;
use super::expression::{number, text, truth};

/// `None` for other functions.
pub(super) fn call(name: &str, values: &[Value]) -> Option<Value> {
    let given = values.first()?.text();
    let of_text = |made: fn(&str) -> Option<String>| text(given.as_deref().and_then(made));
    Some(match name {
        "urlencode" => of_text(|text| Some(text.bytes().map(escaped).collect())),
        "urldecode" => of_text(unescaped),
        "base64encode" => of_text(|text| Some(STANDARD.encode(text))),
        "base64decode" => of_text(|text| {
            let decoded = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text));
            String::from_utf8(decoded.ok()?).ok()
        }),
        "hextoascii" => of_text(|text| {
            let bytes = pairs(text.strip_prefix("0x").unwrap_or(text))?;
            bytes
                .is_ascii()
                .then(|| bytes.into_iter().map(char::from).collect())
        }),
        "hextodec" => number(given.as_deref().and_then(hexadecimal)),
        "dectohex" => text(values[0].number().map(f64::trunc).and_then(|n| {
            let sign = if n < 0.0 { "-" } else { "" };
            (n.abs() < 18_446_744_073_709_551_616.0).then(|| format!("{sign}0x{:x}", n.abs() as u64))
        })),
        "isvalidip" => truth(given.map(|text| is_v4(&text) || is_v6(&text))),
        "isvalidipv4" => truth(given.map(|text| is_v4(&text))),
        "isvalidipv6" => truth(given.map(|text| is_v6(&text))),
        "ipv4tonumber" => number(given.and_then(|text| {
            let address: Ipv4Addr = text.parse().ok()?;
            Some(f64::from(u32::from(address)))
        })),
        _ => return None,
    })
}

fn is_v4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

fn is_v6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

fn escaped(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut found = Vec::new();
    while let Some(byte) = bytes.next() {
        found.push(match byte {
            b'+' => b' ',
            b'%' => {
                let two = [bytes.next()?, bytes.next()?];
                *pairs(std::str::from_utf8(&two).ok()?)?.first()?
            }
            other => other,
        });
    }
    String::from_utf8(found).ok()
}

/// The bytes of hexadecimal pairs.
fn pairs(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = digits.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let pair = |pair: &[u32]| match pair {
        [high, low] => Some((high * 16 + low) as u8),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

fn hexadecimal(text: &str) -> Option<f64> {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let is_sound = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit());
    let number = u64::from_str_radix(digits, 16).ok().filter(|_| is_sound)?;
    Some(sign * number as f64)
}
