//! What the spike detector does with series whose answer is plain.

use insq_lambda::detect::{
    EPISODES_REMEMBERED, Episode, LASTING_STEPS, MERGE_STEPS, Missing, SeriesKind, SpikeDetector,
    SpikeOptions, Trigger, WARM_UP_STEPS,
};
use proptest::prelude::*;

const STEP_MS: i64 = 1_000;

fn options() -> SpikeOptions {
    SpikeOptions::new(SeriesKind::Concurrency, STEP_MS)
}

/// A level that swings a little, as real ones do.
fn usual(step: i64) -> f64 {
    20.0 + [0.0, 2.0, -1.0, 1.0, -2.0][(step * 7 % 5) as usize]
}

fn episodes(options: SpikeOptions, steps: i64, value: impl Fn(i64) -> f64) -> Vec<Episode> {
    let mut detector = SpikeDetector::new(options);
    let mut found: Vec<Episode> = (0..steps)
        .filter_map(|step| detector.push(step * STEP_MS, value(step)).closed)
        .collect();
    found.extend(detector.finish());
    found
}

/// Four times the usual in the steps from the first to before the second of each pair.
fn with_bursts(bursts: &[(i64, i64)]) -> impl Fn(i64) -> f64 {
    move |step| {
        let burst = bursts.iter().any(|&(from, until)| (from..until).contains(&step));
        usual(step) * if burst { 4.0 } else { 1.0 }
    }
}

#[test]
fn an_episode_tells_when_and_how_high() {
    let found = episodes(options(), 1_500, with_bursts(&[(1_000, 1_020)]));
    assert_eq!(found.len(), 1, "{found:?}");
    let episode = found[0];
    assert_eq!((episode.onset_ms, episode.start_ms), (1_000_000, 1_000_000));
    assert!((1_000_000..1_005_000).contains(&episode.alarm_ms));
    assert!((1_020_000..1_025_000).contains(&episode.end_ms), "{episode:?}");
    assert!((19.0..21.0).contains(&episode.expected));
    assert_eq!(episode.peak_value, 88.0);
    assert!((1_000_000..1_020_000).contains(&episode.peak_ms));
    assert!(episode.score > 0.5 && episode.score < 1.0);
    assert!(!episode.open && !episode.new_level);
}

#[test]
fn the_peak_may_come_before_the_alarm_and_after_it() {
    for peak in [1_001, 1_015] {
        let found = episodes(options(), 1_300, |step| match step {
            _ if step == peak => 90.0,
            1_000..1_020 => 60.0,
            _ => usual(step),
        });
        assert_eq!((found[0].peak_ms, found[0].peak_value), (peak * STEP_MS, 90.0));
    }
}

#[test]
fn near_episodes_are_one_and_distant_ones_are_two() {
    // A mean over 5 steps may still be high for some steps after the burst.
    let count = |gap| {
        episodes(
            options(),
            1_500,
            with_bursts(&[(1_000, 1_010), (1_010 + gap, 1_020 + gap)]),
        )
        .len()
    };
    assert_eq!(count(MERGE_STEPS), 1);
    assert_eq!(count(MERGE_STEPS + 10), 2);
}

#[test]
fn an_episode_that_is_not_over_is_open() {
    let during = episodes(options(), 1_010, with_bursts(&[(1_000, 1_010)]));
    assert!(during[0].open);
    let after = episodes(options(), 1_030, with_bursts(&[(1_000, 1_010)]));
    assert!(!after[0].open && after[0].end_ms < 1_020_000);
}

#[test]
fn an_episode_does_not_teach_but_a_lasting_level_does() {
    let found = episodes(
        options(),
        4_000,
        with_bursts(&[(1_000, 970 + LASTING_STEPS), (2_500, 2_520)]),
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found
            .iter()
            .all(|episode| !episode.new_level && episode.expected < 22.0)
    );

    let found = episodes(options(), 8_000, |step| {
        usual(step) * if step < 1_000 { 1.0 } else { 3.0 }
    });
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].new_level && !found[0].open);
    let learnt_s = (found[0].end_ms - found[0].onset_ms) / 1_000;
    assert!(
        (LASTING_STEPS..LASTING_STEPS + 600).contains(&learnt_s),
        "{learnt_s}"
    );
}

#[test]
fn what_follows_a_new_level_is_measured_from_there() {
    let found = episodes(options(), 8_000, |step| match step {
        ..1_000 => usual(step),
        6_000..6_020 => usual(step) * 9.0,
        _ => usual(step) * 3.0,
    });
    assert_eq!(found.len(), 2, "{found:?}");
    assert!((57.0..63.0).contains(&found[1].expected));
}

#[test]
fn a_ramp_begins_at_its_foot() {
    let found = episodes(options(), 1_400, |step| {
        usual(step) + (step - 1_000).clamp(0, 120) as f64 / 4.0
    });
    assert_eq!(found.len(), 1);
    let onset_s = found[0].onset_ms / 1_000;
    assert!((990..1_030).contains(&onset_s), "{onset_s}");
    assert!(found[0].onset_ms <= found[0].start_ms && found[0].start_ms <= found[0].alarm_ms);
}

#[test]
fn small_steps_that_go_on_are_a_ramp() {
    // So little above the usual that only their number tells.
    let noise = |step: i64| ((step * 7_919 % 101) as f64 - 50.0) / 10.0;
    let found = episodes(options(), 1_500, |step| {
        40.0 + noise(step) + if step >= 1_400 { 7.0 } else { 0.0 }
    });
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(matches!(found[0].trigger, Trigger::Ramp | Trigger::Average(_)));
    assert!((1_390..1_410).contains(&(found[0].onset_ms / 1_000)));
}

#[test]
fn the_warm_up_has_an_end() {
    let burst = |from: usize| episodes(options(), 400, with_bursts(&[(from as i64, from as i64 + 10)])).len();
    assert_eq!(burst(WARM_UP_STEPS - 20), 0);
    assert_eq!(burst(WARM_UP_STEPS), 1);
}

#[test]
fn constant_and_resting_series_are_no_trouble() {
    for level in [0.0, 1.0, 1e9] {
        assert!(episodes(options(), 2_000, |_| level).is_empty());
        let mut detector = SpikeDetector::new(options());
        (0..2_000).for_each(|step| {
            detector.push(step * STEP_MS, level);
        });
        let score = detector.push(2_000 * STEP_MS, level + 1e6 + level * 3.0).score;
        assert!(score.is_finite() && score > 0.5, "{level}: {score}");
    }
    // One call in a while is nobody's spike.
    assert!(episodes(options(), 20_000, |step| f64::from(step % 3_000 == 2_999)).is_empty());
}

#[test]
fn what_happens_every_minute_becomes_usual() {
    let minutely = |step: i64| if step % 60 == 59 { 60.0 } else { usual(step) };
    let found = episodes(options(), 20_000, minutely);
    // The first minutes hold too few to know.
    assert!(
        found.iter().all(|episode| episode.end_ms <= 1_200_000),
        "{found:?}"
    );
}

#[test]
fn what_happens_every_hour_is_told_with_how_often() {
    let hourly = |step: i64| if step % 3_600 >= 3_580 { 90.0 } else { usual(step) };
    let recurrences = |steps| -> Vec<usize> {
        episodes(options(), steps, hourly)
            .iter()
            .map(|episode| episode.recurrences)
            .collect()
    };
    assert_eq!(recurrences(5 * 3_600), [0, 1, 2, 3, 4]);
    // A day has 24 hours, and the 25th is forgotten.
    assert_eq!(recurrences(26 * 3_600).last(), Some(&24));
    let then_higher = |step| {
        if step > 4 * 3_600 {
            hourly(step) * 3.0
        } else {
            hourly(step)
        }
    };
    let found = episodes(options(), 5 * 3_600, then_higher);
    assert_eq!(found.last().map(|episode| episode.recurrences), Some(0));
}

#[test]
fn no_more_episodes_than_a_number_are_remembered() {
    let often = |step: i64| if step % 300 >= 295 { 90.0 } else { usual(step) };
    let most = episodes(options(), 80 * 300, often)
        .iter()
        .map(|episode| episode.recurrences)
        .max();
    assert_eq!(most, Some(EPISODES_REMEMBERED));
}

#[test]
fn falls_are_no_spikes() {
    assert!(
        episodes(options(), 3_000, |step| if step < 2_000 {
            usual(step)
        } else {
            0.0
        })
        .is_empty()
    );
}

#[test]
fn missing_steps_are_zeros_or_unknown() {
    let found = |missing| {
        let mut detector = SpikeDetector::new(SpikeOptions { missing, ..options() });
        // Half of the time nothing is in flight, and the sweep leaves that out.
        let steps = (0..2_000).filter(|step| step % 20 < 10);
        let mut found: Vec<Episode> = steps
            .filter_map(|step| detector.push(step * STEP_MS, 8.0).closed)
            .collect();
        (2_000..2_060).for_each(|step| found.extend(detector.push(step * STEP_MS, 8.0).closed));
        found.extend(detector.finish());
        found.len()
    };
    assert_eq!(
        found(Missing::Zero),
        1,
        "steps without a pause are many, where pauses are usual"
    );
    assert_eq!(found(Missing::Unknown), 0);
}

#[test]
fn an_episode_ends_in_a_pause() {
    for missing in [Missing::Zero, Missing::Unknown] {
        let mut detector = SpikeDetector::new(SpikeOptions { missing, ..options() });
        (0..1_010).for_each(|step| {
            detector.push(step * STEP_MS, with_bursts(&[(1_000, 1_010)])(step));
        });
        assert!(detector.running().is_some());
        let closed = detector.push(i64::MAX - STEP_MS, 20.0).closed;
        assert!(
            closed.is_some_and(|episode| (1_010_000..1_015_000).contains(&episode.end_ms)),
            "{missing:?}"
        );
    }
}

#[test]
fn the_ends_of_time_are_times() {
    for first in [i64::MIN, i64::MAX - 1_000] {
        let mut detector = SpikeDetector::new(SpikeOptions {
            step_ms: 1,
            ..options()
        });
        (0..=1_000).for_each(|step| {
            detector.push(first + step, if step > 990 { 200.0 } else { usual(step) });
        });
        let last = detector.finish();
        assert!(
            last.is_some_and(|episode| episode.open && episode.onset_ms <= episode.end_ms),
            "{last:?}"
        );
    }
}

#[test]
fn points_that_tell_nothing_change_nothing() {
    let clean = episodes(options(), 1_500, with_bursts(&[(1_000, 1_020)]));
    let mut detector = SpikeDetector::new(options());
    let mut found = Vec::new();
    for step in 0..1_500 {
        found.extend(
            detector
                .push(step * STEP_MS, with_bursts(&[(1_000, 1_020)])(step))
                .closed,
        );
        for (time_ms, value) in [
            (step * STEP_MS, 1e9),
            (step * STEP_MS - 5_000, 1e9),
            (i64::MIN, 0.0),
        ] {
            assert_eq!(detector.push(time_ms, value).score, 0.0);
        }
    }
    found.extend(detector.finish());
    assert_eq!(found, clean);
    assert!(episodes(options(), 1_500, |_| f64::NAN).is_empty());
    assert!(episodes(options(), 1_500, |_| -5.0).is_empty());
}

#[test]
fn a_larger_budget_finds_more() {
    let score = |false_alarms_per_day| {
        let options = SpikeOptions {
            false_alarms_per_day,
            ..options()
        };
        let mut detector = SpikeDetector::new(options);
        (0..1_000).for_each(|step| {
            detector.push(step * STEP_MS, usual(step));
        });
        detector.push(1_000_000, 28.0).score
    };
    assert!(score(0.01) < score(1.0) && score(1.0) < score(100.0));
}

#[test]
fn a_rise_that_is_too_small_to_care_is_left_alone() {
    let found = |rise_min| {
        let options = SpikeOptions {
            rise_min,
            ..options()
        };
        episodes(options, 1_100, |step| if step == 1_000 { 80.0 } else { 20.0 }).len()
    };
    assert_eq!((found(59.0), found(61.0)), (1, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever comes, times are in order, and what is found does not depend on what comes later.
    #[test]
    fn episodes_are_sound(
        values in proptest::collection::vec(prop_oneof![
            6 => 0.0..30.0,
            2 => 0.0..3_000.0,
            1 => Just(f64::NAN),
            1 => Just(f64::MAX),
        ], 1..900),
        skips in proptest::collection::vec(1i64..4, 900),
        cut in 0usize..900,
    ) {
        let run = |values: &[f64]| {
            let mut detector = SpikeDetector::new(options());
            let mut time_ms = 0;
            let observed: Vec<_> = values.iter().zip(&skips).map(|(&value, skip)| {
                time_ms += skip * STEP_MS;
                detector.push(time_ms, value)
            }).collect();
            (observed, detector.finish())
        };
        let (all, last) = run(&values);
        for episode in all.iter().filter_map(|observation| observation.closed).chain(last) {
            prop_assert!(episode.onset_ms <= episode.start_ms);
            prop_assert!(episode.start_ms <= episode.alarm_ms);
            prop_assert!(episode.alarm_ms < episode.end_ms);
            prop_assert!((episode.onset_ms..).contains(&episode.peak_ms));
            prop_assert!((0.0..=1.0).contains(&episode.score));
        }
        let cut = cut.min(values.len());
        prop_assert_eq!(&run(&values[..cut]).0[..], &all[..cut]);
    }
}
