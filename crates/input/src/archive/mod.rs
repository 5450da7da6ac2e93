//! Archives that somebody named: what is in them, as files that can be read one by one.
//!
//! Only what is named itself, or by a pattern that ends like an archive, is opened: one that merely lies in a folder of logs
//! may well hold these same logs.

mod checked;
mod member;
mod tar;
mod zip;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use insq_event::{DamageKind, MemoryBudget, RunContext, SourceError};

use self::member::Member;
pub(crate) use self::tar::begins as begins_like_tar;
use crate::decompress::{ByteStream, Codec, damage_of, decompressed};
use crate::error::DamageNotes;
use crate::paths::is_passed_over;
use crate::ranged::{RangedRead, ranged};
use crate::remote::RemoteFile;
use crate::spool::{Spooled, Unspooled, spooled};

/// Files of an archive at most; each is known before the first is read.
pub(crate) const ARCHIVE_FILES_MAX: usize = 1 << 20;

/// Names end like this that are meant for archives. What a file is, its first bytes decide.
const ENDINGS: [&str; 7] = [
    ".zip",
    ".tar",
    ".tgz",
    ".tzst",
    ".tar.gz",
    ".tar.zst",
    ".tar.zstd",
];

/// Where programs of macOS put what is theirs in zip archives.
const MACOS_FOLDER: &str = "__MACOSX";

/// True for the name of an archive, or a pattern of such.
pub(crate) fn has_ending(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let name = name.to_string_lossy().to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// An archive, as far as it could be listed.
#[derive(Default)]
pub(crate) struct Archive {
    /// Its files, each under the path of the archive.
    pub(crate) files: Vec<Arc<dyn RemoteFile>>,
    damage: Vec<Wrong>,
}

/// What is wrong with an archive, or with a file of it.
struct Wrong {
    /// Of the file that is concerned, if it is not the archive.
    name: Option<String>,
    kind: DamageKind,
    offset: u64,
    words: String,
}

/// The bytes of an archive.
struct Bytes {
    source: Arc<dyn RangedRead>,
    length: u64,
    /// What the files are named after.
    name: String,
}

impl Archive {
    /// Lists the file at `path`; `None` when it is no archive, or can't be looked at, which whoever reads it reports. An
    /// archive that is compressed as a whole is put aside: its files can't be had otherwise.
    ///
    /// # Errors
    /// When memory does not suffice.
    pub(crate) fn open(
        path: &Path,
        expansion_max: u64,
        run: &RunContext,
    ) -> Result<Option<Self>, SourceError> {
        let Ok((file, length)) = open(path) else {
            return Ok(None);
        };
        let Ok(head) = head(&file) else {
            return Ok(None);
        };
        let name = path.display().to_string();
        let bytes = |file| Bytes {
            source: ranged(file),
            length,
            name: name.clone(),
        };
        if zip::begins(&head) {
            return Ok(Some(zip::list(&bytes(file), expansion_max)));
        }
        if tar::begins(&head) {
            return Ok(Some(tar::list(&bytes(file))));
        }
        if Codec::of(&head).is_none() || !holds_tar(path, expansion_max) {
            return Ok(None);
        }
        run.progress.add_total(length);
        match unpacked(file, expansion_max, run) {
            Ok(unpacked) => Ok(Some(Self::of_unpacked(unpacked, name))),
            Err(Unspooled::Memory(cause)) => Err(cause.into()),
            Err(Unspooled::Cancelled) => Ok(Some(Self::default())),
            Err(Unspooled::TooLong(bytes_max)) => Ok(Some(Self::unreadable(format!(
                "unpacked it has more than {bytes_max} bytes; unpack it into a folder"
            )))),
            Err(Unspooled::Unwritten(cause)) => Ok(Some(Self::unreadable(format!(
                "it is unpacked into a temporary file, which can't be written: {cause}"
            )))),
        }
    }

    /// Lists a tar archive, as far as it could be unpacked.
    fn of_unpacked(unpacked: Spooled, name: String) -> Self {
        let mut archive = tar::list(&Bytes {
            source: unpacked.source,
            length: unpacked.length,
            name,
        });
        if let Some(cause) = unpacked.broken_off {
            // That it ends early is clear then.
            archive.damage.retain(|wrong| wrong.name.is_some());
            archive.wrong(damage_of(&cause), unpacked.length, cause.to_string());
        }
        archive
    }

    /// Notes what is wrong.
    ///
    /// # Errors
    /// [`SourceError::Damaged`] in a strict run.
    pub(crate) fn note(&self, path: &Path, run: &RunContext) -> Result<(), SourceError> {
        self.damage.iter().try_for_each(|wrong| {
            let name = wrong.name.clone();
            let notes = DamageNotes {
                file: name.unwrap_or_else(|| path.display().to_string()).into(),
                run: run.clone(),
            };
            notes.note(wrong.kind, wrong.offset, Some(wrong.words.clone()))
        })
    }

    /// True when there is neither a file in it nor anything to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.damage.is_empty()
    }

    fn unreadable(words: String) -> Self {
        let mut archive = Self::default();
        archive.wrong(DamageKind::Unreadable, 0, words);
        archive
    }

    fn wrong(&mut self, kind: DamageKind, offset: u64, words: String) {
        self.damage.push(Wrong {
            name: None,
            kind,
            offset,
            words,
        });
    }

    /// Something that keeps one file from being read.
    fn wrong_file(&mut self, name: String, words: String) {
        self.damage.push(Wrong {
            name: Some(name),
            kind: DamageKind::Unreadable,
            offset: 0,
            words,
        });
    }

    /// Takes in files. Of several of one path the last is the one that unpacking leaves.
    fn add(&mut self, members: Vec<Member>) {
        let mut paths = HashSet::new();
        let mut kept: Vec<Member> = members
            .into_iter()
            .rev()
            .filter(|member| paths.insert(member.path.clone()))
            .collect();
        kept.reverse();
        let as_file = |member| -> Arc<dyn RemoteFile> { Arc::new(member) };
        self.files.extend(kept.into_iter().map(as_file));
    }
}

impl Bytes {
    /// The name of a file of the archive; `None` for one that is left out, as folders are read without it.
    fn name_of(&self, member: &[u8]) -> Option<String> {
        let name = String::from_utf8_lossy(member).replace('\\', "/");
        let parts: Vec<&str> = name
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        // Nothing is written to where a name leads, so it may lead out of the archive.
        let is_left_out =
            |part: &&str| *part != ".." && (is_passed_over(part.as_ref()) || *part == MACOS_FOLDER);
        (!parts.is_empty() && !parts.iter().any(is_left_out))
            .then(|| format!("{}/{}", self.name, parts.join("/")))
    }
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let facts = std::fs::metadata(path)?;
    if !facts.is_file() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    Ok((File::open(path)?, facts.len()))
}

/// The first bytes, which tell what it is. The next read begins at the first byte again.
fn head(mut file: &File) -> io::Result<Vec<u8>> {
    use std::io::{Seek, SeekFrom};
    let head = begin(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

fn begin(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(tar::HEAD_BYTES);
    stream.take(tar::HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// True when a compressed file holds a tar archive.
fn holds_tar(path: &Path, expansion_max: u64) -> bool {
    let look = || -> io::Result<bool> {
        let file: ByteStream = Box::new(File::open(path)?);
        // Its beginning is enough, so nothing is decoded whole, and nothing counts as read.
        let (bytes, _) = decompressed(file, expansion_max, &Arc::default(), &MemoryBudget::new(0))?;
        Ok(tar::begins(&begin(&mut bytes.into_stream())?))
    };
    look().unwrap_or(false)
}

fn unpacked(file: File, expansion_max: u64, run: &RunContext) -> Result<Spooled, Unspooled> {
    let no_memory = MemoryBudget::new(0);
    let stream = match decompressed(Box::new(file), expansion_max, &run.progress, &no_memory) {
        Ok((bytes, _)) => bytes.into_stream(),
        Err(cause) => Box::new(crate::failing::Failing::new(cause)),
    };
    spooled(stream, run, "an archive")
}

#[cfg(test)]
mod tests;
