//! Remote files are looked at before they are read: by their ends, and many at a time, since every look is a wait.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use insq_event::{RunContext, ScanRequest};

use super::failure::{Failure, Stop};
use super::far::{FarRanges, TAIL_BYTES, Tail};
use super::file::{PARQUET_MAGIC, ParquetFile};
use super::folder::{is_of_other_parts, root_of_parts};
use super::ranged::CountedRanges;
use crate::at_once::{LOOKS_AT_ONCE, at_once};
use crate::remote::RemoteFile;

/// Names end like this that are surely meant for Parquet: all of the end is asked for at once.
const PARQUET_ENDINGS: [&str; 3] = ["parquet", "parq", "pq"];

/// Names end like this that are meant for something else. Such a file is not looked at: should it be Parquet all the same,
/// that shows when it is read.
const OTHER_ENDINGS: [&str; 12] = [
    "gz", "zst", "zstd", "log", "txt", "json", "jsonl", "ndjson", "csv", "arrow", "arrows", "feather",
];

/// What a look told.
pub(crate) enum Look {
    /// To be read from its first byte on.
    Stream,
    /// Parquet, or what should be.
    Parquet(Result<Box<ParquetFile>, Failure>),
    /// A part of a day or a function that nobody wants.
    Outside,
}

/// How files are looked at.
pub(crate) struct Looker<'a> {
    pub(crate) requests: &'a [Arc<ScanRequest>],
    /// True when parts of other days and functions may be left out.
    pub(crate) trusts_folders: bool,
    pub(crate) with_pages: bool,
    pub(crate) run: &'a RunContext,
}

impl Looker<'_> {
    /// Looks at all of `files`. Of a folder of insq's own, parts that nobody wants are not even looked at; one of the others
    /// tells that it is such a folder.
    pub(crate) fn look_at(&self, files: &[Arc<dyn RemoteFile>]) -> Vec<Look> {
        let mut looks: Vec<Option<Look>> = files.iter().map(|_| None).collect();
        let mut later: HashMap<PathBuf, Vec<usize>> = HashMap::new();
        let (mut first, mut seen) = (Vec::new(), HashSet::new());
        for (number, file) in files.iter().enumerate() {
            let path = Path::new(file.name());
            let root = root_of_parts(path).map(Path::to_owned);
            match root {
                Some(root) if self.trusts_folders && is_of_other_parts(path, self.requests) => {
                    later.entry(root).or_default().push(number);
                }
                root => {
                    first.push(number);
                    seen.extend(root);
                }
            }
        }
        // Where all are of other parts, one has to tell what folder it is.
        for (root, numbers) in &mut later {
            if !seen.contains(root) {
                first.extend(numbers.pop());
            }
        }
        self.look_together(files, &first, &mut looks);
        let own = own_roots(files, &looks);
        let unknown = later.iter().filter(|(root, _)| !own.contains(*root));
        let unknown: Vec<usize> = unknown.flat_map(|(_, numbers)| numbers.clone()).collect();
        self.look_together(files, &unknown, &mut looks);
        looks
            .into_iter()
            .map(|look| look.unwrap_or(Look::Outside))
            .collect()
    }

    fn look_together(&self, files: &[Arc<dyn RemoteFile>], numbers: &[usize], looks: &mut [Option<Look>]) {
        let found = at_once(numbers, LOOKS_AT_ONCE, |number| match files.get(*number) {
            Some(file) if !self.run.cancellation.is_cancelled() => self.look(file),
            _ => Look::Stream,
        });
        for (number, look) in numbers.iter().zip(found) {
            if let Some(place) = looks.get_mut(*number) {
                *place = Some(look);
            }
        }
    }

    /// What can't be looked at is read, which then says what is wrong.
    pub(crate) fn look(&self, file: &Arc<dyn RemoteFile>) -> Look {
        let ending = Path::new(file.name()).extension().unwrap_or_default();
        let is_among = |endings: &[&str]| endings.iter().any(|known| ending.eq_ignore_ascii_case(known));
        if is_among(&OTHER_ENDINGS) || file.size_bytes() <= 2 * PARQUET_MAGIC.len() as u64 {
            return Look::Stream;
        }
        let first_bytes = match is_among(&PARQUET_ENDINGS) {
            true => TAIL_BYTES,
            false => PARQUET_MAGIC.len() as u64,
        };
        let opened = match Tail::fetch(&**file, first_bytes, &self.run.progress) {
            Ok(tail) if !tail.is_parquet() => return Look::Stream,
            Err(_) => return Look::Stream,
            Ok(tail) if first_bytes == TAIL_BYTES => {
                ParquetFile::of_tail(file, tail, self.run, self.with_pages)
            }
            Ok(_) => ParquetFile::far(file, self.run, self.with_pages),
        };
        match opened {
            Err(_) if !begins_like_parquet(&**file) => Look::Stream,
            opened => Look::Parquet(opened.map(Box::new)),
        }
    }
}

/// The folders of which some file is an own part, in the place where it was written.
fn own_roots(files: &[Arc<dyn RemoteFile>], looks: &[Option<Look>]) -> HashSet<PathBuf> {
    let root = |(file, look): (&Arc<dyn RemoteFile>, &Option<Look>)| {
        let Some(Look::Parquet(Ok(opened))) = look else {
            return None;
        };
        let path = Path::new(file.name());
        let root = root_of_parts(path)?;
        (root.join(&opened.part()?.path) == path).then(|| root.to_owned())
    };
    files.iter().zip(looks).filter_map(root).collect()
}

fn begins_like_parquet(file: &dyn RemoteFile) -> bool {
    let first = file.read_range(0..PARQUET_MAGIC.len() as u64);
    first.is_ok_and(|first| first == PARQUET_MAGIC)
}

impl ParquetFile {
    /// Reads the footer of a file that lies elsewhere.
    ///
    /// # Errors
    /// What the store or the decoder says.
    fn far(file: &Arc<dyn RemoteFile>, run: &RunContext, with_pages: bool) -> Result<Self, Failure> {
        let tail = Tail::fetch(&**file, TAIL_BYTES, &run.progress).map_err(|cause| Failure::far(&cause))?;
        Self::of_tail(file, tail, run, with_pages)
    }

    /// As [`Self::far`]; `None` where parts can't be had.
    pub(crate) fn far_if_ranged(
        file: &Arc<dyn RemoteFile>,
        run: &RunContext,
        with_pages: bool,
    ) -> Option<Result<Self, Stop>> {
        let tail = match Tail::fetch(&**file, TAIL_BYTES, &run.progress) {
            Err(cause) if cause.kind() == io::ErrorKind::Unsupported => return None,
            tail => tail.map_err(|cause| Failure::far(&cause)),
        };
        let opened = tail.and_then(|tail| Self::of_tail(file, tail, run, with_pages));
        Some(opened.map_err(Stop::from))
    }

    fn of_tail(
        file: &Arc<dyn RemoteFile>,
        tail: Tail,
        run: &RunContext,
        with_pages: bool,
    ) -> Result<Self, Failure> {
        let ranges = |tail, held| Arc::new(FarRanges::new(file, tail, &run.progress, held));
        let mut opened = Self::of_ranges(
            CountedRanges {
                source: ranges(tail.clone(), None),
                length: file.size_bytes(),
                // What is fetched is counted when it comes.
                progress: Arc::default(),
            },
            with_pages,
        )
        .map_err(|cause| Failure::of_far(&cause))?;
        let mut held = run.memory.reservation("Parquet");
        // A small file is all there, and stays if there is room.
        let stays = tail.is_whole() && held.grow(tail.len()).is_ok();
        let far = match stays {
            true => ranges(tail, Some(held)),
            false => ranges(Tail::default(), None),
        };
        opened.ranges.source = Arc::clone(&far) as _;
        opened.far = Some(far);
        Ok(opened)
    }
}
