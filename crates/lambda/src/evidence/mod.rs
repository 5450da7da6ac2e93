//! What else happened during a spike: signs in the messages of the log.

mod service;
mod sign;

pub use sign::{SIGN_TEXTS, Sign, sign_of};

use crate::time::SECOND_US;

/// Signs of one kind during a spike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignCount {
    /// What.
    pub sign: Sign,
    /// Of whom: the service that throttled; empty where the message does not tell, and for other signs.
    pub service: String,
    /// In whose log.
    pub function: String,
    /// Messages.
    pub count: u64,
    /// Time of the first one, milliseconds since the epoch.
    pub first_ms: i64,
}

/// What the log tells of the time of a spike beside its invocations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The most frequent first.
    pub signs: Vec<SignCount>,
    /// Invocations that end during the spike and whose request was run before: retries.
    pub retries: u64,
}

impl Evidence {
    /// Messages with `sign`.
    pub fn count(&self, sign: Sign) -> u64 {
        let found = self.signs.iter().filter(|found| found.sign == sign);
        found.map(|found| found.count).sum()
    }

    /// Adds a message.
    pub fn add(&mut self, sign: Sign, service: &str, function: &str, time_ms: i64) {
        let is_it = |found: &&mut SignCount| {
            found.sign == sign && found.service == service && found.function == function
        };
        match self.signs.iter_mut().find(is_it) {
            Some(found) => {
                found.count += 1;
                found.first_ms = found.first_ms.min(time_ms);
            }
            None => self.signs.push(SignCount {
                sign,
                service: service.to_owned(),
                function: function.to_owned(),
                count: 1,
                first_ms: time_ms,
            }),
        }
    }

    /// Adds what another thread found.
    pub fn merge(&mut self, other: &Self) {
        for found in &other.signs {
            self.add(found.sign, &found.service, &found.function, found.first_ms);
            let is_it = |known: &&mut SignCount| {
                known.sign == found.sign && known.service == found.service && known.function == found.function
            };
            if let Some(known) = self.signs.iter_mut().find(is_it) {
                known.count += found.count - 1;
            }
        }
        self.retries += other.retries;
    }

    /// Puts the most frequent first; the order does not depend on how messages came.
    pub fn sort(&mut self) {
        self.signs.sort_by(|a, b| {
            let by_count = b.count.cmp(&a.count);
            by_count.then_with(|| (a.sign, &a.service, &a.function).cmp(&(b.sign, &b.service, &b.function)))
        });
    }
}

/// After a spike, messages for so long may still be of it: of calls that it made wait.
pub const EVIDENCE_AFTER_US: i64 = 10 * SECOND_US;

/// Requests that are run again within this time before a spike are its retries: the service tries twice more, after one
/// minute and after two.
pub const RETRY_WINDOW_US: i64 = 420 * SECOND_US;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_threads_found_adds_up() {
        let mut one = Evidence::default();
        one.add(Sign::Timeout, "", "orders", 5);
        let mut other = Evidence::default();
        other.add(Sign::Timeout, "", "orders", 3);
        other.add(Sign::Timeout, "", "orders", 9);
        other.add(Sign::Throttled, "DynamoDB", "orders", 4);
        one.merge(&other);
        one.sort();
        assert_eq!(one.count(Sign::Timeout), 3);
        assert_eq!((one.signs[0].first_ms, one.signs[1].count), (3, 1));
    }
}
