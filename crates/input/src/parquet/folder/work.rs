//! One conversion into a folder: what can be kept of earlier runs, and what is still to be done.

use std::collections::{BTreeMap, HashSet};

use insq_event::{Damage, DamageKind, RunContext};

use super::part_files::{FolderFiles, Part};
use super::records::{DamageRecord, Manifest, PartRecord, Plan, id_of};
use super::state::{State, WaitingParts};
use super::{FolderConverted, FolderOptions};
use crate::groups::{FileFacts, Group};
use crate::parquet::convert::ConvertError;
use crate::parquet::encode::{FileColumns, Written, write};
use crate::parquet::gather::StoredColumns;
use crate::parquet::runs::Ranks;
use crate::source::LogSource;

/// The version of what waits in a folder, of two programs that do the same.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " 1");

/// One conversion.
pub(super) struct Work<'a> {
    pub(super) source: &'a LogSource,
    pub(super) state: &'a State,
    pub(super) options: &'a FolderOptions,
    pub(super) groups: &'a [Group<'a>],
    /// Of every group; `None` for what can't be recognised another time.
    pub(super) ids: Vec<Option<String>>,
    plan: Plan,
    pub(super) run: &'a RunContext,
}

impl<'a> Work<'a> {
    pub(super) fn new(
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
    pub(super) fn up_to_date(&self) -> Result<Option<FolderConverted>, ConvertError> {
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
    pub(super) fn is_read_again(&self, damage: &Damage) -> bool {
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

    pub(super) fn convert(&self) -> Result<FolderConverted, ConvertError> {
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
