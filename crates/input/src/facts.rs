//! What REPORT events say, read once per event for all the columns that ask for it.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{Float64Builder, StringViewBuilder};
use insq_event::{DamageKind, EventKind, ScanField, ScanRequest, SourceError, SystemField};

use crate::error::DamageNotes;
use crate::framed::Event;
use crate::platform;
use crate::report::{Report, ReportFacts, Trace, is_report, read_duration, read_report};

/// The facts of some events, as far as a request asks for any.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// One per event, or none at all when only durations were asked for or nothing was.
    pub(crate) reports: Vec<ReportFacts>,
    durations: Vec<Option<f64>>,
}

/// How much of a REPORT a request asks for, the least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Nothing,
    Duration,
    Numbers,
    Everything,
}

impl Facts {
    /// # Errors
    /// [`SourceError`] for a cut REPORT line in a strict run.
    pub(crate) fn read(
        request: &ScanRequest,
        bytes: &[u8],
        events: &[Event],
        notes: &DamageNotes,
    ) -> Result<Self, SourceError> {
        let mut facts = Self::default();
        let wanted = wanted(request);
        match wanted {
            Wanted::Nothing => {}
            Wanted::Duration => {
                facts.durations.reserve(events.len());
                for event in events {
                    facts.durations.push(duration_of(bytes, event, notes)?);
                }
            }
            Wanted::Numbers | Wanted::Everything => {
                facts.reports.reserve(events.len());
                for event in events {
                    let wants_texts = wanted == Wanted::Everything;
                    facts.reports.push(facts_of(bytes, event, wants_texts, notes)?);
                }
            }
        }
        Ok(facts)
    }

    /// One number of every event.
    pub(crate) fn numbers(&self, number: impl Fn(&ReportFacts) -> Option<f64>) -> ArrayRef {
        if self.reports.is_empty() {
            return numbers(self.durations.iter().copied());
        }
        numbers(self.reports.iter().map(number))
    }

    /// One text of the trace of every event.
    pub(crate) fn traces(&self, text: impl Fn(&Trace) -> Option<&str>) -> ArrayRef {
        let mut builder = StringViewBuilder::with_capacity(self.reports.len());
        for facts in &self.reports {
            builder.append_option(facts.trace.as_deref().and_then(&text));
        }
        Arc::new(builder.finish())
    }
}

fn wanted(request: &ScanRequest) -> Wanted {
    let of_column = |field: &ScanField| match field {
        ScanField::System(SystemField::XrayTraceId | SystemField::XraySegmentId) => Wanted::Everything,
        ScanField::System(SystemField::Duration) => Wanted::Duration,
        ScanField::System(field) if field.implies_report() => Wanted::Numbers,
        _ => Wanted::Nothing,
    };
    let columns = request.columns.iter();
    columns
        .map(|column| of_column(&column.field))
        .max()
        .unwrap_or(Wanted::Nothing)
}

/// The duration alone: most REPORT lines are of the one shape that needs no search.
fn duration_of(bytes: &[u8], event: &Event, notes: &DamageNotes) -> Result<Option<f64>, SourceError> {
    let message = &bytes[event.message.clone()];
    if event
        .known
        .as_ref()
        .is_some_and(|known| known.kind != EventKind::Report)
    {
        return Ok(None);
    }
    if message.starts_with(b"REPORT RequestId: ")
        && let Some(duration) = read_duration(message)
    {
        return Ok(Some(duration));
    }
    Ok(facts_of(bytes, event, false, notes)?.duration)
}

fn facts_of(
    bytes: &[u8],
    event: &Event,
    wants_texts: bool,
    notes: &DamageNotes,
) -> Result<ReportFacts, SourceError> {
    if let Some(report) = event.known.as_ref().and_then(|known| known.report.as_deref()) {
        return Ok(report.clone());
    }
    let message = &bytes[event.message.clone()];
    if message.trim_ascii_start().first() == Some(&b'{') {
        return Ok(platform::read(message)
            .map(|event| event.facts)
            .unwrap_or_default());
    }
    if !is_report(message) {
        return Ok(ReportFacts::default());
    }
    let report = read_report(message);
    if report.is_cut {
        notes.note(DamageKind::CutReport, event.offset, None)?;
    }
    Ok(ReportFacts {
        duration: report.duration,
        billed_duration: report.billed_duration,
        init_duration: report.init_duration,
        restore_duration: report.restore_duration,
        memory_size: report.memory_size,
        max_memory_used: report.max_memory_used,
        trace: wants_texts.then(|| Box::new(trace_of(message, &report))),
    })
}

fn trace_of(message: &[u8], report: &Report) -> Trace {
    let text = |range: &Option<Range<usize>>| {
        let text = String::from_utf8_lossy(&message[range.clone()?]);
        Some(text.into_owned())
    };
    Trace {
        trace_id: text(&report.xray_trace_id),
        segment_id: text(&report.xray_segment_id),
    }
}

/// A column of numbers.
fn numbers(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    let mut builder = Float64Builder::with_capacity(values.size_hint().0);
    values.for_each(|value| builder.append_option(value));
    Arc::new(builder.finish())
}
