//! The progress bar: on standard error, for people at a terminal, when it takes longer than a moment.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that shows for less time than it takes to read is only a flicker.
const DELAY: Duration = Duration::from_secs(1);
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);

const KNOWN_LENGTH: &str = "{bar:30} {percent:>3}%  {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left";
const UNKNOWN_LENGTH: &str = "{spinner} {bytes}  {bytes_per_sec}  {elapsed}";

/// How far a run is, in bytes as they lie on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) bytes_read: u64,
    /// 0 when nobody knows, as for a pipe.
    pub(crate) bytes_total: u64,
}

/// A bar that is drawn from a thread of its own until it is dropped, and then cleared.
#[derive(Debug)]
pub(crate) struct Progress {
    watcher: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Draws what `position` says from time to time; nothing where standard error is no terminal.
    pub(crate) fn start(is_wanted: bool, position: impl Fn() -> Position + Send + 'static) -> Self {
        if !is_wanted || !io::stderr().is_terminal() {
            return Self { watcher: None };
        }
        let (stop, stopped) = channel();
        let begun = Instant::now();
        let watch = move || {
            if stopped.recv_timeout(DELAY) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
                .with_elapsed(begun.elapsed());
            while stopped.recv_timeout(REDRAW_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                show(&bar, position());
            }
            bar.finish_and_clear();
        };
        // Without a thread there is no bar, and that is all.
        let thread = std::thread::Builder::new()
            .name("progress".to_owned())
            .spawn(watch);
        Self {
            watcher: thread.ok().map(|thread| (stop, thread)),
        }
    }
}

impl Drop for Progress {
    /// Returns when the bar is off the screen, so that nothing is written into it.
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.watcher.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn show(bar: &ProgressBar, position: Position) {
    let is_known = position.bytes_total > 0;
    if let Ok(style) = ProgressStyle::with_template(if is_known { KNOWN_LENGTH } else { UNKNOWN_LENGTH }) {
        bar.set_style(style.progress_chars("━━─"));
    }
    if is_known {
        bar.set_length(position.bytes_total.max(position.bytes_read));
    }
    bar.set_position(position.bytes_read);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_sound() {
        for template in [KNOWN_LENGTH, UNKNOWN_LENGTH] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_bar_that_is_not_wanted_asks_nobody() {
        let bar = Progress::start(false, || unreachable!("nobody may ask"));
        assert!(bar.watcher.is_none());
    }

    #[test]
    fn a_bar_shows_where_the_run_is() {
        let bar = ProgressBar::hidden();
        show(
            &bar,
            Position {
                bytes_read: 5,
                bytes_total: 20,
            },
        );
        assert_eq!((bar.position(), bar.length()), (5, Some(20)));
        // A file may have grown since it was measured.
        show(
            &bar,
            Position {
                bytes_read: 25,
                bytes_total: 20,
            },
        );
        assert_eq!((bar.position(), bar.length()), (25, Some(25)));
    }
}
