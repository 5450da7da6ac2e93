//! Which source a plan reads: the inputs of the engine, or those that `SOURCE` chooses from a catalog.

use insq_event::EventSource;
use insq_input::{Input, LogSource, ReadOptions};
use insq_plan::{LogicalPlan, selects_log};
use insq_syntax::ast::SourceSelection;

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

    /// What to say about selections that choose nothing: neither the catalog nor the name of the inputs knows them.
    pub(crate) fn unmatched(
        plan: &LogicalPlan,
        catalog: &Catalog,
        options: &ReadOptions,
    ) -> Vec<(String, insq_syntax::Span)> {
        let names: Vec<&str> = catalog.log_groups().chain(options.log_group.as_deref()).collect();
        let is_known = |selection: &SourceSelection| {
            let is_everything = matches!(selection, SourceSelection::LogGroups { prefixes, accounts, .. }
                if prefixes.is_empty() && accounts.is_empty());
            is_everything
                || !catalog.select(selection).is_empty()
                || names.iter().any(|name| selects_log(selection, name))
        };
        let known = match names.is_empty() {
            true => "no input says which log group it is of".to_owned(),
            false => format!("there are {}", names.join(", ")),
        };
        plan.sources
            .iter()
            .filter(|selection| !is_known(selection))
            .map(|selection| {
                (
                    format!("this `SOURCE` selects nothing: {known}"),
                    selection.span(),
                )
            })
            .collect()
    }

    pub(crate) fn get<'s>(&'s self, engine: &'s dyn EventSource) -> &'s dyn EventSource {
        match self {
            Self::Engine => engine,
            Self::Catalog(source) => source,
        }
    }
}
