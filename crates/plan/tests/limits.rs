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
