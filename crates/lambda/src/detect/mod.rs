//! Spikes in series: episodes, rules of the service, scores.

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
