//! Where the results of a batch go: one name of a file for all of them, with a place for the name of the query.

use std::path::{Path, PathBuf};

use insq_render::Format;

use crate::invocation::UsageError;
use crate::output::format_of_name;

/// What stands for the name of a query.
const PLACE: &str = "{name}";

const HELP: &str = "example: -o 'results/{name}.csv'";

/// The pattern of the files of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutputPattern(String);

impl OutputPattern {
    /// # Errors
    /// [`UsageError`] for a pattern whose files would not be one per query.
    pub(crate) fn new(text: &str) -> Result<Self, UsageError> {
        if !text.contains(PLACE) {
            // A folder is what people mean who give none.
            let is_folder = text.ends_with('/') || Path::new(text).is_dir();
            let folder = text.trim_end_matches('/');
            let help = match is_folder {
                true => format!("write -o '{folder}/{PLACE}.csv'"),
                false => HELP.to_owned(),
            };
            return Err(UsageError::new(
                format!("--output `{text}` has no `{PLACE}`, by which each result has a file of its own"),
                help,
            ));
        }
        if text.replace(PLACE, "").contains(['{', '}']) {
            return Err(UsageError::new(
                format!("--output `{text}` holds a place that is not `{PLACE}`"),
                HELP,
            ));
        }
        if text.ends_with('/') {
            return Err(UsageError::new(
                format!("--output `{text}` names folders, not files"),
                HELP,
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The file of the query called `name`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        PathBuf::from(self.0.replace(PLACE, name))
    }

    /// The format that the ending of the files stands for.
    pub(crate) fn format(&self) -> Option<Format> {
        format_of_name(&self.file("name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_has_its_file() {
        let pattern = OutputPattern::new("out/{name}/{name}.jsonl").unwrap();
        assert_eq!(pattern.file("a b"), Path::new("out/a b/a b.jsonl"));
        assert_eq!(pattern.format(), Some(Format::JsonLines));
        assert_eq!(OutputPattern::new("{name}").unwrap().format(), None);
    }

    #[test]
    fn patterns_without_a_place_are_refused_with_what_to_write() {
        for (text, message, help) in [
            ("out.csv", "has no `{name}`", "'results/{name}.csv'"),
            ("", "has no `{name}`", "'results/{name}.csv'"),
            ("out/", "has no `{name}`", "-o 'out/{name}.csv'"),
            (".", "has no `{name}`", "-o './{name}.csv'"),
            ("{query}.csv", "has no `{name}`", "'results/{name}.csv'"),
            ("{name}-{date}.csv", "a place that is not", "'results/{name}.csv'"),
            ("out/{name}/", "names folders", "'results/{name}.csv'"),
        ] {
            let error = OutputPattern::new(text).unwrap_err();
            assert!(
                error.message.contains(message) && error.help.contains(help),
                "{text}: {error:?}"
            );
        }
    }
}
