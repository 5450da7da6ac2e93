//! What holds for every tree and every text.

#![allow(clippy::unwrap_used, clippy::panic)]

mod later;
mod trees;

use insq_syntax::ast::{Command, Query};
use insq_syntax::{Severity, Span, line_column, parse, render_diagnostic};
use proptest::collection::vec;
use proptest::prelude::*;

use later::any_framed_query;
use trees::{NOWHERE, any_command};

/// Pieces that make texts which nearly are queries.
fn any_near_query() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "fields",
        "filter",
        "stats",
        "sort",
        "limit",
        "parse",
        "dedup",
        "by",
        "as",
        "and",
        "or",
        "not",
        "in",
        "like",
        "count",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "'",
        "`",
        "/",
        "\\",
        "|",
        ",",
        "=",
        "!=",
        "==",
        "~=",
        "<",
        "-",
        "*",
        "%",
        "^",
        "!",
        "#",
        "//",
        "--",
        "\n",
        " ",
        "5",
        "5m",
        "1.5",
        "a",
        "@message",
        "ä",
        "“",
        "{{x}}",
        "$x",
        ".",
        "\t",
        "\u{feff}",
        "0",
        "bin",
        "null",
        "case",
        "when",
        "is",
        "desc",
        "offset",
        "group",
        "\u{1b}[31m",
        "SOURCE",
        "unnest",
        "into",
        "lookup",
        "OUTPUT",
        "join",
        "left=",
        "where",
        "appendcols",
        "p=1-3",
        "logfmt",
        "multi",
        "fillmissing with",
        "for",
        "logGroups(",
        "START=-1d",
        ".b[0]",
    ]);
    vec((piece, any::<bool>()), 0..40).prop_map(|pieces| {
        pieces
            .iter()
            .map(|(piece, blank)| format!("{piece}{}", if *blank { " " } else { "" }))
            .collect()
    })
}

/// The text is read or refused; what is said about it can be shown; what is read prints and reads again.
fn survives(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Err(error) => {
            let shown = error.render(text);
            prop_assert!(
                !shown.contains(|c: char| c.is_control() && c != '\n'),
                "{shown:?}"
            );
            prop_assert_eq!(error.span.clamped(text), error.span, "{}", error);
        }
        Ok(parsed) => {
            for warning in &parsed.warnings {
                prop_assert_eq!(warning.span.clamped(text), warning.span, "{}", warning.message);
            }
            let canonical = parsed.query.to_string();
            let again = parse(&canonical);
            prop_assert!(again.is_ok(), "{text:?} prints as {canonical:?}: {again:?}");
            prop_assert_eq!(again.unwrap().query.to_string(), canonical);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_the_same(commands in vec(any_command(), 0..4)) {
        let query = Query { commands, span: NOWHERE };
        let canonical = query.to_string();
        let again = parse(&canonical);
        prop_assert!(again.is_ok(), "{}: {}", canonical, again.unwrap_err());
        let again = again.unwrap();
        prop_assert_eq!(again.query.to_string(), canonical);
        let is_remark_on_order = |message: &str| message.contains("`dedup`") || message.contains("`tail`");
        prop_assert!(again.warnings.iter().all(|warning| is_remark_on_order(&warning.message)), "{:?}", again.warnings);
    }

    #[test]
    fn sources_and_estimates_read_the_same(query in any_framed_query()) {
        let canonical = query.to_string();
        let again = parse(&canonical);
        prop_assert!(again.is_ok(), "{}: {}", canonical, again.unwrap_err());
        prop_assert_eq!(again.unwrap().query.to_string(), canonical);
    }

    #[test]
    fn formatting_twice_is_formatting_once(query in any_framed_query(), more in vec(any_command(), 0..3)) {
        let query = Query { commands: query.commands.into_iter().filter(|c| !matches!(c, Command::Estimate(_))).chain(more).collect(), span: NOWHERE };
        // Names of columns are those of the printed text.
        let text = query.to_string().replace('\n', " # a remark\n");
        let formatted = insq_syntax::format(&text);
        prop_assert!(formatted.is_ok(), "{}: {:?}", text, formatted);
        let formatted = formatted.unwrap();
        prop_assert_eq!(insq_syntax::format(&formatted).unwrap(), formatted.clone());
        prop_assert_eq!(parse(&formatted).unwrap().query.to_string(), parse(&text).unwrap().query.to_string());
        prop_assert_eq!(formatted.matches("# a remark").count(), text.matches("# a remark").count());
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}") {
        survives(&text)?;
    }

    #[test]
    fn any_near_query_is_read_or_refused(text in any_near_query()) {
        survives(&text)?;
    }

    #[test]
    fn a_query_cut_anywhere_is_read_or_refused(commands in vec(any_command(), 1..4), cut in any::<prop::sample::Index>()) {
        let text = Query { commands, span: NOWHERE }.to_string();
        let end = text.floor_char_boundary(cut.index(text.len() + 1));
        survives(&text[..end])?;
    }

    #[test]
    fn any_place_can_be_shown(text in "[a-zä\t\r\n\u{1b}\u{202e}]{0,300}", start in 0_usize..400, end in 0_usize..400) {
        let shown = render_diagnostic(&text, Severity::Note, "m", Span::new(start, end), None, None);
        let has_raw = shown.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}');
        prop_assert!(!has_raw, "{:?}", shown);
        prop_assert!(shown.contains('^'));
        let (line, column) = line_column(&text, start);
        prop_assert!(line >= 1 && column >= 1);
    }
}
