//! Chunks in a file without a name.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{ArrayRef, RecordBatch, cast::AsArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};

use crate::chunk::Chunk;
use crate::error::ExecError;

/// A file that one step writes to and reads from. It vanishes with the last chunk in it, or with the process.
pub(super) struct SpillFile {
    folder: Arc<Path>,
    file: Mutex<File>,
}

/// A chunk in a file.
pub(crate) struct Stored {
    file: Arc<SpillFile>,
    offset: u64,
    length: usize,
}

impl SpillFile {
    pub(super) fn create(folder: &Arc<Path>) -> Result<Arc<Self>, ExecError> {
        match tempfile::tempfile_in(folder) {
            Ok(file) => Ok(Arc::new(Self {
                folder: Arc::clone(folder),
                file: Mutex::new(file),
            })),
            Err(cause) => Err(failure(folder, cause)),
        }
    }

    /// Writes a chunk of at least one column.
    pub(super) fn append(self: &Arc<Self>, chunk: &Chunk) -> Result<Stored, ExecError> {
        let bytes = encode(chunk)?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.seek(SeekFrom::End(0)).and_then(|offset| {
            file.write_all(&bytes)?;
            Ok(offset)
        });
        match written {
            Ok(offset) => Ok(Stored {
                file: Arc::clone(self),
                offset,
                length: bytes.len(),
            }),
            Err(cause) => Err(failure(&self.folder, cause)),
        }
    }
}

impl Stored {
    /// Bytes of the chunk in the file, and about as many in memory.
    pub(crate) fn size_bytes(&self) -> usize {
        self.length
    }

    pub(crate) fn load(&self) -> Result<Chunk, ExecError> {
        let mut bytes = vec![0; self.length];
        let mut file = self.file.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(self.offset))
            .and_then(|_| file.read_exact(&mut bytes));
        drop(file);
        match read {
            Ok(()) => decode(&bytes),
            Err(cause) => Err(failure(&self.file.folder, cause)),
        }
    }
}

fn failure(folder: &Path, cause: std::io::Error) -> ExecError {
    ExecError::Spill {
        folder: folder.to_owned(),
        cause,
    }
}

fn encode(chunk: &Chunk) -> Result<Vec<u8>, ExecError> {
    let field = |column: &ArrayRef| Field::new("", column.data_type().clone(), true);
    let schema = Arc::new(Schema::new(chunk.columns.iter().map(field).collect::<Vec<_>>()));
    let batch = RecordBatch::try_new(schema.clone(), chunk.columns.clone())?;
    let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?)
}

fn decode(bytes: &[u8]) -> Result<Chunk, ExecError> {
    let mut reader = StreamReader::try_new(Cursor::new(bytes), None)?;
    match reader.next() {
        Some(batch) => {
            let mut chunk = Chunk::from_batch(batch?);
            chunk.columns.iter_mut().for_each(own_texts);
            Ok(chunk)
        }
        None => Err(ExecError::Internal("a chunk of a file is gone".to_owned())),
    }
}

/// Texts of a column of their own: what was read lies in one piece, which every text would hold on to.
fn own_texts(column: &mut ArrayRef) {
    if column.data_type() == &DataType::Utf8View {
        *column = Arc::new(column.as_string_view().gc());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        BinaryArray, BooleanArray, Float64Array, Int64Array, StringViewArray, TimestampMillisecondArray,
        UInt64Array,
    };

    fn chunk() -> Chunk {
        let long = "a text that is too long to lie in its view";
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Float64Array::from(vec![Some(1.5), None, Some(-0.0)])),
            Arc::new(TimestampMillisecondArray::from(vec![None, Some(7), Some(-7)])),
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            Arc::new(StringViewArray::from(vec![Some(long), Some("short"), None])),
            Arc::new(UInt64Array::from(vec![u64::MAX, 0, 1])),
            Arc::new(Int64Array::from(vec![i64::MIN, 0, 1])),
            Arc::new(BinaryArray::from(vec![Some(&b"\xff\x00"[..]), None, Some(b"")])),
        ];
        Chunk { columns, rows: 3 }
    }

    #[test]
    fn chunks_come_back_as_they_went_in() {
        let folder: Arc<Path> = std::env::temp_dir().into();
        let file = SpillFile::create(&folder).unwrap();
        let whole = chunk();
        let stored = [
            file.append(&whole).unwrap(),
            file.append(&whole.slice(1, 2)).unwrap(),
        ];
        // In any order, and more than once.
        for (stored, expected) in [
            (&stored[1], whole.slice(1, 2)),
            (&stored[0], whole.clone()),
            (&stored[1], whole.slice(1, 2)),
        ] {
            let found = stored.load().unwrap();
            assert_eq!((found.rows, &found.columns), (expected.rows, &expected.columns));
        }
    }

    #[test]
    fn a_folder_that_takes_nothing_is_named() {
        let folder: Arc<Path> = Path::new("/no/such/folder").into();
        let failure = SpillFile::create(&folder).err().unwrap().to_string();
        assert!(failure.contains("`/no/such/folder`"), "{failure}");
    }

    #[test]
    fn a_full_disk_is_told() {
        // The device that takes nothing stands for a disk that is full.
        let Ok(full) = File::options().read(true).write(true).open("/dev/full") else {
            return;
        };
        let folder: Arc<Path> = Path::new("/tmp").into();
        let file = Arc::new(SpillFile {
            folder,
            file: Mutex::new(full),
        });
        let failure = file.append(&chunk()).err().unwrap().to_string();
        assert!(
            failure.contains("`/tmp`") && failure.contains("No space left"),
            "{failure}"
        );
    }
}
