//! Columns of texts that are parts of the texts of another column, without copying them.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::make_view;
use arrow_array::{Array, ArrayRef, StringViewArray};
use arrow_buffer::{NullBufferBuilder, ScalarBuffer};

use crate::error::ExecError;

/// Texts up to this length live in the view itself.
const INLINE_BYTES_MAX: usize = 12;

/// Builds a column of parts of `source`, row by row.
pub(super) struct PartsBuilder<'a> {
    source: &'a StringViewArray,
    views: Vec<u128>,
    nulls: NullBufferBuilder,
}

impl<'a> PartsBuilder<'a> {
    pub(super) fn new(source: &'a StringViewArray) -> Self {
        let rows = source.len();
        Self {
            source,
            views: Vec::with_capacity(rows),
            nulls: NullBufferBuilder::new(rows),
        }
    }

    /// The next row is missing.
    pub(super) fn push_null(&mut self) {
        self.views.push(0);
        self.nulls.append_null();
    }

    /// The next row is `part` of the text in the row of the same number.
    pub(super) fn push_part(&mut self, part: Range<usize>) {
        let row = self.views.len();
        let text = self.source.value(row).as_bytes();
        let bytes = &text[part.clone()];
        let view = if bytes.len() <= INLINE_BYTES_MAX {
            make_view(bytes, 0, 0)
        } else {
            // A view longer than the inline size holds buffer number and offset in its upper half.
            let whole = self.source.views()[row];
            let (buffer, offset) = ((whole >> 64) as u32, (whole >> 96) as u32);
            make_view(bytes, buffer, offset + part.start as u32)
        };
        self.views.push(view);
        self.nulls.append_non_null();
    }

    pub(super) fn finish(mut self) -> Result<ArrayRef, ExecError> {
        let views = ScalarBuffer::from(self.views);
        let buffers = self.source.data_buffers().to_vec();
        Ok(Arc::new(StringViewArray::try_new(
            views,
            buffers,
            self.nulls.finish(),
        )?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;

    #[test]
    fn parts_of_short_and_long_texts() {
        let source = StringViewArray::from(vec![
            Some("short"),
            None,
            Some("a text too long to live in a view"),
        ]);
        let mut parts = PartsBuilder::new(&source);
        parts.push_part(1..3);
        parts.push_null();
        parts.push_part(2..25);
        let parts = parts.finish().unwrap();
        let parts: Vec<Option<&str>> = parts.as_string_view().iter().collect();
        assert_eq!(parts, [Some("ho"), None, Some("text too long to live i")]);
    }
}
