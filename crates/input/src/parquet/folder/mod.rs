//! From logs to a folder of Parquet files, one for every part, that goes on where it was stopped.
//!
//! Inputs are gathered group by group into sorted runs that wait in the folder; then the runs are merged, part after part.
//! A group that has been gathered and a part that has been written are kept by a run that comes later, as long as the
//! inputs are what they were. The parts are put into place when all of them are complete.

mod key;
mod place;
mod records;
mod state;

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use insq_event::{Damage, DamageKind, DamageLog, RunContext, ScanPartition, SourceError};
use sha2::{Digest, Sha256};

use super::convert::{ConvertError, ConvertOptions};
use super::encode::{FileColumns, PartFiles, Written, write};
use super::field_tally::FieldTally;
use super::gather::{GatherPlan, Gathered, RunFiles, StoredColumns, gather};
use super::layout::{FolderPart, Layout};
use super::runs::{Ranks, Run, RunPlace};
use crate::groups::{FileFacts, Group, finish};
use crate::planner::Planned;
use crate::source::LogSource;

pub use key::PartitionBy;
pub(super) use key::PartitionKey;
pub(super) use place::root_of_parts;
pub(crate) use place::{FolderParts, is_converted_folder, is_of_other_parts};
use records::{DamageRecord, GroupRecord, Manifest, PartRecord, Plan, RunRecord, id_of};
use state::{State, WaitingParts};

/// How a folder is made.
#[derive(Clone, Debug)]
pub struct FolderOptions {
    /// How its files are made. Runs wait in the folder.
    pub files: ConvertOptions,
    /// What divides the events, from the outermost folder to the innermost.
    pub partition_by: Vec<PartitionBy>,
    /// Bytes of input files that are gathered together, at least; by default a share of all.
    pub group_bytes: Option<u64>,
}

/// What a folder holds, and what had to be done for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderConverted {
    /// Events in the folder.
    pub events: u64,
    /// The discovered fields that became columns, as queries spell them.
    pub fields: Vec<String>,
    /// Files in the folder.
    pub parts: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of these, the ones that an earlier run had written that did not finish.
    pub parts_kept: u64,
    /// Groups of input files.
    pub groups: u64,
    /// Of these, the ones that an earlier run had gathered.
    pub groups_kept: u64,
    /// True when the folder held all of it already.
    pub is_up_to_date: bool,
    /// Why what an earlier run had made was made again, in words; empty when it was not.
    pub remade: Vec<String>,
}

/// Writes everything that `source` gives into `folder`.
///
/// # Errors
/// [`ConvertError`]; the folder then holds what it held before, and what the next run goes on with.
pub fn convert_folder(
    source: &LogSource,
    folder: &Path,
    options: &FolderOptions,
    run: &RunContext,
) -> Result<FolderConverted, ConvertError> {
    let state = State::open(folder)?;
    state.finish_moving()?;
    let groups = source.groups(options.group_bytes);
    let work = Work::new(source, &state, options, &groups, run);
    if let Some(found) = work.up_to_date()? {
        return Ok(found);
    }
    work.convert()
}

/// One conversion.
struct Work<'a> {
    source: &'a LogSource,
    state: &'a State,
    options: &'a FolderOptions,
    groups: &'a [Group<'a>],
    /// Of every group; `None` for what can't be recognised another time.
    ids: Vec<Option<String>>,
    plan: Plan,
    run: &'a RunContext,
}

impl<'a> Work<'a> {
    fn new(
        source: &'a LogSource,
        state: &'a State,
        options: &'a FolderOptions,
        groups: &'a [Group<'a>],
        run: &'a RunContext,
    ) -> Self {
        let facts: Vec<Option<Vec<FileFacts>>> = groups.iter().map(Group::facts).collect();
        let read = &source.options;
        let by: Vec<&str> = options.partition_by.iter().map(|by| by.name()).collect();
        let by = by.join(",");
        let clock = read.clock.signature();
        let reading = format!("{:?} {} {clock} {by}", read.format, read.expansion_max);
        let id = |facts: &Option<Vec<FileFacts>>| {
            let facts = serde_json::to_string(facts.as_ref()?).ok()?;
            Some(id_of([VERSION, &reading, &facts]))
        };
        Self {
            ids: facts.iter().map(id).collect(),
            plan: Plan {
                inputs: facts.into_iter().flatten().flatten().collect(),
                options: format!(
                    "partition-by {by:?}, format {:?}, clock {clock}, max-expansion {}, columns {}, stretch {}",
                    read.format,
                    read.expansion_max,
                    options.files.field_columns_max,
                    options.files.stretch_rows
                ),
            },
            source,
            state,
            options,
            groups,
            run,
        }
    }

    /// What tells this conversion from others, of the ids of its groups.
    fn set_of(&self, ids: &[String]) -> String {
        let ids = ids.iter().map(String::as_str);
        id_of([VERSION, &self.plan.options].into_iter().chain(ids))
    }

    /// What the folder holds, if that is what the inputs give.
    fn up_to_date(&self) -> Result<Option<FolderConverted>, ConvertError> {
        let ids: Option<Vec<String>> = self.ids.iter().cloned().collect();
        let (Some(ids), Some(manifest)) = (ids, self.state.manifest()?) else {
            return Ok(None);
        };
        let damage: Vec<Damage> = manifest.damage.iter().map(DamageRecord::damage).collect();
        if manifest.set != self.set_of(&ids)
            || !self.state.has_parts(&manifest)
            || damage.iter().any(|damage| self.is_read_again(damage))
        {
            return Ok(None);
        }
        damage.into_iter().for_each(|damage| self.run.damage.add(damage));
        self.state.keep_groups(&HashSet::new())?;
        self.state.keep_waiting(None)?;
        let mut found = converted(&manifest);
        found.groups = self.groups.len() as u64;
        (found.groups_kept, found.parts_kept) = (found.groups, found.parts);
        found.is_up_to_date = true;
        Ok(Some(found))
    }

    /// True for damage that ends a strict run, or that may be gone the next time.
    fn is_read_again(&self, damage: &Damage) -> bool {
        self.run.strict || damage.kind == DamageKind::Unreadable
    }

    /// Why what there is can't be kept.
    fn remade(&self) -> Result<Vec<String>, ConvertError> {
        let (manifest, earlier) = (self.state.manifest()?, self.state.plan()?);
        let is_begun = earlier.is_some();
        let Some(earlier) = earlier.or_else(|| manifest.as_ref().map(|manifest| manifest.plan.clone()))
        else {
            return Ok(Vec::new());
        };
        let mut words = Vec::new();
        if earlier.options != self.plan.options {
            words.push("the options are others than before".to_owned());
        }
        let by_path = |inputs: &'_ [FileFacts]| -> BTreeMap<String, FileFacts> {
            let entry = |facts: &FileFacts| (facts.path.clone(), facts.clone());
            inputs.iter().map(entry).collect()
        };
        let (old, new) = (by_path(&earlier.inputs), by_path(&self.plan.inputs));
        for (path, facts) in &new {
            match old.get(path) {
                None => words.push(format!("{path} is new")),
                Some(before) if before != facts => words.push(format!("{path} has changed")),
                Some(_) => {}
            }
        }
        let gone = old.keys().filter(|path| !new.contains_key(*path));
        words.extend(gone.map(|path| format!("{path} is no input any more")));
        let is_gone = !is_begun && manifest.is_some_and(|manifest| !self.state.has_parts(&manifest));
        if is_gone {
            words.push("files of the folder were changed or removed".to_owned());
        }
        Ok(words)
    }

    fn convert(&self) -> Result<FolderConverted, ConvertError> {
        let remade = self.remade()?;
        self.state.set_plan(&self.plan)?;
        let known: HashSet<&str> = self.ids.iter().flatten().map(String::as_str).collect();
        self.state.keep_groups(&known)?;
        let stored = StoredColumns::new()?;
        let mut all = self.gather(&stored)?;
        let set = self.set_of(&all.ids);
        let taken: Vec<&str> = self.options.partition_by.iter().map(|by| by.name()).collect();
        let fields =
            std::mem::take(&mut all.tally).most_frequent(self.options.files.field_columns_max, &taken);
        let mut columns = FileColumns::new(&stored, fields);
        let parts = Part::all(&all.runs, &self.options.partition_by);
        loop {
            let waiting_id = id_of([&*set, &columns.signature()]);
            self.state.keep_waiting(Some(&waiting_id))?;
            let waiting = self.state.waiting(&waiting_id)?;
            let missing = parts.iter().filter(|(_, part)| !waiting.has(&part.path));
            let ranks: Ranks = missing.map(|(key, part)| (key.clone(), part.rank)).collect();
            let parts_kept = (parts.len() - ranks.len()) as u64;
            let by_rank: Vec<&Part> = parts.values().collect();
            self.run
                .progress
                .set_files_to_write(parts.len() as u64, parts_kept);
            let files = FolderFiles {
                set: &set,
                files: all.files,
                waiting: &waiting,
                parts: &by_rank,
            };
            let written = match ranks.is_empty() {
                true => Written::Whole,
                false => write(&all.runs, &ranks, &columns, &files, &self.options.files, self.run)?,
            };
            match written {
                // Begun anew with that column as text; there are only so many columns.
                Written::Misfit(field) => columns.make_text(field),
                Written::Whole => {
                    let manifest = self.manifest(set, &by_rank, &waiting, columns.names())?;
                    let found = converted(&manifest);
                    self.state.move_in(&waiting_id, manifest)?;
                    return Ok(FolderConverted {
                        parts_kept,
                        groups: self.groups.len() as u64,
                        groups_kept: all.groups_kept,
                        remade,
                        ..found
                    });
                }
            }
        }
    }

    fn manifest(
        &self,
        set: String,
        parts: &[&Part],
        waiting: &WaitingParts,
        fields: Vec<String>,
    ) -> Result<Manifest, ConvertError> {
        let record = |part: &&Part| -> std::io::Result<PartRecord> {
            Ok(PartRecord {
                path: part.path.clone(),
                events: part.events,
                bytes: std::fs::metadata(waiting.path(&part.path))?.len(),
            })
        };
        Ok(Manifest {
            set,
            plan: self.plan.clone(),
            parts: parts.iter().map(record).collect::<Result<_, _>>()?,
            fields,
            damage: self
                .run
                .damage
                .entries()
                .into_iter()
                .map(DamageRecord::of)
                .collect(),
        })
    }

    /// Gathers the groups, but for those that an earlier run has gathered.
    fn gather(&self, stored: &StoredColumns) -> Result<All, ConvertError> {
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

/// The version of what waits in a folder, of two programs that do the same.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " 1");

/// Bytes that are hashed at a time.
const HASHED_BYTES: usize = 256 << 10;

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
struct All {
    ids: Vec<String>,
    runs: Vec<Run>,
    tally: FieldTally,
    files: u64,
    groups_kept: u64,
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

/// A file of the folder.
struct Part {
    rank: u32,
    path: String,
    events: u64,
}

impl Part {
    /// The parts that runs give, in their order. Their files are numbered, since file systems may take two names for one.
    fn all(runs: &[Run], by: &[PartitionBy]) -> BTreeMap<PartitionKey, Self> {
        let mut parts: BTreeMap<PartitionKey, Self> = BTreeMap::new();
        for span in runs.iter().flat_map(|run| &run.spans) {
            let part = parts.entry(span.part.clone()).or_insert_with(|| Self {
                rank: 0,
                path: String::new(),
                events: 0,
            });
            part.events += span.rows;
        }
        for (number, (key, part)) in parts.iter_mut().enumerate() {
            part.rank = number as u32;
            part.path = format!("{}part-{number:05}.parquet", key.folders(by));
        }
        parts
    }
}

/// Parts are written where they wait for each other.
struct FolderFiles<'a> {
    set: &'a str,
    files: u64,
    waiting: &'a WaitingParts,
    parts: &'a [&'a Part],
}

impl PartFiles for FolderFiles<'_> {
    fn events(&self, rank: u32) -> u64 {
        self.parts[rank as usize].events
    }

    fn begin(&self, rank: u32) -> Result<(File, Layout), ConvertError> {
        let path = &self.parts[rank as usize].path;
        let layout = Layout {
            files: self.files,
            fields: Vec::new(),
            part: Some(FolderPart {
                set: self.set.to_owned(),
                path: path.clone(),
            }),
        };
        Ok((self.waiting.begin(path)?, layout))
    }

    fn end(&self, rank: u32, file: File) -> Result<(), ConvertError> {
        Ok(self.waiting.end(&self.parts[rank as usize].path, &file)?)
    }
}

fn converted(manifest: &Manifest) -> FolderConverted {
    FolderConverted {
        events: manifest.parts.iter().map(|part| part.events).sum(),
        fields: manifest.fields.clone(),
        parts: manifest.parts.len() as u64,
        bytes: manifest.parts.iter().map(|part| part.bytes).sum(),
        ..FolderConverted::default()
    }
}
