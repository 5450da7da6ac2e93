//! Where the result goes: standard output, or a file that is replaced only by a complete result.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use insq_render::Format;

/// As much as a pipe takes at once.
const STDOUT_BUFFER_BYTES: usize = 64 << 10;

/// An output that is being written.
#[derive(Debug)]
pub(crate) enum Output {
    /// Standard output, in larger pieces than lines.
    Stdout(BufWriter<io::Stdout>),
    /// A device or a pipe, written in place: it cannot be replaced.
    InPlace(BufWriter<File>),
    /// A file beside the final one, which it replaces in the end.
    Beside(BesideFile),
}

impl Output {
    /// Opens the output. An existing file keeps its content until [`Output::complete`].
    ///
    /// # Errors
    /// Whatever the operating system says, before anything was read.
    pub(crate) fn open(file: Option<&Path>, unfinished: &UnfinishedFile) -> io::Result<Self> {
        match file {
            None => Ok(Self::Stdout(BufWriter::with_capacity(
                STDOUT_BUFFER_BYTES,
                io::stdout(),
            ))),
            Some(path) => match fs::metadata(path) {
                Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
                Ok(found) if !found.is_file() => Ok(Self::InPlace(BufWriter::new(
                    OpenOptions::new().write(true).open(path)?,
                ))),
                found => Ok(Self::Beside(BesideFile::create(path, found.ok(), unfinished)?)),
            },
        }
    }

    /// Makes what was written the result: all or nothing.
    ///
    /// # Errors
    /// Whatever the operating system says; an existing file is then as it was.
    pub(crate) fn complete(self) -> io::Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush(),
            Self::InPlace(mut out) => out.flush(),
            Self::Beside(file) => file.complete(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::InPlace(out) => out.write(bytes),
            Self::Beside(file) => file.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::InPlace(out) => out.flush(),
            Self::Beside(file) => file.out.flush(),
        }
    }
}

/// Path of the file that must not stay behind, for whoever ends the program in the middle.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnfinishedFile(Arc<Mutex<Option<PathBuf>>>);

impl UnfinishedFile {
    fn set(&self, path: Option<PathBuf>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = path;
    }

    /// Removes the file, if there is one.
    pub(crate) fn remove(&self) {
        if let Some(path) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It may be gone already; there is nothing else to do about it.
            let _ = fs::remove_file(path);
        }
    }
}

/// A file beside its final place. Removed when dropped before it is complete.
#[derive(Debug)]
pub(crate) struct BesideFile {
    out: BufWriter<File>,
    path: PathBuf,
    final_path: PathBuf,
    unfinished: UnfinishedFile,
}

impl BesideFile {
    /// Creates the file. Those that killed runs left for the same final place are removed.
    ///
    /// # Errors
    /// Whatever the operating system says.
    pub(crate) fn create(
        path: &Path,
        existing: Option<fs::Metadata>,
        unfinished: &UnfinishedFile,
    ) -> io::Result<Self> {
        // A link stays a link: the file that it leads to is replaced.
        let final_path = if existing.is_some() {
            fs::canonicalize(path)?
        } else {
            path.to_owned()
        };
        let name = final_path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        remove_left_over(&final_path, name);
        let mut beside_name = beside_prefix(name);
        beside_name.push(format!("{}{BESIDE_ENDING}", std::process::id()));
        let beside = final_path.with_file_name(beside_name);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&beside)?;
        // As long as it is held, the file is not taken for one that was left over. Where there are no locks, nothing is
        // removed.
        let _ = file.try_lock();
        unfinished.set(Some(beside.clone()));
        let out = BufWriter::new(file);
        let created = Self {
            out,
            path: beside,
            final_path,
            unfinished: unfinished.clone(),
        };
        if let Some(existing) = existing {
            created.out.get_ref().set_permissions(existing.permissions())?;
        }
        Ok(created)
    }

    /// The file itself, for whoever writes elsewhere than at its end.
    pub(crate) fn file(&self) -> &File {
        self.out.get_ref()
    }

    /// The folder that the file is in.
    pub(crate) fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    /// Puts the file into its final place.
    ///
    /// # Errors
    /// Whatever the operating system says; the final place is then as it was.
    pub(crate) fn complete(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.path, &self.final_path)?;
        self.unfinished.set(None);
        sync_folder(folder_of(&self.final_path))
    }
}

/// Has the new name of a file outlive a loss of power.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Folders can't be opened there; the system writes names by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

const BESIDE_ENDING: &str = ".tmp";

fn beside_prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Removes files that runs have left that were killed: nobody holds their locks.
fn remove_left_over(final_path: &Path, name: &OsStr) {
    let prefix = beside_prefix(name);
    let is_one = |found: &OsStr| {
        let rest = found.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        let process = rest.and_then(|rest| rest.strip_suffix(BESIDE_ENDING.as_bytes()));
        process.is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
    };
    let Ok(entries) = fs::read_dir(folder_of(final_path)) else {
        return;
    };
    for entry in entries
        .filter_map(Result::ok)
        .filter(|entry| is_one(&entry.file_name()))
    {
        // What can't be opened or removed stays; it is in nobody's way.
        if let Ok(file) = OpenOptions::new().write(true).open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Drop for BesideFile {
    fn drop(&mut self) {
        self.unfinished.remove();
    }
}

/// The format that the name of a file stands for.
pub(crate) fn format_of_name(file: &Path) -> Option<Format> {
    let ending = file.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "csv" => Some(Format::Csv),
        "json" => Some(Format::Json),
        "jsonl" | "ndjson" => Some(Format::JsonLines),
        "md" | "markdown" => Some(Format::Markdown),
        "parquet" => Some(Format::Parquet),
        "arrow" | "feather" => Some(Format::Arrow),
        "arrows" => Some(Format::ArrowStream),
        "txt" => Some(Format::Table),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect()
    }

    #[test]
    fn only_a_complete_result_replaces_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        fs::write(&path, "old").unwrap();

        let mut output = Output::open(Some(&path), &UnfinishedFile::default()).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["out.csv"]);

        let mut output = Output::open(Some(&path), &UnfinishedFile::default()).unwrap();
        output.write_all(b"new").unwrap();
        output.complete().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["out.csv"]);
    }

    #[test]
    fn an_interrupted_result_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let unfinished = UnfinishedFile::default();
        let output = Output::open(Some(&folder.path().join("out.csv")), &unfinished).unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        unfinished.remove();
        assert!(names(folder.path()).is_empty());
        drop(output);
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_a_live_one_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        for name in [".out.csv.1.tmp", ".out.csv.x.tmp", ".other.csv.1.tmp"] {
            fs::write(folder.path().join(name), "left").unwrap();
        }
        let held = File::create(folder.path().join(".out.csv.2.tmp")).unwrap();
        held.lock().unwrap();
        let output = Output::open(Some(&path), &UnfinishedFile::default()).unwrap();
        output.complete().unwrap();
        let mut left = names(folder.path());
        left.sort();
        assert_eq!(
            left,
            [".other.csv.1.tmp", ".out.csv.2.tmp", ".out.csv.x.tmp", "out.csv"]
        );
    }

    #[test]
    fn folders_are_refused_and_missing_folders_too() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("none/out.csv")] {
            assert!(Output::open(Some(&path), &UnfinishedFile::default()).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_devices_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        let mut output = Output::open(Some(&link), &UnfinishedFile::default()).unwrap();
        output.write_all(b"new").unwrap();
        output.complete().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let mut output = Output::open(Some(Path::new("/dev/null")), &UnfinishedFile::default()).unwrap();
        output.write_all(b"x").unwrap();
        output.complete().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn names_stand_for_formats() {
        for (name, format) in [
            ("a.csv", Some(Format::Csv)),
            ("a.JSON", Some(Format::Json)),
            ("a.b.jsonl", Some(Format::JsonLines)),
            ("a.md", Some(Format::Markdown)),
            ("a.parquet", Some(Format::Parquet)),
            ("a.arrow", Some(Format::Arrow)),
            ("a.feather", Some(Format::Arrow)),
            ("a.arrows", Some(Format::ArrowStream)),
            ("a.txt", Some(Format::Table)),
            ("a.out", None),
            ("json", None),
        ] {
            assert_eq!(format_of_name(Path::new(name)), format, "{name}");
        }
    }
}
