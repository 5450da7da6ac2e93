//! Episodes that came before.

use std::collections::VecDeque;

use super::episode::Episode;

/// Episodes that are remembered.
pub const EPISODES_REMEMBERED: usize = 64;

/// For how long they are remembered, milliseconds: a day.
pub const EPISODES_REMEMBERED_MS: i64 = 86_400_000;

/// An earlier episode is like this one if its rise was at least this share of it.
const ALIKE: f64 = 0.5;

/// The latest episodes of a series: how often the like of one has been seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recurrence {
    /// End and rise of each, oldest first.
    earlier: VecDeque<(i64, f64)>,
}

impl Recurrence {
    /// Tells the episode how many like it there were, and remembers it.
    pub(crate) fn note(&mut self, mut episode: Episode) -> Episode {
        self.tell(&mut episode);
        if self.earlier.len() == EPISODES_REMEMBERED {
            self.earlier.pop_front();
        }
        self.earlier.push_back((episode.end_ms, rise(&episode)));
        episode
    }

    /// Tells the episode how many like it there were.
    pub(crate) fn tell(&self, episode: &mut Episode) {
        let least = ALIKE * rise(episode);
        episode.recurrences = self
            .earlier
            .iter()
            .filter(|&&(end_ms, rise)| {
                rise >= least && episode.onset_ms.saturating_sub(end_ms) <= EPISODES_REMEMBERED_MS
            })
            .count();
    }
}

fn rise(episode: &Episode) -> f64 {
    episode.peak_value - episode.expected
}
