//! The lines that Lambda itself writes, in its text and in its JSON log format.

use super::invocation::{Fresh, Invocation, Line, Outcome, Trace};
use super::text::{push_hex, push_hundredths, push_iso, push_number, push_uuid};
use crate::model::Function;

const RUNTIME_ARN: &[u8] =
    b"arn:aws:lambda:eu-west-1::runtime:8eeff65f6809a3ce81507fe733fe09b835899b99481ba22fd75b5a7338290ec1";

/// Writes a platform line as text, with the line feed that ends it.
pub(super) fn push_text(out: &mut Vec<u8>, line: Line, call: &Invocation, runtime: &str) {
    match line {
        Line::FreshStart => {
            out.extend_from_slice(match call.fresh {
                Some(Fresh::Restore(_)) => b"RESTORE_START Runtime Version: ".as_slice(),
                _ => b"INIT_START Runtime Version: ",
            });
            out.extend_from_slice(runtime.as_bytes());
            out.extend_from_slice(b"\tRuntime Version ARN: ");
            out.extend_from_slice(RUNTIME_ARN);
        }
        Line::FreshDone => {
            out.extend_from_slice(b"RESTORE_REPORT Restore Duration: ");
            push_hundredths(out, call.fresh.map_or(0, Fresh::hundredths));
            out.extend_from_slice(b" ms");
        }
        Line::Start => {
            out.extend_from_slice(b"START RequestId: ");
            push_uuid(out, call.request_id);
            out.extend_from_slice(b" Version: $LATEST");
        }
        Line::End => {
            out.extend_from_slice(b"END RequestId: ");
            push_uuid(out, call.request_id);
        }
        Line::Report => push_report(out, call),
        Line::App(_) | Line::Throttled | Line::Error => {}
    }
    out.push(b'\n');
}

fn push_report(out: &mut Vec<u8>, call: &Invocation) {
    out.extend_from_slice(b"REPORT RequestId: ");
    push_uuid(out, call.request_id);
    out.extend_from_slice(b"\tDuration: ");
    push_hundredths(out, call.duration_hundredths);
    push_label(out, b" ms\tBilled Duration: ", call.billed_ms());
    push_label(out, b" ms\tMemory Size: ", u64::from(call.memory_mb));
    push_label(out, b" MB\tMax Memory Used: ", u64::from(call.used_mb));
    out.extend_from_slice(b" MB\t");
    match call.fresh {
        Some(Fresh::Restore(hundredths)) => {
            out.extend_from_slice(b"Restore Duration: ");
            push_hundredths(out, hundredths);
            push_label(out, b" ms\tBilled Restore Duration: ", call.billed_restore_ms());
            out.extend_from_slice(b" ms\t");
        }
        Some(Fresh::Init(hundredths)) => {
            out.extend_from_slice(b"Init Duration: ");
            push_hundredths(out, hundredths);
            out.extend_from_slice(b" ms\t");
        }
        None => {}
    }
    out.extend_from_slice(match call.outcome {
        Outcome::Success | Outcome::HandledError => b"".as_slice(),
        Outcome::Timeout => b"Status: timeout",
        Outcome::Crash => b"Status: error\tError Type: Runtime.ExitError",
        Outcome::OutOfMemory => b"Status: error\tError Type: Runtime.OutOfMemory",
    });
    if let Some(trace) = call.trace {
        out.extend_from_slice(b"\nXRAY TraceId: ");
        push_trace_id(out, trace, call);
        out.extend_from_slice(b"\tSegmentId: ");
        push_hex(out, u128::from(trace.segment), 16);
        out.extend_from_slice(if trace.is_sampled {
            b"\tSampled: true\t".as_slice()
        } else {
            b"\tSampled: false\t"
        });
    }
}

fn push_label(out: &mut Vec<u8>, label: &[u8], value: u64) {
    out.extend_from_slice(label);
    push_number(out, value);
}

/// `1-` seconds of the call in hexadecimal `-` 96 random bits.
fn push_trace_id(out: &mut Vec<u8>, trace: Trace, call: &Invocation) {
    out.extend_from_slice(b"1-");
    push_hex(out, (call.arrival / 1_000_000) as u128, 8);
    out.push(b'-');
    push_hex(out, trace.random, 24);
}

/// Writes a platform line in the JSON log format; such messages end without a line feed.
pub(super) fn push_json(
    out: &mut Vec<u8>,
    line: Line,
    at_ms: i64,
    call: &Invocation,
    function: &Function,
    runtime: &str,
) {
    out.extend_from_slice(b"{\"time\":\"");
    push_iso(out, at_ms);
    match line {
        Line::FreshStart => {
            out.extend_from_slice(b"\",\"type\":\"platform.initStart\",\"record\":{\"initializationType\":\"on-demand\",\"phase\":\"init\",\"runtimeVersion\":\"");
            out.extend_from_slice(runtime.as_bytes());
            out.extend_from_slice(b"\",\"runtimeVersionArn\":\"");
            out.extend_from_slice(RUNTIME_ARN);
            out.extend_from_slice(b"\",\"functionName\":\"");
            out.extend_from_slice(function.name.as_bytes());
            out.extend_from_slice(b"\",\"functionVersion\":\"$LATEST\"}}");
        }
        Line::Start => {
            out.extend_from_slice(b"\",\"type\":\"platform.start\",\"record\":{\"requestId\":\"");
            push_uuid(out, call.request_id);
            out.extend_from_slice(b"\",\"version\":\"$LATEST\"");
            push_json_tracing(out, call);
            out.extend_from_slice(b"}}");
        }
        _ => push_json_report(out, call),
    }
}

fn push_json_report(out: &mut Vec<u8>, call: &Invocation) {
    out.extend_from_slice(b"\",\"type\":\"platform.report\",\"record\":{\"requestId\":\"");
    push_uuid(out, call.request_id);
    out.extend_from_slice(b"\",\"metrics\":{\"durationMs\":");
    // Three decimals, as that format writes them; the third is 0 because text logs have only two.
    push_hundredths(out, call.duration_hundredths);
    push_label(out, b"0,\"billedDurationMs\":", call.billed_ms());
    push_label(out, b",\"memorySizeMB\":", u64::from(call.memory_mb));
    push_label(out, b",\"maxMemoryUsedMB\":", u64::from(call.used_mb));
    match call.fresh {
        Some(Fresh::Init(hundredths)) => {
            out.extend_from_slice(b",\"initDurationMs\":");
            push_hundredths(out, hundredths);
        }
        Some(Fresh::Restore(hundredths)) => {
            out.extend_from_slice(b",\"restoreDurationMs\":");
            push_hundredths(out, hundredths);
            push_label(out, b",\"billedRestoreDurationMs\":", call.billed_restore_ms());
        }
        None => {}
    }
    out.extend_from_slice(b"}");
    push_json_tracing(out, call);
    out.extend_from_slice(match call.outcome {
        Outcome::Success | Outcome::HandledError => b",\"status\":\"success\"}}".as_slice(),
        Outcome::Timeout => b",\"status\":\"timeout\"}}",
        Outcome::Crash => b",\"status\":\"error\",\"errorType\":\"Runtime.ExitError\"}}",
        Outcome::OutOfMemory => b",\"status\":\"error\",\"errorType\":\"Runtime.OutOfMemory\"}}",
    });
}

fn push_json_tracing(out: &mut Vec<u8>, call: &Invocation) {
    if let Some(trace) = call.trace {
        out.extend_from_slice(b",\"tracing\":{\"spanId\":\"");
        push_hex(out, u128::from(trace.segment), 16);
        out.extend_from_slice(b"\",\"type\":\"X-Amzn-Trace-Id\",\"value\":\"Root=");
        push_trace_id(out, trace, call);
        out.extend_from_slice(b";Parent=");
        push_hex(out, u128::from(trace.segment.rotate_left(32)), 16);
        out.extend_from_slice(b";Sampled=1\"}");
    }
}
