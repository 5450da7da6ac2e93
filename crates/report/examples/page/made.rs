//! Invocations of a few hours, the same in every run: calm days of seven functions, and three incidents.

use insq::{Load, LoadRecorder, Report};

/// 2026-03-04 09:00:00 UTC.
const START_MS: i64 = 1_772_614_800_000;

/// How long the log is.
const SECONDS: i64 = 3 * 3_600;

/// Seconds in which twice as many orders come as a moment before, and then eight times as many.
const RUSH: std::ops::Range<i64> = 3_000..3_120;

/// Seconds in which payments take as long as the service that they wait for.
const SLOW: std::ops::Range<i64> = 5_400..5_580;

/// Seconds in which a batch takes all of the quota.
const FLOOD: std::ops::Range<i64> = 8_400..8_460;

/// Milliseconds of the initialisation of a new environment.
const INIT_MS: f64 = 420.0;

/// Functions with their invocations a second and their milliseconds.
const FUNCTIONS: [(&str, f64, f64); 9] = [
    ("orders-api", 60.0, 180.0),
    ("payments", 25.0, 350.0),
    ("image-resize", 6.0, 2_400.0),
    ("session-lookup", 140.0, 22.0),
    (
        "nightly-batch-that-has-a-rather-long-name-for-a-function",
        1.0,
        4_000.0,
    ),
    ("mailer", 9.0, 600.0),
    ("webhooks", 14.0, 240.0),
    ("audit-trail", 30.0, 35.0),
    ("<b>not bold</b> & \"quoted\"", 2.0, 500.0),
];

/// SplitMix64.
struct Random(u64);

impl Random {
    /// Above 0 and at most 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((mixed ^ (mixed >> 31)) >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// Exponential, of mean 1.
    fn gap(&mut self) -> f64 {
        -self.share().ln()
    }
}

/// How many times as many, how many times as long, and how many of them cold.
fn factors(function: usize, second: i64) -> (f64, f64, f64) {
    match function {
        0 if RUSH.contains(&second) => (8.0, 1.1, 0.25),
        2 if RUSH.contains(&second) => (1.6, 1.0, 0.1),
        1 if SLOW.contains(&second) => (1.0, 18.0, 0.02),
        4 if FLOOD.contains(&second) => (260.0, 1.0, 0.6),
        _ => (1.0, 1.0, 0.002),
    }
}

/// The load.
pub(crate) fn load() -> Load {
    let mut recorder = LoadRecorder::default();
    let mut random = Random(7);
    for (number, (function, per_s, ms)) in FUNCTIONS.into_iter().enumerate() {
        for second in 0..SECONDS {
            let (more, longer, cold) = factors(number, second);
            let mut at = random.gap() / (per_s * more);
            while at < 1.0 {
                let duration_ms = ms * longer * (0.7 + 0.3 * random.gap());
                let init_ms = (random.share() < cold).then_some(INIT_MS);
                let busy_ms = duration_ms + init_ms.unwrap_or(0.0);
                recorder.record(&Report {
                    function,
                    stream: None,
                    end_ms: Some(START_MS + second * 1_000 + (at * 1e3 + busy_ms) as i64),
                    duration_ms: Some(duration_ms),
                    init_ms,
                });
                at += random.gap() / (per_s * more);
            }
        }
    }
    recorder.finish()
}
