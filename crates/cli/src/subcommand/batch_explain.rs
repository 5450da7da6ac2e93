//! How a batch would be run, in words.

use insq::{ManyPlan, PreparedQuery};

use super::batch_summary::reason;
use crate::size::show_count;

/// Which queries look at the same events, what each asks of the logs, and which run on their own.
pub(super) fn explanation(plan: &ManyPlan, names: &[&str], queries: &[PreparedQuery<'_>]) -> String {
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let line = |number: usize, words: &str| format!("  {:<width$}  {words}\n", names[number]);
    let shared: usize = plan.groups.iter().map(Vec::len).sum();
    let mut text = match shared {
        0 => "no pass over the logs is shared\n".to_owned(),
        _ => format!(
            "one pass over the logs for {}\n",
            counted(shared, "query", "queries")
        ),
    };
    for (group, number) in plan.groups.iter().zip(1..) {
        let alike = if group.len() > 1 {
            ", which look at the same events"
        } else {
            ""
        };
        text.push_str(&format!(
            "\ngroup {number}: {}{alike}\n",
            counted(group.len(), "query", "queries")
        ));
        for query in group {
            text.push_str(&line(*query, &queries[*query].explain_scan()));
        }
    }
    if !plan.alone.is_empty() {
        text.push_str("\non their own, afterwards:\n");
        for (query, why) in &plan.alone {
            text.push_str(&line(*query, reason(*why)));
        }
    }
    text
}

fn counted(count: usize, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", show_count(count as u64))
}
