//! Logs in object stores: S3, Google Cloud Storage, Azure Blob Storage, and files on web servers.
//!
//! [`list`] finds the objects that a URL names; each is a [`RemoteFile`] that an engine reads like a local file. The
//! asynchronous runtime below stays inside: what is called here blocks, and may be called from anywhere.
//!
//! # Examples
//! ```no_run
//! let mut engine = insq::Engine::builder();
//! for file in insq_store::list("s3://logs/exportedlogs", std::env::vars())? {
//!     engine = engine.remote(file);
//! }
//! let engine = engine.build()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`RemoteFile`]: insq_input::RemoteFile

mod chunks;
mod connect;
mod driver;
mod error;
mod list;
mod location;
mod object;

pub use chunks::CHUNK_BYTES;
pub use connect::RETRIES_MAX;
pub use error::StoreError;
pub use list::list;
pub use location::is_store_url;
