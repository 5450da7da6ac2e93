//! Groups of input files: gathered into runs that wait in the folder, or kept of an earlier run.

use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

use insq_event::{Damage, DamageLog, RunContext, ScanPartition, SourceError};
use sha2::{Digest, Sha256};

use super::records::{DamageRecord, GroupRecord, RunRecord, id_of};
use super::state::State;
use super::work::Work;
use crate::groups::{Group, finish};
use crate::parquet::convert::ConvertError;
use crate::parquet::field_tally::FieldTally;
use crate::parquet::gather::{GatherPlan, Gathered, RunFiles, StoredColumns, gather};
use crate::parquet::runs::{Run, RunPlace};
use crate::planner::Planned;

/// Bytes that are hashed at a time.
const HASHED_BYTES: usize = 256 << 10;

impl Work<'_> {
    /// Gathers the groups, but for those that an earlier run has gathered.
    pub(super) fn gather(&self, stored: &StoredColumns) -> Result<All, ConvertError> {
        let mut ready = Vec::with_capacity(self.groups.len());
        for (group, id) in self.groups.iter().zip(&self.ids) {
            // Planned before anything is read, so that it is known how much there is to do.
            ready.push(match id.as_deref().and_then(|id| self.kept(id)) {
                Some(record) => Ready::Kept(record),
                None => self.planned(group, stored)?,
            });
        }
        let mut all = All::default();
        let mut planned = Vec::new();
        for (number, (ready, id)) in ready.into_iter().zip(&self.ids).enumerate() {
            let (id, record) = match ready {
                Ready::Kept(record) => {
                    all.groups_kept += 1;
                    planned.push(Planned {
                        is_any_read: true,
                        first_failure: None,
                    });
                    (id.clone().unwrap_or_default(), record)
                }
                Ready::Planned(partitions, found, damage) => {
                    planned.push(found);
                    self.gathered(number, id.as_deref(), partitions, damage, stored)?
                }
            };
            for damage in &record.damage {
                self.run.damage.add(damage.damage());
            }
            all.add(self.state, id, record)?;
        }
        finish(self.source, planned)?;
        Ok(all)
    }

    fn kept(&self, id: &str) -> Option<GroupRecord> {
        let record = self.state.group(id)?;
        let is_read_again = record
            .damage
            .iter()
            .any(|damage| self.is_read_again(&damage.damage()));
        (!is_read_again).then_some(record)
    }

    fn planned(&self, group: &Group<'_>, stored: &StoredColumns) -> Result<Ready, SourceError> {
        // Damage is noted group by group, since it is told again when a group is kept.
        let run = RunContext {
            damage: DamageLog::default(),
            ..self.run.clone()
        };
        let (partitions, planned) = group.partitions(&stored.request, &run)?;
        Ok(Ready::Planned(partitions, planned, run.damage))
    }

    /// Reads a group. Its id is one of its content where nothing else tells it from others.
    fn gathered(
        &self,
        number: usize,
        id: Option<&str>,
        partitions: Vec<Box<dyn ScanPartition>>,
        damage: DamageLog,
        stored: &StoredColumns,
    ) -> Result<(String, GroupRecord), ConvertError> {
        let files = NamedRuns {
            state: self.state,
            prefix: id.map_or_else(|| format!("stream{number}"), str::to_owned),
            made: AtomicU64::new(0),
        };
        let plan = GatherPlan {
            stored,
            by: &self.options.partition_by,
            options: &self.options.files,
            files: &files,
            keeps_last: false,
            run: self.run,
        };
        let gathered = gather(partitions, &plan)?;
        let record = record_of(gathered, damage.entries())?;
        let id = match id {
            Some(id) => {
                self.state.set_group(id, &record)?;
                id.to_owned()
            }
            None => self.content_id(&record)?,
        };
        Ok((id, record))
    }

    fn content_id(&self, record: &GroupRecord) -> Result<String, ConvertError> {
        let mut hash = Sha256::new();
        let mut piece = vec![0; HASHED_BYTES];
        for run in &record.runs {
            let mut file = File::open(self.state.run_path(&run.name))?;
            loop {
                match file.read(&mut piece)? {
                    0 => break,
                    read => hash.update(&piece[..read]),
                }
            }
        }
        let digest: Vec<String> = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(id_of([&*digest.concat()]))
    }
}

/// A group that can be read, or has been.
enum Ready {
    Kept(GroupRecord),
    Planned(Vec<Box<dyn ScanPartition>>, Planned, DamageLog),
}

/// What a group gave, with its runs on disk.
fn record_of(gathered: Gathered, damage: Vec<Damage>) -> Result<GroupRecord, ConvertError> {
    let mut runs = Vec::with_capacity(gathered.runs.len());
    for run in gathered.runs {
        if let RunPlace::File {
            file,
            name: Some(name),
        } = run.place
        {
            file.sync_all()?;
            runs.push(RunRecord {
                name,
                bytes: file.metadata()?.len(),
                spans: run.spans,
            });
        }
    }
    Ok(GroupRecord {
        files: gathered.files,
        runs,
        tally: gathered.tally,
        damage: damage.into_iter().map(DamageRecord::of).collect(),
    })
}

/// Runs wait in files of the folder.
struct NamedRuns<'a> {
    state: &'a State,
    prefix: String,
    made: AtomicU64,
}

impl RunFiles for NamedRuns<'_> {
    fn create(&self) -> std::io::Result<(File, Option<String>)> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}.run", self.prefix);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        Ok((options.open(self.state.run_path(&name))?, Some(name)))
    }
}

/// What all groups gave.
#[derive(Default)]
pub(super) struct All {
    pub(super) ids: Vec<String>,
    pub(super) runs: Vec<Run>,
    pub(super) tally: FieldTally,
    pub(super) files: u64,
    pub(super) groups_kept: u64,
}

impl All {
    fn add(&mut self, state: &State, id: String, record: GroupRecord) -> Result<(), ConvertError> {
        self.ids.push(id);
        for run in record.runs {
            let file = File::open(state.run_path(&run.name))?;
            self.runs.push(Run {
                place: RunPlace::File {
                    file,
                    name: Some(run.name),
                },
                spans: run.spans,
                first_file: self.files,
            });
        }
        self.tally.merge(record.tally);
        self.files += record.files;
        Ok(())
    }
}
