//! How many execution environments there were.

use crate::Invocation;
use crate::intervals::peak;
use crate::load::Load;

/// Execution environments, told apart by their log streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentCounts {
    /// Log streams with invocations.
    pub distinct: u64,
    /// Most at one instant between their first and their last busy instant. Environments live on idle after
    /// their last invocation, so this is a lower bound.
    pub alive_max: u64,
    /// Invocations that overlap the one before them in their own environment.
    pub overlaps: u64,
}

impl EnvironmentCounts {
    pub(super) fn of(load: &Load) -> Self {
        let environments = load.environments();
        let lives: Vec<Invocation> = environments
            .iter()
            .map(|environment| Invocation {
                start_us: environment.first_us,
                end_us: environment.last_us,
            })
            .collect();
        Self {
            distinct: environments.len() as u64,
            alive_max: peak(&lives).map_or(0, |(level, _)| level),
            overlaps: environments.iter().map(|environment| environment.overlaps).sum(),
        }
    }
}
