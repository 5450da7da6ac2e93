//! Rules of the service that need no baseline.

use std::collections::VecDeque;

use crate::quota;

/// Share of a quota above which it is nearly used up.
pub const NEAR_QUOTA_SHARE: f64 = 0.8;

/// Share of a quota at which calls are throttled.
pub const AT_QUOTA_SHARE: f64 = 1.0;

/// New execution environments that a function may get in [`SCALING_WINDOW_S`].
///
/// # Source
/// AWS Lambda Developer Guide, "Understanding Lambda function scaling", in force since November 2023.
pub const NEW_ENVIRONMENTS_MAX: u64 = quota::SCALING_MAX as u64;

/// Seconds over which new environments are counted.
pub const SCALING_WINDOW_S: i64 = quota::SCALING_WINDOW_S as i64;

/// Synchronous requests per second that a function may get for each unit of its concurrency quota.
///
/// # Source
/// AWS Lambda Developer Guide, "Understanding Lambda function scaling".
pub const REQUESTS_PER_CONCURRENCY: u64 = quota::REQUESTS_PER_UNIT as u64;

/// Breaches with no more seconds than this between them are one.
pub const BREACH_MERGE_S: i64 = 60;

/// A rule of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuotaRule {
    /// At least [`NEAR_QUOTA_SHARE`] of the quota were in flight.
    NearQuota,
    /// At least [`AT_QUOTA_SHARE`] of the quota were in flight.
    AtQuota,
    /// More than [`NEW_ENVIRONMENTS_MAX`] environments came up within [`SCALING_WINDOW_S`] seconds.
    ScalingRate,
    /// More than [`REQUESTS_PER_CONCURRENCY`] requests per second and unit of the quota.
    RequestRate,
}

impl QuotaRule {
    /// All rules, in the order of the breaches that [`QuotaRules::push`] gives.
    pub const ALL: [Self; 4] = [
        Self::NearQuota,
        Self::AtQuota,
        Self::ScalingRate,
        Self::RequestRate,
    ];
}

/// One second of a pool: of an account, or of a function with concurrency of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QuotaSecond {
    /// Start of the second, seconds since the epoch.
    pub second: i64,
    /// Most invocations in flight at any instant.
    pub concurrency_max: f64,
    /// Time-weighted mean of the invocations in flight.
    pub concurrency_mean: f64,
    /// Execution environments that were initialised or restored. Of one function: the scaling rate is a
    /// limit per function, so a pool of several functions passes its busiest one.
    pub new_environments: u64,
    /// Invocations that started.
    pub starts: u64,
}

/// A time during which a rule was broken. Times are seconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breach {
    /// The rule.
    pub rule: QuotaRule,
    /// First second of the breach.
    pub start_s: i64,
    /// First second after the breach.
    pub end_s: i64,
    /// Second of the highest value.
    pub peak_s: i64,
    /// The highest value: invocations in flight, environments in [`SCALING_WINDOW_S`] seconds, or requests
    /// per second.
    pub peak: f64,
    /// The value that must not be reached (shares of a quota) or exceeded (rates), in the same unit.
    pub limit: f64,
    /// Seconds in which the rule was broken; gaps that were merged do not count.
    pub seconds: u64,
    /// The mean concurrency of those seconds, to tell a lasting breach from one of an instant.
    pub concurrency_mean: f64,
    /// The rule was still broken in the last second of the input.
    pub open: bool,
}

/// Watches the rules over the seconds of one pool, with memory for ten seconds.
///
/// # Examples
/// ```
/// use insq_lambda::detect::{QuotaRule, QuotaRules, QuotaSecond};
///
/// let mut rules = QuotaRules::new(100);
/// for second in 0..20 {
///     let concurrency = if second >= 15 { 90.0 } else { 50.0 };
///     rules.push(QuotaSecond {
///         second,
///         concurrency_max: concurrency,
///         concurrency_mean: concurrency,
///         ..QuotaSecond::default()
///     });
/// }
/// let breaches = rules.finish();
/// assert_eq!((breaches[0].rule, breaches[0].start_s, breaches[0].end_s), (QuotaRule::NearQuota, 15, 20));
/// assert_eq!((breaches[0].peak, breaches[0].limit, breaches[0].open), (90.0, 80.0, true));
/// ```
#[derive(Clone, Debug)]
pub struct QuotaRules {
    quota: u64,
    /// New environments of the latest seconds, oldest first.
    scaling: VecDeque<(i64, u64)>,
    scaling_sum: u64,
    latest_s: Option<i64>,
    open: [Option<Breach>; QuotaRule::ALL.len()],
}

impl QuotaRules {
    /// Rules for a pool with a quota of `quota` concurrent invocations. 0 means that the quota is unknown:
    /// then only the scaling rate is watched.
    pub fn new(quota: u64) -> Self {
        Self {
            quota,
            scaling: VecDeque::new(),
            scaling_sum: 0,
            latest_s: None,
            open: [None; QuotaRule::ALL.len()],
        }
    }

    /// Takes a second in and gives the breaches that are over for good, for later seconds no longer join
    /// them. Seconds come in the order of time; one that does not changes nothing. Missing seconds are idle.
    pub fn push(&mut self, second: QuotaSecond) -> Vec<Breach> {
        if self.latest_s.is_some_and(|latest| second.second <= latest) {
            return Vec::new();
        }
        self.latest_s = Some(second.second);
        let window = self.slide(second.second, second.new_environments);
        let over = self.close_before(second.second);
        for (open, rule) in self.open.iter_mut().zip(QuotaRule::ALL) {
            if let Some((value, limit)) = measured(rule, self.quota, &second, window).filter(is_broken(rule))
            {
                extend(open, rule, &second, value, limit);
            }
        }
        over
    }

    /// Ends the input and gives the breaches that are left, in the order of the rules.
    pub fn finish(self) -> Vec<Breach> {
        let end = self.latest_s.map(|latest| latest.saturating_add(1));
        self.open
            .into_iter()
            .flatten()
            .map(|breach| Breach {
                open: Some(breach.end_s) == end,
                ..breach
            })
            .collect()
    }

    /// New environments of the window that ends with a second.
    fn slide(&mut self, second: i64, new_environments: u64) -> u64 {
        self.scaling.push_back((second, new_environments));
        self.scaling_sum = self.scaling_sum.saturating_add(new_environments);
        while let Some(&(oldest, count)) = self.scaling.front()
            && second.saturating_sub(oldest) >= SCALING_WINDOW_S
        {
            self.scaling_sum = self.scaling_sum.saturating_sub(count);
            self.scaling.pop_front();
        }
        self.scaling_sum
    }

    fn close_before(&mut self, second: i64) -> Vec<Breach> {
        self.open
            .iter_mut()
            .filter_map(|open| open.take_if(|breach| second.saturating_sub(breach.end_s) > BREACH_MERGE_S))
            .collect()
    }
}

/// The value of a rule in a second, and its limit; `None` if the rule does not apply.
fn measured(rule: QuotaRule, quota: u64, second: &QuotaSecond, new_environments: u64) -> Option<(f64, f64)> {
    let known = (quota > 0).then_some(quota as f64);
    match rule {
        QuotaRule::NearQuota => known.map(|quota| (second.concurrency_max, NEAR_QUOTA_SHARE * quota)),
        QuotaRule::AtQuota => known.map(|quota| (second.concurrency_max, AT_QUOTA_SHARE * quota)),
        QuotaRule::ScalingRate => Some((new_environments as f64, NEW_ENVIRONMENTS_MAX as f64)),
        QuotaRule::RequestRate => {
            known.map(|quota| (second.starts as f64, REQUESTS_PER_CONCURRENCY as f64 * quota))
        }
    }
}

/// Shares of a quota are reached, rates are exceeded.
fn is_broken(rule: QuotaRule) -> impl Fn(&(f64, f64)) -> bool {
    move |&(value, limit)| match rule {
        QuotaRule::NearQuota | QuotaRule::AtQuota => value >= limit,
        QuotaRule::ScalingRate | QuotaRule::RequestRate => value > limit,
    }
}

fn extend(open: &mut Option<Breach>, rule: QuotaRule, second: &QuotaSecond, value: f64, limit: f64) {
    let breach = open.get_or_insert(Breach {
        rule,
        start_s: second.second,
        end_s: second.second,
        peak_s: second.second,
        peak: value,
        limit,
        seconds: 0,
        concurrency_mean: 0.0,
        open: false,
    });
    breach.end_s = second.second.saturating_add(1);
    if value > breach.peak {
        (breach.peak, breach.peak_s) = (value, second.second);
    }
    breach.seconds += 1;
    breach.concurrency_mean += (second.concurrency_mean - breach.concurrency_mean) / breach.seconds as f64;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The breaches of seconds that `second_at` makes.
    fn breaches(quota: u64, seconds: i64, second_at: impl Fn(i64) -> QuotaSecond) -> Vec<Breach> {
        let mut rules = QuotaRules::new(quota);
        let mut all: Vec<Breach> = (0..seconds)
            .flat_map(|second| {
                rules.push(QuotaSecond {
                    second,
                    ..second_at(second)
                })
            })
            .collect();
        all.extend(rules.finish());
        all
    }

    fn in_flight(concurrency: f64) -> QuotaSecond {
        QuotaSecond {
            concurrency_max: concurrency,
            concurrency_mean: concurrency / 2.0,
            ..QuotaSecond::default()
        }
    }

    fn rules_of(breaches: &[Breach]) -> Vec<QuotaRule> {
        breaches.iter().map(|breach| breach.rule).collect()
    }

    #[test]
    fn shares_of_the_quota_on_both_sides() {
        assert!(breaches(1_000, 3, |_| in_flight(799.0)).is_empty());
        assert_eq!(
            rules_of(&breaches(1_000, 3, |_| in_flight(800.0))),
            [QuotaRule::NearQuota]
        );
        assert_eq!(
            rules_of(&breaches(1_000, 3, |_| in_flight(999.0))),
            [QuotaRule::NearQuota]
        );
        assert_eq!(
            rules_of(&breaches(1_000, 3, |_| in_flight(1_000.0))),
            [QuotaRule::NearQuota, QuotaRule::AtQuota]
        );
    }

    #[test]
    fn new_environments_in_ten_seconds_on_both_sides() {
        let each = |new_environments| QuotaSecond {
            new_environments,
            ..QuotaSecond::default()
        };
        assert!(breaches(0, 60, |_| each(100)).is_empty());
        let found = breaches(0, 60, |second| each(if second == 30 { 101 } else { 100 }));
        assert_eq!(rules_of(&found), [QuotaRule::ScalingRate]);
        assert_eq!((found[0].start_s, found[0].end_s, found[0].seconds), (30, 40, 10));
        assert_eq!(
            (found[0].peak, found[0].limit, found[0].open),
            (1_001.0, 1_000.0, false)
        );
    }

    #[test]
    fn environments_before_a_pause_do_not_count() {
        let mut rules = QuotaRules::new(0);
        let each = |second| QuotaSecond {
            second,
            new_environments: 600,
            ..QuotaSecond::default()
        };
        rules.push(each(0));
        rules.push(each(SCALING_WINDOW_S));
        assert!(rules.clone().finish().is_empty());
        rules.push(each(2 * SCALING_WINDOW_S - 1));
        assert_eq!(rules.finish().len(), 1);
    }

    #[test]
    fn requests_per_concurrency_on_both_sides() {
        let each = |starts| QuotaSecond {
            starts,
            ..QuotaSecond::default()
        };
        assert!(breaches(100, 3, |_| each(1_000)).is_empty());
        let found = breaches(100, 3, |_| each(1_001));
        assert_eq!(rules_of(&found), [QuotaRule::RequestRate]);
        assert_eq!((found[0].peak, found[0].limit), (1_001.0, 1_000.0));
    }

    #[test]
    fn an_unknown_quota_breaks_nothing() {
        let busy = QuotaSecond {
            starts: u64::MAX,
            ..in_flight(1e9)
        };
        assert!(breaches(0, 10, |_| busy).is_empty());
    }

    #[test]
    fn near_breaches_are_one_and_distant_ones_are_two() {
        let at = |gap: i64| {
            breaches(10, 200, move |second| {
                in_flight(match second {
                    20 => 8.0,
                    _ if second == 21 + gap => 9.0,
                    _ => 0.0,
                })
            })
        };
        let one = at(BREACH_MERGE_S);
        assert_eq!(one.len(), 1);
        assert_eq!(
            (one[0].seconds, one[0].peak, one[0].peak_s),
            (2, 9.0, 21 + BREACH_MERGE_S)
        );
        assert_eq!(one[0].concurrency_mean, 4.25);
        assert_eq!(at(BREACH_MERGE_S + 1).len(), 2);
    }

    #[test]
    fn seconds_out_of_order_change_nothing() {
        let mut rules = QuotaRules::new(10);
        rules.push(QuotaSecond {
            second: 5,
            ..in_flight(1.0)
        });
        for second in [5, 4, i64::MIN] {
            rules.push(QuotaSecond {
                second,
                ..in_flight(100.0)
            });
        }
        assert!(rules.clone().finish().is_empty());
        rules.push(QuotaSecond {
            second: i64::MAX,
            ..in_flight(100.0)
        });
        assert_eq!(rules.finish().len(), 2);
    }
}
