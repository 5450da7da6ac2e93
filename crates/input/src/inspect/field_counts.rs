//! Which fields the messages of events have.

use std::collections::BTreeMap;

use insq_event::SystemField;

use super::NAMES_MAX;
use crate::discovered::columns_of_text;
use crate::json_fields::leaf;
use crate::json_tokens::number_end;
use crate::leaves::{LeafFinder, PathMap};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeafType {
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`: the field is missing.
    Null,
}

impl LeafType {
    const ALL: [Self; 4] = [Self::Text, Self::Number, Self::Boolean, Self::Null];

    /// The name that people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
        }
    }

    /// Of a value in JSON that holds no others; `None` for a text that is none.
    fn of_json(value: &str) -> Option<Self> {
        match value.as_bytes().first()? {
            b'"' => leaf(value).map(|_| Self::Text),
            b't' | b'f' => Some(Self::Boolean),
            b'n' => Some(Self::Null),
            _ => Some(Self::Number),
        }
    }

    /// Of a value that stands in a line as it is.
    fn of_text(value: &str) -> Self {
        match number_end(value.as_bytes(), 0) {
            Some(end) if end == value.len() => Self::Number,
            _ => Self::Text,
        }
    }
}

/// Discovered fields and how many events have them.
#[derive(Debug, Default)]
pub(super) struct FieldCounts {
    counts: PathMap<Count>,
    /// Number of the event at hand, and of its text at hand.
    event: u64,
    text: u64,
    /// True when there are more than [`NAMES_MAX`], or one has a path that is not remembered.
    pub(super) is_cut: bool,
}

/// How often a field is there.
#[derive(Clone, Debug)]
struct Count {
    /// Events, by what they have in the field, in the order of [`LeafType::ALL`].
    by_type: [u64; LeafType::ALL.len()],
    /// The event and the text that had it last, and what that was.
    event: u64,
    text: u64,
    last: LeafType,
}

impl Count {
    /// None yet.
    const NONE: Self = Self {
        by_type: [0; LeafType::ALL.len()],
        event: 0,
        text: 0,
        last: LeafType::Null,
    };

    /// Counts an event, which has what was `found` in a text.
    fn add(&mut self, event: u64, text: u64, found: LeafType) {
        if self.event == event {
            // What an earlier text told is known; of two in one text, the last one is read.
            if self.text != text {
                return;
            }
            self.by_type[self.last as usize] -= 1;
        }
        self.by_type[found as usize] += 1;
        (self.event, self.text, self.last) = (event, text, found);
    }

    fn by_type(&self) -> BTreeMap<LeafType, u64> {
        let counts = LeafType::ALL.into_iter().zip(self.by_type);
        counts.filter(|(_, events)| *events > 0).collect()
    }
}

impl FieldCounts {
    /// Counts the fields of an event. Those `beside` its message, a JSON object, go before those of the message; system
    /// fields among them are none.
    pub(super) fn add(&mut self, finder: &mut LeafFinder, beside: Option<&str>, message: Option<&str>) {
        self.event += 1;
        self.text += 1;
        finder.find(beside.unwrap_or_default(), |path, value| {
            let is_system = || path.starts_with('@') && SystemField::from_name(path).is_some();
            if !is_system() {
                self.count(path, LeafType::of_json(value));
            }
        });
        self.text += 1;
        let Some(message) = message else { return };
        finder.find(message, |path, value| self.count(path, LeafType::of_json(value)));
        columns_of_text(message.as_bytes(), |name, value| {
            self.count(name, Some(LeafType::of_text(value)));
        });
    }

    fn count(&mut self, path: &str, found: Option<LeafType>) {
        let Some(found) = found else { return };
        match self.counts.entry_within(NAMES_MAX, path, || Count::NONE) {
            Some(count) => count.add(self.event, self.text, found),
            None => self.is_cut = true,
        }
    }

    /// Adds what was counted of events behind these.
    pub(super) fn merge(&mut self, other: Self) {
        self.is_cut |= other.is_cut;
        for (path, count) in other.counts.into_entries() {
            let Some(sum) = self.counts.entry_within(NAMES_MAX, &path, || Count::NONE) else {
                self.is_cut = true;
                continue;
            };
            for (sum, events) in sum.by_type.iter_mut().zip(count.by_type) {
                *sum += events;
            }
        }
    }

    /// All fields, as queries address them: the most frequent first, of equals by their names.
    pub(super) fn sorted(self) -> Vec<(String, BTreeMap<LeafType, u64>)> {
        let mut fields: Vec<_> = self
            .counts
            .into_entries()
            .map(|(path, count)| {
                // A key with the sign of system fields is addressed with two.
                let sign = if path.starts_with('@') { "@" } else { "" };
                (format!("{sign}{path}"), count.by_type())
            })
            .collect();
        let total = |by_type: &BTreeMap<LeafType, u64>| by_type.values().sum::<u64>();
        fields.sort_by(|a, b| total(&b.1).cmp(&total(&a.1)).then_with(|| a.0.cmp(&b.0)));
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of some events, each of which has an object beside its message and a message.
    fn counted(events: &[(Option<&str>, &str)]) -> FieldCounts {
        let (mut counts, mut finder) = (FieldCounts::default(), LeafFinder::default());
        for (beside, message) in events {
            counts.add(&mut finder, *beside, Some(message));
        }
        counts
    }

    fn check(counts: FieldCounts, expected: &[(&str, &[(LeafType, u64)])]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, counts)| ((*name).to_owned(), counts.iter().copied().collect()))
            .collect();
        assert_eq!(counts.sorted(), expected);
    }

    use LeafType::{Boolean, Null, Number, Text};

    #[test]
    fn fields_are_counted_by_what_they_hold() {
        let counts = counted(&[
            (None, r#"INFO {"level":"INFO","n":1,"@key":null}"#),
            (None, r#"{"level":7,"n":-1.5,"ok":true,"half":"\ud800"}"#),
            (None, "no object"),
        ]);
        check(
            counts,
            &[
                ("level", &[(Text, 1), (Number, 1)]),
                ("n", &[(Number, 2)]),
                ("@@key", &[(Null, 1)]),
                ("ok", &[(Boolean, 1)]),
            ],
        );
    }

    #[test]
    fn an_event_counts_once() {
        // Of two members the last is read; what stands beside a message goes before it.
        check(counted(&[(None, r#"{"a":1,"a":"x"}"#)]), &[("a", &[(Text, 1)])]);
        let beside = Some(r#"{"a":true,"@requestId":"x","@other":1}"#);
        check(
            counted(&[(beside, r#"{"a":"x","b":1,"@requestId":"y"}"#)]),
            &[
                ("@@other", &[(Number, 1)]),
                ("@@requestId", &[(Text, 1)]),
                ("a", &[(Boolean, 1)]),
                ("b", &[(Number, 1)]),
            ],
        );
    }

    #[test]
    fn fields_of_lines_that_the_service_knows() {
        let line = "2 123456789010 eni-0a1 10.0.0.1 - 20641 22 6 20 4249 1418530010 1418530070 REJECT OK";
        let fields = counted(&[(None, line)]).sorted();
        let kinds = |name: &str| {
            fields
                .iter()
                .find(|(found, _)| found == name)
                .map(|(_, kinds)| kinds)
        };
        assert_eq!(fields.len(), 13);
        assert_eq!(kinds("srcAddr"), Some(&BTreeMap::from([(Text, 1)])));
        assert_eq!(kinds("bytes"), Some(&BTreeMap::from([(Number, 1)])));
        assert_eq!(kinds("dstAddr"), None);
    }

    #[test]
    fn an_event_has_as_many_as_it_has() {
        let object = |count: usize| {
            let members: Vec<String> = (0..count).map(|n| format!("\"k{n}\":{n}")).collect();
            format!("{{{}}}", members.join(","))
        };
        let all = counted(&[(None, &object(NAMES_MAX))]);
        assert!(!all.is_cut);
        assert_eq!(all.sorted().len(), NAMES_MAX);
        let cut = counted(&[(None, &object(NAMES_MAX + 1))]);
        assert!(cut.is_cut);
        assert_eq!(cut.sorted().len(), NAMES_MAX);
    }

    #[test]
    fn counts_add_up() {
        let mut counts = counted(&[(None, r#"{"a":1}"#), (None, r#"{"b":1}"#)]);
        counts.merge(counted(&[(None, r#"{"b":"x"}"#), (None, r#"{"b":2,"c":1}"#)]));
        check(
            counts,
            &[
                ("b", &[(Text, 1), (Number, 2)]),
                ("a", &[(Number, 1)]),
                ("c", &[(Number, 1)]),
            ],
        );
        let full: Vec<String> = (0..NAMES_MAX).map(|n| format!("{{\"k{n}\":1}}")).collect();
        let full: Vec<(Option<&str>, &str)> = full.iter().map(|message| (None, message.as_str())).collect();
        let mut counts = counted(&full);
        counts.merge(counted(&[(None, r#"{"k0":1}"#)]));
        assert!(!counts.is_cut);
        counts.merge(counted(&[(None, r#"{"one more":1}"#)]));
        assert!(counts.is_cut);
    }
}
