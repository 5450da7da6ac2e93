//! Random expressions of a wanted type over known fields.

use super::events::START_MS;
use crate::Prng;

/// The fields that expressions may name.
pub(super) struct Fields {
    pub(super) names: Vec<String>,
    /// True where `@timestamp` is known.
    pub(super) is_events: bool,
}

impl Fields {
    pub(super) fn any(&self, prng: &mut Prng) -> String {
        self.names[prng.below(self.names.len() as u32) as usize].clone()
    }

    /// What counts as a number, of at most so many levels.
    pub(super) fn number(&self, prng: &mut Prng, depth: u32) -> String {
        if depth == 0 || prng.chance(0.3) {
            return match prng.below(4) {
                0 => prng
                    .pick(&[
                        "0",
                        "1",
                        "2",
                        "-1",
                        "2.5",
                        "10",
                        "1e2",
                        "0.1",
                        "12345678901234567890",
                    ])
                    .to_owned(),
                _ => self.any(prng),
            };
        }
        let (a, b) = (self.number(prng, depth - 1), self.number(prng, depth - 1));
        match prng.below(18) {
            16 => format!("{}({a})", prng.pick(&["log", "toLong"])),
            17 => format!(
                "{}({})",
                prng.pick(&["hexToDec", "ipv4ToNumber"]),
                self.text(prng, depth - 1)
            ),
            0..=5 => format!("({a} {} {b})", prng.pick(&["+", "-", "*", "/", "%"])),
            6 => format!(
                "{}({a})",
                prng.pick(&["abs", "ceil", "floor", "round", "toInt", "toNumber"])
            ),
            7 => format!("{}({a}, {b})", prng.pick(&["greatest", "least"])),
            8 => format!(
                "{}({})",
                prng.pick(&["strlen", "messageSize"]),
                self.text(prng, depth - 1)
            ),
            9 => format!("coalesce({a}, {b})"),
            10 => format!("if({}, {a}, {b})", self.condition(prng, depth - 1)),
            11 => format!("(-{a})"),
            12 => format!("{a} ^ 2"),
            13 => format!("sqrt({a})"),
            14 if self.is_events => "toMillis(@timestamp)".to_owned(),
            _ => format!(
                "case({}, {a}, {}, {b}, 7)",
                self.condition(prng, depth - 1),
                self.condition(prng, 0)
            ),
        }
    }

    /// What is read as a text.
    pub(super) fn text(&self, prng: &mut Prng, depth: u32) -> String {
        if depth == 0 || prng.chance(0.3) {
            return match prng.below(4) {
                0 => prng
                    .pick(&["\"x9\"", "\"x10\"", "\"2\"", "\"\"", "\"1\"", "\"true\"", "\"é\""])
                    .to_owned(),
                _ => self.any(prng),
            };
        }
        let (a, b) = (self.text(prng, depth - 1), self.text(prng, depth - 1));
        match prng.below(11) {
            7 => format!(
                "{}({a})",
                prng.pick(&[
                    "urlencode",
                    "urldecode",
                    "base64encode",
                    "base64decode",
                    "hexToAscii",
                    "decToHex"
                ])
            ),
            8 => format!("regexReplace({a}, \"[0-9]+|x\", {b})"),
            9 => format!("{}({a}, \" x1\")", prng.pick(&["trim", "ltrim", "rtrim"])),
            10 => format!(
                "jsonStringify(split({a}, {}))",
                prng.pick(&["\"x\"", "\" \"", "\",\""])
            ),
            0 => format!("concat({a}, {b}, \"-\")"),
            1 | 2 => format!(
                "{}({a})",
                prng.pick(&["toupper", "tolower", "trim", "ltrim", "rtrim"])
            ),
            3 => format!("substr({a}, {}, 2)", prng.below(3)),
            4 => format!("replace({a}, \"x\", {b})"),
            5 => format!("coalesce({a}, {b}, \"none\")"),
            _ => format!("if({}, {a}, {b})", self.condition(prng, depth - 1)),
        }
    }

    /// What sources can be told, so that they leave unread what it is not true of.
    fn selection(prng: &mut Prng) -> String {
        let operator = prng.pick(&["=", "!="]);
        match prng.below(8) {
            0 | 1 => format!("@type {operator} \"REPORT\""),
            2 => format!("@type {} [\"REPORT\", \"START\"]", prng.pick(&["in", "not in"])),
            3 => format!("@requestId {operator} \"r{}\"", prng.below(5)),
            4 => format!("@logStream like /{}$/", prng.below(4)),
            5 => format!(
                "@message {} {}",
                prng.pick(&["like", "not like"]),
                prng.pick(&["/Duration/", "/(?i)USER=/", "\"x9\"", "/\"a\":1/", "/ms=\\d/"])
            ),
            6 => format!(
                "@duration {} {}",
                prng.pick(&["<", ">", ">=", "="]),
                prng.below(900)
            ),
            _ => format!(
                "toMillis(@timestamp) {} {}",
                prng.pick(&["<", ">", ">=", "="]),
                START_MS + 1_500 * i64::from(prng.below(12))
            ),
        }
    }

    /// What is true, false or neither.
    pub(super) fn condition(&self, prng: &mut Prng, depth: u32) -> String {
        if self.is_events && prng.chance(0.25) {
            return Self::selection(prng);
        }
        if depth > 0 && prng.chance(0.5) {
            let (a, b) = (self.condition(prng, depth - 1), self.condition(prng, depth - 1));
            return match prng.below(3) {
                0 => format!("({a} and {b})"),
                1 => format!("({a} or {b})"),
                _ => format!("not ({a})"),
            };
        }
        let operator = prng.pick(&["=", "!=", "<", "<=", ">", ">="]);
        match prng.below(14) {
            12 => format!(
                "{}({})",
                prng.pick(&["isValidIp", "isValidIpV4", "isValidIpV6"]),
                self.text(prng, depth)
            ),
            13 => format!(
                "strcontains({}, \"X\", {})",
                self.text(prng, depth),
                prng.pick(&["true", "false", "1 = 1"])
            ),
            0..=2 => format!(
                "{} {operator} {}",
                self.number(prng, depth),
                self.number(prng, depth)
            ),
            3 | 4 => format!("{} {operator} {}", self.text(prng, depth), self.text(prng, depth)),
            5 => format!("{} {operator} {}", self.any(prng), self.any(prng)),
            6 => format!(
                "{}({})",
                prng.pick(&["ispresent", "isempty", "isblank", "isNumeric"]),
                self.text(prng, depth)
            ),
            7 => format!(
                "{} {} [1, \"x9\", 2.5, \"true\"]",
                self.any(prng),
                prng.pick(&["in", "not in"])
            ),
            8 => format!(
                "{} {} \"x9\"",
                self.text(prng, depth),
                prng.pick(&["like", "not like"])
            ),
            9 => format!(
                "{} {} /(?i)x\\d+$/",
                self.text(prng, depth),
                prng.pick(&["like", "not like", "=~"])
            ),
            10 => format!(
                "{}({}, \"x\")",
                prng.pick(&["startsWith", "endsWith", "strcontains"]),
                self.text(prng, depth)
            ),
            _ => format!("{} {} [\"x10\", 0]", self.any(prng), prng.pick(&["in", "not in"])),
        }
    }

    pub(super) fn value(&self, prng: &mut Prng) -> String {
        match prng.below(4) {
            0 => self.any(prng),
            1 => self.text(prng, 2),
            2 => self.condition(prng, 1),
            _ => self.number(prng, 2),
        }
    }
}
