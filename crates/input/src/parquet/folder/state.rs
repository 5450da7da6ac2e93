//! What a folder knows of the conversion that writes it: the hidden folder `.insq`.
//!
//! Everything in it appears complete, by renaming, or is removed by the next run.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use walkdir::WalkDir;

use super::records::{GroupRecord, Manifest, Moving, Plan};
use crate::parquet::convert::ConvertError;

/// Where everything lies that is no part. Hidden, so that nobody takes it for data.
pub(super) const STATE_FOLDER: &str = ".insq";

/// What the folder holds, once it is complete.
pub(super) const MANIFEST_NAME: &str = "manifest.json";

/// What the folder will hold, while parts are put into place.
pub(super) const MOVING_NAME: &str = "moving.json";

/// What the run that is not finished was to convert.
const PLAN_NAME: &str = "plan.json";

const LOCK_NAME: &str = "lock";

/// The events of groups of input files, waiting to be merged.
const GROUPS_FOLDER: &str = "groups";

/// Parts that wait to be put into place lie in folders whose names begin like this.
const PARTS_PREFIX: &str = "parts-";

/// What names of files end in that are not complete.
const UNFINISHED_ENDING: &str = ".tmp";

/// What names of parts end in that wait.
const WAITING_ENDING: &str = ".part";

/// The state of a folder that is being written, and nobody else writes.
pub(super) struct State {
    root: PathBuf,
    own: PathBuf,
    /// Held as long as the process writes.
    _lock: File,
}

impl State {
    /// Takes the folder, which is made if it is not there. What killed runs left unfinished is removed.
    pub(super) fn open(root: &Path) -> Result<Self, ConvertError> {
        let own = root.join(STATE_FOLDER);
        if !own.is_dir() && root.is_dir() && fs::read_dir(root)?.next().is_some() {
            let message = format!(
                "{}: holds other files; give a folder that is empty, or one that this command has written",
                root.display()
            );
            return Err(ConvertError::Folder(message));
        }
        fs::create_dir_all(own.join(GROUPS_FOLDER))?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(own.join(LOCK_NAME))?;
        // Where there are no locks, nobody is kept out.
        if matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
            let message = format!("{}: another conversion is writing into it", root.display());
            return Err(ConvertError::Folder(message));
        }
        let state = Self {
            root: root.to_owned(),
            own,
            _lock: lock,
        };
        state.remove_unfinished()?;
        Ok(state)
    }

    fn remove_unfinished(&self) -> io::Result<()> {
        for entry in WalkDir::new(&self.own).into_iter().filter_map(Result::ok) {
            let is_unfinished = entry
                .file_name()
                .as_encoded_bytes()
                .ends_with(UNFINISHED_ENDING.as_bytes());
            if is_unfinished && entry.file_type().is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// What the folder holds; `None` before it was complete for the first time.
    pub(super) fn manifest(&self) -> Result<Option<Manifest>, ConvertError> {
        self.read(MANIFEST_NAME)
    }

    /// What a run was to convert that has not finished.
    pub(super) fn plan(&self) -> Result<Option<Plan>, ConvertError> {
        self.read(PLAN_NAME)
    }

    pub(super) fn set_plan(&self, plan: &Plan) -> Result<(), ConvertError> {
        self.write(&self.own.join(PLAN_NAME), plan)
    }

    /// A file of records; one that another version wrote can't be understood.
    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ConvertError> {
        let path = self.own.join(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(cause.into()),
        };
        serde_json::from_slice(&text).map(Some).map_err(|cause| {
            ConvertError::Folder(format!(
                "{}: not what this version writes ({cause}); give another folder",
                path.display()
            ))
        })
    }

    fn write<T: Serialize>(&self, path: &Path, record: &T) -> Result<(), ConvertError> {
        let text = serde_json::to_vec(record).map_err(io::Error::from)?;
        let unfinished = with_ending(path, UNFINISHED_ENDING);
        let mut file = File::create(&unfinished)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        Ok(sync_parent(path)?)
    }

    /// Where the run `number` of a group waits.
    pub(super) fn run_path(&self, name: &str) -> PathBuf {
        self.own.join(GROUPS_FOLDER).join(name)
    }

    fn group_path(&self, id: &str) -> PathBuf {
        self.own.join(GROUPS_FOLDER).join(format!("{id}.json"))
    }

    /// What was gathered of a group, if all of it is there.
    pub(super) fn group(&self, id: &str) -> Option<GroupRecord> {
        let text = fs::read(self.group_path(id)).ok()?;
        let record: GroupRecord = serde_json::from_slice(&text).ok()?;
        let is_there = |run: &super::records::RunRecord| {
            fs::metadata(self.run_path(&run.name)).is_ok_and(|facts| facts.len() == run.bytes)
        };
        record.runs.iter().all(is_there).then_some(record)
    }

    pub(super) fn set_group(&self, id: &str, record: &GroupRecord) -> Result<(), ConvertError> {
        self.write(&self.group_path(id), record)
    }

    /// Removes what waits of groups that are not among `kept`, with their records first.
    pub(super) fn keep_groups(&self, kept: &HashSet<&str>) -> io::Result<()> {
        let is_kept = |name: &str| {
            let id = name.split(['.', '-']).next();
            id.is_some_and(|id| kept.contains(id))
        };
        for pass in [".json", ""] {
            for entry in fs::read_dir(self.own.join(GROUPS_FOLDER))?.filter_map(Result::ok) {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.ends_with(pass) && !is_kept(&name) {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// The folder of parts that wait to be put into place.
    pub(super) fn waiting(&self, id: &str) -> io::Result<WaitingParts> {
        let folder = self.own.join(format!("{PARTS_PREFIX}{id}"));
        fs::create_dir_all(&folder)?;
        Ok(WaitingParts { folder })
    }

    /// Removes parts that wait, but for those of `kept`.
    pub(super) fn keep_waiting(&self, kept: Option<&str>) -> io::Result<()> {
        let kept = kept.map(|id| format!("{PARTS_PREFIX}{id}"));
        for entry in fs::read_dir(&self.own)?.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(PARTS_PREFIX) && kept.as_ref() != Some(&name) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    /// True when the parts lie where they should.
    pub(super) fn has_parts(&self, manifest: &Manifest) -> bool {
        manifest
            .parts
            .iter()
            .all(|part| fs::metadata(self.root.join(&part.path)).is_ok_and(|facts| facts.len() == part.bytes))
    }

    /// Puts the parts that wait in `waiting` into place and takes away those that were there, all of it or, when the process
    /// is killed, the rest when [`Self::finish_moving`] is called again.
    pub(super) fn move_in(&self, waiting: &str, manifest: Manifest) -> Result<(), ConvertError> {
        let old = self.manifest()?.map_or_else(Vec::new, |old| old.parts);
        let moving = Moving {
            waiting: waiting.to_owned(),
            manifest,
            old: old.into_iter().map(|part| part.path).collect(),
        };
        self.write(&self.own.join(MOVING_NAME), &moving)?;
        self.finish_moving()
    }

    /// Puts the rest of the parts into place, if a run has begun to.
    pub(super) fn finish_moving(&self) -> Result<(), ConvertError> {
        let Some(moving) = self.read::<Moving>(MOVING_NAME)? else {
            return Ok(());
        };
        let waiting = self.waiting(&moving.waiting)?;
        let new: HashSet<&str> = moving.manifest.parts.iter().map(|part| &*part.path).collect();
        let mut folders = HashSet::new();
        let mut is_whole = true;
        for path in &new {
            let to = self.root.join(path);
            let folder = to.parent().unwrap_or(&self.root).to_owned();
            fs::create_dir_all(&folder)?;
            let from = waiting.path(path);
            if from.exists() {
                fs::rename(from, &to)?;
            }
            is_whole &= to.exists();
            let within = |folder: &&Path| folder.starts_with(&self.root);
            folders.extend(folder.ancestors().take_while(within).map(Path::to_owned));
        }
        // The new names outlive a loss of power before the old ones go.
        folders.iter().try_for_each(|folder| sync_folder(folder))?;
        for path in moving.old.iter().filter(|path| !new.contains(&***path)) {
            self.remove_part(path)?;
        }
        if !is_whole {
            // Somebody took parts away. What is left would give half an answer.
            new.iter().try_for_each(|path| self.remove_part(path))?;
            let _ = fs::remove_file(self.own.join(MANIFEST_NAME));
            fs::remove_file(self.own.join(MOVING_NAME))?;
            return Ok(());
        }
        self.write(&self.own.join(MANIFEST_NAME), &moving.manifest)?;
        fs::remove_file(self.own.join(MOVING_NAME))?;
        let _ = fs::remove_file(self.own.join(PLAN_NAME));
        self.keep_groups(&HashSet::new())?;
        Ok(self.keep_waiting(None)?)
    }

    /// Removes a part, and the folders that are empty without it.
    fn remove_part(&self, path: &str) -> io::Result<()> {
        match fs::remove_file(self.root.join(path)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        for folder in Path::new(path).ancestors().skip(1) {
            // The folder itself stays, and so do those that hold something.
            if folder.as_os_str().is_empty() || fs::remove_dir(self.root.join(folder)).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Parts that are complete and wait for the others.
pub(super) struct WaitingParts {
    folder: PathBuf,
}

impl WaitingParts {
    pub(super) fn path(&self, part: &str) -> PathBuf {
        self.folder.join(format!("{part}{WAITING_ENDING}"))
    }

    pub(super) fn has(&self, part: &str) -> bool {
        self.path(part).exists()
    }

    pub(super) fn begin(&self, part: &str) -> io::Result<File> {
        let path = self.path(part);
        fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        File::create(with_ending(&path, UNFINISHED_ENDING))
    }

    pub(super) fn end(&self, part: &str, file: &File) -> io::Result<()> {
        file.sync_all()?;
        let path = self.path(part);
        fs::rename(with_ending(&path, UNFINISHED_ENDING), &path)
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}

/// Has the names in a folder outlive a loss of power.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    File::open(folder)?.sync_all()
}

/// Folders can't be opened there; the system writes names by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
