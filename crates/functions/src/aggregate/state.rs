//! States of groups as bytes in an Arrow column.

use std::any::Any;
use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{Array, ArrayRef, BinaryArray, cast::AsArray};

use super::Accumulator;
use crate::FunctionError;

/// First byte of every state, so that a later form can be told from this one.
const VERSION: u8 = 1;

/// A column of states.
pub(super) fn write(count: usize, mut state: impl FnMut(usize, &mut Vec<u8>)) -> Vec<ArrayRef> {
    let mut column = BinaryBuilder::with_capacity(count, count * 16);
    let mut bytes = Vec::new();
    for idx in 0..count {
        bytes.clear();
        bytes.push(VERSION);
        state(idx, &mut bytes);
        column.append_value(&bytes);
    }
    vec![Arc::new(column.finish())]
}

/// Calls `visit` with every state of a column, in order.
///
/// # Errors
/// [`FunctionError::Internal`] when the column holds no states of this version.
pub(super) fn read(
    function: &'static str,
    columns: &[ArrayRef],
    mut visit: impl FnMut(usize, &[u8]) -> Option<()>,
) -> Result<(), FunctionError> {
    let wrong = || FunctionError::Internal {
        function,
        found: "a state that is not its own".to_owned(),
    };
    let column: &BinaryArray = columns
        .first()
        .and_then(|column| column.as_binary_opt())
        .ok_or_else(wrong)?;
    for idx in 0..column.len() {
        let (version, bytes) = column.value(idx).split_first().ok_or_else(wrong)?;
        if *version != VERSION {
            return Err(wrong());
        }
        visit(idx, bytes).ok_or_else(wrong)?;
    }
    Ok(())
}

/// A fixed number of bytes off the front of a state.
pub(super) fn split<const N: usize>(bytes: &[u8]) -> Option<([u8; N], &[u8])> {
    bytes.split_first_chunk::<N>().map(|(head, rest)| (*head, rest))
}

/// The accumulator of the same call in another thread.
pub(super) fn same<'a, T: Accumulator>(
    function: &'static str,
    other: &'a mut dyn Accumulator,
) -> Result<&'a mut T, FunctionError> {
    let other: &mut dyn Any = other;
    other.downcast_mut().ok_or_else(|| FunctionError::Internal {
        function,
        found: "another accumulator".to_owned(),
    })
}

/// An argument that must be of the planned type.
pub(super) fn argument<'a, T>(
    function: &'static str,
    arguments: &'a [ArrayRef],
    idx: usize,
    cast: impl Fn(&'a ArrayRef) -> Option<&'a T>,
) -> Result<&'a T, FunctionError> {
    let array = arguments.get(idx);
    array.and_then(cast).ok_or_else(|| FunctionError::Internal {
        function,
        found: array.map_or("no argument".to_owned(), |array| array.data_type().to_string()),
    })
}
