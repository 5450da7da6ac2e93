//! Arrow IPC: the columns with their types, for programs that take them as they lie.

use std::io::Write;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use crate::{RenderError, Renderer};

/// Bytes of text in a column of a batch: its offsets have 32 bits.
const TEXT_BYTES_MAX: usize = i32::MAX as usize;

/// Writes a batch as soon as it comes.
pub(crate) struct ArrowRenderer<W: Write> {
    /// What batches have to be.
    schema: SchemaRef,
    /// What is written.
    plain: SchemaRef,
    /// `None` after the end.
    writer: Option<Writer>,
    out: W,
    text_bytes_max: usize,
}

/// Both write into memory, which is handed on after every batch: neither looks back.
enum Writer {
    File(FileWriter<Vec<u8>>),
    Stream(StreamWriter<Vec<u8>>),
}

impl Writer {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        match self {
            Self::File(writer) => writer.write(batch),
            Self::Stream(writer) => writer.write(batch),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::File(writer) => writer.get_mut(),
            Self::Stream(writer) => writer.get_mut(),
        })
    }

    fn finish(&mut self) -> Result<(), ArrowError> {
        match self {
            Self::File(writer) => writer.finish(),
            Self::Stream(writer) => writer.finish(),
        }
    }
}

impl<W: Write> ArrowRenderer<W> {
    /// With a table of contents.
    pub(crate) fn file(schema: &Schema, out: W) -> Result<Self, RenderError> {
        Self::new(schema, out, |schema| {
            FileWriter::try_new(Vec::new(), schema).map(Writer::File)
        })
    }

    /// Messages alone.
    pub(crate) fn stream(schema: &Schema, out: W) -> Result<Self, RenderError> {
        Self::new(schema, out, |schema| {
            StreamWriter::try_new(Vec::new(), schema).map(Writer::Stream)
        })
    }

    fn new(
        schema: &Schema,
        out: W,
        writer: impl FnOnce(&Schema) -> Result<Writer, ArrowError>,
    ) -> Result<Self, RenderError> {
        let plain = plain_schema(schema);
        Ok(Self {
            schema: schema.clone().into(),
            writer: Some(writer(&plain).map_err(refused)?),
            plain,
            out,
            text_bytes_max: TEXT_BYTES_MAX,
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), RenderError> {
        let halves = batch.num_rows() / 2;
        if halves > 0 && text_bytes(batch) > self.text_bytes_max {
            self.write(&batch.slice(0, halves))?;
            return self.write(&batch.slice(halves, batch.num_rows() - halves));
        }
        let columns = batch.columns().iter().map(plain_column).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(SchemaRef::clone(&self.plain), columns, &options);
        if let Some(writer) = &mut self.writer {
            writer.write(&batch.map_err(refused)?).map_err(refused)?;
        }
        self.hand_on()
    }

    fn hand_on(&mut self) -> Result<(), RenderError> {
        if let Some(writer) = &mut self.writer {
            self.out.write_all(&writer.bytes())?;
        }
        Ok(())
    }
}

impl<W: Write> Renderer for ArrowRenderer<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), RenderError> {
        RenderError::check_columns(&self.schema, batch)?;
        self.write(batch)
    }

    fn finish(&mut self) -> Result<(), RenderError> {
        if let Some(writer) = &mut self.writer {
            writer.finish().map_err(refused)?;
        }
        self.hand_on()?;
        self.writer = None;
        Ok(self.out.flush()?)
    }
}

/// Texts with offsets, which every reader of Arrow knows; views are younger than many of them.
fn plain_schema(schema: &Schema) -> SchemaRef {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Utf8View => field.as_ref().clone().with_data_type(DataType::Utf8),
        _ => field.as_ref().clone(),
    };
    let fields: Vec<Field> = schema.fields().iter().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn plain_column(column: &ArrayRef) -> ArrayRef {
    match column.as_string_view_opt() {
        Some(texts) => Arc::new(texts.iter().collect::<StringArray>()),
        None => Arc::clone(column),
    }
}

/// Bytes of text in the column that has most.
fn text_bytes(batch: &RecordBatch) -> usize {
    let columns = batch.columns().iter();
    let texts = columns.filter_map(|column| column.as_string_view_opt());
    let sizes = texts.map(|texts| texts.lengths().map(|length| length as usize).sum());
    sizes.max().unwrap_or(0)
}

fn refused(cause: ArrowError) -> RenderError {
    RenderError::Io(std::io::Error::other(cause))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use arrow_array::{Float64Array, StringViewArray};
    use arrow_ipc::reader::{FileReader, StreamReader};
    use insq_event::ColumnType;

    use super::*;
    use crate::{Format, Target, renderer};

    fn batch(numbers: Vec<Option<f64>>) -> RecordBatch {
        let schema = Schema::new(vec![ColumnType::Number.field("n"), ColumnType::Any.field("t")]);
        let texts = numbers
            .iter()
            .map(|number| number.map(|number| format!("a text of some length, é{number}")));
        let texts: ArrayRef = Arc::new(StringViewArray::from_iter(texts));
        let columns = vec![Arc::new(Float64Array::from(numbers)) as ArrayRef, texts];
        RecordBatch::try_new(Arc::new(schema), columns).unwrap()
    }

    fn written(format: Format, batches: &[RecordBatch], schema: &Schema) -> Vec<u8> {
        let mut out = Vec::new();
        let mut renderer = renderer(format, Target::Bytes, schema, &mut out).unwrap();
        for batch in batches {
            renderer.batch(batch).unwrap();
        }
        renderer.finish().unwrap();
        drop(renderer);
        out
    }

    #[test]
    fn what_is_written_reads_back() {
        let batches = [batch(vec![Some(1.5), None]), batch(vec![Some(2.0)])];
        let file = written(Format::Arrow, &batches, batches[0].schema_ref());
        let file = FileReader::try_new(Cursor::new(file), None).unwrap();
        let stream = written(Format::ArrowStream, &batches, batches[0].schema_ref());
        let stream = StreamReader::try_new(Cursor::new(stream), None).unwrap();
        for read in [
            file.map(Result::unwrap).collect::<Vec<_>>(),
            stream.map(Result::unwrap).collect(),
        ] {
            assert_eq!(read.len(), 2);
            for (read, batch) in read.iter().zip(&batches) {
                assert_eq!(read.column(0), batch.column(0));
                let texts = batch.column(1).as_string_view();
                assert!(read.column(1).as_string::<i32>().iter().eq(texts.iter()));
                assert_eq!(
                    read.schema().field(1).metadata(),
                    batch.schema().field(1).metadata()
                );
            }
        }
    }

    #[test]
    fn a_result_without_rows_has_its_columns() {
        let schema = batch(Vec::new()).schema();
        let file = written(Format::Arrow, &[], &schema);
        let file = FileReader::try_new(Cursor::new(file), None).unwrap();
        assert_eq!((file.schema().fields().len(), file.num_batches()), (2, 0));
        let stream = written(Format::ArrowStream, &[], &schema);
        let mut stream = StreamReader::try_new(Cursor::new(stream), None).unwrap();
        assert_eq!(stream.schema().fields().len(), 2);
        assert!(stream.next().is_none());
    }

    #[test]
    fn a_batch_of_too_much_text_is_written_in_halves() {
        let batch = batch(vec![Some(1.0), Some(2.0), Some(3.0), None]);
        let bytes = text_bytes(&batch);
        for (text_bytes_max, batches) in [(bytes, 1), (bytes - 1, 2), (1, 4)] {
            let mut out = Vec::new();
            let mut renderer = ArrowRenderer::stream(batch.schema_ref(), &mut out).unwrap();
            renderer.text_bytes_max = text_bytes_max;
            renderer.batch(&batch).unwrap();
            renderer.finish().unwrap();
            let read: Vec<RecordBatch> = StreamReader::try_new(Cursor::new(out), None)
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert_eq!(read.len(), batches, "{text_bytes_max}");
            let texts = read.iter().flat_map(|batch| batch.column(1).as_string::<i32>());
            assert!(texts.eq(batch.column(1).as_string_view()), "{text_bytes_max}");
        }
    }

    #[test]
    fn texts_are_counted_by_column() {
        assert_eq!(text_bytes(&batch(vec![Some(1.0), None, Some(10.0)])), 53);
    }
}
