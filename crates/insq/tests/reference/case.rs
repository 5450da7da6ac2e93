//! A query, and what it is asked of.

use std::fmt;

use insq::TimeRange;
use insq_testkit::Prng;
use insq_testkit::random::{
    NETWORKS, NETWORKS_NAME, TABLE, TABLE_NAME, random_events, random_instant, random_query,
};
use insq_testkit::reference::{self, Answer, LogEvent, Table, World};
use insq_testkit::write::{CONTAINERS, Container, Loss};

use crate::engine::{Asked, alone, is_taken, settings, settings_together, together};
use crate::inputs::Inputs;
use crate::same::is_same;

/// Events of a case at most.
const EVENTS_MAX: u32 = 16;

/// Queries that run beside that of a case at most.
const OTHERS_MAX: u32 = 3;

/// What a container must keep of events, so that queries answer the same on it.
const NEEDED: [Loss; 3] = [Loss::Stream, Loss::Milliseconds, Loss::TrailingBlanks];

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) asked: Asked,
    /// What is asked in the same pass.
    others: Vec<Asked>,
    events: Vec<LogEvent>,
    container: &'static Container,
}

pub(crate) enum Outcome {
    Same(usize),
    /// One of the two refuses the query.
    Refused,
    Differs(String),
}

impl Case {
    pub(crate) fn random(prng: &mut Prng) -> Self {
        let query = random_query(prng);
        let mut events = random_events(prng, EVENTS_MAX);
        // Files follow each other by their streams; events of one time stand in the order of the files.
        match prng.chance(0.5) {
            true => events.sort_by(|a, b| a.log_stream.cmp(&b.log_stream)),
            false => {
                events.sort_by(|a, b| (&a.log_stream, a.timestamp_ms).cmp(&(&b.log_stream, b.timestamp_ms)));
            }
        }
        Self {
            asked: (query, random_range(prng)),
            others: (0..prng.below(OTHERS_MAX + 1))
                .map(|_| (random_query(prng), random_range(prng)))
                .collect(),
            events,
            container: random_container(prng),
        }
    }

    /// Asks the reference, and the engine under every setting.
    pub(crate) fn compare(&self) -> Outcome {
        if insq_syntax::parse(&self.asked.0).is_err() {
            return Outcome::Differs("is no query".to_owned());
        }
        let Some(expected) = self.expected(&self.asked) else {
            return Outcome::Refused;
        };
        let inputs = Inputs::new(&self.events, self.container);
        for setting in settings() {
            match alone(&self.asked, &inputs, setting) {
                None => return Outcome::Refused,
                Some(Ok(found)) if is_same(&found, &expected) => {}
                Some(found) => {
                    return Outcome::Differs(format!(
                        "{setting:?}\nengine    {found:?}\nreference {expected:?}"
                    ));
                }
            }
        }
        match self.compare_together(&inputs) {
            Some(how) => Outcome::Differs(how),
            None => Outcome::Same(expected.rows.len()),
        }
    }

    fn expected(&self, (query, range): &Asked) -> Option<Answer> {
        let tables = [
            Table::from_csv(TABLE_NAME, TABLE),
            Table::from_csv(NETWORKS_NAME, NETWORKS),
        ];
        let world = World {
            events: &self.events,
            time_ms: (range.start_ms, range.end_ms),
            tables: &tables,
        };
        reference::answer_in(&insq_syntax::parse(query).ok()?.query, world).ok()
    }

    /// How the answer of a query differs when others run in the same pass.
    fn compare_together(&self, inputs: &Inputs<'_>) -> Option<String> {
        let all = self.others.iter().chain([&self.asked]);
        let known = all.filter_map(|asked| Some((asked.clone(), self.expected(asked)?)));
        let any = settings()[0];
        let taken = known.filter(|(asked, _)| is_taken(asked, inputs, any));
        let (asked, expected): (Vec<Asked>, Vec<Answer>) = taken.unzip();
        for setting in settings_together() {
            let found = together(&asked, inputs, setting);
            let differs = found.into_iter().enumerate().find(|(number, found)| match found {
                Ok(found) => !is_same(found, &expected[*number]),
                Err(_) => true,
            });
            if let Some((number, found)) = differs {
                return Some(format!(
                    "in one pass, {setting:?}\n{:?}\nengine    {found:?}\nreference {:?}",
                    asked[number], expected[number]
                ));
            }
        }
        None
    }

    /// Leaves out what the difference does not need.
    pub(crate) fn smallest(mut self) -> Self {
        loop {
            let before = (self.asked.0.len(), self.others.len(), self.events.len());
            for idx in (0..self.events.len()).rev() {
                let mut fewer = self.clone();
                fewer.events.remove(idx);
                self.put_if_different(fewer);
            }
            for idx in (0..self.others.len()).rev() {
                let mut fewer = self.clone();
                fewer.others.remove(idx);
                if !self.put_if_different(fewer) {
                    let mut first = self.clone();
                    first.asked = first.others.swap_remove(idx);
                    self.put_if_different(first);
                }
            }
            let commands: Vec<String> = self.asked.0.split("\n| ").map(str::to_owned).collect();
            for left_out in 0..commands.len() {
                let kept = commands.iter().enumerate().filter(|(idx, _)| *idx != left_out);
                let kept: Vec<&str> = kept.map(|(_, command)| command.as_str()).collect();
                let shorter = Self {
                    asked: (kept.join("\n| "), self.asked.1),
                    ..self.clone()
                };
                if self.put_if_different(shorter) {
                    break;
                }
            }
            if (self.asked.0.len(), self.others.len(), self.events.len()) == before {
                return self;
            }
        }
    }

    fn put_if_different(&mut self, other: Self) -> bool {
        let is_different = matches!(other.compare(), Outcome::Differs(_));
        if is_different {
            *self = other;
        }
        is_different
    }
}

/// One that keeps what is needed, other than the export that all cases have.
fn random_container(prng: &mut Prng) -> &'static Container {
    let is_another = |container: &&Container| {
        container.name != "export tree" && NEEDED.iter().all(|loss| !container.losses.contains(loss))
    };
    let containers: Vec<&Container> = CONTAINERS.iter().filter(is_another).collect();
    containers[prng.below(containers.len() as u32) as usize]
}

/// The time that a query is about: mostly all.
fn random_range(prng: &mut Prng) -> TimeRange {
    if prng.chance(0.6) {
        return TimeRange::ALL;
    }
    let mut bound = || prng.chance(0.7).then(|| random_instant(prng));
    let (start_ms, end_ms) = (bound(), bound());
    TimeRange { start_ms, end_ms }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (query, range) in [&self.asked].into_iter().chain(&self.others) {
            writeln!(f, "{query}\n{range:?}")?;
        }
        writeln!(f, "{}", self.container.name)?;
        self.events.iter().try_for_each(|event| {
            let LogEvent {
                timestamp_ms,
                message,
                log_stream,
            } = event;
            writeln!(f, "{timestamp_ms} {log_stream} {message}")
        })
    }
}
