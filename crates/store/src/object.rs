//! One object as a file.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use insq_input::RemoteFile;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore};

use crate::chunks::{CHUNK_BYTES, Chunks};
use crate::driver::Driver;
use crate::error::{changed, io_error};
use crate::location::Scheme;

/// What all objects of one listing share.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) driver: Driver,
    pub(crate) scheme: Scheme,
}

/// An object, held to what it was when it was listed.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) name: Arc<str>,
    pub(crate) meta: ObjectMeta,
}

impl Object {
    /// The bytes of `range`, all of them.
    pub(crate) fn bytes(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = range.end - range.start;
        // Servers that can't give parts can still give all.
        let is_whole = range == (0..self.meta.size) && wanted <= CHUNK_BYTES;
        let options = GetOptions {
            if_match: self.meta.e_tag.clone(),
            range: (!is_whole).then_some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let (store, meta) = (Arc::clone(&self.bucket.store), self.meta.clone());
        let scheme = self.bucket.scheme;
        let answer = self.bucket.driver.run(async move {
            let failed = |cause| io_error(cause, scheme);
            let answer = store.get_opts(&meta.location, options).await.map_err(failed)?;
            // Not every server honours the condition, and what grew must not fill the memory.
            if answer.meta.size != meta.size || answer.meta.e_tag != meta.e_tag {
                return Err(changed());
            }
            answer.bytes().await.map_err(failed)
        })?;
        let bytes = answer?;
        if bytes.len() as u64 != wanted {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the store gave {} bytes instead of {wanted}", bytes.len()),
            ));
        }
        Ok(bytes.into())
    }
}

impl RemoteFile for Object {
    fn name(&self) -> &str {
        &self.name
    }

    fn size_bytes(&self) -> u64 {
        self.meta.size
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Chunks::open(self.clone()).map(|chunks| Box::new(chunks) as _)
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        self.bytes(range)
    }
}
