//! A query, and what it is asked of.

use std::fmt;

use insq::TimeRange;
use insq_testkit::Prng;
use insq_testkit::random::{TABLE, TABLE_NAME, random_events, random_instant, random_query};
use insq_testkit::reference::{self, LogEvent, Table, World};
use insq_testkit::write::{CONTAINERS, Container, Loss};

use crate::engine::{engine, settings};
use crate::inputs::Inputs;
use crate::same::is_same;

/// Events of a case at most.
const EVENTS_MAX: u32 = 16;

/// What a container must keep of events, so that queries answer the same on it.
const NEEDED: [Loss; 3] = [Loss::Stream, Loss::Milliseconds, Loss::TrailingBlanks];

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) query: String,
    events: Vec<LogEvent>,
    range: TimeRange,
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
            range: random_range(prng),
            query,
            events,
            container: random_container(prng),
        }
    }

    /// Asks the reference, and the engine under every setting.
    pub(crate) fn compare(&self) -> Outcome {
        let Ok(parsed) = insq_syntax::parse(&self.query) else {
            return Outcome::Differs("is no query".to_owned());
        };
        let tables = [Table::from_csv(TABLE_NAME, TABLE)];
        let world = World {
            events: &self.events,
            time_ms: (self.range.start_ms, self.range.end_ms),
            tables: &tables,
        };
        let Ok(expected) = reference::answer_in(&parsed.query, world) else {
            return Outcome::Refused;
        };
        let inputs = Inputs::new(&self.events, self.container);
        for setting in settings() {
            match engine(&self.query, &inputs, self.range, setting) {
                None => return Outcome::Refused,
                Some(Ok(found)) if is_same(&found, &expected) => {}
                Some(found) => {
                    return Outcome::Differs(format!(
                        "{setting:?}\nengine    {found:?}\nreference {expected:?}"
                    ));
                }
            }
        }
        Outcome::Same(expected.rows.len())
    }

    /// Leaves out what the difference does not need.
    pub(crate) fn smallest(mut self) -> Self {
        loop {
            let before = (self.query.len(), self.events.len());
            for idx in (0..self.events.len()).rev() {
                let mut fewer = self.clone();
                fewer.events.remove(idx);
                self.put_if_different(fewer);
            }
            let commands: Vec<String> = self.query.split("\n| ").map(str::to_owned).collect();
            for left_out in 0..commands.len() {
                let kept = commands.iter().enumerate().filter(|(idx, _)| *idx != left_out);
                let kept: Vec<&str> = kept.map(|(_, command)| command.as_str()).collect();
                let shorter = Self {
                    query: kept.join("\n| "),
                    ..self.clone()
                };
                if self.put_if_different(shorter) {
                    break;
                }
            }
            if (self.query.len(), self.events.len()) == before {
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
        writeln!(f, "{}\n{:?}, {}", self.query, self.range, self.container.name)?;
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
