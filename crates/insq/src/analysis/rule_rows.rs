//! Broken rules of the service as Arrow batches.

use std::sync::LazyLock;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use insq_event::ColumnType::{Number, Text, Time};
use insq_lambda::detect::QuotaRule;
use insq_lambda::{Load, QuotaBreach, Spike, SpikeScope};

use super::rows::{Cell, batch_of, count, number, schema_of, text, time_us};

/// The schema of [`rule_rows`].
pub fn rule_schema() -> &'static SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        schema_of(&[
            ("spike", Number),
            ("rule", Text),
            ("function", Text),
            ("start", Time),
            ("end", Time),
            ("peak_at", Time),
            ("peak", Number),
            ("limit", Number),
            ("seconds", Number),
            ("concurrency_avg", Number),
        ])
    });
    &SCHEMA
}

/// A row per rule of the service that was broken in a spike. `rule` is `near_quota`, `at_quota`, `scaling_rate` or
/// `request_rate`; `function` is `(all)`, `(unreserved)` or a name. `peak` and `limit` are invocations in flight, new
/// environments in ten seconds or requests a second, as the rule counts; `seconds` are those in which it was broken, and
/// `concurrency_avg` is the mean in flight in them.
///
/// # Errors
/// [`ArrowError`] never, unless the columns do not fit together.
pub fn rule_rows(spikes: &[Spike], load: &Load) -> Result<RecordBatch, ArrowError> {
    let rows = spikes.iter().enumerate().flat_map(|(idx, spike)| {
        let broken = spike.breaches.iter();
        broken.map(move |found| rule_row(idx + 1, found, load))
    });
    batch_of(rule_schema(), rows)
}

fn rule_row(place: usize, found: &QuotaBreach, load: &Load) -> Vec<Cell> {
    let breach = &found.breach;
    let second = |second: i64| time_us(second.saturating_mul(1_000_000));
    vec![
        count(place as u64),
        text(match breach.rule {
            QuotaRule::NearQuota => "near_quota",
            QuotaRule::AtQuota => "at_quota",
            QuotaRule::ScalingRate => "scaling_rate",
            QuotaRule::RequestRate => "request_rate",
        }),
        text(match found.scope {
            SpikeScope::Total => "(all)",
            SpikeScope::Unreserved => "(unreserved)",
            SpikeScope::Function(id) => load.name(id),
        }),
        second(breach.start_s),
        second(breach.end_s),
        second(breach.peak_s),
        number(breach.peak),
        number(breach.limit),
        count(breach.seconds),
        number(breach.concurrency_mean),
    ]
}
