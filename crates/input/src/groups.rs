//! A source in groups of files that follow each other, each of which can be read by itself.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use insq_event::{EventSource, RunContext, ScanPartition, ScanRequest, SourceError};

use crate::paths::{Listing, Trouble};
use crate::planner::{Planned, Planner};
use crate::source::{LogSource, Slot};

/// Groups of a source at most, give or take the inputs that make one by themselves.
const GROUPS_MAX: u64 = 256;

/// Bytes of the files of a group at least, unless the caller says otherwise.
const GROUP_BYTES_MIN: u64 = 8 << 20;

/// What a file was when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct FileFacts {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// When it was changed last, nanoseconds since the epoch, where the system tells.
    pub(crate) changed_ns: Option<i128>,
    pub(crate) log: Option<String>,
    pub(crate) data_source: Option<String>,
}

impl FileFacts {
    /// Tells a planner the names of the files that come next.
    fn name(&self, planner: &mut Planner<'_>) {
        planner.log = self.log.as_deref().map(Arc::from);
        planner.data_source = self.data_source.as_deref().map(Arc::from);
    }
}

/// Some inputs that follow each other.
pub(crate) struct Group<'a> {
    source: &'a LogSource,
    members: Members<'a>,
}

enum Members<'a> {
    Files(Vec<(PathBuf, FileFacts)>),
    Archive(PathBuf, FileFacts),
    /// What can't be looked at.
    Troubles(Vec<Trouble>),
    /// A stream or a remote file.
    Other(&'a Slot),
}

impl LogSource {
    /// The source in groups of at least `group_bytes`; of a share of all by default.
    pub(crate) fn groups(&self, group_bytes: Option<u64>) -> Vec<Group<'_>> {
        let mut found: Vec<Members<'_>> = Vec::new();
        for (slot, listing) in self.listings() {
            members_of(slot, listing, &mut found);
        }
        let total: u64 = found.iter().map(Members::bytes).sum();
        let wanted = group_bytes.unwrap_or_else(|| GROUP_BYTES_MIN.max(total / GROUPS_MAX));
        let mut groups: Vec<Members<'_>> = Vec::new();
        for members in found {
            match (groups.last_mut(), members) {
                (Some(last), Members::Files(files)) if last.is_open(wanted) => last.extend(files),
                (_, members) => groups.push(members),
            }
        }
        let group = |members| Group {
            source: self,
            members,
        };
        groups.into_iter().map(group).collect()
    }
}

/// Adds the files of an input, one by one, and what can't be looked at.
fn members_of<'a>(slot: &'a Slot, listing: Listing, found: &mut Vec<Members<'a>>) {
    let Slot::Path { log, data_source, .. } = slot else {
        found.push(Members::Other(slot));
        return;
    };
    let mut troubles = listing.troubles;
    let mut add = |path: PathBuf, members_of: fn(PathBuf, FileFacts) -> Members<'a>| match facts_of(
        &path,
        log.as_deref(),
        data_source.as_deref(),
    ) {
        Ok(facts) => found.push(members_of(path, facts)),
        Err(cause) => troubles.push(Trouble { path, cause }),
    };
    for path in listing.files {
        add(path, |path, facts| Members::Files(vec![(path, facts)]));
    }
    for path in listing.archives {
        add(path, Members::Archive);
    }
    if !troubles.is_empty() {
        found.push(Members::Troubles(troubles));
    }
}

fn facts_of(path: &Path, log: Option<&str>, data_source: Option<&str>) -> io::Result<FileFacts> {
    let facts = std::fs::metadata(path)?;
    let changed = facts.modified().ok();
    let since_epoch = |time: std::time::SystemTime| match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    };
    Ok(FileFacts {
        path: path.display().to_string(),
        bytes: facts.len(),
        changed_ns: changed.map(since_epoch),
        log: log.map(str::to_owned),
        data_source: data_source.map(str::to_owned),
    })
}

impl Members<'_> {
    fn bytes(&self) -> u64 {
        match self {
            Self::Files(files) => files.iter().map(|(_, facts)| facts.bytes).sum(),
            Self::Archive(_, facts) => facts.bytes,
            Self::Troubles(_) | Self::Other(_) => 0,
        }
    }

    /// True when there is room for another file.
    fn is_open(&self, wanted: u64) -> bool {
        matches!(self, Self::Files(_)) && self.bytes() < wanted
    }

    fn extend(&mut self, more: Vec<(PathBuf, FileFacts)>) {
        if let Self::Files(files) = self {
            files.extend(more);
        }
    }
}

impl Group<'_> {
    /// What its files are; `None` for what can't be recognised another time.
    pub(crate) fn facts(&self) -> Option<Vec<FileFacts>> {
        match &self.members {
            Members::Files(files) => Some(files.iter().map(|(_, facts)| facts.clone()).collect()),
            Members::Archive(_, facts) => Some(vec![facts.clone()]),
            Members::Troubles(_) | Members::Other(_) => None,
        }
    }

    /// What answers `request`.
    ///
    /// # Errors
    /// As [`EventSource::partitions`], but that nothing can be read is no error of a group.
    pub(crate) fn partitions(
        &self,
        request: &Arc<ScanRequest>,
        run: &RunContext,
    ) -> Result<(Vec<Box<dyn ScanPartition>>, Planned), SourceError> {
        let requests = std::slice::from_ref(request);
        let mut planner = Planner::new(&self.source.options, requests, run);
        match &self.members {
            Members::Files(files) => {
                for (path, facts) in files {
                    facts.name(&mut planner);
                    planner.add_file(path.clone())?;
                }
            }
            Members::Archive(path, facts) => {
                facts.name(&mut planner);
                planner.add_archive(path.clone())?;
            }
            Members::Troubles(troubles) => planner.add_troubles(troubles)?,
            Members::Other(slot) => {
                self.source.plan_slot(slot, Listing::default(), &mut planner)?;
            }
        }
        Ok(planner.into_planned())
    }
}

/// What to say when none of the groups could be read.
///
/// # Errors
/// That.
pub(crate) fn finish(source: &LogSource, planned: Vec<Planned>) -> Result<(), SourceError> {
    if planned.iter().any(|planned| planned.is_any_read) {
        return Ok(());
    }
    match planned.into_iter().find_map(|planned| planned.first_failure) {
        Some(failure) => Err(failure),
        None if source.needs_logs() => Err(SourceError::NoInput(format!(
            "{}: no log files in there",
            source.describe()
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Input, ReadOptions};

    #[test]
    fn files_are_gathered_until_they_are_enough() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c", "d"] {
            std::fs::write(folder.path().join(name), "0123456789").unwrap();
        }
        let groups = |bytes, path: &Path| -> Vec<usize> {
            let source = LogSource::new(vec![Input::Path(path.to_owned())], ReadOptions::default());
            let groups = source.groups(bytes);
            groups
                .iter()
                .map(|group| group.facts().map_or(0, |facts| facts.len()))
                .collect()
        };
        assert_eq!(groups(Some(20), folder.path()), [2, 2]);
        assert_eq!(groups(Some(21), folder.path()), [3, 1]);
        assert_eq!(groups(Some(1), folder.path()), [1; 4]);
        assert_eq!(groups(None, folder.path()), [4]);
        assert_eq!(groups(None, &folder.path().join("none")), [0]);
        // An archive is a group by itself, which can be recognised.
        let archive = folder.path().join("d.zip");
        std::fs::write(&archive, "0123456789").unwrap();
        assert_eq!(groups(None, &archive), [1]);
        std::fs::remove_file(archive).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("none", folder.path().join("b.log")).unwrap();
            assert_eq!(groups(Some(20), folder.path()), [2, 2, 0]);
        }
    }
}
