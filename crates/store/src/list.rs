//! From a URL to the objects that it names.

use std::io;
use std::sync::Arc;

use futures_util::TryStreamExt;
use insq_event::FILE_COUNT_MAX;
use insq_input::RemoteFile;
use object_store::path::Path;
use object_store::{GetOptions, ObjectMeta, ObjectStore};

use crate::connect::connect;
use crate::driver::Driver;
use crate::error::{StoreError, io_error};
use crate::location::{Location, Scheme, Wanted};
use crate::object::{Bucket, Object};

/// Written into the target of every export to try the permission; it holds no log.
const WRITE_TEST_NAME: &str = "aws-logs-write-test";

/// The objects that `url` names, in the order of their names: the one of that key, all below it, or, after `*`, all
/// whose keys begin so.
///
/// `settings` are the variables of the environment, such as `AWS_ACCESS_KEY_ID` and `AWS_REGION`, which is not read
/// here. Empty objects, which stand for folders, hidden ones and the test object of exports are left out.
///
/// # Errors
/// [`StoreError`] when the URL or the settings make no sense, when nothing is there, and what the store refuses.
pub fn list(
    url: &str,
    settings: impl IntoIterator<Item = (String, String)>,
) -> Result<Vec<Arc<dyn RemoteFile>>, StoreError> {
    let location = Location::parse(url)?;
    let bucket = Arc::new(Bucket {
        store: connect(url, &location, settings)?,
        driver: Driver::start()?,
        scheme: location.scheme,
    });
    let of_url = |cause| StoreError::Store {
        url: url.to_owned(),
        cause,
    };
    let (store, scheme, wanted) = (Arc::clone(&bucket.store), location.scheme, location.wanted);
    let found = bucket
        .driver
        .run(async move { find(&*store, scheme, &wanted).await })?;
    let metas = found.map_err(of_url)?;
    if metas.is_empty() {
        let nothing = "no logs are there; a name without `*` at its end is an object or a folder";
        return Err(of_url(io::Error::new(io::ErrorKind::NotFound, nothing)));
    }
    let object = |meta: ObjectMeta| {
        let name = format!("{}{}", location.base, meta.location).into();
        Arc::new(Object {
            bucket: Arc::clone(&bucket),
            name,
            meta,
        }) as Arc<dyn RemoteFile>
    };
    Ok(metas.into_iter().map(object).collect())
}

async fn find(store: &dyn ObjectStore, scheme: Scheme, wanted: &Wanted) -> io::Result<Vec<ObjectMeta>> {
    match wanted {
        Wanted::Folder(folder) => below(store, scheme, folder, "").await,
        Wanted::Prefix(prefix) => {
            let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
            below(store, scheme, folder, prefix).await
        }
        Wanted::Named(key) => {
            let path = path_of(key, scheme)?;
            let options = GetOptions {
                head: true,
                ..GetOptions::default()
            };
            match store.get_opts(&path, options).await {
                // An empty object may stand for the folder.
                Ok(answer) if answer.meta.size > 0 => Ok(vec![answer.meta]),
                Err(cause) if scheme.is_web() => Err(io_error(cause, scheme)),
                // Some stores deny what does not exist.
                _ => below(store, scheme, key, "").await,
            }
        }
    }
}

async fn below(
    store: &dyn ObjectStore,
    scheme: Scheme,
    folder: &str,
    prefix: &str,
) -> io::Result<Vec<ObjectMeta>> {
    let folder = path_of(folder, scheme)?;
    let mut metas = Vec::new();
    let mut pages = store.list(Some(&folder));
    while let Some(meta) = pages.try_next().await.map_err(|cause| io_error(cause, scheme))? {
        if !meta.location.as_ref().starts_with(prefix) || !is_log(&meta, &folder) {
            continue;
        }
        if metas.len() as u64 == FILE_COUNT_MAX {
            return Err(io::Error::other(format!("more than {FILE_COUNT_MAX} objects")));
        }
        metas.push(meta);
    }
    // Folder by folder, as files are read: `a/z` comes before `a.log/b`.
    metas.sort_by(|one, other| {
        one.location
            .as_ref()
            .split('/')
            .cmp(other.location.as_ref().split('/'))
    });
    Ok(metas)
}

/// Keys as they stand, but on the web, where they are escaped.
fn path_of(key: &str, scheme: Scheme) -> io::Result<Path> {
    let path = if scheme.is_web() {
        Path::from_url_path(key)
    } else {
        Path::parse(key)
    };
    path.map_err(|cause| io::Error::new(io::ErrorKind::InvalidInput, cause.to_string()))
}

fn is_log(meta: &ObjectMeta, folder: &Path) -> bool {
    let below = meta
        .location
        .as_ref()
        .strip_prefix(folder.as_ref())
        .unwrap_or_default();
    meta.size > 0
        && meta.location.filename() != Some(WRITE_TEST_NAME)
        && !below.split('/').any(|part| part.starts_with('.'))
}
