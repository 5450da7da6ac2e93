//! How many queries would be answered, without reading anything.

use insq_exec::{PhysicalPlan, shared_groups};

use crate::engine::Engine;
use crate::many::{OwnPass, own_pass};
use crate::prepared::PreparedQuery;

/// How [`Engine::run_many`] answers some queries, which are meant by their places in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManyPlan {
    /// Those that share the pass, in groups that look at the same events: a group costs little more than one of its
    /// queries.
    pub groups: Vec<Vec<usize>>,
    /// Those that run on their own, after the pass, and why. Where memory gets short there are more.
    pub alone: Vec<(usize, OwnPass)>,
}

impl Engine {
    /// Tells how [`Engine::run_many`] would answer these queries. Nothing is read.
    ///
    /// # Examples
    /// ```
    /// use insq::{Engine, QueryOptions};
    ///
    /// let engine = Engine::builder().reader("a.log", &b""[..]).build()?;
    /// let queries = [
    ///     "stats count(*)",
    ///     "filter @message like /ERROR/ | stats count(*)",
    ///     "stats count(*) by bin(1h)",
    /// ]
    /// .map(|text| engine.prepare(text, &QueryOptions::default()));
    /// let queries = queries.into_iter().collect::<Result<Vec<_>, _>>()?;
    /// let plan = engine.plan_many(&queries);
    /// assert_eq!(plan.groups, [vec![0, 2], vec![1]]);
    /// assert!(plan.alone.is_empty());
    /// # Ok::<(), insq::Error>(())
    /// ```
    pub fn plan_many(&self, queries: &[PreparedQuery<'_>]) -> ManyPlan {
        let mut plan = ManyPlan::default();
        let mut together: Vec<(usize, &PhysicalPlan)> = Vec::new();
        for (number, query) in queries.iter().enumerate() {
            match own_pass(self, query) {
                Some(why) => plan.alone.push((number, why)),
                None => together.push((number, &query.physical)),
            }
        }
        let plans: Vec<&PhysicalPlan> = together.iter().map(|(_, physical)| *physical).collect();
        let numbers = |group: Vec<usize>| group.into_iter().map(|place| together[place].0).collect();
        plan.groups = shared_groups(&plans).into_iter().map(numbers).collect();
        plan
    }
}
