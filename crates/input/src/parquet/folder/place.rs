//! What a run over parts of folders knows of them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use insq_event::{MS_PER_DAY, ScanRequest, TimeRange};

use super::key::{day_of_folder, may_be_folder_of};
use super::state::{MANIFEST_NAME, MOVING_NAME, STATE_FOLDER};
use crate::parquet::layout::FolderPart;

/// The parts that a run reads, and where the positions of each conversion begin.
#[derive(Default)]
pub(crate) struct FolderParts {
    sets: Vec<OpenSet>,
    /// Whether a folder is one that insq wrote.
    folders: HashMap<PathBuf, bool>,
}

struct OpenSet {
    set: String,
    first_file: u64,
    parts: HashSet<String>,
}

impl FolderParts {
    /// The ordinal of the files that the positions of `part` count: that of other parts of its conversion, else `next`.
    /// A part that was there already is of a copy, which has positions of its own.
    pub(crate) fn place(&mut self, part: &FolderPart, next: u64) -> u64 {
        let is_its = |open: &&mut OpenSet| open.set == part.set && !open.parts.contains(&part.path);
        if let Some(open) = self.sets.iter_mut().find(is_its) {
            open.parts.insert(part.path.clone());
            return open.first_file;
        }
        self.sets.push(OpenSet {
            set: part.set.clone(),
            first_file: next,
            parts: HashSet::from([part.path.clone()]),
        });
        next
    }

    /// True when a conversion is, or was when it was killed, putting the parts of the folder into place.
    pub(crate) fn is_half_moved(&self, path: &Path, part: &FolderPart) -> bool {
        let depth = Path::new(&part.path).components().count();
        let is_marked = |root: &Path| root.join(STATE_FOLDER).join(MOVING_NAME).exists();
        match path.ancestors().nth(depth) {
            Some(root) if root.as_os_str().is_empty() => is_marked(Path::new(".")),
            Some(root) => is_marked(root),
            None => false,
        }
    }

    /// True when the folders `name=value` that a file lies in are those of a conversion.
    pub(crate) fn is_in_own_folder(&mut self, path: &Path) -> bool {
        let Some(root) = root_of_parts(path) else {
            return false;
        };
        let look = || is_converted_folder(root);
        *self.folders.entry(root.to_owned()).or_insert_with(look)
    }
}

/// True for a folder that a conversion has written to the end.
pub(crate) fn is_converted_folder(root: &Path) -> bool {
    root.join(STATE_FOLDER).join(MANIFEST_NAME).exists()
}

/// The folder above the folders `name=value` that a file lies in.
pub(crate) fn root_of_parts(path: &Path) -> Option<&Path> {
    let is_value = |folder: &&Path| {
        let name = folder.file_name().and_then(|name| name.to_str());
        !name.is_some_and(|name| name.contains('='))
    };
    path.ancestors().skip(1).find(is_value)
}

/// True when the folders of a file are those of a day or a function that no request wants. Whether they tell the truth is
/// another question.
pub(crate) fn is_of_other_parts(path: &Path, requests: &[Arc<ScanRequest>]) -> bool {
    let (day, function) = (day_of_path(path), function_of_path(path));
    if day.is_none() && function.is_none() {
        return false;
    }
    let is_wanted = |request: &Arc<ScanRequest>| {
        let is_of_time = day.is_none_or(|day| day.intersects(request.time_range));
        let is_of_function = match (function, &request.function) {
            (Some(folder), Some(wanted)) => may_be_folder_of(folder, wanted),
            _ => true,
        };
        is_of_time && is_of_function
    };
    !requests.iter().any(is_wanted)
}

/// The names of the folders `name=value` that a file lies in, from the innermost.
fn value_folders(path: &Path) -> impl Iterator<Item = &str> {
    let folders = path
        .ancestors()
        .skip(1)
        .filter_map(|folder| folder.file_name()?.to_str());
    folders.take_while(|name| name.contains('='))
}

/// The value of the folder `function=…` that a file lies in.
fn function_of_path(path: &Path) -> Option<&str> {
    value_folders(path).find_map(|name| name.strip_prefix("function="))
}

/// The day of the folder `date=2026-03-02` that a file lies in.
fn day_of_path(path: &Path) -> Option<TimeRange> {
    let day = value_folders(path).find_map(day_of_folder)?;
    Some(TimeRange {
        start_ms: Some(day * MS_PER_DAY),
        end_ms: Some((day + 1) * MS_PER_DAY),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(set: &str, path: &str) -> FolderPart {
        FolderPart {
            set: set.to_owned(),
            path: path.to_owned(),
        }
    }

    #[test]
    fn parts_of_a_conversion_share_their_positions_and_copies_do_not() {
        let mut parts = FolderParts::default();
        assert_eq!(parts.place(&part("x", "a"), 0), 0);
        assert_eq!(parts.place(&part("y", "a"), 5), 5);
        assert_eq!(parts.place(&part("x", "b"), 9), 0);
        assert_eq!(parts.place(&part("x", "a"), 9), 9);
        assert_eq!(parts.place(&part("x", "b"), 14), 9);
    }

    #[test]
    fn days_of_paths() {
        let day = day_of_path(Path::new("d/function=x/date=1970-01-02/part-00000.parquet")).unwrap();
        assert_eq!(
            (day.start_ms, day.end_ms),
            (Some(MS_PER_DAY), Some(2 * MS_PER_DAY))
        );
        for other in ["d/date=1970-01-02/logs/a", "d/a", "date=1970-01-02", "d/date=x/a"] {
            assert_eq!(day_of_path(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn own_folders_have_a_manifest_above_their_values() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("date=1970-01-02/function=x/a");
        assert!(!FolderParts::default().is_in_own_folder(&file));
        std::fs::create_dir(folder.path().join(STATE_FOLDER)).unwrap();
        std::fs::write(folder.path().join(STATE_FOLDER).join(MANIFEST_NAME), "{}").unwrap();
        assert!(FolderParts::default().is_in_own_folder(&file));
        assert!(!FolderParts::default().is_in_own_folder(&folder.path().join("date=1970-01-02/x/a")));
    }
    fn request(time_range: TimeRange, function: Option<&str>) -> Arc<ScanRequest> {
        Arc::new(ScanRequest {
            columns: Vec::new(),
            kinds: insq_event::EventKinds::ALL,
            time_range,
            literals: Vec::new(),
            request_id: None,
            function: function.map(Into::into),
            batch_rows: 1,
            bar: None,
        })
    }

    #[test]
    fn parts_are_of_a_day_and_a_function() {
        let second_day = TimeRange {
            start_ms: Some(MS_PER_DAY),
            end_ms: Some(2 * MS_PER_DAY),
        };
        let path = Path::new("s3://logs/d/date=1970-01-02/function=orders/part-00000.parquet");
        let other_day = Path::new("s3://logs/d/date=1970-01-03/function=orders/part-00001.parquet");
        for (path, function, expected) in [
            (path, None, false),
            (path, Some("orders"), false),
            (path, Some("Orders"), false),
            (path, Some("payments"), true),
            (other_day, Some("orders"), true),
            (other_day, None, true),
            (Path::new("s3://logs/d/a.parquet"), Some("payments"), false),
        ] {
            let found = is_of_other_parts(path, &[request(second_day, function)]);
            assert_eq!(found, expected, "{path:?} {function:?}");
        }
        let both = [
            request(second_day, Some("payments")),
            request(TimeRange::ALL, None),
        ];
        assert!(!is_of_other_parts(other_day, &both));
        assert_eq!(root_of_parts(path), Some(Path::new("s3://logs/d")));
    }
}
