//! Which source a plan reads: the inputs of the engine, or those that `SOURCE` chooses from a catalog.

use insq_event::EventSource;
use insq_input::{Input, LogSource, ReadOptions};
use insq_plan::LogicalPlan;

use crate::catalog::Catalog;

/// The source of one plan.
pub(crate) enum PlanSource {
    /// The inputs of the engine.
    Engine,
    /// Inputs of the catalog.
    Catalog(LogSource),
}

impl PlanSource {
    /// Chooses the source of a plan. The plan's own filter on names selects among what the source gives, so a source
    /// of too much is no mistake.
    pub(crate) fn of(plan: &LogicalPlan, catalog: &Catalog, options: &ReadOptions) -> Self {
        let inputs: Vec<Input> = plan
            .sources
            .iter()
            .flat_map(|selection| catalog.select(selection))
            .collect();
        if inputs.is_empty() {
            Self::Engine
        } else {
            Self::Catalog(LogSource::new(inputs, options.clone()))
        }
    }

    pub(crate) fn get<'s>(&'s self, engine: &'s dyn EventSource) -> &'s dyn EventSource {
        match self {
            Self::Engine => engine,
            Self::Catalog(source) => source,
        }
    }
}
