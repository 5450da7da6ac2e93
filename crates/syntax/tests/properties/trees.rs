//! Trees of any shape that the parser can make.

use insq_syntax::Span;
use insq_syntax::ast::{
    BinaryOperator, Command, Dedup, Display, Expr, ExprKind, Fields, Filter, LikePattern, Limit, Name,
    NumberLiteral, Parse, ParsePattern, Period, PeriodUnit, RegexLiteral, SelectItem, Sort, SortDirection,
    SortKey, Stats, UnaryOperator,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub(super) const NOWHERE: Span = Span::new(0, 0);

pub(super) fn any_name() -> impl Strategy<Value = Name> {
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

pub(super) fn any_period() -> impl Strategy<Value = Period> {
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

pub(super) fn any_leaf() -> impl Strategy<Value = ExprKind> {
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

pub(super) fn placed(kind: ExprKind) -> Expr {
    Expr { kind, span: NOWHERE }
}

pub(super) fn any_expr() -> impl Strategy<Value = Expr> {
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
            (
                "[f-h][0-9]?",
                vec(inner.clone(), 0..2),
                "[a-z0-9]{1,3}(\\.[a-z0-9 ]{1,3}){0,2}"
            )
                .prop_map(|(name, arguments, path)| ExprKind::Path {
                    value: Box::new(placed(ExprKind::Call {
                        name: Name {
                            text: name,
                            span: NOWHERE
                        },
                        arguments
                    })),
                    path: Name {
                        text: path,
                        span: NOWHERE
                    },
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

pub(super) fn any_items() -> impl Strategy<Value = Vec<SelectItem>> {
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
        multi: false,
    });
    let unnamed =
        (any_regex("[a-z/]{0,3}\\([a-z.]\\)"), any_name()).prop_map(|(regex, name)| ParsePattern::Regex {
            regex,
            names: vec![name],
            multi: true,
        });
    let logfmt = any_name().prop_map(|name| ParsePattern::Logfmt { name });
    let csv = vec(any_name(), 1..4).prop_map(|names| ParsePattern::Csv { names });
    prop_oneof![glob, named, unnamed, logfmt, csv]
}

pub(super) fn any_command() -> impl Strategy<Value = Command> {
    let direction = prop::sample::select(vec![SortDirection::Ascending, SortDirection::Descending]);
    let key = (any_expr(), option::of(any_name()), direction).prop_map(|(expr, alias, direction)| SortKey {
        expr,
        alias,
        direction,
    });
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
        (1_u64.., any::<bool>()).prop_map(|(count, any)| Command::Limit(Limit {
            count,
            any,
            span: NOWHERE
        })),
        (option::of(any_expr()), any_pattern()).prop_map(|(source, pattern)| Command::Parse(Parse {
            source,
            pattern,
            span: NOWHERE
        })),
        vec(any_name(), 1..3).prop_map(|fields| Command::Dedup(Dedup {
            fields,
            span: NOWHERE
        })),
        super::later::any_later_command(),
    ]
}
