//! Inspections that can't be complete say so.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use insq::arrow_array::{Float64Array, RecordBatch};
use insq::{Engine, ErrorCode, RunControl};

const LOG: &str = "2026-03-04T00:00:00.000Z one\n2026-03-04T00:00:01.000Z two\n";

#[test]
fn what_was_cancelled_is_no_answer() {
    let engine = Engine::builder().reader("a.log", LOG.as_bytes()).build().unwrap();
    let control = RunControl::default();
    control.cancellation.cancel();
    let error = engine.inspect(false, &control).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
}

#[test]
fn streams_are_inspected_once() {
    let engine = Engine::builder().reader("a.log", LOG.as_bytes()).build().unwrap();
    let control = RunControl::default();
    assert_eq!(engine.inspect(false, &control).unwrap().0.events, 2);
    let error = engine.inspect(false, &control).unwrap_err();
    assert!(
        error.to_string().contains("a.log can be read once only"),
        "{error}"
    );
}

#[test]
fn batches_are_no_files() {
    let column = Arc::new(Float64Array::from(vec![1.0])) as _;
    let batch = RecordBatch::try_from_iter([("n", column)]).unwrap();
    let engine = Engine::builder().batches(vec![batch]).build().unwrap();
    assert!(!engine.reads_once());
    let error = engine.inspect(false, &RunControl::default()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Input);
    assert!(
        error.to_string().contains("record batches are no files"),
        "{error}"
    );
}
