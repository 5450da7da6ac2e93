//! What is remembered of a conversion between runs.

use insq_event::{Damage, DamageKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::groups::FileFacts;
use crate::parquet::field_tally::FieldTally;
use crate::parquet::runs::Span;

/// The inputs and options of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) inputs: Vec<FileFacts>,
    pub(super) options: String,
}

/// What a complete folder holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Tells the conversion from others: made of its inputs and options.
    pub(super) set: String,
    pub(super) plan: Plan,
    pub(super) parts: Vec<PartRecord>,
    pub(super) fields: Vec<String>,
    pub(super) damage: Vec<DamageRecord>,
}

/// One file of the folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PartRecord {
    pub(super) path: String,
    pub(super) events: u64,
    pub(super) bytes: u64,
}

/// A change of what the folder holds that has begun.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Moving {
    /// Where the new parts wait.
    pub(super) waiting: String,
    pub(super) manifest: Manifest,
    /// The parts that were there before.
    pub(super) old: Vec<String>,
}

/// What was gathered of a group of input files.
#[derive(Serialize, Deserialize)]
pub(super) struct GroupRecord {
    /// Files that the positions count.
    pub(super) files: u64,
    pub(super) runs: Vec<RunRecord>,
    pub(super) tally: FieldTally,
    pub(super) damage: Vec<DamageRecord>,
}

/// A sorted run of a group.
#[derive(Serialize, Deserialize)]
pub(super) struct RunRecord {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) spans: Vec<Span>,
}

/// Damage that was met, to be told by whoever goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DamageRecord {
    file: String,
    kind: String,
    offset: u64,
    count: u64,
    detail: Option<String>,
}

impl DamageRecord {
    pub(super) fn of(damage: Damage) -> Self {
        Self {
            file: damage.file.to_string(),
            kind: format!("{:?}", damage.kind),
            offset: damage.offset,
            count: damage.count,
            detail: damage.detail,
        }
    }

    /// The damage; of a kind that this version does not know, that the file can't be read.
    pub(super) fn damage(&self) -> Damage {
        let kind = DamageKind::ALL
            .into_iter()
            .find(|kind| format!("{kind:?}") == self.kind);
        Damage {
            file: self.file.as_str().into(),
            kind: kind.unwrap_or(DamageKind::Unreadable),
            offset: self.offset,
            count: self.count,
            detail: self.detail.clone(),
        }
    }
}

/// Hexadecimal digits of an id: enough that no two of a folder are equal.
const ID_BYTES: usize = 12;

/// An id made of texts.
pub(super) fn id_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        // With its length, so that two texts are not one.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    digest
        .iter()
        .take(ID_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_texts_apart() {
        assert_eq!(id_of(["a", "b"]), id_of(["a", "b"]));
        assert_ne!(id_of(["ab"]), id_of(["a", "b"]));
        assert_ne!(id_of(["a", ""]), id_of(["a"]));
        assert_eq!(id_of([]).len(), 2 * ID_BYTES);
    }

    #[test]
    fn damage_comes_back() {
        for kind in DamageKind::ALL {
            let damage = Damage {
                file: "a.log".into(),
                kind,
                offset: 7,
                count: 2,
                detail: Some("why".to_owned()),
            };
            assert_eq!(DamageRecord::of(damage.clone()).damage(), damage);
        }
    }
}
