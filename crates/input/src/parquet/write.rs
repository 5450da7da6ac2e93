//! Writing the file: which events share a row group, and how columns are encoded.

use std::io::Write;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_schema::SchemaRef;
use insq_event::SystemField;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::convert::ConvertError;
use super::layout::POSITION;

/// Different request ids of a row group that filters have room for.
const REQUEST_IDS_MAX: u64 = 1 << 20;

/// Rows of a page at most: what a search for one event has to decode.
const PAGE_ROWS: usize = 16_384;

/// Values of `@type`, with room for those to come.
const KINDS_MAX: u64 = 16;

/// Bytes of text in a stretch at most.
const STRETCH_BYTES_MAX: usize = 256 << 20;

/// Writes events that come in the order of time.
///
/// The events are cut into stretches, and a stretch becomes two row groups: its REPORT events, and all others. Within
/// each, events are in order. So a query over REPORT events does not touch the others, although the two alternate in
/// the log. Both are encoded as events come; what waits for the end of the stretch is compressed already.
pub(super) struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    message_column: usize,
    /// REPORT events, and all others.
    groups: [Option<Vec<ArrowColumnWriter>>; 2],
    rows: usize,
    bytes: usize,
    rows_max: usize,
}

impl<W: Write + Send> Writer<W> {
    /// A file of stretches of `rows_max` events, and of `events` in all.
    pub(super) fn new(
        output: W,
        schema: &SchemaRef,
        rows_max: usize,
        events: u64,
    ) -> Result<Self, ConvertError> {
        let column = |name: &str| schema.index_of(name);
        let (time, position) = (column(SystemField::Timestamp.name())?, column(POSITION)?);
        // Types are those of Parquet alone, which every tool knows.
        let options = ArrowWriterOptions::new()
            .with_properties(properties(time, position, events.min(rows_max as u64)))
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(output, Arc::clone(schema), options)?;
        let (file, factory) = writer.into_serialized_writer()?;
        Ok(Self {
            message_column: column(SystemField::Message.name())?,
            schema: Arc::clone(schema),
            file,
            factory,
            groups: [None, None],
            rows: 0,
            bytes: 0,
            rows_max,
        })
    }

    /// Writes events, the first `reports` of which are REPORT events and the others are not.
    pub(super) fn write(&mut self, batch: &RecordBatch, reports: usize) -> Result<(), ConvertError> {
        let others = batch.num_rows() - reports;
        for (number, (start, rows)) in [(0, reports), (reports, others)].into_iter().enumerate() {
            if rows > 0 {
                self.encode(number, &batch.slice(start, rows))?;
            }
        }
        self.rows += batch.num_rows();
        let messages = batch.column(self.message_column).as_string_view();
        self.bytes += messages.iter().flatten().map(str::len).sum::<usize>();
        if self.rows >= self.rows_max || self.bytes >= STRETCH_BYTES_MAX {
            self.finish_stretch()?;
        }
        Ok(())
    }

    fn encode(&mut self, number: usize, batch: &RecordBatch) -> Result<(), ConvertError> {
        let group = &mut self.groups[number];
        let writers = match group {
            Some(writers) => writers,
            None => {
                // Only encryption would ask for the number of the row group.
                let number = self.file.flushed_row_groups().len();
                group.insert(self.factory.create_column_writers(number)?)
            }
        };
        let columns = self.schema.fields().iter().zip(batch.columns());
        for (writer, (field, column)) in writers.iter_mut().zip(columns) {
            for leaf in compute_leaves(field, column)? {
                writer.write(&leaf)?;
            }
        }
        Ok(())
    }

    /// Bytes of the stretch that is being written.
    pub(super) fn memory_bytes(&self) -> usize {
        let writers = self.groups.iter().flatten().flatten();
        writers.map(ArrowColumnWriter::memory_size).sum()
    }

    fn finish_stretch(&mut self) -> Result<(), ConvertError> {
        (self.rows, self.bytes) = (0, 0);
        for group in &mut self.groups {
            let Some(writers) = group.take() else { continue };
            let mut row_group = self.file.next_row_group()?;
            for writer in writers {
                writer.close()?.append_to_row_group(&mut row_group)?;
            }
            row_group.close()?;
        }
        Ok(())
    }

    /// Ends the file and gives the output back.
    pub(super) fn finish(mut self, metadata: Vec<KeyValue>) -> Result<W, ConvertError> {
        self.finish_stretch()?;
        for entry in metadata {
            self.file.append_key_value_metadata(entry);
        }
        Ok(self.file.into_inner()?)
    }
}

fn properties(time: usize, position: usize, stretch_events: u64) -> WriterProperties {
    let ascending = |idx: usize| SortingColumn {
        column_idx: idx as i32,
        descending: false,
        nulls_first: true,
    };
    let path = |name: &str| ColumnPath::new(vec![name.to_owned()]);
    let encoded = |builder: WriterPropertiesBuilder, name: &str, encoding: Encoding| {
        builder
            .set_column_dictionary_enabled(path(name), false)
            .set_column_encoding(path(name), encoding)
    };
    let mut builder = WriterProperties::builder()
        .set_created_by(concat!("insq version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(None)
        .set_sorting_columns(Some(vec![ascending(time), ascending(position)]));
    builder = encoded(
        builder,
        SystemField::Timestamp.name(),
        Encoding::DELTA_BINARY_PACKED,
    );
    builder = encoded(builder, POSITION, Encoding::DELTA_BINARY_PACKED);
    // Neighbours differ in a few digits of the offset.
    builder = encoded(builder, SystemField::Ptr.name(), Encoding::DELTA_BYTE_ARRAY);
    builder = encoded(builder, SystemField::Message.name(), Encoding::PLAIN);
    builder = encoded(builder, SystemField::RequestId.name(), Encoding::PLAIN);
    // The extremes of messages prune nothing.
    builder =
        builder.set_column_statistics_enabled(path(SystemField::Message.name()), EnabledStatistics::None);
    // Extremes do not tell whether REPORT is among END, REPORT and START; filters of so few names are tiny.
    let (kinds, request_ids) = (
        path(SystemField::Type.name()),
        path(SystemField::RequestId.name()),
    );
    builder
        .set_column_bloom_filter_enabled(kinds.clone(), true)
        .set_column_bloom_filter_max_ndv(kinds, KINDS_MAX)
        .set_column_bloom_filter_enabled(request_ids.clone(), true)
        // What a filter could need is filled with zeros first, and folded in the end.
        .set_column_bloom_filter_max_ndv(request_ids, stretch_events.clamp(1, REQUEST_IDS_MAX))
        .build()
}
