//! The ready-made models: `sample`, `mixed` and `week`.

use crate::model::{
    Arrivals, ColdStart, Failures, Function, LineEnds, Model, PlatformLines, Spike, SpikeKind, Style,
};

/// 2026-03-10 09:00:00 UTC, a Tuesday.
const SAMPLE_START_MS: i64 = 1_773_133_200_000;
/// 2026-03-09 00:00:00 UTC, a Monday.
const WEEK_START_MS: i64 = 1_773_014_400_000;
/// Seconds of a week, and so the number of one-second bins of the `week` profile.
pub const WEEK_SECONDS: i64 = 604_800;

/// Bytes that the `mixed` profile writes per second of log time, as measured; only used to place the spikes.
const MIXED_BYTES_PER_SECOND: u64 = 265_000;
/// Bytes of a line of the `week` profile, in the mean and as measured.
const WEEK_BYTES_PER_LINE: u64 = 187;
/// Application lines per invocation of the busy functions of the `week` profile.
const WEEK_LINES_PER_CALL: f64 = 1.33;

/// One hour of six functions of a small shop, with both spikes: what `testdata/` holds.
pub fn sample(seed: u64) -> Model {
    let minute = 60_000;
    Model {
        seed,
        start_ms: SAMPLE_START_MS,
        end_ms: SAMPLE_START_MS + 60 * minute,
        warm_up_ms: 10 * minute,
        functions: shop(0.5, 0.02),
        spikes: vec![
            Spike {
                function: "orders-api",
                kind: SpikeKind::Rate,
                start_ms: SAMPLE_START_MS + 22 * minute,
                end_ms: SAMPLE_START_MS + 22 * minute + 30_000,
                factor: 150.0,
            },
            Spike {
                function: "inventory",
                kind: SpikeKind::Duration,
                start_ms: SAMPLE_START_MS + 43 * minute,
                end_ms: SAMPLE_START_MS + 43 * minute + 90_000,
                factor: 80.0,
            },
        ],
        line_ends: LineEnds::Kept,
    }
}

/// The same shop under load, about 300 invocations a second, for as long as `bytes` last.
///
/// About one event in six is a REPORT. The spikes stand at 40 % and 70 % of the time and take 2 % of it each,
/// between 2 and 60 seconds.
pub fn mixed(seed: u64, bytes: u64) -> Model {
    let span_ms = (bytes / (MIXED_BYTES_PER_SECOND / 1000)).max(1000) as i64;
    let spike_ms = (span_ms / 50).clamp(2_000, 60_000);
    let spike = |function, kind, percent: i64, factor| {
        let start_ms = SAMPLE_START_MS + span_ms * percent / 100;
        Spike {
            function,
            kind,
            start_ms,
            end_ms: start_ms + spike_ms,
            factor,
        }
    };
    Model {
        seed,
        start_ms: SAMPLE_START_MS,
        // The writer stops at the asked size; this bound only keeps the model finite.
        end_ms: SAMPLE_START_MS + 4 * span_ms + 60_000,
        warm_up_ms: 60_000,
        // So few timeouts that the 99.5th percentile of a second is not one of them.
        functions: shop(300.0, 0.001),
        spikes: vec![
            spike("orders-api", SpikeKind::Rate, 40, 12.0),
            spike("inventory", SpikeKind::Duration, 70, 12.0),
        ],
        line_ends: LineEnds::Trimmed,
    }
}

/// Seven days with a REPORT in every second, REPORT lines alone but for a few application lines.
///
/// `bytes` sets the load on top of the one call per second that is always there; below about 120 MB
/// there is nothing on top.
pub fn week(seed: u64, bytes: u64) -> Model {
    let lines_per_second = bytes as f64 / WEEK_BYTES_PER_LINE as f64 / WEEK_SECONDS as f64;
    let per_second = ((lines_per_second - 1.0) / (1.0 + WEEK_LINES_PER_CALL)).max(0.0) / 3.0;
    let day = 86_400_000;
    let busy = |name, median_ms, memory_mb| Function {
        name,
        arrivals: Arrivals::Random {
            per_second,
            daily_swing: 0.6,
        },
        platform_lines: PlatformLines::ReportOnly,
        app_lines: (1, 1),
        median_ms,
        memory_mb,
        ..base(name)
    };
    Model {
        seed,
        start_ms: WEEK_START_MS,
        end_ms: WEEK_START_MS + WEEK_SECONDS * 1000,
        warm_up_ms: 60_000,
        functions: vec![
            Function {
                arrivals: Arrivals::EverySecond,
                platform_lines: PlatformLines::ReportOnly,
                app_lines: (0, 0),
                median_ms: 8.0,
                sigma: 0.3,
                // Every call ends in the second in which it began.
                timeout_ms: 900,
                cold_start: ColdStart::Restore { median_ms: 30.0 },
                failures: Failures::default(),
                ..base("heartbeat")
            },
            Function {
                style: Style::JsonLines,
                app_lines: (1, 3),
                ..busy("orders-api", 40.0, 512)
            },
            Function {
                style: Style::NodeText,
                ..busy("checkout", 120.0, 1024)
            },
            Function {
                style: Style::KeyValue,
                ..busy("audit-trail", 15.0, 256)
            },
        ],
        spikes: vec![
            Spike {
                function: "orders-api",
                kind: SpikeKind::Rate,
                start_ms: WEEK_START_MS + 2 * day + 50_400_000,
                end_ms: WEEK_START_MS + 2 * day + 50_445_000,
                factor: 40.0,
            },
            Spike {
                function: "checkout",
                kind: SpikeKind::Duration,
                start_ms: WEEK_START_MS + 4 * day + 36_000_000,
                end_ms: WEEK_START_MS + 4 * day + 36_060_000,
                factor: 20.0,
            },
        ],
        line_ends: LineEnds::Trimmed,
    }
}

/// Six functions that share `per_second` invocations; `hang` is the share of thumbnails that never come.
fn shop(per_second: f64, hang: f64) -> Vec<Function> {
    let share = |part: f64| Arrivals::Random {
        per_second: per_second * part,
        daily_swing: 0.0,
    };
    vec![
        Function {
            style: Style::NodeText,
            arrivals: share(0.20),
            memory_mb: 512,
            base_used_mb: 94,
            median_ms: 85.0,
            xray_share: 1.0,
            app_lines: (2, 4),
            failures: Failures {
                handled: 0.015,
                throttled: 0.01,
                ..Failures::default()
            },
            ..base("checkout")
        },
        Function {
            style: Style::JsonLines,
            arrivals: share(0.20),
            memory_mb: 256,
            base_used_mb: 71,
            median_ms: 180.0,
            app_lines: (2, 4),
            failures: Failures {
                handled: 0.02,
                throttled: 0.005,
                ..Failures::default()
            },
            ..base("orders-api")
        },
        Function {
            style: Style::JavaText,
            arrivals: share(0.26),
            memory_mb: 2048,
            base_used_mb: 210,
            median_ms: 140.0,
            timeout_ms: 30_000,
            cold_start: ColdStart::Restore { median_ms: 390.0 },
            app_lines: (2, 4),
            failures: Failures {
                handled: 0.02,
                throttled: 0.03,
                ..Failures::default()
            },
            ..base("inventory")
        },
        Function {
            style: Style::PythonText,
            arrivals: share(0.10),
            memory_mb: 1024,
            base_used_mb: 380,
            median_ms: 620.0,
            sigma: 0.7,
            timeout_ms: 6_000,
            cold_start: ColdStart::Init { median_ms: 900.0 },
            app_lines: (2, 4),
            failures: Failures {
                handled: 0.01,
                out_of_memory: 0.02,
                hang,
                crash: 0.005,
                throttled: 0.0,
            },
            ..base("thumbnails")
        },
        Function {
            style: Style::LambdaJson,
            arrivals: share(0.12),
            memory_mb: 768,
            base_used_mb: 120,
            median_ms: 210.0,
            xray_share: 0.5,
            app_lines: (2, 4),
            failures: Failures {
                handled: 0.02,
                crash: 0.01,
                ..Failures::default()
            },
            ..base("payments")
        },
        Function {
            style: Style::KeyValue,
            arrivals: share(0.12),
            memory_mb: 128,
            base_used_mb: 48,
            median_ms: 6.0,
            app_lines: (2, 4),
            ..base("audit-trail")
        },
    ]
}

/// What the functions have in common.
fn base(name: &'static str) -> Function {
    Function {
        name,
        style: Style::NodeText,
        arrivals: Arrivals::EverySecond,
        memory_mb: 128,
        base_used_mb: 60,
        timeout_ms: 15_000,
        median_ms: 20.0,
        sigma: 0.5,
        cold_start: ColdStart::Init { median_ms: 260.0 },
        keep_alive_ms: 240_000,
        platform_lines: PlatformLines::All,
        app_lines: (1, 3),
        xray_share: 0.0,
        failures: Failures {
            handled: 0.005,
            ..Failures::default()
        },
    }
}
