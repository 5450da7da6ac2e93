//! Commands and expressions that read another table, or the log again.

use super::events::random_instant;
use super::queries::Builder;
use crate::Prng;

/// The name of the only table.
pub const TABLE_NAME: &str = "things";

/// The table as CSV.
pub const TABLE: &str = "k,v,a\n1,one,x9\n2.50,,X9\nx9,nine,\n01,zero one,2\n,none,3\n12345678901234567891,longer,4\n12345678901234567890,long,4\nREPORT,r,0\n1,again,\n";

/// The name of a table of networks.
pub const NETWORKS_NAME: &str = "nets";

/// It as CSV.
pub const NETWORKS: &str = "net,zone,k\n10.0.0.0/8,all,1\n10.1.0.0/16,yard,x9\n10.1.0.0/16,again,2\n192.0.2.0/24,,3\n2001:db8::/32,doc,4\n";

/// A `SOURCE` of all groups, which may say a time.
pub(super) fn random_source(prng: &mut Prng) -> String {
    let mut bound = |name: &str| match prng.chance(0.15) {
        true => format!(" {name}={}", random_instant(prng)),
        false => String::new(),
    };
    format!("SOURCE logGroups(){}{}", bound("START"), bound("END"))
}

impl Builder {
    pub(super) fn tables(&mut self, prng: &mut Prng) -> String {
        match prng.below(9) {
            0 | 1 => self.lookup(prng),
            8 => {
                let (field, mode) = (self.fields.any(prng), prng.pick(&["OUTPUT", "OUTPUTNEW"]));
                let known = self.fields.any(prng);
                let target = match prng.chance(0.3) && !self.is_joined && !known.contains(['.', '@']) {
                    true => known,
                    false => self.made(),
                };
                format!(
                    "cidrlookup {NETWORKS_NAME} {field} as net {mode} zone as {target}, k as {}",
                    self.made()
                )
            }
            2 if self.fields.is_events && !self.is_joined => self.join(prng),
            // What a side of a join is called is not given another meaning.
            3 | 4 if !self.is_joined => {
                let (query, names) = self.inner(prng);
                self.fields.names.extend(names);
                let replaces = prng.pick(&["", "override=true ", "override=false ", "max=2 "]);
                format!("appendcols {replaces}({query})")
            }
            5 => {
                let (value, (query, _)) = (self.fields.any(prng), self.inner_column(prng));
                let operator = prng.pick(&["in", "not in"]);
                format!("fields {value} {operator} ({query}) as {}", self.made())
            }
            _ => {
                let (value, (query, _)) = (self.fields.value(prng), self.inner_column(prng));
                format!("filter ({value}) {} ({query})", prng.pick(&["in", "not in"]))
            }
        }
    }

    fn lookup(&mut self, prng: &mut Prng) -> String {
        let mut keys = vec![format!("k as {}", self.fields.any(prng))];
        if prng.chance(0.2) {
            keys.push(format!("a as {}", self.fields.any(prng)));
        }
        let mode = prng.pick(&["OUTPUT", "OUTPUTNEW"]);
        let known = self.fields.any(prng);
        let target = match prng.chance(0.4) && !self.is_joined && !known.contains(['.', '@']) {
            true => known,
            false => self.made(),
        };
        let more = match prng.chance(0.3) {
            true => format!(", a as {}", self.made()),
            false => String::new(),
        };
        format!(
            "lookup {TABLE_NAME} {} {mode} v as {target}{more}",
            keys.join(", ")
        )
    }

    fn join(&mut self, prng: &mut Prng) -> String {
        self.is_joined = true;
        let (left, right) = (self.fields.any(prng), prng.pick(&["a", "b", "o.x", "nosuch"]));
        for name in ["a", "b", "o.x"] {
            self.fields.names.push(format!("l.{name}"));
            self.fields.names.push(format!("r.{name}"));
        }
        let kind = prng.pick(&["", "type=left ", "type=inner "]);
        let source = random_source(prng);
        format!("join {kind}left=l right=r where l.{left} = r.{right} ({source})")
    }

    /// A query in brackets, and the names of what it shows.
    fn inner(&mut self, prng: &mut Prng) -> (String, Vec<String>) {
        let mut inner = Self::of_events(self.n_made);
        // Sub-queries are not nested within this one.
        inner.is_joined = true;
        let mut commands: Vec<String> = Vec::new();
        for _ in 0..prng.below(3) {
            let command = inner.command(prng);
            if !command.contains("(SOURCE") {
                commands.push(command);
            }
        }
        let names: Vec<String> = (0..prng.between(1, 2)).map(|_| inner.fields.any(prng)).collect();
        commands.push(format!("display {}", names.join(", ")));
        self.n_made = inner.n_made;
        let source = random_source(prng);
        (format!("{source} | {}", commands.join(" | ")), names)
    }

    /// The same with one column.
    fn inner_column(&mut self, prng: &mut Prng) -> (String, String) {
        let (query, names) = self.inner(prng);
        let (beginning, _) = query.rsplit_once("display ").unwrap_or_default();
        (format!("{beginning}display {}", names[0]), names[0].clone())
    }
}
