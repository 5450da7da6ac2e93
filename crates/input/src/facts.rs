//! What REPORT events say, read once per event into the columns that ask for it.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{ArrayRef, BooleanArray, Float64Array};
use arrow_buffer::NullBuffer;
use arrow_schema::ArrowError;
use arrow_select::filter::filter;
use insq_event::{DamageKind, EventKind, ScanField, ScanRequest, SourceError, SystemField};

use crate::error::DamageNotes;
use crate::framed::Event;
use crate::platform;
use crate::report::{
    Depth, Report, ReportFacts, ReportNumbers, Trace, is_report, read_duration, read_report,
    read_usual_numbers,
};

/// What a REPORT says of a field that is a number.
#[inline]
fn number_of(field: SystemField, numbers: &ReportNumbers) -> Option<f64> {
    match field {
        SystemField::Duration => numbers.duration,
        SystemField::BilledDuration => numbers.billed_duration,
        SystemField::InitDuration => numbers.init_duration,
        SystemField::RestoreDuration => numbers.restore_duration,
        SystemField::MemorySize => numbers.memory_size,
        SystemField::MaxMemoryUsed => numbers.max_memory_used,
        _ => None,
    }
}

/// The facts of some events, as far as a request asks for any.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    columns: Vec<(SystemField, ArrayRef)>,
    /// One per event where texts were asked for, else none.
    traces: Vec<Option<Box<Trace>>>,
}

/// One number of every event.
#[derive(Debug, Default)]
struct Column {
    values: Vec<f64>,
    is_valid: Vec<bool>,
}

impl Column {
    fn with_capacity(rows: usize) -> Self {
        Self {
            values: Vec::with_capacity(rows),
            is_valid: Vec::with_capacity(rows),
        }
    }

    #[inline]
    fn push(&mut self, value: Option<f64>) {
        self.values.push(value.unwrap_or_default());
        self.is_valid.push(value.is_some());
    }

    fn into_array(self) -> ArrayRef {
        let nulls = NullBuffer::from(self.is_valid);
        let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
        Arc::new(Float64Array::new(self.values.into(), nulls))
    }
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
        let mut columns = wanted(request, events.len());
        let mut traces = Vec::new();
        if wants_texts(request) {
            for event in events {
                let facts = facts_of(bytes, event, true, notes)?;
                push(&mut columns, &facts.numbers);
                traces.push(facts.trace);
            }
        } else if let [(SystemField::Duration, durations)] = columns.as_mut_slice() {
            for event in events {
                durations.push(duration_of(bytes, event, notes)?);
            }
        } else if !columns.is_empty() {
            let depth = depth(&columns);
            for event in events {
                push(&mut columns, &numbers_of(bytes, event, depth, notes)?);
            }
        }
        let arrays = columns
            .into_iter()
            .map(|(field, column)| (field, column.into_array()));
        Ok(Self {
            columns: arrays.collect(),
            traces,
        })
    }

    /// One number of every event; none at all for a field that the request does not ask for.
    pub(crate) fn number(&self, field: SystemField) -> ArrayRef {
        let column = self.columns.iter().find(|(known, _)| *known == field);
        column.map_or_else(|| Column::default().into_array(), |(_, array)| array.clone())
    }

    /// The facts of the events that pass.
    pub(crate) fn passed(mut self, passes: &BooleanArray) -> Result<Self, ArrowError> {
        for (_, column) in &mut self.columns {
            *column = filter(column, passes)?;
        }
        let mut rows = passes.values().iter();
        self.traces.retain(|_| rows.next().unwrap_or_default());
        Ok(self)
    }

    /// One text of the trace of every event.
    pub(crate) fn traces(&self, text: impl Fn(&Trace) -> Option<&str>) -> ArrayRef {
        let mut builder = StringViewBuilder::with_capacity(self.traces.len());
        for trace in &self.traces {
            builder.append_option(trace.as_deref().and_then(&text));
        }
        Arc::new(builder.finish())
    }
}

/// Empty columns for the numbers that are asked for.
fn wanted(request: &ScanRequest, rows: usize) -> Vec<(SystemField, Column)> {
    let mut columns: Vec<(SystemField, Column)> = Vec::new();
    for column in &request.columns {
        if let ScanField::System(field) = column.field
            && is_number(field)
            && columns.iter().all(|(known, _)| *known != field)
        {
            columns.push((field, Column::with_capacity(rows)));
        }
    }
    columns
}

#[inline]
fn push(columns: &mut [(SystemField, Column)], numbers: &ReportNumbers) {
    for (field, column) in columns {
        column.push(number_of(*field, numbers));
    }
}

fn is_number(field: SystemField) -> bool {
    field.implies_report() && !is_text(field)
}

/// Texts of the trace cost more than numbers do.
fn is_text(field: SystemField) -> bool {
    matches!(field, SystemField::XrayTraceId | SystemField::XraySegmentId)
}

fn wants_texts(request: &ScanRequest) -> bool {
    let mut columns = request.columns.iter();
    columns.any(|column| matches!(column.field, ScanField::System(field) if is_text(field)))
}

/// The duration alone: most REPORT lines are of the one shape that needs no search.
fn duration_of(bytes: &[u8], event: &Event, notes: &DamageNotes) -> Result<Option<f64>, SourceError> {
    let message = &bytes[event.message.clone()];
    if let Some(known) = &event.known {
        if known.kind != EventKind::Report {
            return Ok(None);
        }
        if let Some(numbers) = &known.report {
            return Ok(numbers.duration);
        }
    }
    if message.starts_with(b"REPORT RequestId: ")
        && let Some(duration) = read_duration(message)
    {
        return Ok(Some(duration));
    }
    Ok(facts_of(bytes, event, false, notes)?.numbers.duration)
}

/// How much of a line has to be read for some columns.
fn depth(columns: &[(SystemField, Column)]) -> Depth {
    let is_busy = |field: &SystemField| {
        use SystemField::{Duration, InitDuration, RestoreDuration};
        matches!(field, Duration | InitDuration | RestoreDuration)
    };
    if columns.iter().all(|(field, _)| is_busy(field)) {
        Depth::Busy
    } else {
        Depth::Numbers
    }
}

/// Numbers, without the texts.
#[inline]
fn numbers_of(
    bytes: &[u8],
    event: &Event,
    depth: Depth,
    notes: &DamageNotes,
) -> Result<ReportNumbers, SourceError> {
    if let Some(report) = event.known.as_ref().and_then(|known| known.report.as_deref()) {
        return Ok(*report);
    }
    if let Some(numbers) = read_usual_numbers(&bytes[event.message.clone()], depth) {
        return Ok(numbers);
    }
    Ok(facts_of(bytes, event, false, notes)?.numbers)
}

fn facts_of(
    bytes: &[u8],
    event: &Event,
    wants_texts: bool,
    notes: &DamageNotes,
) -> Result<ReportFacts, SourceError> {
    let message = &bytes[event.message.clone()];
    if message.trim_ascii_start().first() == Some(&b'{') {
        let event = platform::read(message);
        return Ok(event.map_or_else(ReportFacts::default, |event| ReportFacts {
            numbers: event.numbers,
            trace: wants_texts.then(|| event.into_trace()).flatten().map(Box::new),
        }));
    }
    if !is_report(message) {
        return Ok(ReportFacts::default());
    }
    let report = read_report(message);
    if report.is_cut {
        notes.note(DamageKind::CutReport, event.offset, None)?;
    }
    Ok(ReportFacts {
        numbers: report.numbers,
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
