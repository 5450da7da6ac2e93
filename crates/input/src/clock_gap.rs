//! How far the times of events lie from those that their messages begin with: who saved them by the clock of a zone and
//! does not say which has them off by as much.

use std::collections::BTreeMap;

use crate::app_times::TimeShape;

/// Zones lie whole quarters of an hour apart.
const QUARTER_MS: i64 = 15 * 60_000;

/// Minutes of a quarter.
const QUARTER_MINUTES: i64 = 15;

/// An event is taken up so soon after its message was written, milliseconds.
const DELAY_MAX_MS: i64 = 60_000;

/// No zone is further from UTC, quarters of an hour.
const QUARTERS_MAX: i64 = 14 * 4;

/// Events that say so, at least, before a gap is told.
const EVENTS_MIN: u64 = 3;

/// Counts events by the gap between their time and the one that their message begins with.
#[derive(Debug, Default)]
pub(crate) struct ClockGaps {
    /// Events by quarters of an hour.
    counts: BTreeMap<i64, u64>,
}

impl ClockGaps {
    pub(crate) fn add(&mut self, time_ms: i64, message: &str) {
        let written = TimeShape::Iso.written(message.as_bytes(), None);
        let Some(written) = written.filter(|written| written.names_zone) else {
            return;
        };
        let gap_ms = time_ms.saturating_sub(written.ms);
        let quarters = gap_ms.saturating_add(QUARTER_MS / 2).div_euclid(QUARTER_MS);
        if quarters.abs() <= QUARTERS_MAX && (gap_ms - quarters * QUARTER_MS).abs() <= DELAY_MAX_MS {
            *self.counts.entry(quarters).or_default() += 1;
        }
    }

    /// Adds what was counted of other events.
    pub(crate) fn merge(&mut self, other: Self) {
        for (quarters, count) in other.counts {
            *self.counts.entry(quarters).or_default() += count;
        }
    }

    /// The gap that most of these events have, minutes; `None` where that is none, or where they are too few.
    pub(crate) fn usual_minutes(&self) -> Option<i64> {
        let all: u64 = self.counts.values().sum();
        let (quarters, count) = self.counts.iter().max_by_key(|(_, count)| **count)?;
        let is_told = *quarters != 0 && 2 * count > all && all >= EVENTS_MIN;
        is_told.then_some(quarters * QUARTER_MINUTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_MS: i64 = 1_772_625_600_000;

    fn gap(events: &[(i64, &str)]) -> Option<i64> {
        let mut gaps = ClockGaps::default();
        for (time_ms, message) in events {
            gaps.add(*time_ms, message);
        }
        gaps.usual_minutes()
    }

    #[test]
    fn most_of_the_events_decide() {
        let node = "2026-03-04T12:00:00.000Z\tid\tINFO\tx";
        let python = "[INFO]\t2026-03-04T12:00:00.000Z\tid\tx";
        let hours = |count: i64| NOON_MS + count * 3_600_000;
        let minute = 60_000;
        for (expected, events) in [
            (None, vec![(hours(0), node); 3]),
            (Some(300), vec![(hours(5) + 2_000, node); 3]),
            (None, vec![(hours(5), node); 2]),
            (Some(-210), vec![(hours(-4) + 30 * minute, python); 3]),
            (
                Some(60),
                vec![(hours(1), node), (hours(1), python), (hours(0), node)],
            ),
            (
                None,
                vec![
                    (hours(1), node),
                    (hours(1), node),
                    (hours(0), node),
                    (hours(0), node),
                ],
            ),
            // No zone is so far away, or off by so little.
            (None, vec![(hours(15), node); 3]),
            (None, vec![(hours(0) + 5 * minute, node); 3]),
            (None, vec![(i64::MAX, node), (i64::MIN, node)]),
            // Times that name no zone tell nothing.
            (None, vec![(hours(5), "2026-03-04 12:00:00.000 x"); 3]),
            (None, vec![(hours(5), "START RequestId: x"); 3]),
        ] {
            assert_eq!(gap(&events), expected, "{events:?}");
        }
    }
}
