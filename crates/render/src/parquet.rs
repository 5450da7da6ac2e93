//! Parquet: the columns with their types, for programs that read them.

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::{RenderError, Renderer};

/// Rows of a row group: enough for compression to pay, few enough to be held.
const ROW_GROUP_ROWS: usize = 128 * 1024;

/// Writes a row group as soon as it is full. What is written so far is handed on after every batch.
pub(crate) struct ParquetRenderer<W: Write> {
    schema: SchemaRef,
    /// `None` after the end.
    writer: Option<ArrowWriter<Vec<u8>>>,
    out: W,
}

impl<W: Write> ParquetRenderer<W> {
    pub(crate) fn new(schema: &Schema, out: W) -> Result<Self, RenderError> {
        let schema: SchemaRef = schema.clone().into();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), SchemaRef::clone(&schema), Some(properties));
        Ok(Self {
            schema,
            writer: Some(writer.map_err(refused)?),
            out,
        })
    }

    /// Positions in the file are counted by the writer, so its buffer may be emptied.
    fn hand_on(&mut self) -> Result<(), RenderError> {
        if let Some(writer) = &mut self.writer {
            let bytes = std::mem::take(writer.inner_mut());
            self.out.write_all(&bytes)?;
        }
        Ok(())
    }
}

impl<W: Write> Renderer for ParquetRenderer<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), RenderError> {
        RenderError::check_columns(&self.schema, batch)?;
        if let Some(writer) = &mut self.writer {
            writer.write(batch).map_err(refused)?;
        }
        self.hand_on()
    }

    fn finish(&mut self) -> Result<(), RenderError> {
        if let Some(writer) = self.writer.take() {
            self.out.write_all(&writer.into_inner().map_err(refused)?)?;
        }
        Ok(self.out.flush()?)
    }
}

fn refused(cause: ParquetError) -> RenderError {
    RenderError::Io(std::io::Error::other(cause))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, StringViewArray};
    use bytes::Bytes;
    use insq_event::ColumnType;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;
    use crate::{Format, Target, renderer};

    fn batch(numbers: Vec<Option<f64>>) -> RecordBatch {
        let schema = Schema::new(vec![ColumnType::Number.field("n"), ColumnType::Text.field("t")]);
        let texts = numbers
            .iter()
            .map(|number| number.map(|number| format!("é{number}")));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringViewArray::from_iter(texts)),
            Arc::new(Float64Array::from(numbers)),
        ];
        RecordBatch::try_new(Arc::new(schema), columns.into_iter().rev().collect()).unwrap()
    }

    fn written(batches: &[RecordBatch], schema: &Schema) -> Vec<u8> {
        let mut out = Vec::new();
        let mut renderer = renderer(Format::Parquet, Target::Bytes, schema, &mut out).unwrap();
        for batch in batches {
            renderer.batch(batch).unwrap();
        }
        renderer.finish().unwrap();
        drop(renderer);
        out
    }

    #[test]
    fn what_is_written_reads_back() {
        let many: Vec<Option<f64>> = (0..ROW_GROUP_ROWS + 5)
            .map(|n| (n % 3 > 0).then_some(n as f64))
            .collect();
        let batches = [batch(vec![Some(1.5), None]), batch(many)];
        let bytes = written(&batches, batches[0].schema_ref());
        let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let read: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
        let rows: usize = read.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows, ROW_GROUP_ROWS + 7);
        assert_eq!(read[0].slice(0, 2).columns(), batches[0].columns());
    }

    #[test]
    fn a_result_without_rows_has_its_columns() {
        let schema = batch(Vec::new()).schema();
        let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(written(&[], &schema))).unwrap();
        assert_eq!(reader.schema().fields().len(), 2);
    }
}
