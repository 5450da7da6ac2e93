//! What a Parquet file of insq's own holds beside its events.

use std::sync::Arc;

use insq_event::{FieldPath, SYSTEM_FIELDS, ScanColumn, ScanField};
use parquet::file::metadata::KeyValue;

use crate::reserved::FILLED_NAMES;

/// Key of the version of this layout. A file without it is one of another tool.
const FORMAT_KEY: &str = "insq.format";

/// The version that is written. A reader that meets another one refuses the file, as it may mean something else.
pub(super) const FORMAT_VERSION: &str = "1";

/// Key of the number of files that the events come from.
const FILES_KEY: &str = "insq.files";

/// Key of the names of the columns with discovered fields, a JSON list.
const FIELDS_KEY: &str = "insq.fields";

/// Key of the conversion that a part of a folder is of.
const SET_KEY: &str = "insq.set";

/// Key of the path of a part in its folder.
const PART_KEY: &str = "insq.part";

/// The column with the place of an event among the original inputs. No key of a log is addressed like this.
pub(super) const POSITION: &str = "@insq.position";

/// What the key-value metadata of a file say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// How many files the positions of the events count.
    pub(super) files: u64,
    /// The columns with discovered fields, as queries spell them.
    pub(super) fields: Vec<String>,
    /// Which part of a folder it is, if it is one.
    pub(super) part: Option<FolderPart>,
}

/// A part of a folder that one conversion wrote. The positions of all parts count the same files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderPart {
    /// Tells the conversion from others.
    pub(crate) set: String,
    /// Its path in the folder.
    pub(crate) path: String,
}

/// Whose file it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Own(Layout),
    Foreign,
    /// A version of the layout that this reader does not know, or metadata that make no sense.
    Unknown(String),
}

impl Layout {
    pub(super) fn to_metadata(&self) -> Vec<KeyValue> {
        let fields = serde_json::Value::from(self.fields.clone()).to_string();
        let mut entries = vec![
            KeyValue::new(FORMAT_KEY.to_owned(), FORMAT_VERSION.to_owned()),
            KeyValue::new(FILES_KEY.to_owned(), self.files.to_string()),
            KeyValue::new(FIELDS_KEY.to_owned(), fields),
        ];
        if let Some(part) = &self.part {
            entries.push(KeyValue::new(SET_KEY.to_owned(), part.set.clone()));
            entries.push(KeyValue::new(PART_KEY.to_owned(), part.path.clone()));
        }
        entries
    }
}

impl Origin {
    pub(super) fn of(metadata: Option<&Vec<KeyValue>>) -> Self {
        let value = |key: &str| {
            let entry = metadata?.iter().find(|entry| entry.key == key)?;
            Some(entry.value.as_deref().unwrap_or_default())
        };
        let Some(version) = value(FORMAT_KEY) else {
            return Self::Foreign;
        };
        if version != FORMAT_VERSION {
            return Self::Unknown(format!(
                "it is of version {version:?} of insq's layout, and {FORMAT_VERSION} is the one that is known"
            ));
        }
        let files = value(FILES_KEY).and_then(|text| text.parse().ok());
        let fields = value(FIELDS_KEY).and_then(|text| serde_json::from_str(text).ok());
        let part = value(SET_KEY).zip(value(PART_KEY)).map(|(set, path)| FolderPart {
            set: set.to_owned(),
            path: path.to_owned(),
        });
        match (files, fields) {
            (Some(files), Some(fields)) => Self::Own(Layout { files, fields, part }),
            _ => Self::Unknown("its metadata do not say what its columns are".to_owned()),
        }
    }
}

/// Everything that is stored of an event, but for its discovered fields.
pub(super) fn stored_columns() -> Vec<ScanColumn> {
    let position = ScanColumn {
        name: POSITION.into(),
        field: ScanField::Position,
    };
    let system = SYSTEM_FIELDS.iter().map(|field| ScanColumn {
        name: field.name().into(),
        field: ScanField::System(*field),
    });
    let named = FILLED_NAMES.iter().map(|name| ScanColumn {
        name: Arc::from(*name),
        field: ScanField::Discovered(FieldPath::new(name)),
    });
    std::iter::once(position).chain(system).chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(pairs: &[(&str, &str)]) -> Vec<KeyValue> {
        pairs
            .iter()
            .map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn metadata_come_back_as_they_were_written() {
        let part = FolderPart {
            set: "00aa".to_owned(),
            path: "date=2026-03-02/part-00000.parquet".to_owned(),
        };
        for part in [None, Some(part)] {
            let layout = Layout {
                files: 7,
                fields: vec!["a.b".to_owned(), "\"quoted\"".to_owned(), "@@x".to_owned()],
                part,
            };
            let metadata = layout.to_metadata();
            assert_eq!(Origin::of(Some(&metadata)), Origin::Own(layout));
        }
    }

    #[test]
    fn files_of_others_and_of_later_versions_are_told_apart() {
        assert_eq!(Origin::of(None), Origin::Foreign);
        assert_eq!(Origin::of(Some(&entries(&[("pandas", "{}")]))), Origin::Foreign);
        for broken in [
            entries(&[(FORMAT_KEY, "2")]),
            entries(&[(FORMAT_KEY, "1")]),
            entries(&[(FORMAT_KEY, "1"), (FILES_KEY, "x"), (FIELDS_KEY, "[]")]),
            entries(&[(FORMAT_KEY, "1"), (FILES_KEY, "1"), (FIELDS_KEY, "{")]),
        ] {
            assert!(
                matches!(Origin::of(Some(&broken)), Origin::Unknown(_)),
                "{broken:?}"
            );
        }
    }

    #[test]
    fn every_system_field_is_stored_under_its_name() {
        let columns = stored_columns();
        for field in SYSTEM_FIELDS {
            assert!(columns.iter().any(|column| &*column.name == field.name()));
        }
        assert_eq!(&*columns[0].name, POSITION);
    }
}
