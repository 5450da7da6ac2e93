//! PATHs that lie in object stores.

use std::collections::HashSet;

use insq::EngineBuilder;

use crate::failure::Failure;
use crate::invocation::UsageError;

/// Beginnings of URLs that are never taken for local files, whether the feature is there or not.
const SCHEMES: [&str; 7] = ["s3", "s3a", "gs", "az", "abfs", "http", "https"];

/// True when `text` names something in an object store.
pub(crate) fn is_url(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, _)| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

/// Lets a URL through.
#[cfg(feature = "object-store")]
pub(crate) fn accept(_url: &str) -> Result<(), UsageError> {
    Ok(())
}

/// Refuses a URL, since nothing here could read it.
#[cfg(not(feature = "object-store"))]
pub(crate) fn accept(url: &str) -> Result<(), UsageError> {
    Err(UsageError::new(
        format!("`{url}` lies in an object store, and this insq is built without them"),
        "build it with them: cargo install --path crates/cli --features object-store",
    ))
}

/// Lists what `url` names and adds it, but for the objects that `known` has the names of, since an earlier URL named them.
#[cfg(feature = "object-store")]
pub(crate) fn add(
    builder: EngineBuilder,
    url: &str,
    known: &mut HashSet<String>,
) -> Result<EngineBuilder, Failure> {
    let files = insq_store::list(
        url,
        std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?))),
    );
    let files = files.map_err(Failure::Store)?;
    let new = files
        .into_iter()
        .filter(|file| known.insert(file.name().to_owned()));
    Ok(new.fold(builder, EngineBuilder::remote))
}

/// Refuses, as [`accept`] did before.
#[cfg(not(feature = "object-store"))]
pub(crate) fn add(
    builder: EngineBuilder,
    url: &str,
    _known: &mut HashSet<String>,
) -> Result<EngineBuilder, Failure> {
    accept(url)?;
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_stores_are_told_from_paths() {
        for url in [
            "s3://b/k",
            "S3://b",
            "gs://b",
            "az://c/k",
            "http://h/f",
            "https://h/f",
        ] {
            assert!(is_url(url), "{url}");
            #[cfg(feature = "object-store")]
            assert!(insq_store::is_store_url(url), "{url}");
        }
        for path in ["s3:/b", "logs/s3://b", "file:///a", "s3", "ftp://h"] {
            assert!(!is_url(path), "{path}");
            #[cfg(feature = "object-store")]
            assert!(!insq_store::is_store_url(path), "{path}");
        }
    }

    #[cfg(not(feature = "object-store"))]
    #[test]
    fn without_the_feature_the_way_to_it_is_told() {
        let error = accept("s3://b/k").unwrap_err();
        assert!(error.message.contains("s3://b/k"), "{error}");
        assert!(
            error
                .help
                .contains("cargo install --path crates/cli --features object-store")
        );
    }
}
