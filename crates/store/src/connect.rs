//! From a location and settings to a store that can be asked.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::http::HttpBuilder;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use crate::error::{StoreError, settings_hint};
use crate::location::{Location, Scheme};

/// How often a request is tried again that failed for a passing reason.
pub const RETRIES_MAX: usize = 4;

/// No new try begins after this.
const RETRY_TIME: Duration = Duration::from_secs(60);

/// A single answer, a chunk of an object at most, may take this long.
const ANSWER_TIME: Duration = Duration::from_secs(180);

/// The client of a store.
pub(crate) fn connect(
    url: &str,
    location: &Location,
    settings: impl IntoIterator<Item = (String, String)>,
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let retry = RetryConfig {
        max_retries: RETRIES_MAX,
        retry_timeout: RETRY_TIME,
        backoff: BackoffConfig::default(),
    };
    // The keys of a store are the variables with its prefix, in lower case; others are none of its business.
    let of_store = |prefix: &'static str| {
        settings
            .into_iter()
            .filter(move |(key, _)| key.starts_with(prefix))
            .map(|(key, value)| (key.to_ascii_lowercase(), value))
    };
    let options = ClientOptions::new().with_timeout(ANSWER_TIME);
    let bucket = &location.bucket;
    let store: Result<Arc<dyn ObjectStore>, _> = match location.scheme {
        Scheme::S3 => {
            let builder = AmazonS3Builder::new()
                .with_client_options(options)
                .with_retry(retry);
            of_store("AWS_")
                .filter_map(|(key, value)| Some((key.parse().ok()?, value)))
                .fold(builder, |builder, (key, value)| builder.with_config(key, value))
                .with_bucket_name(bucket)
                .build()
                .map(|store| Arc::new(store) as _)
        }
        Scheme::Google => {
            let builder = GoogleCloudStorageBuilder::new()
                .with_client_options(options)
                .with_retry(retry);
            of_store("GOOGLE_")
                .filter_map(|(key, value)| Some((key.parse().ok()?, value)))
                .fold(builder, |builder, (key, value)| builder.with_config(key, value))
                .with_bucket_name(bucket)
                .build()
                .map(|store| Arc::new(store) as _)
        }
        Scheme::Azure => {
            let builder = MicrosoftAzureBuilder::new()
                .with_client_options(options)
                .with_retry(retry);
            of_store("AZURE_")
                .filter_map(|(key, value)| Some((key.parse().ok()?, value)))
                .fold(builder, |builder, (key, value)| builder.with_config(key, value))
                .with_container_name(bucket)
                .build()
                .map(|store| Arc::new(store) as _)
        }
        Scheme::Http | Scheme::Https => HttpBuilder::new()
            .with_url(&location.base)
            .with_client_options(options.with_allow_http(location.scheme == Scheme::Http))
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as _),
    };
    store.map_err(|cause| StoreError::Settings {
        url: url.to_owned(),
        reason: cause.to_string(),
        hint: settings_hint(location.scheme),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_connect(url: &str, settings: &[(&str, &str)]) -> Result<String, String> {
        let location = Location::parse(url).unwrap();
        let settings = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        connect(url, &location, settings)
            .map(|store| format!("{store:?}"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn settings_of_the_store_are_read_and_no_others() {
        let found = try_connect(
            "s3://logs/a",
            &[
                ("AWS_REGION", "eu-north-1"),
                ("AWS_ENDPOINT_URL", "https://store.test"),
                ("AWS_PROFILE", "unknown keys are passed over"),
                ("AZURE_STORAGE_ACCOUNT_NAME", "elsewhere"),
            ],
        )
        .unwrap();
        assert!(
            found.contains("eu-north-1") && found.contains("https://store.test"),
            "{found}"
        );
        assert!(!found.contains("elsewhere"), "{found}");
    }

    #[test]
    fn missing_settings_are_named() {
        let error = try_connect("az://logs/a", &[]).unwrap_err();
        assert!(error.contains("AZURE_STORAGE_ACCOUNT_NAME"), "{error}");
        assert!(try_connect("az://logs/a", &[("AZURE_STORAGE_ACCOUNT_NAME", "me")]).is_ok());
    }

    #[test]
    fn buckets_in_google_and_on_the_web_need_no_settings() {
        assert!(try_connect("gs://logs/a", &[("GOOGLE_SKIP_SIGNATURE", "true")]).is_ok());
        assert!(try_connect("http://127.0.0.1:1/a", &[]).is_ok());
    }
}
