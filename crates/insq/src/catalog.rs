//! Which files hold which log group: what `SOURCE` chooses from beside the names that inputs carry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use insq_input::Input;
use insq_plan::selects_log;
use insq_syntax::ast::SourceSelection;
use serde::Deserialize;

use crate::error::Error;

/// A map from log groups and data sources to the paths of their logs.
///
/// # Examples
/// ```
/// use insq::Catalog;
///
/// let json = r#"{"logGroups": {"/aws/lambda/orders": "exports/orders", "/app": ["a.log", "b.log"]}}"#;
/// let catalog = Catalog::parse(json, "logs".as_ref())?;
/// assert_eq!(catalog.log_groups().collect::<Vec<_>>(), ["/app", "/aws/lambda/orders"]);
/// # Ok::<(), insq::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    log_groups: BTreeMap<String, Vec<PathBuf>>,
    data_sources: BTreeMap<String, Vec<PathBuf>>,
}

/// The text of a catalog.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    log_groups: BTreeMap<String, Paths>,
    #[serde(default)]
    data_sources: BTreeMap<String, Paths>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Paths {
    One(PathBuf),
    Several(Vec<PathBuf>),
}

impl Catalog {
    /// Reads a catalog from its file; paths in it count from the folder of the file.
    ///
    /// # Errors
    /// [`Error::Catalog`] when the file can't be read or is no catalog.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| Error::Catalog(format!("{}: {cause}", path.display())))?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        Self::parse(&text, folder).map_err(|error| Error::Catalog(format!("{}: {error}", path.display())))
    }

    /// A catalog from its text: an object with `logGroups` and `dataSources`, each an object from names to a path or
    /// a list of paths, which count from `folder`.
    ///
    /// # Errors
    /// [`Error::Catalog`] when the text is no catalog.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Error> {
        let written: Written =
            serde_json::from_str(text).map_err(|cause| Error::Catalog(cause.to_string()))?;
        let resolve = |paths: BTreeMap<String, Paths>| {
            paths
                .into_iter()
                .map(|(name, paths)| {
                    let paths = match paths {
                        Paths::One(path) => vec![path],
                        Paths::Several(paths) => paths,
                    };
                    (name, paths.into_iter().map(|path| folder.join(path)).collect())
                })
                .collect()
        };
        Ok(Self {
            log_groups: resolve(written.log_groups),
            data_sources: resolve(written.data_sources),
        })
    }

    /// The names of the log groups.
    pub fn log_groups(&self) -> impl Iterator<Item = &str> {
        self.log_groups.keys().map(String::as_str)
    }

    /// Every path in it.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let lists = self.log_groups.values().chain(self.data_sources.values());
        lists.flatten().map(PathBuf::as_path)
    }

    /// The inputs that a selection chooses; none when the catalog knows nothing of it.
    pub(crate) fn select(&self, selection: &SourceSelection) -> Vec<Input> {
        let named = |paths: &[PathBuf], log_group: Option<&String>, data_source: Option<&String>| {
            paths
                .iter()
                .map(|path| Input::Named {
                    path: path.clone(),
                    log_group: log_group.cloned(),
                    data_source: data_source.cloned(),
                })
                .collect::<Vec<_>>()
        };
        match selection {
            SourceSelection::DataSource { names, .. } => self
                .data_sources
                .iter()
                .filter(|(name, _)| names.contains(name))
                .flat_map(|(name, paths)| named(paths, None, Some(name)))
                .collect(),
            selection => self
                .log_groups
                .iter()
                .filter(|(name, _)| selects_log(selection, name))
                .flat_map(|(name, paths)| named(paths, Some(name), None))
                .collect(),
        }
    }
}
