//! What a subscription delivers: objects with the events of one stream, and the envelopes that they travel in.

use std::io::Read;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::decompress::Codec;

/// The payload of one record is at most so large when it is unpacked, bytes; the service's own limit is 6 MB.
pub(crate) const PAYLOAD_BYTES_MAX: u64 = 64 << 20;

/// An object of events of one stream.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payload<'a> {
    #[serde(default)]
    message_type: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    log_group: String,
    #[serde(default)]
    log_stream: String,
    #[serde(borrow)]
    log_events: Vec<&'a RawValue>,
}

/// One event of a payload.
#[derive(Deserialize)]
pub(crate) struct PayloadEvent {
    pub(crate) timestamp: i64,
    pub(crate) message: String,
}

/// The messages that a service sends to see whether the destination takes them.
const CONTROL_MESSAGE: &str = "CONTROL_MESSAGE";

impl<'a> Payload<'a> {
    /// The events, as JSON text; none of a message that only tests the connection.
    pub(crate) fn events(&self) -> &[&'a RawValue] {
        if self.message_type == CONTROL_MESSAGE {
            &[]
        } else {
            &self.log_events
        }
    }

    pub(crate) fn stream(&self) -> Option<Arc<str>> {
        (!self.log_stream.is_empty()).then(|| Arc::from(self.log_stream.as_str()))
    }

    /// `account:group`
    pub(crate) fn log(&self) -> Option<Arc<str>> {
        match (self.log_group.is_empty(), self.owner.is_empty()) {
            (true, _) => None,
            (false, true) => Some(Arc::from(self.log_group.as_str())),
            (false, false) => Some(Arc::from(format!("{}:{}", self.owner, self.log_group))),
        }
    }
}

/// The texts in base64 that an object carries payloads in.
pub(crate) fn packed_texts(object: &[u8]) -> Option<Vec<String>> {
    let envelope: Envelope = serde_json::from_slice(object).ok()?;
    let mut texts: Vec<String> = Vec::new();
    texts.extend(envelope.awslogs.map(|logs| logs.data));
    texts.extend(envelope.raw_data);
    let records = envelope.records_of_stream.into_iter().chain(envelope.records);
    for record in records.flatten() {
        texts.extend(record.kinesis.map(|kinesis| kinesis.data));
        texts.extend(record.data_of_stream);
        texts.extend(record.data);
    }
    Some(texts)
}

#[derive(Deserialize)]
struct Envelope {
    /// What a function gets that subscribes.
    awslogs: Option<Data>,
    /// What a function gets from a stream, and `get-records` prints.
    #[serde(rename = "Records")]
    records_of_stream: Option<Vec<Record>>,
    /// What a function gets that transforms a delivery.
    records: Option<Vec<Record>>,
    /// What a delivery that failed leaves.
    #[serde(rename = "rawData")]
    raw_data: Option<String>,
}

#[derive(Deserialize)]
struct Record {
    kinesis: Option<Data>,
    #[serde(rename = "Data")]
    data_of_stream: Option<String>,
    data: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    data: String,
}

/// The bytes that a text in base64 holds, unpacked when they are gzip.
///
/// # Errors
/// In words: no base64, damaged gzip, or more than [`PAYLOAD_BYTES_MAX`].
pub(crate) fn unpack(text: &str) -> Result<Vec<u8>, String> {
    let packed = STANDARD
        .decode(text.trim())
        .map_err(|cause| format!("no base64: {cause}"))?;
    let Some(codec) = Codec::of(&packed) else {
        return Ok(packed);
    };
    let mut unpacked = Vec::new();
    let reader = crate::members::members(codec, std::io::Cursor::new(packed));
    reader
        .and_then(|reader| reader.take(PAYLOAD_BYTES_MAX + 1).read_to_end(&mut unpacked))
        .map_err(|cause| format!("damaged payload: {cause}"))?;
    if unpacked.len() as u64 > PAYLOAD_BYTES_MAX {
        return Err(format!("a payload of more than {PAYLOAD_BYTES_MAX} bytes"));
    }
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(bytes: &[u8]) -> String {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        STANDARD.encode(encoder.finish().unwrap())
    }

    #[test]
    fn payloads() {
        let text = r#"{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"/aws/lambda/orders",
            "logStream":"s","subscriptionFilters":["f"],"logEvents":[{"id":"39","timestamp":7,"message":"hello\n"}]}"#;
        let payload: Payload<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(payload.log().as_deref(), Some("123456789012:/aws/lambda/orders"));
        assert_eq!(payload.stream().as_deref(), Some("s"));
        let event: PayloadEvent = serde_json::from_str(payload.events()[0].get()).unwrap();
        assert_eq!((event.timestamp, event.message.as_str()), (7, "hello\n"));
        let control = text.replace("DATA_MESSAGE", "CONTROL_MESSAGE");
        let payload: Payload<'_> = serde_json::from_str(&control).unwrap();
        assert!(payload.events().is_empty());
    }

    #[test]
    fn envelopes() {
        for (object, expected) in [
            (r#"{"awslogs":{"data":"YQ=="}}"#, vec!["YQ=="]),
            (
                r#"{"Records":[{"kinesis":{"data":"YQ=="}},{"kinesis":{"data":"Yg=="}}]}"#,
                vec!["YQ==", "Yg=="],
            ),
            (
                r#"{"Records":[{"Data":"YQ==","PartitionKey":"1"}],"NextShardIterator":"x"}"#,
                vec!["YQ=="],
            ),
            (r#"{"records":[{"recordId":"1","data":"YQ=="}]}"#, vec!["YQ=="]),
            (r#"{"attemptsMade":4,"rawData":"YQ=="}"#, vec!["YQ=="]),
        ] {
            assert_eq!(packed_texts(object.as_bytes()).unwrap(), expected, "{object}");
        }
        assert_eq!(packed_texts(br#"{"Records":7}"#), None);
    }

    #[test]
    fn what_is_packed_has_a_limit() {
        assert_eq!(unpack(&packed(b"hello")).unwrap(), b"hello");
        assert_eq!(unpack(&STANDARD.encode("plain")).unwrap(), b"plain");
        assert!(unpack("*").unwrap_err().contains("base64"));
        let at_limit = vec![b'x'; PAYLOAD_BYTES_MAX as usize];
        assert_eq!(unpack(&packed(&at_limit)).unwrap().len(), at_limit.len());
        let over = [&at_limit[..], b"x"].concat();
        assert!(unpack(&packed(&over)).unwrap_err().contains("more than"));
    }
}
