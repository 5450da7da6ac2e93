//! Spikes in series of seconds, breaches of the rules of the service, and scores for any series.
//!
//! Three tools, all of which read a series once, in order, with bounded memory, and never look ahead:
//!
//! | tool | for | needs |
//! | --- | --- | --- |
//! | [`SpikeDetector`] | episodes in which concurrency or starts stood far above their own baseline | a budget of false episodes per day |
//! | [`QuotaRules`] | seconds in which a rule of the service was broken | the quota |
//! | [`score_series`] | how unusual a point of any series is | nothing |
//!
//! # How a spike is found
//! Values are averaged over 1, 5, 15 and 60 steps. Each average is stabilised (roots for counts, cube roots
//! for concurrency) so that its spread does not depend on its level, and compared with the median of the
//! last hour in units of the spread seen above that median. A CUSUM adds up steps that are each a little too
//! high. The budget, the step and the length of an average give its threshold; the CUSUM also takes into
//! account for how long the series stays what it is. Steps of an episode do not teach the baseline, unless
//! the episode lasts longer than [`LASTING_STEPS`]: then it is the new baseline, and the episode ends.
//! At an alarm, a look back finds the step with which the rise began.
//!
//! # How any series is scored
//! The level of a point and its change from the point before are compared with the median of the last 4,096
//! points, in units of the usual distance, and that with the largest percent of earlier distances. What only
//! repeats a surprise of the last points scores low, so that an anomaly is told once.

mod budget;
mod episode;
mod normal;
mod onset;
mod options;
mod quota;
mod ramp;
mod recent;
mod recurrence;
mod scale;
mod series;
mod spike;
mod window;

pub use episode::{Episode, Observation, Trigger};
pub use options::{
    FALSE_ALARMS_PER_DAY, FALSE_ALARMS_PER_DAY_MAX, FALSE_ALARMS_PER_DAY_MIN, Missing, RISE_MIN, SeriesKind,
    SpikeOptions,
};
pub use quota::{
    AT_QUOTA_SHARE, BREACH_MERGE_S, Breach, NEAR_QUOTA_SHARE, NEW_ENVIRONMENTS_MAX, QuotaRule, QuotaRules,
    QuotaSecond, REQUESTS_PER_CONCURRENCY, SCALING_WINDOW_S,
};
pub use recurrence::{EPISODES_REMEMBERED, EPISODES_REMEMBERED_MS};
pub use series::{SERIES_WARM_UP_POINTS, ScoreOptions, ScoredPoint, SeriesScorer, score_series};
pub use spike::{LASTING_STEPS, MERGE_STEPS, SCALE_STEPS, SpikeDetector, WARM_UP_STEPS};
