//! Little's law: concurrency as rate times duration.

/// The mean concurrency that `count` invocations of `duration_ms` each make in `window_ms`.
///
/// With the mean duration this is the mean concurrency of the window, as far as invocations lie wholly
/// inside it. With a percentile it is an upper planning figure. It counts invocations where they end, so a
/// single second can be far from the exact figure.
///
/// # Examples
/// ```
/// assert_eq!(insq_lambda::estimate(600, 1_000.0, 60_000.0), 10.0);
/// ```
pub fn estimate(count: u64, duration_ms: f64, window_ms: f64) -> f64 {
    if window_ms <= 0.0 {
        0.0
    } else {
        count as f64 * duration_ms / window_ms
    }
}
