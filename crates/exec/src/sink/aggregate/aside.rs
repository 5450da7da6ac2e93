//! When a worker puts its groups aside.

use super::parts::{Parts, is_worth_merging};
use super::table::GroupTable;
use crate::error::ExecError;
use crate::spill::Spiller;

/// Parts are looked through when they hold so many times what a table does.
const TABLES_BEFORE_REVIEW: usize = 4;

/// Decides when a table of groups is large enough to be put aside: one that no cache holds costs more with every group,
/// whereas parts are merged in the cache at the end. Where the same groups come again and again that would be of no use, and
/// a table that holds them all is better.
pub(super) struct Aside {
    table_groups: usize,
    /// States in parts that are worth a look at how many are of the same group.
    review_states: usize,
}

impl Aside {
    /// Puts tables like `table` aside that have `table_groups`, or more, if groups turn out to come again. Where more
    /// than a number is kept of every group, nothing is put aside: to write it down and to read it costs more than it saves.
    pub(super) fn of(table: &GroupTable, table_groups: usize) -> Self {
        // Bins are met in their order, as a rule, and a table of them has its neighbours side by side.
        let table_groups = if table.grouper.is_hashed() && table.has_numbers_alone() {
            table_groups
        } else {
            usize::MAX
        };
        Self {
            table_groups,
            review_states: table_groups.saturating_mul(TABLES_BEFORE_REVIEW),
        }
    }

    pub(super) fn is_due(&self, groups: usize) -> bool {
        groups >= self.table_groups
    }

    /// Looks through what has been put aside, once that is worth while. `empty` is a table without groups.
    pub(super) fn review(
        &mut self,
        parts: &mut Parts,
        empty: &GroupTable,
        spiller: &Spiller,
    ) -> Result<(), ExecError> {
        let before = parts.memory_states();
        if before < self.review_states {
            return Ok(());
        }
        parts.condense(empty, spiller)?;
        let after = parts.memory_states();
        if is_worth_merging(before, after) {
            self.table_groups = self.table_groups.max(2 * after);
        }
        self.review_states = after.max(self.table_groups).saturating_mul(2);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array};
    use insq_event::{MemoryBudget, RunContext};

    use super::super::table::tests::aggregate_of;
    use super::*;

    const TABLE_GROUPS: usize = 1_000;

    fn empty_table(aggregate: &str) -> GroupTable {
        empty_table_by(aggregate, "strlen(@message)")
    }

    fn empty_table_by(aggregate: &str, key: &str) -> GroupTable {
        let query = format!("stats {aggregate} by {key}");
        GroupTable::new(aggregate_of(&query)).unwrap()
    }

    /// Puts tables of these keys aside; gives what decided, and the states there are after each.
    fn put(tables: &[std::ops::Range<u32>]) -> (Aside, Vec<usize>) {
        let empty = empty_table("count(*)");
        let (mut aside, mut parts) = (Aside::of(&empty, TABLE_GROUPS), Parts::new(0));
        let spiller = Spiller::new(&RunContext::new(MemoryBudget::unlimited()));
        let mut states = Vec::new();
        for keys in tables {
            let mut table = empty.emptied().unwrap();
            let keys: ArrayRef = Arc::new(Float64Array::from_iter_values(keys.clone().map(f64::from)));
            let mut groups = Vec::new();
            let rows = keys.len();
            table.grouper.assign(&[keys], rows, &mut groups).unwrap();
            table.resize();
            table.accumulators[0].update(&groups, &[]).unwrap();
            parts.put(&mut table, None).unwrap();
            aside.review(&mut parts, &empty, &spiller).unwrap();
            states.push(parts.memory_states());
        }
        (aside, states)
    }

    #[test]
    fn a_wish_to_stop_is_heard_while_states_are_merged() {
        let empty = empty_table("count(*)");
        let mut parts = Parts::new(0);
        for _ in 0..2 {
            let mut table = empty.emptied().unwrap();
            let keys: ArrayRef = Arc::new(Float64Array::from_iter_values(
                (0..TABLE_GROUPS as u32).map(f64::from),
            ));
            table
                .grouper
                .assign(&[keys], TABLE_GROUPS, &mut Vec::new())
                .unwrap();
            table.resize();
            parts.put(&mut table, None).unwrap();
        }
        let run = RunContext::new(MemoryBudget::unlimited());
        run.cancellation.cancel();
        let merged = parts.condense(&empty, &Spiller::new(&run));
        assert!(matches!(merged, Err(ExecError::Cancelled)));
    }

    #[test]
    fn states_that_are_no_numbers_are_not_put_aside() {
        for (aggregate, is_due) in [
            ("count(*), max(strlen(@message))", true),
            ("avg(strlen(@message))", false),
            ("count(*), pct(strlen(@message), 99)", false),
            ("latest(@message)", false),
            ("count_distinct(@message)", false),
        ] {
            let aside = Aside::of(&empty_table(aggregate), 1);
            assert_eq!(aside.is_due(1 << 30), is_due, "{aggregate}");
        }
    }

    #[test]
    fn bins_are_not_put_aside_and_hashed_groups_are() {
        for (key, is_due) in [
            ("bin(1s)", false),
            ("@requestId", true),
            ("bin(1s), @requestId", true),
        ] {
            let aside = Aside::of(&empty_table_by("count(*)", key), 1);
            assert_eq!(aside.is_due(1 << 30), is_due, "{key}");
        }
    }

    #[test]
    fn groups_that_are_all_different_stay_as_they_are() {
        let tables: Vec<_> = (0..20).map(|n| n * 1_000..(n + 1) * 1_000).collect();
        let (aside, states) = put(&tables);
        assert_eq!(states, (1..=20).map(|n| n * 1_000).collect::<Vec<_>>());
        assert!(aside.is_due(TABLE_GROUPS) && !aside.is_due(TABLE_GROUPS - 1));
    }

    #[test]
    fn a_few_of_the_same_are_left_for_the_end() {
        // Looked through at 4,000 states, of as many groups, and not before 8,000 again.
        let (aside, states) = put(&[0..1_000, 1_000..2_000, 2_000..3_000, 3_000..4_000, 0..1_600]);
        assert_eq!(states[4], 5_600);
        assert!(aside.is_due(TABLE_GROUPS));
        // Looked through at 4,000 states of half as many groups.
        let (aside, states) = put(&[0..1_000, 1_000..2_000, 0..2_000, 0..1_000]);
        assert_eq!(states, [1_000, 2_000, 2_000, 3_000]);
        assert!(!aside.is_due(3_999) && aside.is_due(4_000));
    }

    #[test]
    fn the_same_groups_are_merged_and_the_next_table_may_hold_them_all() {
        let (aside, states) = put(&vec![0..1_000; 4]);
        assert_eq!(states, [1_000, 2_000, 3_000, 1_000]);
        assert!(aside.is_due(2_000) && !aside.is_due(1_999));
    }
}
