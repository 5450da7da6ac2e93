//! How a mistake is shown.

#![allow(clippy::unwrap_used, clippy::panic)]

use insq_syntax::{Severity, Span, line_column, render_diagnostic};

/// `«` and `»` in `marked` are the ends of the span; what is shown below the message is `expected`.
fn check(marked: &str, expected: &str) {
    let start = marked.find('«').unwrap();
    let end = marked.find('»').unwrap() - '«'.len_utf8();
    let text = marked.replace(['«', '»'], "");
    let shown = render_diagnostic(&text, Severity::Error, "no", Span::new(start, end), None, None);
    assert_eq!(shown.strip_prefix("error: no\n").unwrap(), expected, "{marked:?}");
}

#[test]
fn one_line() {
    check("«limit» 5", "  |\n1 | limit 5\n  | ^^^^^");
    check("limit 5«»", "  |\n1 | limit 5\n  |        ^");
    check("«»", "  |\n1 | \n  | ^");
    check("a\n| «b» c\n| d", "  |\n2 | | b c\n  |   ^");
    check("a «b»\r\n| c", "  |\n1 | a b\n  |   ^");
    check("a «\n»| c", "  |\n1 | a\n  |   ^");
}

#[test]
fn columns_are_characters() {
    check("ääå «b»", "  |\n1 | ääå b\n  |     ^");
    check("«日本» b", "  |\n1 | 日本 b\n  | ^^");
}

#[test]
fn the_gutter_is_as_wide_as_the_number() {
    check(&format!("{}«b»", "a\n".repeat(11)), "   |\n12 | b\n   | ^");
}

#[test]
fn several_lines() {
    check("a «b\n  c» d", "  |\n1 | a b\n  |   ^\n2 |   c d\n  |   ^");
    check(
        "a «b\nx\ny\n  cc» d",
        "  |\n1 | a b\n  |   ^\n...\n4 |   cc d\n  |   ^^",
    );
    check(
        &format!("{}«a\nb»", "\n".repeat(8)),
        "   |\n 9 | a\n   | ^\n10 | b\n   | ^",
    );
}

#[test]
fn nothing_is_raw() {
    check("\t«b»", "  |\n1 |  b\n  |  ^");
    check(
        "\u{1b}[31m«b»\u{7f}\u{9b}\u{202e}",
        "  |\n1 | ␛[31mb␡\u{fffd}\u{fffd}\n  |      ^",
    );
    let shown = render_diagnostic(
        "a",
        Severity::Warning,
        "\u{1b}m",
        Span::new(0, 1),
        Some("\u{1b}l"),
        Some("a\nb"),
    );
    assert_eq!(shown, "warning: ␛m\n  |\n1 | a\n  | ^ ␛l\n  = help: a␊b");
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let cut = |before: usize, marked: usize, after: usize| {
        let text = format!(
            "{}{}{}",
            "a".repeat(before),
            "b".repeat(marked),
            "c".repeat(after)
        );
        render_diagnostic(
            &text,
            Severity::Note,
            "n",
            Span::new(before, before + marked),
            None,
            None,
        )
    };
    assert_eq!(
        cut(0, 2, 98),
        format!("note: n\n  |\n1 | bb{}\n  | ^^", "c".repeat(98))
    );
    assert_eq!(
        cut(0, 2, 99),
        format!("note: n\n  |\n1 | bb{}…\n  | ^^", "c".repeat(98))
    );
    assert_eq!(
        cut(1_000, 2, 1_000),
        format!(
            "note: n\n  |\n1 | …{}bb{}…\n  | {}^^",
            "a".repeat(30),
            "c".repeat(68),
            " ".repeat(31)
        )
    );
    for (before, marked, after) in [
        (0, 100_000, 0),
        (100_000, 0, 0),
        (99, 1, 1),
        (100, 1, 0),
        (50, 5_000, 50),
    ] {
        let shown = cut(before, marked, after);
        assert!(
            shown.lines().all(|line| line.chars().count() <= 108),
            "{before} {marked} {after}"
        );
    }
}

#[test]
fn any_span_is_moved_into_the_text() {
    for (start, end) in [
        (1, 1),
        (1, 2),
        (9, 3),
        (usize::MAX, usize::MAX),
        (0, usize::MAX),
        (usize::MAX, 0),
    ] {
        let shown = render_diagnostic("äb", Severity::Error, "no", Span::new(start, end), None, None);
        assert!(
            shown.starts_with("error: no\n  |\n1 | äb\n  | "),
            "{start}..{end}: {shown}"
        );
        assert!(shown.ends_with('^'), "{start}..{end}: {shown}");
    }
}

#[test]
fn lines_and_columns() {
    for (text, offset, expected) in [
        ("", 0, (1, 1)),
        ("abc", 2, (1, 3)),
        ("abc", 99, (1, 4)),
        ("a\nb", 1, (1, 2)),
        ("a\nb", 2, (2, 1)),
        ("ä\nöb", 5, (2, 2)),
        ("ä", 1, (1, 1)),
        ("a\r\nb", 3, (2, 1)),
    ] {
        assert_eq!(line_column(text, offset), expected, "{text:?} {offset}");
    }
}
