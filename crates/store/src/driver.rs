//! The asynchronous runtime, kept inside.

use std::future::Future;
use std::io;
use std::sync::mpsc;

use tokio::runtime::{Builder, Runtime};

/// Threads that wait for the network and decrypt. The events are made by those of the engine.
const WORKER_THREADS: usize = 2;

/// Runs futures for callers that block.
///
/// The futures run on threads of their own rather than on the caller's, because a caller that happens to be inside of
/// another runtime must not enter a second one.
#[derive(Debug)]
pub(crate) struct Driver {
    runtime: Option<Runtime>,
}

impl Driver {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKER_THREADS)
            .thread_name("insq-store")
            .enable_all()
            .build()?;
        Ok(Self {
            runtime: Some(runtime),
        })
    }

    /// What `future` results in; an error when it never does.
    pub(crate) fn run<F>(&self, future: F) -> io::Result<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let gone = || io::Error::other("the reader of the store stopped");
        let runtime = self.runtime.as_ref().ok_or_else(gone)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        runtime.spawn(async move {
            // Nobody waits any more when this fails.
            let _ = sender.send(future.await);
        });
        receiver.recv().map_err(|_| gone())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Waiting for its threads is forbidden where another runtime may be running.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works_inside_of_another_runtime() {
        let outer = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let found = outer.block_on(async {
            let driver = Driver::start().unwrap();
            driver.run(async { 6 * 7 }).unwrap()
        });
        assert_eq!(found, 42);
    }

    #[test]
    fn a_future_that_dies_is_an_error() {
        let driver = Driver::start().unwrap();
        let dies = driver.run(async {
            // It panics.
            "no number".parse::<u8>().unwrap()
        });
        assert!(dies.unwrap_err().to_string().contains("stopped"));
        assert_eq!(driver.run(async { 1 }).unwrap(), 1);
    }
}
