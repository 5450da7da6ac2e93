//! What holds for every tree and every text.

#![allow(clippy::unwrap_used, clippy::panic)]

use insq_syntax::ast::{
    BinaryOperator, Command, Dedup, Display, Expr, ExprKind, Fields, Filter, LikePattern, Limit, Name,
    NumberLiteral, Parse, ParsePattern, Period, PeriodUnit, Query, RegexLiteral, SelectItem, Sort,
    SortDirection, SortKey, Stats, UnaryOperator,
};
use insq_syntax::{Severity, Span, line_column, parse, render_diagnostic};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const NOWHERE: Span = Span::new(0, 0);

fn any_name() -> impl Strategy<Value = Name> {
    let words = prop::sample::select(vec![
        "count", "by", "not", "and", "in", "like", "true", "null", "as", "desc", "offset", "group", "case",
        "limit", "@message", "@", "a.0.b", "source",
    ]);
    prop_oneof![
        words.prop_map(str::to_owned),
        "[a-z_@][a-z0-9_]{0,5}(\\.[a-z0-9]{1,3}){0,2}",
        "[a-z@0-9. /|#'\"-]{1,8}"
    ]
    .prop_map(|text| Name { text, span: NOWHERE })
}

fn any_regex(inner: &'static str) -> impl Strategy<Value = RegexLiteral> {
    inner.prop_map(|pattern| RegexLiteral {
        pattern,
        span: NOWHERE,
    })
}

fn any_period() -> impl Strategy<Value = Period> {
    use PeriodUnit::{Day, Hour, Millisecond, Minute, Month, Quarter, Second, Week, Year};
    let unit = prop::sample::select(vec![
        Millisecond,
        Second,
        Minute,
        Hour,
        Day,
        Week,
        Month,
        Quarter,
        Year,
    ]);
    (1_u32.., unit).prop_map(|(count, unit)| Period { count, unit })
}

fn any_leaf() -> impl Strategy<Value = ExprKind> {
    let number = "(0|[1-9][0-9]{0,4})(\\.[0-9]{1,3})?(e-?[0-9])?".prop_map(|text| {
        ExprKind::Number(NumberLiteral {
            value: text.parse().unwrap(),
            text,
        })
    });
    prop_oneof![
        4 => any_name().prop_map(ExprKind::Field),
        2 => number,
        2 => "[a-z\\\\\"'#|/*\t\n ä]{0,6}".prop_map(ExprKind::Text),
        1 => any_period().prop_map(ExprKind::Period),
        1 => any::<bool>().prop_map(ExprKind::Bool),
        1 => Just(ExprKind::Null),
    ]
}

fn any_operator() -> impl Strategy<Value = BinaryOperator> {
    use BinaryOperator::{
        Add, And, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Multiply, NotEqual, Or, Power,
        Remainder, Subtract,
    };
    prop::sample::select(vec![
        Add,
        Subtract,
        Multiply,
        Divide,
        Remainder,
        Power,
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        And,
        Or,
    ])
}

fn placed(kind: ExprKind) -> Expr {
    Expr { kind, span: NOWHERE }
}

fn any_expr() -> impl Strategy<Value = Expr> {
    any_leaf().prop_map(placed).prop_recursive(5, 40, 3, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let unary = prop::sample::select(vec![UnaryOperator::Not, UnaryOperator::Negate]);
        let pattern = prop_oneof![
            any_regex("[a-z.][a-z.*+0-9]{0,3}[a-z/]{1,4}").prop_map(LikePattern::Regex),
            boxed().prop_map(LikePattern::Text)
        ];
        // Names of calls that are never read as something else.
        let call = ("[f-h][0-9]?", vec(inner.clone(), 0..3));
        prop_oneof![
            (unary, boxed()).prop_map(|(operator, operand)| ExprKind::Unary { operator, operand }),
            (any_operator(), boxed(), boxed()).prop_map(|(operator, left, right)| ExprKind::Binary {
                operator,
                left,
                right
            }),
            (boxed(), vec(inner.clone(), 0..3), any::<bool>())
                .prop_map(|(value, list, negated)| ExprKind::In { value, list, negated }),
            (boxed(), pattern, any::<bool>()).prop_map(|(value, pattern, negated)| ExprKind::Like {
                value,
                pattern,
                negated
            }),
            call.prop_map(|(name, arguments)| ExprKind::Call {
                name: Name {
                    text: name,
                    span: NOWHERE
                },
                arguments
            }),
            Just(ExprKind::Call {
                name: Name {
                    text: "count".to_owned(),
                    span: NOWHERE
                },
                arguments: vec![placed(ExprKind::Star)],
            }),
        ]
        .prop_map(placed)
    })
}

fn any_item() -> impl Strategy<Value = SelectItem> {
    (any_expr(), option::of(any_name())).prop_map(|(expr, alias)| SelectItem {
        expr,
        alias,
        text: String::new(),
    })
}

fn any_items() -> impl Strategy<Value = Vec<SelectItem>> {
    vec(any_item(), 1..4)
}

/// Aliases of one `stats` differ.
fn without_repeated_aliases(mut stats: Stats) -> Stats {
    let mut seen = std::collections::HashSet::new();
    for item in stats.aggregates.iter_mut().chain(&mut stats.keys) {
        item.alias = item.alias.take().filter(|alias| seen.insert(alias.text.clone()));
    }
    stats
}

fn any_pattern() -> impl Strategy<Value = ParsePattern> {
    let glob = "[a-z*\\\\\" \t|#]{0,8}".prop_flat_map(|pattern| {
        let n_names = pattern.matches('*').count().max(1);
        vec(any_name(), n_names..=n_names).prop_map(move |names| ParsePattern::Glob {
            pattern: pattern.clone(),
            span: NOWHERE,
            names,
        })
    });
    let named = any_regex("x[a-z/]{0,3}\\(\\?<[a-z]{1,3}>[a-z.]\\)").prop_map(|regex| ParsePattern::Regex {
        regex,
        names: Vec::new(),
    });
    let unnamed =
        (any_regex("[a-z/]{0,3}\\([a-z.]\\)"), any_name()).prop_map(|(regex, name)| ParsePattern::Regex {
            regex,
            names: vec![name],
        });
    prop_oneof![glob, named, unnamed]
}

fn any_command() -> impl Strategy<Value = Command> {
    let direction = prop::sample::select(vec![SortDirection::Ascending, SortDirection::Descending]);
    let key = (any_expr(), direction).prop_map(|(expr, direction)| SortKey { expr, direction });
    let offset = option::of(any_period().prop_map(|period| (period, NOWHERE)));
    prop_oneof![
        any_items().prop_map(|items| Command::Fields(Fields { items, span: NOWHERE })),
        any_items().prop_map(|items| Command::Display(Display { items, span: NOWHERE })),
        any_expr().prop_map(|condition| Command::Filter(Filter {
            condition,
            span: NOWHERE
        })),
        (any_items(), vec(any_item(), 0..3), offset).prop_map(|(aggregates, keys, offset)| {
            Command::Stats(without_repeated_aliases(Stats {
                aggregates,
                keys,
                offset,
                span: NOWHERE,
            }))
        }),
        vec(key, 1..3).prop_map(|keys| Command::Sort(Sort { keys, span: NOWHERE })),
        (1_u64..).prop_map(|count| Command::Limit(Limit { count, span: NOWHERE })),
        (option::of(any_expr()), any_pattern()).prop_map(|(source, pattern)| Command::Parse(Parse {
            source,
            pattern,
            span: NOWHERE
        })),
        vec(any_name(), 1..3).prop_map(|fields| Command::Dedup(Dedup {
            fields,
            span: NOWHERE
        })),
    ]
}

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
        let is_remark_on_order = |message: &str| message.contains("`dedup`");
        prop_assert!(again.warnings.iter().all(|warning| is_remark_on_order(&warning.message)), "{:?}", again.warnings);
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
