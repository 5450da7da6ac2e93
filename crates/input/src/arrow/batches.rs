//! Batches out of messages.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::convert::{MessageBuffer, fb_to_schema};
use arrow_ipc::reader::{read_dictionary, read_record_batch};
use arrow_ipc::{DictionaryBatch, Endianness, MessageHeader, MetadataVersion};
use arrow_schema::{ArrowError, SchemaRef};

use super::messages::Message;
use crate::guarded::guarded;

/// Rows of a batch that are believed. Writers make thousands, or a million; a number that damage has made up must not
/// keep a run busy.
pub(super) const BATCH_ROWS_MAX: i64 = 1 << 31;

/// What a message is.
pub(super) enum Content {
    Schema(SchemaRef),
    /// Values that later batches refer to.
    Dictionary,
    /// A batch of so many rows.
    Batch(u64),
    /// Nothing that rows are made of.
    Other,
}

/// Reads what a message is.
pub(super) fn content(head: &MessageBuffer) -> Result<Content, String> {
    let read = || -> Result<Content, String> {
        let head = head.as_ref();
        Ok(match head.header_type() {
            MessageHeader::Schema => {
                let schema = head.header_as_schema().ok_or("its schema is missing")?;
                if schema.endianness() == Endianness::Big {
                    return Err("its numbers are big-endian, which is not read".to_owned());
                }
                Content::Schema(Arc::new(fb_to_schema(schema)))
            }
            MessageHeader::DictionaryBatch => Content::Dictionary,
            MessageHeader::RecordBatch => {
                let batch = head.header_as_record_batch().ok_or("a batch has no head")?;
                Content::Batch(rows(batch.length())?)
            }
            MessageHeader::NONE => Content::Other,
            other => return Err(format!("it holds {other:?}, which is not read")),
        })
    };
    guarded(read, str::to_owned)
}

fn rows(count: i64) -> Result<u64, String> {
    match u64::try_from(count) {
        Ok(rows) if count <= BATCH_ROWS_MAX => Ok(rows),
        _ => Err(format!("a batch of {count} rows makes no sense")),
    }
}

/// The bytes that a batch or a dictionary takes once it is unpacked; 0 when it is not compressed.
pub(super) fn unpacked_bytes(message: &Message) -> u64 {
    let read = || -> Result<u64, String> {
        let head = message.head.as_ref();
        let batch = match head.header_type() {
            MessageHeader::DictionaryBatch => {
                head.header_as_dictionary_batch().and_then(|batch| batch.data())
            }
            _ => head.header_as_record_batch(),
        };
        let Some(batch) = batch.filter(|batch| batch.compression().is_some()) else {
            return Ok(0);
        };
        let size = |buffer: &arrow_ipc::Buffer| -> Option<u64> {
            let at = usize::try_from(buffer.offset()).ok()?;
            let prefix = message.body.get(at..at.checked_add(8)?)?;
            // Minus one stands for bytes that are as they were.
            u64::try_from(i64::from_le_bytes(prefix.try_into().ok()?)).ok()
        };
        let buffers = batch.buffers().into_iter().flatten();
        let sizes = buffers.filter(|buffer| buffer.length() > 0).filter_map(size);
        Ok(sizes.fold(0, u64::saturating_add))
    };
    guarded(read, str::to_owned).unwrap_or(0)
}

/// Decodes the bodies of messages, of the columns that are wanted.
pub(super) struct Decoder {
    pub(super) schema: SchemaRef,
    projection: Vec<usize>,
    /// The schema of these columns alone.
    projected: SchemaRef,
    dictionaries: HashMap<i64, ArrayRef>,
}

impl Decoder {
    /// A decoder of the columns `projection`, which are in order.
    pub(super) fn new(schema: SchemaRef, projection: Vec<usize>) -> Result<Self, ArrowError> {
        Ok(Self {
            projected: Arc::new(schema.project(&projection)?),
            schema,
            projection,
            dictionaries: HashMap::new(),
        })
    }

    pub(super) fn projection(&self) -> &[usize] {
        &self.projection
    }

    /// True when a message is read of a column that is wanted.
    pub(super) fn is_wanted(&self, message: &Message) -> bool {
        match message.head.as_ref().header_as_dictionary_batch() {
            Some(batch) => self.refers_to(batch.id()),
            None => true,
        }
    }

    // There is no other way to ask a schema for the ids that a stream has given its dictionaries.
    #[allow(deprecated)]
    fn refers_to(&self, dictionary: i64) -> bool {
        !self.projected.fields_with_dict_id(dictionary).is_empty()
    }

    /// True when all dictionaries are there that the wanted columns refer to.
    // As above.
    #[allow(deprecated)]
    pub(super) fn is_complete(&self) -> bool {
        let fields = self.projected.flattened_fields();
        let mut ids = fields.iter().filter_map(|field| field.dict_id());
        ids.all(|id| self.dictionaries.contains_key(&id))
    }

    /// Takes in a dictionary. One that can't be decoded takes its former values along, so that no row refers to those.
    pub(super) fn dictionary(&mut self, message: &Message) -> Result<(), String> {
        let head = message.head.as_ref();
        let batch = head
            .header_as_dictionary_batch()
            .ok_or("a dictionary has no head")?;
        let (version, id) = (head.version(), batch.id());
        let result = self.read_dictionary(&message.body, batch, version);
        if result.is_err() {
            self.dictionaries.remove(&id);
        }
        result
    }

    fn read_dictionary(
        &mut self,
        body: &Buffer,
        batch: DictionaryBatch<'_>,
        version: MetadataVersion,
    ) -> Result<(), String> {
        let (schema, dictionaries) = (&self.schema, &mut self.dictionaries);
        guarded(
            || {
                read_dictionary(body, batch, schema, dictionaries, &version)
                    .map_err(|cause| cause.to_string())
            },
            str::to_owned,
        )
    }

    /// Bytes of the dictionaries.
    pub(super) fn dictionary_bytes(&self) -> usize {
        self.dictionaries
            .values()
            .map(|values| values.get_array_memory_size())
            .sum()
    }

    /// The wanted columns of a batch.
    pub(super) fn batch(&self, message: &Message) -> Result<RecordBatch, String> {
        let read = || -> Result<RecordBatch, String> {
            let head = message.head.as_ref();
            let batch = head.header_as_record_batch().ok_or("a batch has no head")?;
            read_record_batch(
                &message.body,
                batch,
                Arc::clone(&self.schema),
                &self.dictionaries,
                Some(&self.projection),
                &head.version(),
            )
            .map_err(|cause| cause.to_string())
        };
        guarded(read, str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_a_limit() {
        assert_eq!(rows(0), Ok(0));
        assert_eq!(rows(BATCH_ROWS_MAX), Ok(BATCH_ROWS_MAX as u64));
        assert!(rows(BATCH_ROWS_MAX + 1).is_err());
        assert!(rows(-1).is_err());
    }
}
