//! JSON documents as events: one pass finds what says what event one is, and the fields that are asked for.

use std::ops::Range;

use crate::clock::LogClock;
use crate::discovered::wanted_paths;
use crate::document_times::DocumentTimes;
use crate::framed::Framed;
use crate::json_event::{self, JsonEvent, MEMBERS, Members};
use crate::json_scan::Scanner;
use crate::lane::Lane;
use crate::sieve::{LaneFields, Sieve};

/// Takes documents in for the lanes that want them.
pub(crate) struct Documents {
    sieve: Sieve,
    /// Looks for the members of events, and behind them for the wanted fields of every lane.
    scanner: Scanner,
    /// Which of these fields are whose.
    of_lanes: Vec<Range<usize>>,
    times: DocumentTimes,
}

impl Documents {
    pub(crate) fn new(lanes: &[Lane], clock: LogClock) -> Self {
        let mut paths: Vec<String> = MEMBERS.map(str::to_owned).into();
        let mut of_lanes = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let start = paths.len() - MEMBERS.len();
            paths.extend(wanted_paths(&lane.request).map(|(_, path)| path.text));
            of_lanes.push(start..paths.len() - MEMBERS.len());
        }
        Self {
            sieve: Sieve::new(lanes),
            scanner: Scanner::new(paths),
            of_lanes,
            times: DocumentTimes::new(clock),
        }
    }

    /// Prepares room for events.
    pub(crate) fn framed(&self, room: Framed) -> Framed {
        self.sieve.framed(room)
    }

    /// Nobody wants more events of a lane.
    pub(crate) fn stop(&mut self, lane: usize) {
        self.sieve.stop(lane);
    }

    /// Takes the event in that `document` is; false when it is no sound JSON object. `is_wrapped` as for
    /// [`json_event::read`].
    pub(crate) fn push(
        &mut self,
        document: &[u8],
        is_wrapped: bool,
        offset: u64,
        framed: &mut Framed,
    ) -> bool {
        let scanned = self.scanner.scan(document).filter(|(_, end)| {
            // Blanks are all that may follow.
            document[*end..].trim_ascii().is_empty()
        });
        let Some((found, _)) = scanned else {
            let event = json_event::read(document, is_wrapped, &mut self.times);
            return event
                .map(|event| self.push_event(document, event, offset, framed))
                .is_some();
        };
        let (members, places) = found.split_at(MEMBERS.len());
        let Some(event) = Members::at(document, members).event(is_wrapped, &mut self.times) else {
            return false;
        };
        // A message that is only a part of the document has fields of its own.
        let fields = LaneFields {
            places: if event.message.is_none() { places } else { &[] },
            of_lanes: &self.of_lanes,
        };
        self.sieve.push(document, event, &fields, offset, framed);
        true
    }

    /// Takes a line in, unless it is blank. False for a damaged document.
    pub(crate) fn push_line(&mut self, line: &[u8], offset: u64, framed: &mut Framed) -> bool {
        match line.first() {
            None => true,
            Some(b'{') => self.push(line, false, offset, framed),
            // A line that is no document is its own message.
            Some(_) => {
                self.push_event(line, JsonEvent::default(), offset, framed);
                true
            }
        }
    }

    /// Takes an event in that was read by somebody else.
    pub(crate) fn push_event(&self, document: &[u8], event: JsonEvent<'_>, offset: u64, framed: &mut Framed) {
        self.sieve
            .push(document, event, &LaneFields::NONE, offset, framed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use insq_event::{EventKinds, FieldPath, ScanColumn, ScanField, ScanRequest, TimeRange};
    use proptest::prelude::*;

    use super::*;
    use crate::discovered::DiscoveredFields;

    fn lane(fields: &[ScanField]) -> Lane {
        let column = |field: &ScanField| ScanColumn {
            name: "c".into(),
            field: field.clone(),
        };
        let request = ScanRequest {
            columns: fields.iter().map(column).collect(),
            kinds: EventKinds::ALL,
            time_range: TimeRange::ALL,
            literals: Vec::new(),
            request_id: None,
            function: None,
            batch_rows: 1,
            bar: None,
        };
        Lane::whole(0, &Arc::new(request))
    }

    /// Two lanes with some fields in common, one of them also below a member of events.
    fn lanes() -> Vec<Lane> {
        let discovered = |path: &str| ScanField::Discovered(FieldPath::new(path));
        let whole = |path: &str| ScanField::Structure(FieldPath::new(path));
        vec![
            lane(&[discovered("level"), discovered("record.n"), discovered("time")]),
            lane(&[ScanField::Position]),
            lane(&[whole("record"), discovered("level")]),
        ]
    }

    /// Takes a document in, and compares what comes of it with the readers that know of no other.
    fn check(documents: &mut Documents, lanes: &[Lane], document: &str) {
        let mut framed = documents.framed(Framed::default());
        let is_sound = documents.push(document.as_bytes(), false, 7, &mut framed);
        let expected = json_event::read(document.as_bytes(), false, &mut DocumentTimes::new(LogClock::UTC));
        assert_eq!(is_sound, expected.is_some(), "{document}");
        let Some(expected) = expected else {
            return;
        };
        for (lane, events) in lanes.iter().zip(&framed.events) {
            let [event] = &events[..] else {
                panic!("{} events of {document}", events.len());
            };
            let message = &framed.bytes.owned[event.message.clone()];
            let told = expected.message.as_deref().unwrap_or(document);
            let told = told.trim_end_matches(['\n', '\r']);
            assert_eq!(std::str::from_utf8(message), Ok(told), "{document}");
            assert_eq!(event.time_ms, expected.time_ms, "{document}");
            let paths: Vec<_> = wanted_paths(&lane.request).map(|(_, path)| path).collect();
            let count = paths.len();
            let wanted = DiscoveredFields::new(paths);
            let Some(first) = event.fields.map(|first| first as usize) else {
                continue;
            };
            let (mut found, mut read) = (Vec::new(), Vec::new());
            wanted.read_at(message, &framed.beside.fields[first..first + count], &mut found);
            wanted.read(message, &mut read);
            assert_eq!(found, read, "{document}");
        }
    }

    #[test]
    fn fields_are_found_in_the_pass_that_finds_the_event() {
        let lanes = lanes();
        let mut documents = Documents::new(&lanes, LogClock::UTC);
        let mut framed = documents.framed(Framed::default());
        let plain = br#"{"time":"1970-01-01T00:00:01Z","level":"INFO","record":{"n":7}}"#;
        assert!(documents.push(plain, false, 0, &mut framed));
        let fields = framed.events.iter().map(|events| events[0].fields);
        assert_eq!(fields.collect::<Vec<_>>(), [Some(0), None, Some(3)]);
        assert_eq!(framed.events[0][0].time_ms, Some(1_000));
        assert_eq!(framed.beside.fields[0], 39..45);
        // The message of a document of the service is only a part of it.
        let of_service = br#"{"eventId":"1","message":"{\"level\":\"WARN\"}","level":"INFO"}"#;
        assert!(documents.push(of_service, false, 0, &mut framed));
        assert_eq!(framed.events[0][1].fields, None);
    }

    fn any_document() -> impl Strategy<Value = String> {
        let names: Vec<&str> = MEMBERS.into_iter().chain(["level", "n", "record"]).collect();
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("1772582400123".to_owned()),
            Just("\"1970-01-01T00:00:01Z\"".to_owned()),
            Just("\"function\"".to_owned()),
            "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?",
            "\"([a-z é{}:,]|\\\\[\"nrt]){0,12}\"",
        ];
        let value = leaf.prop_recursive(2, 8, 3, move |inner| {
            let key = prop::sample::select(vec!["n", "Timestamp", "x"]);
            let member = (key, inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
            prop_oneof![
                prop::collection::vec(member, 0..3).prop_map(|members| format!("{{{}}}", members.join(","))),
                prop::collection::vec(inner, 0..3).prop_map(|values| format!("[{}]", values.join(","))),
            ]
        });
        let member =
            (prop::sample::select(names), value).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(",")))
    }

    proptest! {
        #[test]
        fn one_pass_finds_what_two_do(
            documents in prop::collection::vec(any_document(), 1..4),
            change in prop::option::of((any::<prop::sample::Index>(), "[ -~]")),
        ) {
            let lanes = lanes();
            let mut pass = Documents::new(&lanes, LogClock::UTC);
            for mut document in documents {
                if let Some((place, byte)) = &change {
                    let place = place.index(document.len());
                    if document.is_char_boundary(place) && document.is_char_boundary(place + 1) && place > 0 {
                        document.replace_range(place..place + 1, byte);
                    }
                }
                check(&mut pass, &lanes, &document);
            }
        }
    }
}
