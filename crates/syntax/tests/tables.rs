//! The table of commands and the units of time.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashSet;

use insq_syntax::ast::{Period, PeriodUnit};
use insq_syntax::{SyntaxErrorKind, commands, parse};

#[test]
fn every_command_is_run_or_refused_by_name() {
    for command in commands() {
        let result = parse(command.example);
        if command.is_built {
            assert!(result.is_ok(), "{}", result.unwrap_err().render(command.example));
            continue;
        }
        assert!(result.is_err(), "{}", command.example);
        if command.name == "unmask" {
            // A word of the table of commands that is written like a function.
            continue;
        }
        let first_word = command.name.to_uppercase();
        let error = parse(&first_word).unwrap_err();
        assert_eq!(error.kind, SyntaxErrorKind::NotBuilt { name: command.name });
    }
}

#[test]
fn the_table_is_sound() {
    let names: HashSet<String> = commands()
        .iter()
        .map(|command| command.name.to_lowercase())
        .collect();
    assert_eq!(names.len(), commands().len());
    for command in commands() {
        let first_word = command.example.split([' ', '|']).next().unwrap_or_default();
        if !["pattern", "unmask(@message)"].contains(&first_word) {
            assert!(
                first_word.eq_ignore_ascii_case(command.name),
                "{}",
                command.example
            );
        }
        assert!(!command.summary.ends_with('.') && !command.summary.is_empty());
    }
}

#[test]
fn units_of_time() {
    for (unit, printed, fixed_ms, cap) in [
        (PeriodUnit::Millisecond, "2ms", Some(2), Some(1_000)),
        (PeriodUnit::Second, "2s", Some(2_000), Some(60)),
        (PeriodUnit::Minute, "2m", Some(120_000), Some(60)),
        (PeriodUnit::Hour, "2h", Some(7_200_000), Some(24)),
        (PeriodUnit::Day, "2d", Some(172_800_000), None),
        (PeriodUnit::Week, "2w", Some(1_209_600_000), None),
        (PeriodUnit::Month, "2mo", None, None),
        (PeriodUnit::Quarter, "2q", None, None),
        (PeriodUnit::Year, "2y", None, None),
    ] {
        let period = Period { count: 2, unit };
        assert_eq!(
            (period.to_string().as_str(), period.fixed_ms(), unit.service_cap()),
            (printed, fixed_ms, cap)
        );
        assert!(
            Period {
                count: u32::MAX,
                unit
            }
            .fixed_ms()
            .is_none_or(|ms| ms > 0)
        );
    }
}
