//! One list of events in every container that logs come in.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::archives::{ArchivedFile, files_below, tar, zip};
use super::format::push_json_string;
use crate::generate::text::push_iso;

/// An event with everything that the service knows of it.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// Milliseconds since the epoch.
    pub ingestion_ms: i64,
    /// Name of the log group.
    pub group: String,
    /// Name of the log stream.
    pub stream: String,
    /// The message, with the line feed at its end.
    pub message: String,
}

/// What a container does not keep of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The log group.
    Group,
    /// The stream.
    Stream,
    /// The milliseconds of the time.
    Milliseconds,
    /// Blanks and tabs at the end of a message.
    TrailingBlanks,
    /// The time of ingestion.
    Ingestion,
}

/// A container.
pub struct Container {
    /// What messages call it.
    pub name: &'static str,
    /// What it does not keep.
    pub losses: &'static [Loss],
    write: fn(&[LoggedEvent], &Path) -> io::Result<()>,
}

impl Container {
    /// Writes the events into `folder`, which exists and is empty.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, events: &[LoggedEvent], folder: &Path) -> io::Result<()> {
        (self.write)(events, folder)
    }
}

/// What is to be named to have the events read that a container was written into `folder` of: archives in folders are left
/// alone.
pub fn input_in(folder: &Path) -> PathBuf {
    let archives = ARCHIVES.iter().map(|name| folder.join(name));
    let archive = archives.into_iter().find(|path| path.is_file());
    archive.unwrap_or_else(|| folder.to_owned())
}

/// The names of archives.
const ARCHIVES: [&str; 2] = ["logs.tar.gz", "logs.zip"];

/// Account of every log group.
const OWNER: &str = "123456789012";

/// Every container.
pub const CONTAINERS: &[Container] = &[
    Container {
        name: "export tree",
        losses: &[Loss::Group, Loss::Ingestion],
        write: export_tree,
    },
    Container {
        name: "export tree in a tar archive in gzip",
        losses: &[Loss::Group, Loss::Ingestion],
        write: |events, folder| archive(events, folder, ARCHIVES[0], |files| gzip(&tar(files)?)),
    },
    Container {
        name: "export tree in a zip archive",
        losses: &[Loss::Group, Loss::Ingestion],
        write: |events, folder| archive(events, folder, ARCHIVES[1], zip),
    },
    Container {
        name: "filter-log-events",
        losses: &[Loss::Group],
        write: |events, folder| one_file(folder, "events.json", &filter_log_events(events)),
    },
    Container {
        name: "filter-log-events, pages one after another",
        losses: &[Loss::Group],
        write: |events, folder| {
            let pages: Vec<String> = events.chunks(100).map(filter_log_events).collect();
            one_file(folder, "pages.json", &pages.concat())
        },
    },
    Container {
        name: "filter-log-events, bare array",
        losses: &[Loss::Group],
        write: |events, folder| {
            one_file(
                folder,
                "array.json",
                &format!("[{}]", api_events(events).join(",\n")),
            )
        },
    },
    Container {
        name: "filter-log-events, an event a line",
        losses: &[Loss::Group],
        write: |events, folder| one_file(folder, "events.jsonl", &(api_events(events).join("\n") + "\n")),
    },
    Container {
        name: "filter-log-events, text",
        losses: &[Loss::Group],
        write: |events, folder| one_file(folder, "events.txt", &cli_text(events)),
    },
    Container {
        name: "filter-log-events, text in UTF-16",
        losses: &[Loss::Group],
        write: |events, folder| {
            let units = format!("\u{feff}{}", cli_text(events));
            let bytes: Vec<u8> = units.encode_utf16().flat_map(u16::to_le_bytes).collect();
            std::fs::write(folder.join("events.txt"), bytes)
        },
    },
    Container {
        name: "get-log-events",
        losses: &[Loss::Group, Loss::Stream],
        write: |events, folder| one_file(folder, "stream.json", &get_log_events(events)),
    },
    Container {
        name: "payloads",
        losses: &[Loss::Ingestion],
        write: |events, folder| one_file(folder, "to-s3-1-uncompressed", &payloads(events).concat()),
    },
    Container {
        name: "payloads, one a line",
        losses: &[Loss::Ingestion],
        write: |events, folder| one_file(folder, "to-s3-1-lines", &(payloads(events).join("\n") + "\n")),
    },
    Container {
        name: "payloads, gzip members back to back",
        losses: &[Loss::Ingestion],
        write: |events, folder| {
            let members: io::Result<Vec<Vec<u8>>> = payloads(events)
                .iter()
                .map(|text| gzip(text.as_bytes()))
                .collect();
            std::fs::write(folder.join("to-s3-1"), members?.concat())
        },
    },
    Container {
        name: "payloads, gzip in gzip",
        losses: &[Loss::Ingestion],
        write: |events, folder| {
            let members: io::Result<Vec<Vec<u8>>> = payloads(events)
                .iter()
                .map(|text| gzip(text.as_bytes()))
                .collect();
            std::fs::write(folder.join("to-s3-1.gz"), gzip(&members?.concat())?)
        },
    },
    Container {
        name: "records of a stream",
        losses: &[Loss::Ingestion],
        write: |events, folder| one_file(folder, "records.json", &records(events)?),
    },
    Container {
        name: "events of a subscribed function",
        losses: &[Loss::Ingestion],
        write: |events, folder| {
            let texts: io::Result<Vec<String>> = payloads(events)
                .iter()
                .map(|text| {
                    Ok(format!(
                        "{{\"awslogs\": {{\"data\": \"{}\"}}}}\n",
                        STANDARD.encode(gzip(text.as_bytes())?)
                    ))
                })
                .collect();
            one_file(folder, "awslogs.json", &texts?.concat())
        },
    },
    Container {
        name: "tail",
        losses: &[Loss::Group, Loss::Ingestion, Loss::TrailingBlanks],
        write: |events, folder| one_file(folder, "tail.log", &tail(events, false)),
    },
    Container {
        name: "tail in colours",
        losses: &[Loss::Group, Loss::Ingestion, Loss::TrailingBlanks],
        write: |events, folder| one_file(folder, "tail.log", &tail(events, true)),
    },
    Container {
        name: "short tail",
        losses: &[
            Loss::Group,
            Loss::Stream,
            Loss::Ingestion,
            Loss::Milliseconds,
            Loss::TrailingBlanks,
        ],
        write: |events, folder| one_file(folder, "tail.log", &short_tail(events)),
    },
    Container {
        name: "sam logs",
        losses: &[Loss::Group, Loss::Ingestion, Loss::TrailingBlanks],
        write: |events, folder| one_file(folder, "sam.log", &sam_logs(events)),
    },
    Container {
        name: "query results",
        losses: &[],
        write: |events, folder| one_file(folder, "results.json", &query_results(events)),
    },
    Container {
        name: "console JSON",
        losses: &[],
        write: |events, folder| one_file(folder, "logs-insights-results.json", &console_json(events)),
    },
    Container {
        name: "console CSV",
        losses: &[],
        write: |events, folder| one_file(folder, "logs-insights-results.csv", &console_csv(events)),
    },
    Container {
        name: "log viewer CSV",
        losses: &[Loss::Group, Loss::Stream, Loss::Ingestion],
        write: |events, folder| one_file(folder, "log-events-viewer-result.csv", &viewer_csv(events)),
    },
];

fn one_file(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    std::fs::write(folder.join(name), text)
}

/// The bytes as one member of gzip.
///
/// # Errors
/// Those of the encoder.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn json(text: &str) -> String {
    let mut out = Vec::new();
    push_json_string(&mut out, text.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

/// `2026-03-04T00:00:00.123Z`
fn iso(ms: i64) -> String {
    let mut out = Vec::new();
    push_iso(&mut out, ms);
    String::from_utf8_lossy(&out).into_owned()
}

/// `2026-03-04 00:00:00.123`
fn row_time(ms: i64) -> String {
    iso(ms).replace('T', " ").replace('Z', "")
}

fn export_tree(events: &[LoggedEvent], folder: &Path) -> io::Result<()> {
    // The write test comes before any event.
    std::fs::create_dir_all(folder.join("exportedlogs"))?;
    for (stream, events) in by_stream(events) {
        let folder = folder.join("exportedlogs/task").join(stream.replace('/', "-"));
        std::fs::create_dir_all(&folder)?;
        let lines: Vec<String> = events
            .iter()
            .map(|event| format!("{} {}\n", iso(event.timestamp_ms), event.message))
            .collect();
        std::fs::write(folder.join("000000.gz"), gzip(lines.concat().as_bytes())?)?;
    }
    one_file(
        &folder.join("exportedlogs"),
        "aws-logs-write-test",
        "Permission Check Successful",
    )
}

/// An export tree in one file.
fn archive(
    events: &[LoggedEvent],
    folder: &Path,
    name: &str,
    pack: impl Fn(&[ArchivedFile]) -> io::Result<Vec<u8>>,
) -> io::Result<()> {
    export_tree(events, folder)?;
    let files = files_below(folder)?;
    std::fs::remove_dir_all(folder.join("exportedlogs"))?;
    std::fs::write(folder.join(name), pack(&files)?)
}

/// Events by stream, streams in the order of their first event.
fn by_stream(events: &[LoggedEvent]) -> Vec<(&str, Vec<&LoggedEvent>)> {
    let mut streams: Vec<(&str, Vec<&LoggedEvent>)> = Vec::new();
    for event in events {
        match streams.iter_mut().find(|(stream, _)| *stream == event.stream) {
            Some((_, members)) => members.push(event),
            None => streams.push((&event.stream, vec![event])),
        }
    }
    streams
}

fn event_id(position: usize) -> String {
    format!("39{position:054}")
}

fn api_events(events: &[LoggedEvent]) -> Vec<String> {
    let text = |(position, event): (usize, &LoggedEvent)| {
        format!(
            "{{\"logStreamName\":{},\"timestamp\":{},\"message\":{},\"ingestionTime\":{},\"eventId\":\"{}\"}}",
            json(&event.stream),
            event.timestamp_ms,
            json(&event.message),
            event.ingestion_ms,
            event_id(position)
        )
    };
    events.iter().enumerate().map(text).collect()
}

fn filter_log_events(events: &[LoggedEvent]) -> String {
    format!(
        "{{\"events\": [{}], \"searchedLogStreams\": []}}",
        api_events(events).join(",\n")
    )
}

fn get_log_events(events: &[LoggedEvent]) -> String {
    let text = |event: &LoggedEvent| {
        format!(
            "{{\"timestamp\":{},\"message\":{},\"ingestionTime\":{}}}",
            event.timestamp_ms,
            json(&event.message),
            event.ingestion_ms
        )
    };
    let events: Vec<String> = events.iter().map(text).collect();
    format!(
        "{{\"events\": [{}], \"nextForwardToken\": \"f/39/s\", \"nextBackwardToken\": \"b/39/s\"}}",
        events.join(", ")
    )
}

fn cli_text(events: &[LoggedEvent]) -> String {
    let text = |(position, event): (usize, &LoggedEvent)| {
        format!(
            "EVENTS\t{}\t{}\t{}\t{}\t{}\n",
            event_id(position),
            event.ingestion_ms,
            event.stream,
            event.message,
            event.timestamp_ms
        )
    };
    events.iter().enumerate().map(text).collect()
}

/// Events of a payload at most.
const PAYLOAD_EVENTS: usize = 20;

/// A message that tests the connection first, then the events, each stream in payloads of its own.
fn payloads(events: &[LoggedEvent]) -> Vec<String> {
    let mut payloads = vec![
        "{\"messageType\":\"CONTROL_MESSAGE\",\"owner\":\"CloudwatchLogs\",\"logGroup\":\"\",\"logStream\":\"\",\
         \"subscriptionFilters\":[],\"logEvents\":[{\"id\":\"\",\"timestamp\":1,\"message\":\"CWL CONTROL MESSAGE: \
         Checking health of destination Firehose.\"}]}"
            .to_owned(),
    ];
    for (stream, events) in by_stream(events) {
        for (number, events) in events.chunks(PAYLOAD_EVENTS).enumerate() {
            let texts: Vec<String> = events
                .iter()
                .map(|event| {
                    format!(
                        "{{\"id\":\"{}\",\"timestamp\":{},\"message\":{}}}",
                        event_id(number),
                        event.timestamp_ms,
                        json(&event.message)
                    )
                })
                .collect();
            payloads.push(format!(
                "{{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"{OWNER}\",\"logGroup\":{},\"logStream\":{},\
                 \"subscriptionFilters\":[\"all\"],\"logEvents\":[{}]}}",
                json(&events[0].group),
                json(stream),
                texts.join(",")
            ));
        }
    }
    payloads
}

fn records(events: &[LoggedEvent]) -> io::Result<String> {
    let records: io::Result<Vec<String>> = payloads(events)
        .iter()
        .map(|text| {
            Ok(format!(
                "{{\"kinesis\":{{\"partitionKey\":\"1\",\"data\":\"{}\"}},\"eventSource\":\"aws:kinesis\"}}",
                STANDARD.encode(gzip(text.as_bytes())?)
            ))
        })
        .collect();
    Ok(format!("{{\"Records\":[{}]}}", records?.join(",")))
}

/// As the command line prints them: documents on lines of their own, indented.
fn tail(events: &[LoggedEvent], is_coloured: bool) -> String {
    let colour = |code: &str, text: &str| match is_coloured {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_owned(),
    };
    let line = |event: &LoggedEvent| {
        let time = iso(event.timestamp_ms).replace('Z', "000+00:00");
        let (time, stream) = (colour("32", &time), colour("36", &event.stream));
        format!("{time} {stream} {}\n", event.message.trim_end())
    };
    events.iter().map(line).collect()
}

fn short_tail(events: &[LoggedEvent]) -> String {
    let line = |event: &LoggedEvent| {
        format!(
            "{} {}\n",
            &iso(event.timestamp_ms)[..19],
            event.message.trim_end()
        )
    };
    events.iter().map(line).collect()
}

fn sam_logs(events: &[LoggedEvent]) -> String {
    let line = |event: &LoggedEvent| {
        let time = iso(event.timestamp_ms).replace('Z', "000");
        format!("{} {time} {}\n", event.stream, event.message.trim_end())
    };
    events.iter().map(line).collect()
}

/// The columns of a saved query for all that there is.
fn columns(event: &LoggedEvent) -> [(&'static str, String); 5] {
    [
        ("@timestamp", row_time(event.timestamp_ms)),
        ("@ingestionTime", row_time(event.ingestion_ms)),
        ("@message", event.message.clone()),
        ("@logStream", event.stream.clone()),
        ("@log", format!("{OWNER}:{}", event.group)),
    ]
}

fn query_results(events: &[LoggedEvent]) -> String {
    let row = |event: &LoggedEvent| {
        let cells = columns(event)
            .map(|(name, value)| format!("{{\"field\":\"{name}\",\"value\":{}}}", json(&value)));
        format!("[{},{{\"field\":\"@ptr\",\"value\":\"Cl8K\"}}]", cells.join(","))
    };
    let rows: Vec<String> = events.iter().map(row).collect();
    format!(
        "{{\"queryLanguage\": \"CWLI\", \"results\": [{}], \"statistics\": {{\"recordsMatched\": 1.0}}, \
         \"status\": \"Complete\"}}",
        rows.join(",\n")
    )
}

fn console_json(events: &[LoggedEvent]) -> String {
    let row = |event: &LoggedEvent| {
        let members = columns(event).map(|(name, value)| format!("\"{name}\":{}", json(&value)));
        format!("{{{}}}", members.join(","))
    };
    let rows: Vec<String> = events.iter().map(row).collect();
    format!("[{}]", rows.join(","))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn console_csv(events: &[LoggedEvent]) -> String {
    let mut out = "@timestamp,@ingestionTime,@message,@logStream,@log\n".to_owned();
    for event in events {
        out.push_str(&columns(event).map(|(_, value)| quoted(&value)).join(","));
        out.push('\n');
    }
    out
}

fn viewer_csv(events: &[LoggedEvent]) -> String {
    let mut out = "timestamp,message\n".to_owned();
    for event in events {
        out.push_str(&format!("{},{}\n", event.timestamp_ms, quoted(&event.message)));
    }
    out
}
