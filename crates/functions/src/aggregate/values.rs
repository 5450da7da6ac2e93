//! `values`: the different values of a group as a list.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::{Accumulator, AggregateCall, AggregateFunction, state};
use crate::order::encode_text;
use crate::structure::quoted;
use crate::{Family, FunctionError, Operand, Param, ResultType, Signature, coerce};

pub(super) fn functions() -> Vec<AggregateFunction> {
    vec![AggregateFunction {
        name: "values",
        aliases: &[],
        family: Family::Aggregate,
        signature: Signature {
            params: &[Param::Value],
            required: 1,
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Json),
        needs_order: false,
        shares_state: false,
        summary: "A list of the different values, in the order of `sort`.",
        make: |call| Ok(Box::new(Values::new(call))),
    }]
}

/// What a value costs beside its bytes: its place in the tree, and two allocations.
const VALUE_OVERHEAD_BYTES: usize = 80;

/// The values of every group by their sort keys. Sorted, so that the list depends on no order of rows.
struct Values {
    ty: ColumnType,
    groups: Vec<BTreeMap<Vec<u8>, String>>,
    value_bytes: usize,
}

impl Values {
    fn new(call: &AggregateCall) -> Self {
        Self {
            ty: call.argument_types.first().copied().unwrap_or(ColumnType::Any),
            groups: Vec::new(),
            value_bytes: 0,
        }
    }

    fn insert(&mut self, group: usize, key: &[u8], shown: &str) {
        let values = &mut self.groups[group];
        if !values.contains_key(key) {
            self.value_bytes += key.len() + shown.len() + VALUE_OVERHEAD_BYTES;
            values.insert(key.to_vec(), shown.to_owned());
        }
    }

    /// A value as an element of a JSON list.
    fn element(&self, text: &str) -> String {
        let is_number = matches!(self.ty, ColumnType::Number | ColumnType::Any | ColumnType::Bool)
            && serde_json::from_str::<serde_json::Number>(text).is_ok();
        if is_number { text.to_owned() } else { quoted(text) }
    }
}

impl Accumulator for Values {
    fn resize(&mut self, count: usize) {
        self.groups.resize_with(count, Default::default);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let array = state::argument("values", arguments, 0, Some)?;
        let texts = coerce(
            &Operand::Column(array.clone(), self.ty),
            ColumnType::Any,
            groups.len(),
        )?;
        let texts = state::argument("values", std::slice::from_ref(&texts), 0, |array| {
            array.as_string_view_opt()
        })?
        .clone();
        let mut key = Vec::new();
        for (row, &group) in groups.iter().enumerate() {
            if texts.is_valid(row) {
                let text = texts.value(row);
                key.clear();
                encode_text(Some(text), false, &mut key);
                self.insert(group as usize, &key, text);
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let taken: Vec<BTreeMap<Vec<u8>, String>> = groups
            .map(|group| std::mem::take(&mut self.groups[group]))
            .collect();
        Ok(state::write(taken.len(), |idx, out| {
            for (key, shown) in &taken[idx] {
                self.value_bytes -= key.len() + shown.len() + VALUE_OVERHEAD_BYTES;
                for bytes in [&key[..], shown.as_bytes()] {
                    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                    out.extend_from_slice(bytes);
                }
            }
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("values", columns, |idx, bytes| {
            let mut rest = bytes;
            while !rest.is_empty() {
                let (key, more) = sized(rest)?;
                let (shown, more) = sized(more)?;
                self.insert(groups[idx] as usize, key, std::str::from_utf8(shown).ok()?);
                rest = more;
            }
            Some(())
        })
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        let mut lists = StringViewBuilder::with_capacity(groups.len());
        for group in groups {
            let values = &self.groups[group];
            if values.is_empty() {
                lists.append_null();
                continue;
            }
            let elements: Vec<String> = values.values().map(|text| self.element(text)).collect();
            lists.append_value(format!("[{}]", elements.join(",")));
        }
        Ok(Arc::new(lists.finish()))
    }

    fn size_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<BTreeMap<Vec<u8>, String>>() + self.value_bytes
    }
}

/// Bytes that their length stands before.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = state::split::<4>(bytes)?;
    rest.split_at_checked(u32::from_le_bytes(length) as usize)
}
