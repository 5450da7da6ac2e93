//! What a URL says: which store, which bucket, which key.

use crate::error::StoreError;

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    S3,
    Google,
    Azure,
    Http,
    Https,
}

impl Scheme {
    const ALL: [(&'static str, Self); 7] = [
        ("s3", Self::S3),
        ("s3a", Self::S3),
        ("gs", Self::Google),
        ("az", Self::Azure),
        ("abfs", Self::Azure),
        ("http", Self::Http),
        ("https", Self::Https),
    ];

    pub(crate) fn is_web(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

/// Which objects of which bucket are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The object of this key, or all objects below it.
    Named(String),
    /// All objects below a folder; an empty one is the whole bucket.
    Folder(String),
    /// All objects whose keys begin so.
    Prefix(String),
}

/// A URL, taken apart. Keys are taken as they stand, without escapes, as other tools of these stores take them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) scheme: Scheme,
    /// Bucket, container or host.
    pub(crate) bucket: String,
    pub(crate) wanted: Wanted,
    /// What stands before a key in names, such as `s3://bucket/`.
    pub(crate) base: String,
}

/// True when `text` names something in a store, and no local file.
pub fn is_store_url(text: &str) -> bool {
    scheme_of(text).is_some()
}

fn scheme_of(text: &str) -> Option<(Scheme, &str)> {
    let (name, rest) = text.split_once("://")?;
    let (_, scheme) = Scheme::ALL
        .into_iter()
        .find(|(known, _)| name.eq_ignore_ascii_case(known))?;
    Some((scheme, rest))
}

impl Location {
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        let refuse = |reason: &str| StoreError::Url {
            url: url.to_owned(),
            reason: reason.to_owned(),
        };
        let (scheme, rest) = scheme_of(url)
            .ok_or_else(|| refuse("it begins with none of s3://, gs://, az://, http:// and https://"))?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(refuse("no bucket is named"));
        }
        if scheme.is_web() && key.contains(['?', '#']) {
            return Err(refuse(
                "signed URLs and other queries are not taken; download the file, or name the bucket",
            ));
        }
        let folder = |key: &str| key.trim_end_matches('/').to_owned();
        let wanted = match key.strip_suffix('*') {
            Some(_) if scheme.is_web() => return Err(refuse("web servers know no patterns")),
            Some(prefix) => Wanted::Prefix(prefix.to_owned()),
            None if key.is_empty() || key.ends_with('/') => Wanted::Folder(folder(key)),
            None => Wanted::Named(key.to_owned()),
        };
        Ok(Self {
            scheme,
            bucket: bucket.to_owned(),
            wanted,
            base: url
                .get(..url.len() - key.len())
                .map_or_else(String::new, |base| format!("{}/", base.trim_end_matches('/'))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(url: &str) -> (Scheme, String, Wanted, String) {
        let found = Location::parse(url).unwrap();
        (found.scheme, found.bucket, found.wanted, found.base)
    }

    #[test]
    fn urls_name_buckets_keys_folders_and_prefixes() {
        let logs = || "logs".to_owned();
        for (url, scheme, what, base) in [
            (
                "s3://logs",
                Scheme::S3,
                Wanted::Folder(String::new()),
                "s3://logs/",
            ),
            (
                "s3://logs/",
                Scheme::S3,
                Wanted::Folder(String::new()),
                "s3://logs/",
            ),
            (
                "S3://logs/a/b/",
                Scheme::S3,
                Wanted::Folder("a/b".into()),
                "S3://logs/",
            ),
            (
                "gs://logs/a/[$LATEST]%20#?",
                Scheme::Google,
                Wanted::Named("a/[$LATEST]%20#?".into()),
                "gs://logs/",
            ),
            (
                "az://logs/a/2026*",
                Scheme::Azure,
                Wanted::Prefix("a/2026".into()),
                "az://logs/",
            ),
            (
                "https://logs/a.gz",
                Scheme::Https,
                Wanted::Named("a.gz".into()),
                "https://logs/",
            ),
        ] {
            assert_eq!(wanted(url), (scheme, logs(), what, base.to_owned()), "{url}");
        }
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for (url, reason) in [
            ("s3:///key", "no bucket"),
            ("ftp://host/a", "begins with none"),
            ("logs/a", "begins with none"),
            ("https://host/a?X-Amz-Signature=1", "signed URLs"),
            ("http://host/a*", "no patterns"),
        ] {
            let error = Location::parse(url).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(url), "{url}: {error}");
        }
    }

    #[test]
    fn local_paths_are_no_urls() {
        for (text, is_url) in [
            ("s3://b/k", true),
            ("HTTPS://h", true),
            ("s3:/b", false),
            ("file:///a", false),
            ("logs/s3://b", false),
            ("-", false),
        ] {
            assert_eq!(is_store_url(text), is_url, "{text}");
        }
    }
}
