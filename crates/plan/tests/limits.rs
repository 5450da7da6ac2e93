//! The limits of the optimiser, on both sides.

#![allow(clippy::unwrap_used)]

use insq_plan::{bind, explain, optimize};

fn optimized(query: &str) -> String {
    let parsed = insq_syntax::parse(query).unwrap();
    let (plan, _) = optimize(
        bind(&parsed.query, &insq_plan::BindOptions::default())
            .unwrap()
            .plan,
    );
    explain(&plan)
}

#[test]
fn so_many_alternatives_are_searched_for() {
    let query = |count: usize| {
        let terms: Vec<String> = (0..count)
            .map(|n| format!("@message like \"word{n:02}\""))
            .collect();
        format!("filter {}", terms.join(" or "))
    };
    assert!(optimized(&query(32)).contains("holds=["));
    assert!(!optimized(&query(33)).contains("holds=["));
}

#[test]
fn so_many_rows_are_kept_in_a_heap() {
    assert!(optimized("sort a | limit 1000000").contains("TopK 1000000 by a asc"));
    assert!(optimized("sort a | limit 1000001").contains("Limit 1000001"));
}

#[test]
fn so_many_rows_keep_what_later_columns_are_made_of() {
    let late = |count: u64| {
        let plan = optimized(&format!("fields toupper(@message) as m | sort a | limit {count}"));
        // The last step stands on top.
        plan.find("Compute").unwrap() < plan.find("TopK").unwrap()
    };
    assert!(late(10_000));
    assert!(!late(10_001));
}

#[test]
fn columns_that_nothing_before_the_limit_reads_are_made_behind_it() {
    let compact = |query: &str| -> Vec<String> {
        let steps = optimized(query);
        let words = ["TopK", "Compute", "Parse", "Filter"];
        let step = |line: &str| Some((words.iter().find(|word| line.contains(**word))?, line.to_owned()));
        let steps = steps.lines().filter_map(step).map(|(word, line)| {
            let rest = line.split_once(word).unwrap().1;
            format!("{word}{rest}")
        });
        steps.collect()
    };
    for (query, expected) in [
        (
            "parse @message \"u=* \" as u | fields toupper(u) as v, strlen(@message) as n | sort n | limit 3",
            &["Compute v", "Parse", "TopK 3", "Compute n = strlen(@message)"][..],
        ),
        // What the order reads stays, and so does what that reads.
        (
            "parse @message \"u=* \" as u | fields toupper(u) as v | sort v | limit 3",
            &["TopK 3", "Compute v", "Parse"],
        ),
        // A pattern that makes several rows of one does not move, nor does a filter.
        (
            "parse @message /u=(?<u>\\S+)/ multi | sort a | limit 3",
            &["TopK 3", "Parse"],
        ),
        (
            "parse @message \"u=* \" as u | filter u = 7 | fields toupper(u) as v | sort a | limit 3",
            &["Compute v", "TopK 3", "Filter", "Parse"],
        ),
    ] {
        let found = compact(query);
        let is_expected = found.len() == expected.len()
            && found
                .iter()
                .zip(expected)
                .all(|(found, expected)| found.starts_with(expected));
        assert!(is_expected, "{query}: {found:#?}");
    }
}

#[test]
fn filters_move_before_what_they_do_not_read() {
    let plan = optimized("parse @message \"u=* \" as u | filter level = \"x\" | fields u");
    let (filter, parse) = (plan.find("Filter").unwrap(), plan.find("Parse").unwrap());
    // The last step stands on top.
    assert!(parse < filter, "{plan}");
    let plan = optimized("parse @message \"u=* \" as u | filter u = \"x\" | fields u");
    assert!(
        plan.find("Filter").unwrap() < plan.find("Parse").unwrap(),
        "{plan}"
    );
}

#[test]
fn kinds_follow_from_what_must_be_present() {
    for (condition, expected) in [
        ("@type = \"REPORT\"", true),
        ("@duration > 0", true),
        ("ispresent(@initDuration)", true),
        ("not (@duration > 5)", true),
        ("@type in [\"REPORT\"]", true),
        ("@duration > 0 or @billedDuration > 0", true),
        ("@duration > 0 or level = \"x\"", false),
        ("not ispresent(@duration)", false),
        ("coalesce(@duration, 1) > 0", false),
        ("@requestId = \"x\"", false),
    ] {
        let plan = optimized(&format!("filter {condition} | stats count(*)"));
        assert_eq!(plan.contains("kinds=[REPORT]"), expected, "{condition}\n{plan}");
    }
}
