//! Several requests answered in one pass over a source.

use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::{EventReader, ScanPartition, ScanRequest, SourceError};

/// A part of a source that one thread reads once, for several requests.
///
/// Each request gets what it would get from a pass of its own: the same events in the same order. Requests are named by
/// their places in the list that [`crate::EventSource::shared_partitions`] was given.
pub trait SharedPartition: Send {
    /// The requests that there may be events for.
    fn requests(&self) -> Vec<usize>;

    /// Opens the part. Called at most once, on the thread that reads it.
    ///
    /// # Errors
    /// As [`SharedReader::next_batch`].
    fn open(self: Box<Self>) -> Result<Box<dyn SharedReader>, SourceError>;
}

/// Reads one partition for several requests.
pub trait SharedReader {
    /// The next batch, and the request that it answers; `None` at the end, or when every request was stopped. Batches
    /// are never empty.
    ///
    /// # Errors
    /// As [`EventReader::next_batch`].
    fn next_batch(&mut self) -> Result<Option<(usize, RecordBatch)>, SourceError>;

    /// Says that nobody wants more events for a request. Batches that are ready may still come.
    fn stop(&mut self, request: usize);
}

/// A partition that answers one of several requests.
///
/// # Examples
/// ```
/// use arrow_array::RecordBatch;
/// use insq_event::{EventReader, OneOfMany, ScanPartition, SharedPartition, SourceError};
///
/// struct Nothing;
/// impl EventReader for Nothing {
///     fn next_batch(&mut self) -> Result<Option<RecordBatch>, SourceError> {
///         Ok(None)
///     }
/// }
/// impl ScanPartition for Nothing {
///     fn open(self: Box<Self>) -> Result<Box<dyn EventReader>, SourceError> {
///         Ok(self)
///     }
/// }
///
/// let partition = Box::new(OneOfMany { request: 3, partition: Box::new(Nothing) });
/// assert_eq!(partition.requests(), [3]);
/// assert!(partition.open()?.next_batch()?.is_none());
/// # Ok::<(), SourceError>(())
/// ```
pub struct OneOfMany {
    /// The request.
    pub request: usize,
    /// What answers it.
    pub partition: Box<dyn ScanPartition>,
}

impl SharedPartition for OneOfMany {
    fn requests(&self) -> Vec<usize> {
        vec![self.request]
    }

    fn open(self: Box<Self>) -> Result<Box<dyn SharedReader>, SourceError> {
        Ok(Box::new(OneOfManyReader {
            request: self.request,
            reader: Some(self.partition.open()?),
        }))
    }
}

struct OneOfManyReader {
    request: usize,
    /// `None` when it was stopped.
    reader: Option<Box<dyn EventReader>>,
}

impl SharedReader for OneOfManyReader {
    fn next_batch(&mut self) -> Result<Option<(usize, RecordBatch)>, SourceError> {
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        Ok(reader.next_batch()?.map(|batch| (self.request, batch)))
    }

    fn stop(&mut self, request: usize) {
        if request == self.request {
            self.reader = None;
        }
    }
}

/// A shared partition whose only request is that of the scan.
pub struct Only(pub Box<dyn SharedPartition>);

impl ScanPartition for Only {
    fn open(self: Box<Self>) -> Result<Box<dyn EventReader>, SourceError> {
        Ok(Box::new(OnlyReader(self.0.open()?)))
    }
}

struct OnlyReader(Box<dyn SharedReader>);

impl EventReader for OnlyReader {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        Ok(self.0.next_batch()?.map(|(_, batch)| batch))
    }
}

/// The partitions of every request, one request after the other: what a source that shares nothing gives.
pub(crate) fn one_after_another(
    requests: &[Arc<ScanRequest>],
    mut partitions: impl FnMut(&Arc<ScanRequest>) -> Result<Vec<Box<dyn ScanPartition>>, SourceError>,
) -> Result<Vec<Box<dyn SharedPartition>>, SourceError> {
    let mut all: Vec<Box<dyn SharedPartition>> = Vec::new();
    for (request, wanted) in requests.iter().enumerate() {
        for partition in partitions(wanted)? {
            all.push(Box::new(OneOfMany { request, partition }));
        }
    }
    Ok(all)
}
