//! What stores refuse, in plain words.

use std::io;

use insq_input::RemoteChanged;

use crate::location::Scheme;

/// Why objects can't be listed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL makes no sense.
    #[error("`{url}` is not taken: {reason}")]
    Url {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Settings are missing or contradict each other.
    #[error("{url}: {reason}; {hint}")]
    Settings {
        /// As it was given.
        url: String,
        /// What the client says.
        reason: String,
        /// Which settings are read.
        hint: &'static str,
    },
    /// The store did not give what was asked for.
    #[error("{url}: {cause}")]
    Store {
        /// As it was given.
        url: String,
        /// What the store says.
        cause: io::Error,
    },
    /// No threads or sockets for the network.
    #[error("the network can't be used: {0}")]
    Network(#[from] io::Error),
}

/// Which environment variables are read for a store.
pub(crate) fn settings_hint(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::S3 => {
            "read from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, \
             AWS_ENDPOINT_URL, AWS_ALLOW_HTTP, AWS_SKIP_SIGNATURE=true for public buckets"
        }
        Scheme::Google => {
            "read from the environment: GOOGLE_SERVICE_ACCOUNT, GOOGLE_SERVICE_ACCOUNT_KEY, \
             GOOGLE_APPLICATION_CREDENTIALS, GOOGLE_SKIP_SIGNATURE=true for public buckets"
        }
        Scheme::Azure => {
            "read from the environment: AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY, \
             AZURE_STORAGE_SAS_TOKEN, AZURE_SKIP_SIGNATURE=true for public containers"
        }
        Scheme::Http | Scheme::Https => "web servers are asked without credentials",
    }
}

/// What a store said, as an error of input.
pub(crate) fn io_error(cause: object_store::Error, scheme: Scheme) -> io::Error {
    use object_store::Error;
    match cause {
        Error::NotFound { .. } => not_found(),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => denied(scheme, &cause),
        Error::Precondition { .. } | Error::NotModified { .. } => changed(),
        Error::NotSupported { .. } => io::Error::new(
            io::ErrorKind::Unsupported,
            format!("the server can't do what is needed: {}", words(&cause)),
        ),
        // The client does not sort the answers to listings; their status stands in the text only.
        other if says(&other, &["status code: 404", "NoSuchBucket"]) => not_found(),
        // Without credentials the client asks the machine for some, and fails there.
        other if says(&other, &["status code: 401", "status code: 403", "169.254."]) => {
            denied(scheme, &other)
        }
        other => io::Error::other(words(&other)),
    }
}

fn not_found() -> io::Error {
    io::Error::new(
        io::ErrorKind::NotFound,
        "not found: there is no such bucket, or no such key in it",
    )
}

fn says(error: &object_store::Error, words: &[&str]) -> bool {
    let text = error.to_string();
    words.iter().any(|word| text.contains(word))
}

fn denied(scheme: Scheme, cause: &object_store::Error) -> io::Error {
    let text = format!("access denied ({}); {}", words(cause), settings_hint(scheme));
    io::Error::new(io::ErrorKind::PermissionDenied, text)
}

/// An object that is not what it was when it was listed.
pub(crate) fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, RemoteChanged)
}

/// The innermost cause, on one line and not endless: the outer ones repeat each other.
fn words(error: &object_store::Error) -> String {
    const WORDS_MAX: usize = 300;
    let text = error.to_string();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(WORDS_MAX) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic {
            store: "S3",
            source: text.to_owned().into(),
        }
    }

    #[test]
    fn what_stores_say_gets_a_kind_and_words() {
        let source = || "why".to_owned().into();
        let path = || "a/b".to_owned();
        let (source1, source2, source3) = (source(), source(), source());
        for (error, kind, text) in [
            (
                object_store::Error::NotFound {
                    path: path(),
                    source: source1,
                },
                io::ErrorKind::NotFound,
                "not found",
            ),
            (
                object_store::Error::PermissionDenied {
                    path: path(),
                    source: source2,
                },
                io::ErrorKind::PermissionDenied,
                "AWS_ACCESS_KEY_ID",
            ),
            (
                object_store::Error::Precondition {
                    path: path(),
                    source: source3,
                },
                io::ErrorKind::InvalidData,
                "changed since it was listed",
            ),
            (
                generic("connect http://169.254.169.254/latest"),
                io::ErrorKind::PermissionDenied,
                "AWS_ACCESS_KEY_ID",
            ),
            (
                generic("non-2xx status code: 404 Not Found"),
                io::ErrorKind::NotFound,
                "no such bucket",
            ),
            (
                generic("non-2xx status code: 403 Forbidden"),
                io::ErrorKind::PermissionDenied,
                "AWS_REGION",
            ),
            (generic("a\n b"), io::ErrorKind::Other, "a b"),
        ] {
            let found = io_error(error, Scheme::S3);
            assert_eq!(found.kind(), kind, "{found}");
            assert!(found.to_string().contains(text), "{found}");
        }
    }

    #[test]
    fn long_answers_are_cut() {
        let long = io_error(generic(&"ä".repeat(1000)), Scheme::S3).to_string();
        assert!(long.ends_with('…') && long.chars().count() == 301, "{long}");
        let short = io_error(generic("brief"), Scheme::S3).to_string();
        assert!(short.ends_with("brief"), "{short}");
    }
}
