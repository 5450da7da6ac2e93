//! A Parquet file that has been opened: what it is, and what stands where.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DataType, Schema};
use insq_event::Progress;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};

use super::far::FarRanges;
use super::layout::{FolderPart, Layout, Origin};
use super::ranged::CountedRanges;
use crate::ranged::ranged;

/// A file whose footer has been read.
#[derive(Clone)]
pub(crate) struct ParquetFile {
    pub(super) ranges: CountedRanges,
    /// The same once more, when it lies elsewhere: what is wanted of a row group is then fetched at once.
    pub(super) far: Option<Arc<FarRanges>>,
    /// True when its bytes were counted as they came.
    pub(super) is_spooled: bool,
    pub(super) metadata: ArrowReaderMetadata,
    pub(super) origin: Arc<FileOrigin>,
}

/// Whose file it is.
pub(super) enum FileOrigin {
    Own(Layout),
    Foreign,
}

/// What every Parquet file begins and ends with.
pub(crate) const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

impl ParquetFile {
    /// Reads the footer, and where pages lie when parts of columns are wanted.
    pub(crate) fn open(path: &Path, progress: &Arc<Progress>, with_pages: bool) -> Result<Self> {
        let file = File::open(path)?;
        Self::of_ranges(
            CountedRanges {
                length: file.metadata()?.len(),
                source: ranged(file),
                progress: Arc::clone(progress),
            },
            with_pages,
        )
    }

    /// The file that lies in `ranges`.
    pub(super) fn of_ranges(ranges: CountedRanges, with_pages: bool) -> Result<Self> {
        let policy = if with_pages {
            PageIndexPolicy::Optional
        } else {
            PageIndexPolicy::Skip
        };
        // Without what Arrow writers add, types are those of Parquet alone, which are few and sound.
        let options = ArrowReaderOptions::new()
            .with_skip_arrow_metadata(true)
            .with_page_index_policy(policy);
        let metadata = guarded(|| with_views(ArrowReaderMetadata::load(&ranges, options)?))?;
        let origin = match Origin::of(metadata.metadata().file_metadata().key_value_metadata()) {
            Origin::Own(layout) => FileOrigin::Own(layout),
            Origin::Foreign => FileOrigin::Foreign,
            Origin::Unknown(reason) => return Err(ParquetError::General(reason)),
        };
        Ok(Self {
            ranges,
            far: None,
            is_spooled: false,
            metadata,
            origin: Arc::new(origin),
        })
    }

    pub(super) fn facts(&self) -> &Arc<ParquetMetaData> {
        self.metadata.metadata()
    }

    /// True when the bytes of its columns are still to be read.
    pub(crate) fn is_counted(&self) -> bool {
        !self.is_spooled
    }

    /// How many files the positions of its events count.
    pub(crate) fn files(&self) -> u64 {
        match &*self.origin {
            FileOrigin::Own(layout) => layout.files,
            FileOrigin::Foreign => 1,
        }
    }

    /// Which part of a folder it is, if it is one.
    pub(crate) fn part(&self) -> Option<&FolderPart> {
        match &*self.origin {
            FileOrigin::Own(layout) => layout.part.as_ref(),
            FileOrigin::Foreign => None,
        }
    }

    /// The number of the column `name`, when it is one without columns of its own.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        let (idx, _) = self.metadata.schema().column_with_name(name)?;
        Some(idx)
    }
}

/// Texts as views, which share their bytes with the pages that they lie in.
fn with_views(metadata: ArrowReaderMetadata) -> Result<ArrowReaderMetadata> {
    let fields = metadata
        .schema()
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Utf8 => field.as_ref().clone().with_data_type(DataType::Utf8View),
            _ => field.as_ref().clone(),
        });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    ArrowReaderMetadata::try_new(
        Arc::clone(metadata.metadata()),
        ArrowReaderOptions::new().with_schema(schema),
    )
}

/// True when a file begins like Parquet.
pub(super) fn begins_like_parquet(path: &Path) -> bool {
    let read = || -> std::io::Result<bool> {
        use std::io::Read;
        let mut first = [0; 4];
        File::open(path)?.read_exact(&mut first)?;
        Ok(&first == PARQUET_MAGIC)
    };
    read().unwrap_or(false)
}

/// Calls the decoder. Damaged bytes are an error of the file, even where the decoder takes them for a defect of its own.
pub(super) fn guarded<T>(decode: impl FnOnce() -> Result<T>) -> Result<T> {
    crate::guarded::guarded(decode, |message| ParquetError::General(message.to_owned()))
}
