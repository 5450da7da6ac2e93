//! What an object of a JSON container is, by its keys.

use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

/// An object that is more than a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// What the interface of the service gives: an array of events.
    Events,
    /// An array of rows of a query's result.
    Results,
    /// The events of one stream, as a subscription delivers them.
    Payload,
    /// Payloads in base64.
    Envelope,
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    events: Option<&'a RawValue>,
    #[serde(borrow)]
    results: Option<&'a RawValue>,
    #[serde(borrow, rename = "logEvents")]
    log_events: Option<&'a RawValue>,
    #[serde(borrow)]
    awslogs: Option<&'a RawValue>,
    #[serde(borrow, rename = "Records")]
    records_of_stream: Option<&'a RawValue>,
    #[serde(borrow)]
    records: Option<&'a RawValue>,
    #[serde(borrow, rename = "rawData")]
    raw_data: Option<&'a RawValue>,
}

/// The texts of which an object that is no document holds one.
const KEYS: &[&[u8]] = &[
    b"\"events\"",
    b"\"results\"",
    b"\"logEvents\"",
    b"\"awslogs\"",
    b"\"Records\"",
    b"\"records\"",
    b"\"rawData\"",
];

/// What a whole object is; `None` for a document.
pub(crate) fn of(object: &[u8]) -> Option<Keys> {
    // Most objects are documents, which need not be taken apart for it.
    if KEYS.iter().all(|key| memmem::find(object, key).is_none()) {
        return None;
    }
    let Ok(members) = serde_json::from_slice::<Members<'_>>(object) else {
        // One damaged event must not cost the others.
        return of_beginning(object);
    };
    let begins = |member: Option<&RawValue>, openings: &[&str]| {
        member.is_some_and(|raw| {
            let text: String = raw
                .get()
                .chars()
                .filter(|c| !c.is_ascii_whitespace())
                .take(16)
                .collect();
            openings.iter().any(|opening| text.starts_with(opening))
        })
    };
    let is_list_of_packed = |member| {
        begins(
            member,
            &["[{\"kinesis\"", "[{\"Data\"", "[{\"data\"", "[{\"recordId\""],
        )
    };
    if begins(members.log_events, &["[{", "[]"]) {
        Some(Keys::Payload)
    } else if begins(members.awslogs, &["{\"data\""])
        || begins(members.raw_data, &["\""])
        || is_list_of_packed(members.records)
        || holds_packed(members.records_of_stream)
    {
        Some(Keys::Envelope)
    } else if begins(members.events, &["[{", "[]"]) {
        Some(Keys::Events)
    } else if begins(members.results, &["[[", "[]"]) {
        Some(Keys::Results)
    } else {
        None
    }
}

/// Records of a stream: their members stand in no order that could be relied on.
fn holds_packed(records: Option<&RawValue>) -> bool {
    records.is_some_and(|raw| {
        let text = raw.get().as_bytes();
        memmem::find(text, b"\"kinesis\"").is_some() || memmem::find(text, b"\"Data\"").is_some()
    })
}

/// What an object is whose end is not there yet; `None` as long as nobody can tell.
pub(crate) fn of_beginning(object: &[u8]) -> Option<Keys> {
    // These are read as a whole.
    let holds = |key: &&[u8]| memmem::find(object, key).is_some();
    if KEYS[2..].iter().any(holds) {
        return None;
    }
    if begins_list(object, b"\"events\"", b'{') {
        Some(Keys::Events)
    } else if begins_list(object, b"\"results\"", b'[') {
        Some(Keys::Results)
    } else {
        None
    }
}

/// True when `key` is followed by a list whose first element opens with `opening`.
fn begins_list(object: &[u8], key: &[u8], opening: u8) -> bool {
    memmem::find_iter(object, key).any(|at| {
        let mut signs = object[at + key.len()..]
            .iter()
            .filter(|byte| !byte.is_ascii_whitespace());
        signs.next() == Some(&b':') && signs.next() == Some(&b'[') && signs.next() == Some(&opening)
    })
}

/// True for the events of one stream.
pub(crate) fn is_payload(object: &[u8]) -> bool {
    of(object) == Some(Keys::Payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_by_their_keys() {
        for (object, expected) in [
            (
                r#"{"events":[{"timestamp":1}],"searchedLogStreams":[]}"#,
                Some(Keys::Events),
            ),
            (r#"{"nextForwardToken":"f","events": [ ]}"#, Some(Keys::Events)),
            (r#"{"events":7,"level":"INFO"}"#, None),
            (r#"{"events":["click"],"level":"INFO"}"#, None),
            (
                r#"{"results":[[{"field":"n","value":"1"}]],"status":"Complete"}"#,
                Some(Keys::Results),
            ),
            (r#"{"results":[1]}"#, None),
            (
                r#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1"}]}"#,
                Some(Keys::Payload),
            ),
            (r#"{"awslogs":{"data":"H4sI"}}"#, Some(Keys::Envelope)),
            (
                r#"{"Records":[{"eventID":"1","kinesis":{"data":"H4sI"}}]}"#,
                Some(Keys::Envelope),
            ),
            (
                r#"{"Records":[{"SequenceNumber":"1","Data":"H4sI"}]}"#,
                Some(Keys::Envelope),
            ),
            (r#"{"Records":[{"s3":{}}]}"#, None),
            (
                r#"{"invocationId":"1","records":[{"recordId":"1","data":"H4sI"}]}"#,
                Some(Keys::Envelope),
            ),
            (r#"{"records":5}"#, None),
            (r#"{"attemptsMade":1,"rawData":"H4sI"}"#, Some(Keys::Envelope)),
            (r#"{"msg":"the \"events\" of today"}"#, None),
            (r#"{"level":"INFO"}"#, None),
            (
                r#"{"events":[{"timestamp":1},{"timestamp":NaN}]}"#,
                Some(Keys::Events),
            ),
            (r#"{"level":NaN,"events":7}"#, None),
        ] {
            assert_eq!(of(object.as_bytes()), expected, "{object}");
        }
    }

    #[test]
    fn objects_whose_end_is_not_there() {
        for (beginning, expected) in [
            (r#"{"events":[{"timestamp":1},{"#, Some(Keys::Events)),
            (r#"{"queryLanguage":"CWLI","results" : [ ["#, Some(Keys::Results)),
            (r#"{"events":7,"text":""#, None),
            (r#"{"events":["#, None),
            (
                r#"{"messageType":"DATA_MESSAGE","logEvents":[{"message":"an \"events\" x"#,
                None,
            ),
            (r#"{"level":"INFO","#, None),
        ] {
            assert_eq!(of_beginning(beginning.as_bytes()), expected, "{beginning}");
        }
    }
}
