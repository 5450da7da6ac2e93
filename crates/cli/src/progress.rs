//! The progress bar: on standard error, for people at a terminal, when it takes longer than a moment.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::size::{show_count, show_size};

/// A bar that shows for less time than it takes to read is only a flicker.
const DELAY: Duration = Duration::from_secs(1);
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);

const KNOWN_LENGTH: &str = "{bar:30} {percent:>3}%  {msg}";
const UNKNOWN_LENGTH: &str = "{spinner} {msg}";

/// How far a run is, in bytes as they lie on disk, and then in files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) bytes_read: u64,
    /// 0 when nobody knows, as for a pipe.
    pub(crate) bytes_total: u64,
    pub(crate) files_written: u64,
    /// 0 as long as everything is being read, and for runs that write no files.
    pub(crate) files_to_write: u64,
}

impl Position {
    /// What is done and what there is to do.
    fn share(self) -> (u64, u64) {
        match self.files_to_write {
            0 => (self.bytes_read, self.bytes_total),
            files => (self.files_written, files),
        }
    }
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
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            while stopped.recv_timeout(REDRAW_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                show(&bar, position(), begun.elapsed());
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

fn show(bar: &ProgressBar, position: Position, elapsed: Duration) {
    let (done, total) = position.share();
    let is_known = total > 0;
    if let Ok(style) = ProgressStyle::with_template(if is_known { KNOWN_LENGTH } else { UNKNOWN_LENGTH }) {
        bar.set_style(style.progress_chars("━━─"));
    }
    if is_known {
        // A file may have grown since it was measured.
        bar.set_length(total.max(done));
    }
    bar.set_message(message(position, elapsed));
    bar.set_position(done);
}

/// `310.0 MB of 474.6 MB, 251.3 MB/s`, and then `310 of 1,200 files written`. The rate is that of the whole run: it does not jump.
fn message(position: Position, elapsed: Duration) -> String {
    let (read, total) = (position.bytes_read, position.bytes_total);
    if position.files_to_write > 0 {
        let (written, files) = (position.files_written, position.files_to_write);
        return format!("{} of {} files written", show_count(written), show_count(files));
    }
    if total > 0 && read >= total {
        return format!("{}, working on what was read", show_size(read));
    }
    let rate = (read as f64 / elapsed.as_secs_f64().max(f64::EPSILON)) as u64;
    let of_total = if total > 0 {
        format!(" of {}", show_size(total))
    } else {
        String::new()
    };
    format!("{}{of_total}, {}/s", show_size(read), show_size(rate))
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

    fn at(bytes_read: u64, bytes_total: u64) -> Position {
        Position {
            bytes_read,
            bytes_total,
            ..Position::default()
        }
    }

    fn writing(files_written: u64, files_to_write: u64) -> Position {
        Position {
            files_written,
            files_to_write,
            ..at(500, 500)
        }
    }

    #[test]
    fn a_bar_shows_where_the_run_is() {
        let bar = ProgressBar::hidden();
        for (position, expected) in [
            (at(5, 20), (5, Some(20))),
            (at(25, 20), (25, Some(25))),
            (writing(0, 1_200), (0, Some(1_200))),
            (writing(310, 1_200), (310, Some(1_200))),
        ] {
            show(&bar, position, Duration::from_secs(1));
            assert_eq!((bar.position(), bar.length()), expected);
        }
    }

    #[test]
    fn messages_tell_amounts_and_the_rate_of_the_whole_run() {
        for (position, expected) in [
            (at(300_000_000, 500_000_000), "300.0 MB of 500.0 MB, 150.0 MB/s"),
            (at(300_000_000, 0), "300.0 MB, 150.0 MB/s"),
            (at(500_000_000, 500_000_000), "500.0 MB, working on what was read"),
            (at(0, 0), "0 B, 0 B/s"),
            (writing(310, 1_200), "310 of 1,200 files written"),
        ] {
            assert_eq!(message(position, Duration::from_secs(2)), expected);
        }
    }
}
