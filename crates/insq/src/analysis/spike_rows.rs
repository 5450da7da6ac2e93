//! Spikes and hunts as Arrow batches.

use std::sync::LazyLock;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use insq_event::ColumnType::{Number, Text, Time};
use insq_lambda::{Evidence, FunctionRise, Hunt, Sign, Spike};

use super::rows::{Cell, batch_of, count, number, schema_of, text, time_us};

/// The schema of [`spike_rows`].
pub fn spike_schema() -> &'static SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        schema_of(&[
            ("spike", Number),
            ("start", Time),
            ("onset", Time),
            ("peak_at", Time),
            ("end", Time),
            ("peak", Number),
            ("observed", Number),
            ("expected", Number),
            ("score", Number),
            ("function", Text),
            ("share", Number),
            ("rise", Number),
            ("by_rate", Number),
            ("by_duration", Number),
            ("by_cold_start", Number),
            ("by_carried_in", Number),
            ("at_peak", Number),
            ("rate_before", Number),
            ("rate_during", Number),
            ("duration_before", Number),
            ("duration_during", Number),
            ("throttled", Number),
            ("timeouts", Number),
            ("out_of_memory", Number),
            ("errors", Number),
        ])
    });
    &SCHEMA
}

/// A row per spike and function with a part in it, the largest rise first. Rates are per second, durations means in
/// milliseconds; what the spike itself says repeats in its rows. The last four count messages of that function.
///
/// # Errors
/// [`ArrowError`] never, unless the columns do not fit together.
pub fn spike_rows(spikes: &[Spike], evidence: &[Evidence]) -> Result<RecordBatch, ArrowError> {
    let rows = spikes.iter().enumerate().flat_map(|(idx, spike)| {
        let evidence = evidence.get(idx);
        let functions = spike.attribution.functions.iter();
        functions.map(move |function| spike_row(idx + 1, spike, function, evidence))
    });
    batch_of(spike_schema(), rows)
}

fn spike_row(place: usize, spike: &Spike, found: &FunctionRise, evidence: Option<&Evidence>) -> Vec<Cell> {
    let episode = spike.main.map(|main| main.episode);
    let signs = |wanted: &[Sign]| {
        let all = evidence.map(|evidence| {
            let own = evidence.signs.iter();
            let own = own.filter(|sign| sign.function == found.name && wanted.contains(&sign.sign));
            own.map(|sign| sign.count).sum::<u64>() as f64
        });
        Cell::Number(all)
    };
    vec![
        count(place as u64),
        time_us(spike.start_us),
        time_us(spike.onset_us),
        time_us(spike.peak_us),
        time_us(spike.end_us),
        number(spike.peak),
        Cell::Number(episode.map(|episode| episode.peak_value)),
        Cell::Number(episode.map(|episode| episode.expected)),
        number(spike.score()),
        text(&found.name),
        number(found.share),
        number(found.rise),
        number(found.parts.rate),
        number(found.parts.duration),
        number(found.parts.cold_start),
        number(found.parts.carried_in),
        number(found.at_peak),
        number(found.before.rate_per_s()),
        number(found.during.rate_per_s()),
        Cell::Number(found.before.duration_ms()),
        Cell::Number(found.during.duration_ms()),
        signs(&[Sign::Throttled]),
        signs(&[Sign::Timeout]),
        signs(&[Sign::OutOfMemory]),
        signs(&[Sign::Error, Sign::Crash]),
    ]
}

/// The schema of [`hunt_rows`].
pub fn hunt_schema() -> &'static SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        schema_of(&[
            ("peak", Number),
            ("peak_at", Time),
            ("peak_concurrency", Number),
            ("function", Text),
            ("at_peak", Number),
            ("minute", Time),
            ("invocations", Number),
            ("duration_avg", Number),
            ("cold_starts", Number),
            ("concurrency_max", Number),
            ("concurrency_avg", Number),
            ("estimate", Number),
            ("normal_invocations", Number),
            ("normal_duration_avg", Number),
            ("normal_concurrency_avg", Number),
        ])
    });
    &SCHEMA
}

/// A row per peak, function and minute. Durations are means in milliseconds; `normal_…` is the same function per minute in
/// the rest of the time.
///
/// # Errors
/// [`ArrowError`] never, unless the columns do not fit together.
pub fn hunt_rows(hunts: &[Hunt]) -> Result<RecordBatch, ArrowError> {
    /// Seconds of a minute.
    const MINUTE_S: f64 = 60.0;
    let rows = hunts.iter().enumerate().flat_map(|(idx, hunt)| {
        hunt.functions.iter().flat_map(move |function| {
            function.minutes.iter().map(move |minute| {
                let normal = function.normal;
                vec![
                    count(idx as u64 + 1),
                    time_us(hunt.peak_us),
                    number(hunt.peak),
                    text(&function.name),
                    number(function.at_peak),
                    time_us(minute.start_us),
                    count(minute.stats.starts),
                    Cell::Number(minute.stats.duration_ms()),
                    count(minute.stats.cold_starts),
                    count(minute.max),
                    number(minute.mean),
                    number(minute.estimate),
                    Cell::Number(normal.map(|normal| normal.rate_per_s() * MINUTE_S)),
                    Cell::Number(normal.and_then(|normal| normal.duration_ms())),
                    Cell::Number(normal.map(|normal| normal.concurrency())),
                ]
            })
        })
    });
    batch_of(hunt_schema(), rows)
}
