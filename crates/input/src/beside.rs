//! Fields that a container holds beside the message: the columns of a saved result.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringViewBuilder};
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, cast::AsArray};
use insq_event::{ColumnType, SystemField};
use serde_json::{Map, Value};

use crate::framed::{Beside, Event};

/// True when one of the events has such fields.
pub(crate) fn any(events: &[Event]) -> bool {
    events.iter().any(|event| event.columns.is_some())
}

/// A system field as the messages tell it, `told`, with what stands beside them put in.
pub(crate) fn put_in(
    field: SystemField,
    told: ArrayRef,
    bytes: &[u8],
    events: &[Event],
    beside: &Beside,
) -> ArrayRef {
    let given = |event: &Event| -> Option<String> {
        let object: Map<String, Value> = serde_json::from_slice(beside.columns_of(event, bytes)?).ok()?;
        match object.get(field.name())? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    };
    match field.column_type() {
        ColumnType::Number => {
            let told = told.as_primitive::<Float64Type>();
            let mut builder = Float64Builder::with_capacity(events.len());
            for (row, event) in events.iter().enumerate() {
                let number =
                    given(event).and_then(|text| text.trim().parse().ok().filter(|n: &f64| n.is_finite()));
                builder.append_option(number.or_else(|| told.is_valid(row).then(|| told.value(row))));
            }
            Arc::new(builder.finish())
        }
        ColumnType::Text => {
            let told = told.as_string_view();
            let mut builder = StringViewBuilder::new().with_deduplicate_strings();
            for (row, event) in events.iter().enumerate() {
                match given(event) {
                    Some(text) => builder.append_value(text),
                    None => builder.append_option(told.is_valid(row).then(|| told.value(row))),
                }
            }
            Arc::new(builder.finish())
        }
        // Times stand in columns of their own.
        _ => told,
    }
}
