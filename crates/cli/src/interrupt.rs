//! Ctrl-C: asks the run to stop, and ends the program when it does not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::diagnostics::Diagnostics;
use crate::exit::Exit;
use crate::output::UnfinishedFile;

/// How long a run has to stop by itself. A read from a terminal or a slow disk may never come back.
const GRACE: Duration = Duration::from_secs(1);

/// Knows whether Ctrl-C was pressed, and says so once.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    is_told: Arc<AtomicBool>,
    is_pressed: Arc<AtomicBool>,
    /// What to do next.
    help: Arc<OnceLock<&'static str>>,
    diagnostics: Diagnostics,
}

impl Interrupt {
    pub(crate) fn new(diagnostics: Diagnostics) -> Self {
        Self {
            is_told: Arc::default(),
            is_pressed: Arc::default(),
            help: Arc::default(),
            diagnostics,
        }
    }

    /// What is said beside, of a run that leaves something behind; the first word stands.
    pub(crate) fn set_help(&self, help: &'static str) {
        self.help.get_or_init(|| help);
    }

    /// From now on Ctrl-C calls `stop`, waits a moment, and then ends the program.
    ///
    /// # Errors
    /// When the operating system refuses to tell of Ctrl-C.
    pub(crate) fn watch(
        &self,
        unfinished: UnfinishedFile,
        stop: impl Fn() + Send + 'static,
    ) -> Result<(), ctrlc::Error> {
        let this = self.clone();
        ctrlc::set_handler(move || {
            this.is_pressed.store(true, Ordering::Relaxed);
            stop();
            std::thread::sleep(GRACE);
            unfinished.remove();
            this.tell();
            std::process::exit(Exit::Interrupted.code().into());
        })
    }

    pub(crate) fn is_pressed(&self) -> bool {
        self.is_pressed.load(Ordering::Relaxed)
    }

    /// Says that the run was interrupted, and how the program ends.
    pub(crate) fn tell(&self) -> Exit {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            self.diagnostics.error(
                "interrupted; the result is not complete",
                self.help.get().copied(),
            );
        }
        Exit::Interrupted
    }
}
