//! The fields of an event.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::value::number_of;
use super::{Row, Value, maps};

/// Braces at which an object is looked for.
const FRAGMENT_ATTEMPTS_MAX: usize = 16;

/// One event of a log.
#[derive(Clone, Debug)]
pub struct LogEvent {
    /// When it was logged, milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// Its text.
    pub message: String,
    /// Its stream.
    pub log_stream: String,
}

impl LogEvent {
    pub(super) fn row(&self, position: usize) -> Row {
        let mut structures = BTreeMap::new();
        if let Some(object) = first_object(&self.message) {
            discover(object, "", &mut structures);
        }
        let leaves = structures
            .iter()
            .filter_map(|(path, json)| Some((path.clone(), Value::Text(maps::leaf(json)?))));
        let mut fields: BTreeMap<String, Value> = leaves.collect();
        let mut system = |name: &str, value: Value| {
            fields.insert(name.to_owned(), value);
        };
        system("@timestamp", Value::Time(self.timestamp_ms));
        system("@message", Value::Text(self.message.clone()));
        system("@logStream", Value::Text(self.log_stream.clone()));
        if let Some(report) = self.message.strip_prefix("REPORT RequestId: ") {
            system("@type", Value::Text("REPORT".to_owned()));
            self::report(report, &mut system);
        }
        for (beginning, kind) in [("START RequestId: ", "START"), ("END RequestId: ", "END")] {
            if let Some(rest) = self.message.strip_prefix(beginning) {
                let id = rest.split(' ').next().unwrap_or_default();
                system("@type", Value::Text(kind.to_owned()));
                system("@requestId", Value::Text(id.to_owned()));
            }
        }
        Row {
            fields,
            structures,
            time: Some(self.timestamp_ms),
            position,
        }
    }
}

/// `id\tDuration: 1.5 ms\tMemory Size: 128 MB\t…`
fn report(text: &str, system: &mut dyn FnMut(&str, Value)) {
    let mut parts = text.split('\t');
    if let Some(id) = parts.next() {
        system("@requestId", Value::Text(id.to_owned()));
    }
    for part in parts {
        let Some((name, measure)) = part.split_once(": ") else {
            continue;
        };
        let Some((digits, unit)) = measure.split_once(' ') else {
            continue;
        };
        let field = match name {
            "Duration" => "@duration",
            "Billed Duration" => "@billedDuration",
            "Memory Size" => "@memorySize",
            "Max Memory Used" => "@maxMemoryUsed",
            "Init Duration" => "@initDuration",
            _ => continue,
        };
        let scale = if unit == "MB" { 1_000_000.0 } else { 1.0 };
        if let Some(number) = number_of(digits) {
            system(field, Value::Number(number * scale));
        }
    }
}

/// The first text in a message that is a JSON object.
fn first_object(message: &str) -> Option<&str> {
    let braces = message.match_indices('{').take(FRAGMENT_ATTEMPTS_MAX);
    braces.into_iter().find_map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&message[at..]).into_iter::<&RawValue>();
        values.next()?.ok().map(RawValue::get)
    })
}

/// What is in a JSON object, and in the maps and lists within it, by dotted paths. Without null.
pub(super) fn discover(json: &str, prefix: &str, found: &mut BTreeMap<String, String>) {
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(json) {
        for (name, member) in members {
            enter(member.get(), format!("{prefix}{name}"), found);
        }
    } else if !prefix.is_empty()
        && let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(json)
    {
        for (idx, element) in elements.into_iter().enumerate() {
            enter(element.get(), format!("{prefix}{idx}"), found);
        }
    }
}

fn enter(json: &str, path: String, found: &mut BTreeMap<String, String>) {
    if json == "null" {
        return;
    }
    if maps::is_structure(json) {
        discover(json, &format!("{path}."), found);
    }
    found.insert(path, json.to_owned());
}
