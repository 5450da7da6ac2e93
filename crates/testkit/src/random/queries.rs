//! Random queries: commands in any order, as far as each knows its fields.

use super::expressions::Fields;
use super::tables::random_source;
use crate::Prng;

/// What events have.
const EVENT_FIELDS: &[&str] = &[
    "a",
    "b",
    "a",
    "b",
    "o.x",
    "o.y.0",
    "a.0",
    "nosuch",
    "@duration",
    "@maxMemoryUsed",
    "@requestId",
    "@type",
    "@logStream",
    "@message",
    "@initDuration",
];

/// A query of one to six commands.
pub fn random_query(prng: &mut Prng) -> String {
    let mut query = Builder::of_events(0);
    let mut commands: Vec<String> = (0..=prng.below(5)).map(|_| query.command(prng)).collect();
    if prng.chance(0.1) {
        commands.insert(0, random_source(prng));
    }
    if query.fields.is_events && prng.chance(0.8) {
        let names: Vec<String> = (0..3).map(|_| query.fields.any(prng)).collect();
        commands.push(format!("display @timestamp, {}", names.join(", ")));
    }
    commands.join("\n| ")
}

pub(super) struct Builder {
    pub(super) fields: Fields,
    pub(super) n_made: u32,
    /// True after `join`, which may stand in a query once.
    pub(super) is_joined: bool,
    /// The aggregates of the last `stats`, where that has time bins.
    pub(super) of_bins: Vec<String>,
}

impl Builder {
    /// A query that begins with all events; what it makes is numbered from `n_made`.
    pub(super) fn of_events(n_made: u32) -> Self {
        Self {
            fields: Fields {
                names: EVENT_FIELDS.iter().map(|name| (*name).to_owned()).collect(),
                is_events: true,
            },
            n_made,
            is_joined: false,
            of_bins: Vec::new(),
        }
    }

    pub(super) fn command(&mut self, prng: &mut Prng) -> String {
        match prng.below(36) {
            0..=7 => format!("filter {}", self.fields.condition(prng, 2)),
            8..=10 => self.fields_command(prng),
            11..=15 => self.stats(prng),
            16..=18 => self.sort(prng),
            19 | 20 => format!(
                "{} {}",
                prng.pick(&["limit", "limit", "limit", "tail"]),
                prng.between(1, 8)
            ),
            21..=23 => self.parse(prng),
            24 => format!("dedup {}", self.fields.any(prng)),
            25..=29 => self.series(prng),
            30 | 31 => self.maps(prng),
            _ => self.tables(prng),
        }
    }

    pub(super) fn made(&mut self) -> String {
        self.n_made += 1;
        let name = format!("m{}", self.n_made);
        self.fields.names.push(name.clone());
        name
    }

    fn fields_command(&mut self, prng: &mut Prng) -> String {
        let value = self.fields.value(prng);
        let known = self.fields.any(prng);
        let name =
            match prng.chance(0.15) && !self.is_joined && !known.starts_with('@') && !known.contains('.') {
                // A field is made anew.
                true => known,
                false => self.made(),
            };
        format!("fields {value} as {name}, {}", self.fields.any(prng))
    }

    fn stats(&mut self, prng: &mut Prng) -> String {
        let mut names = Vec::new();
        let mut aggregates = Vec::new();
        for _ in 0..prng.between(1, 3) {
            let aggregate = self.aggregate(prng);
            self.n_made += 1;
            let name = format!("m{}", self.n_made);
            aggregates.push(format!("{aggregate} as {name}"));
            names.push(name);
        }
        let mut keys = Vec::new();
        for _ in 0..prng.below(3) {
            if self.fields.is_events && prng.chance(0.3) {
                keys.push(format!(
                    "bin({}) as bin{}",
                    prng.pick(&["1s", "5s", "1m", "1h", "1d", "1mo"]),
                    keys.len()
                ));
                names.push(format!("bin{}", keys.len() - 1));
                continue;
            }
            self.n_made += 1;
            let name = format!("m{}", self.n_made);
            let key = match prng.chance(0.1) {
                true => format!(
                    "histogram({}, {})",
                    self.fields.any(prng),
                    prng.pick(&["1", "2.5", "100"])
                ),
                false => self.fields.value(prng),
            };
            keys.push(format!("{key} as {name}"));
            names.push(name);
        }
        let has_bins = keys.iter().any(|key| key.starts_with("bin("));
        self.of_bins = match has_bins {
            true => names[..aggregates.len()].to_vec(),
            false => Vec::new(),
        };
        self.fields = Fields {
            names,
            is_events: false,
        };
        let mut by = if keys.is_empty() {
            String::new()
        } else {
            format!(" by {}", keys.join(", "))
        };
        if has_bins && prng.chance(0.2) {
            by.push_str(&format!(" offset {}", prng.pick(&["1s", "7s", "2m", "3d", "1w"])));
        }
        format!("stats {}{by}", aggregates.join(", "))
    }

    fn aggregate(&self, prng: &mut Prng) -> String {
        let argument = if prng.chance(0.6) {
            self.fields.any(prng)
        } else {
            self.fields.number(prng, 1)
        };
        let of_events: &[&str] = &["earliest", "latest"];
        match prng.below(14) {
            0 | 1 => "count(*)".to_owned(),
            13 => format!("histogram({argument}, {})", prng.pick(&["1", "2", "7"])),
            11 if self.fields.is_events => {
                format!("values({})", prng.pick(&["a", "b", "o.x", "@duration"]))
            }
            12 if self.fields.is_events => {
                format!("rate({argument}, {})", prng.pick(&["1s", "1m"]))
            }
            2 => format!("pct({argument}, {})", prng.pick(&["0", "50", "99.5", "100"])),
            3 if self.fields.is_events => format!("{}({argument})", prng.pick(of_events)),
            4 => format!("sum({argument}) / count(*)"),
            5 if self.fields.is_events => {
                let asked = [
                    "concurrency_max()",
                    "concurrency_avg()",
                    "concurrency_max() * 1.2",
                    "concurrency_pct(50)",
                    "concurrency_pct(99.5)",
                ];
                (*prng.pick(&asked)).to_owned()
            }
            _ => format!(
                "{}({argument})",
                prng.pick(&[
                    "count",
                    "count_distinct",
                    "sum",
                    "avg",
                    "max",
                    "min",
                    "stddev",
                    "sortsFirst",
                    "sortsLast",
                    "median",
                    "countOverTime",
                    "sumOverTime"
                ])
            ),
        }
    }

    fn sort(&mut self, prng: &mut Prng) -> String {
        let keys: Vec<String> = (0..prng.between(1, 2))
            .map(|_| {
                let key = if self.fields.is_events && prng.chance(0.2) {
                    "@timestamp".to_owned()
                } else if prng.chance(0.7) {
                    self.fields.any(prng)
                } else {
                    self.fields.number(prng, 1)
                };
                format!("{key}{}", prng.pick(&["", " asc", " desc"]))
            })
            .collect();
        format!("sort {}", keys.join(", "))
    }

    fn parse(&mut self, prng: &mut Prng) -> String {
        let source = if self.fields.is_events && prng.chance(0.6) {
            "@message".to_owned()
        } else {
            self.fields.any(prng)
        };
        match prng.below(6) {
            4 => format!("parse {source} csv as {}, {}", self.made(), self.made()),
            5 => {
                let known = self.fields.any(prng);
                let name = match prng.chance(0.2) && !self.is_joined && !known.contains(['.', '@']) {
                    true => known,
                    false => self.made(),
                };
                let within = ["user", "ms", "x9"].map(|key| format!("{name}.{key}"));
                self.fields.names.extend(within);
                format!("parse {source} logfmt as {name}")
            }
            0 => format!(
                "parse {source} \"user=* ms=*\" as {}, {}",
                self.made(),
                self.made()
            ),
            1 => format!("parse {source} \"x*\" as {}", self.made()),
            2 => {
                let (named, given) = (format!("u{}", self.n_made), self.made());
                format!("parse {source} /user=(?<{named}>\\w*) ms=(\\d+)/ as {given}")
            }
            _ => format!(
                "parse {source} /(\\d+)/ as {}{}",
                self.made(),
                prng.pick(&["", " multi"])
            ),
        }
    }

    fn series(&mut self, prng: &mut Prng) -> String {
        let field = self.fields.any(prng);
        match prng.below(8) {
            _ if !self.of_bins.is_empty() && prng.chance(0.7) => {
                let name = &self.of_bins[prng.below(self.of_bins.len() as u32) as usize];
                format!(
                    "fillmissing with {} for {name}",
                    prng.pick(&["0", "-1.5", "\"x9\"", "null"])
                )
            }
            0 | 1 => format!("accum {field} as {}", self.made()),
            2 => format!("autoregress {field} as {} p={}", self.made(), prng.between(1, 3)),
            3 => format!("filldown {field}"),
            4 => {
                let mut fields = field.clone();
                if prng.chance(0.3) {
                    fields = format!("{field} {}", self.fields.any(prng));
                }
                let is_marked = prng.chance(0.4);
                if is_marked {
                    self.fields.names.push(format!("{field}_outlier"));
                }
                format!(
                    "outlier action={} param=1 uselower={} mark={is_marked} {fields}",
                    prng.pick(&["remove", "transform"]),
                    prng.chance(0.5)
                )
            }
            5 if self.fields.is_events => format!("sessionize {field} maxspan 3s as {}", self.made()),
            6 => format!("addtotals col={} {field}", prng.pick(&["true", "false"])),
            _ => {
                let other = self.fields.any(prng);
                self.fields = Fields {
                    names: vec![field.clone(), "_approxcount".to_owned()],
                    is_events: false,
                };
                if other == field {
                    format!("countFrequent {field}")
                } else {
                    self.fields.names.push(other.clone());
                    format!("countFrequent {field}, {other}")
                }
            }
        }
    }
}
