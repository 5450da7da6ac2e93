//! Every limit on both sides, and texts that are there to do harm.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::{Duration, Instant};

use insq_syntax::{
    COMMANDS_MAX, ITEMS_MAX, LIST_ITEMS_MAX, NESTING_MAX, Parsed, QUERY_BYTES_MAX, SyntaxError,
    SyntaxErrorKind, TREE_HEIGHT_MAX, WARNINGS_MAX, parse,
};

/// Of a thread; others have at least as much.
const STACK_BYTES: usize = 1 << 20;

/// Parses, prints and drops on a small stack, and tells how long parsing took.
fn on_small_stack(text: String) -> (Result<String, SyntaxErrorKind>, Duration) {
    let work = move || {
        let start = Instant::now();
        let parsed = parse(&text);
        let took = start.elapsed();
        (
            parsed
                .map(|parsed: Parsed| parsed.query.to_string())
                .map_err(|error: SyntaxError| error.kind),
            took,
        )
    };
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap()
}

fn check_taken(text: String) {
    let start: String = text.chars().take(60).collect();
    if let Err(kind) = on_small_stack(text).0 {
        panic!("{start}…: {kind}");
    }
}

fn check_refused(text: String, expected: impl Fn(&SyntaxErrorKind) -> bool) {
    let start: String = text.chars().take(60).collect();
    match on_small_stack(text).0 {
        Ok(_) => panic!("{start}… was taken"),
        Err(kind) => assert!(expected(&kind), "{start}…: {kind}"),
    }
}

fn is_too_deep(kind: &SyntaxErrorKind) -> bool {
    *kind == SyntaxErrorKind::NestingTooDeep { limit: NESTING_MAX }
}

fn is_too_many(limit: usize) -> impl Fn(&SyntaxErrorKind) -> bool {
    move |kind| matches!(kind, SyntaxErrorKind::TooMany { limit: found, .. } if *found == limit)
}

#[test]
fn nesting() {
    for (open, close) in [
        ("(", ")"),
        ("f(", ")"),
        ("a in [", "]"),
        ("not ", ""),
        ("!", ""),
        ("- ", ""),
        ("1 ^ ", ""),
    ] {
        let nested = |depth: usize| format!("filter {}a{}", open.repeat(depth), close.repeat(depth));
        check_taken(nested(NESTING_MAX));
        check_refused(nested(NESTING_MAX + 1), is_too_deep);
    }
    // Every operator on the way down to the next bracket.
    check_taken(format!(
        "filter {}a{}",
        "a or b and not c = d + e * (".repeat(40),
        ")".repeat(40)
    ));
}

#[test]
fn tree_height() {
    let sum = |terms: usize| format!("fields {}", vec!["a"; terms].join(" - "));
    check_taken(sum(TREE_HEIGHT_MAX));
    check_refused(sum(TREE_HEIGHT_MAX + 1), |kind| {
        *kind
            == SyntaxErrorKind::TreeTooHigh {
                limit: TREE_HEIGHT_MAX,
            }
    });
    // Brackets group long sums.
    let part = format!("({})", vec!["a"; 100].join(" + "));
    check_taken(format!("fields {}", vec![part; 100].join(" + ")));
}

#[test]
fn items() {
    let items = |n: usize| vec!["a"; n].join(",");
    check_taken(format!("fields {}", items(ITEMS_MAX)));
    check_refused(format!("fields {}", items(ITEMS_MAX + 1)), is_too_many(ITEMS_MAX));
    check_refused(format!("dedup {}", items(ITEMS_MAX + 1)), is_too_many(ITEMS_MAX));
    check_taken(format!("filter a in [{}]", items(LIST_ITEMS_MAX)));
    check_refused(
        format!("filter a in [{}]", items(LIST_ITEMS_MAX + 1)),
        is_too_many(LIST_ITEMS_MAX),
    );
    check_taken(format!("fields f({})", items(LIST_ITEMS_MAX)));
    check_refused(
        format!("fields f({})", items(LIST_ITEMS_MAX + 1)),
        is_too_many(LIST_ITEMS_MAX),
    );
}

#[test]
fn commands() {
    let commands = |n: usize| vec!["limit 5"; n].join("|");
    check_taken(commands(COMMANDS_MAX));
    check_refused(commands(COMMANDS_MAX + 1), is_too_many(COMMANDS_MAX));
}

#[test]
fn length() {
    let text = |bytes: usize| format!("fields a{}", " ".repeat(bytes - "fields a".len()));
    check_taken(text(QUERY_BYTES_MAX));
    check_refused(text(QUERY_BYTES_MAX + 1), |kind| {
        *kind
            == SyntaxErrorKind::QueryTooLong {
                limit: QUERY_BYTES_MAX,
            }
    });
}

#[test]
fn warnings() {
    let parsed = parse(&format!("fields a{}", ",".repeat(WARNINGS_MAX + 50))).unwrap();
    assert_eq!(parsed.warnings.len(), WARNINGS_MAX);
}

#[test]
fn thousands_of_conditions() {
    for word in ["and", "or"] {
        check_taken(format!(
            "filter {}",
            vec!["a = 1"; 20_000].join(&format!(" {word} "))
        ));
    }
    check_taken(format!("filter {}", vec!["a = 1 and not b"; 10_000].join(" or ")));
}

/// Much of each piece is refused or read at once. The bound is loose, as tests run on busy machines without an
/// optimiser: it finds what is quadratic, which would take minutes.
#[test]
fn repetition_takes_little_time() {
    const TEXT_BYTES: usize = QUERY_BYTES_MAX / 8;
    const PIECES: &[&str] = &[
        "(",
        "[",
        "{",
        ")",
        "not ",
        "!",
        "-",
        "- ",
        "--\n",
        "// \n",
        "#\n",
        "a=1 and ",
        "a or ",
        "a+",
        "a,",
        ",",
        "\"",
        "'",
        "`",
        "/",
        "\\",
        "|",
        "| ",
        "a|",
        "f(",
        "a in [",
        "a in (",
        "a like /",
        "like ",
        "a like ",
        "1",
        "1 ",
        "1 ^ ",
        ".",
        "a.",
        "a[",
        "a[0]",
        "in ",
        "by ",
        "as ",
        "case ",
        "case when ",
        "count ",
        "count(",
        "median(",
        "{{",
        "$",
        "\\\"",
        "“",
        "ä",
        "\u{feff}",
        "\n",
        "is ",
        "a is not ",
        "(a",
        "(a|",
        "*",
        "%",
        "a b ",
        "source ",
        "limit 5|",
        "sort by ",
        "a as ",
        "/(",
        "/[",
        "\"a\" and ",
        "not in ",
        "5 minutes ",
        "a // b\n",
        "dedup a|",
    ];
    for prefix in [
        "",
        "fields ",
        "filter ",
        "stats ",
        "sort ",
        "parse ",
        "parse /",
        "dedup ",
        "limit ",
        "filter a in [",
    ] {
        for piece in PIECES {
            let n_pieces = TEXT_BYTES / piece.len();
            let (_, took) = on_small_stack(format!("{prefix}{}", piece.repeat(n_pieces)));
            if took > Duration::from_millis(300) {
                println!("{prefix}{piece}…: {took:?}");
            }
            assert!(took < Duration::from_secs(5), "{prefix}{piece}…: {took:?}");
        }
    }
}

/// Generous, because other work may interrupt the test; the place of the error tells how far reading went.
const AT_ONCE: Duration = Duration::from_millis(500);

#[test]
fn a_megabyte_of_brackets_is_refused_at_once() {
    for piece in ["(", "not ", "- ", "f(", "1 ^ "] {
        let text = format!("filter {}", piece.repeat((QUERY_BYTES_MAX - 7) / piece.len()));
        let (refused, took) = on_small_stack(text.clone());
        assert!(refused.is_err_and(|kind| is_too_deep(&kind)), "{piece}");
        let end = parse(&text).unwrap_err().span.end;
        assert!(
            end <= "filter ".len() + piece.len() * (NESTING_MAX + 1),
            "{piece}: {end}"
        );
        assert!(took < AT_ONCE, "{piece}: {took:?}");
    }
}

#[test]
fn lags() {
    assert!(insq_syntax::parse(&format!("autoregress n p={}", insq_syntax::LAGS_MAX)).is_ok());
    assert!(insq_syntax::parse(&format!("autoregress n p={}", insq_syntax::LAGS_MAX + 1)).is_err());
}
