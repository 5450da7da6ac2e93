//! Trees of the commands that came to the language later.

use insq_syntax::ast::{
    Accum, AddTotals, AppendCols, AutoRegress, CidrLookup, Command, CountFrequent, Estimate, Expand,
    ExprKind, FillDown, FillMissing, Filter, Join, JoinKind, JsonField, Limit, Lookup, LookupMatch,
    LookupMode, LookupOutput, Name, NumberLiteral, Outlier, OutlierAction, Query, Sessionize, Source,
    SourceSelection, SourceTime, Unnest,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::trees::{NOWHERE, any_expr, any_leaf, any_name, any_period, placed};

/// A name that is no option of a command.
fn plain_name() -> impl Strategy<Value = Name> {
    "[b-d][0-9]{0,2}( x)?".prop_map(|text| Name { text, span: NOWHERE })
}

fn any_text() -> impl Strategy<Value = String> {
    "[a-z/#|\"'\\\\]{0,6}"
}

pub(super) fn any_source() -> impl Strategy<Value = Source> {
    let texts = || vec(any_text(), 0..3);
    let selection = prop_oneof![
        any_text().prop_map(|name| SourceSelection::LogGroup { name, span: NOWHERE }),
        (texts(), texts(), texts()).prop_map(|(prefixes, accounts, classes)| SourceSelection::LogGroups {
            prefixes,
            accounts,
            classes,
            span: NOWHERE
        }),
        texts().prop_map(|names| SourceSelection::DataSource { names, span: NOWHERE }),
    ];
    let time = || {
        option::of(prop_oneof![
            (-1_000_000_000_i64..1_000_000_000).prop_map(SourceTime::Relative),
            (1_000_000_000_000_i64..10_000_000_000_000).prop_map(SourceTime::Absolute),
        ])
    };
    (vec(selection, 1..3), time(), time()).prop_map(|(selections, start, end)| Source {
        selections,
        start,
        end,
        span: NOWHERE,
    })
}

fn any_subquery() -> impl Strategy<Value = Query> {
    let command = prop_oneof![
        any_expr().prop_map(|condition| Command::Filter(Filter {
            condition,
            span: NOWHERE
        })),
        (1_u64..).prop_map(|count| Command::Limit(Limit {
            count,
            any: false,
            span: NOWHERE
        })),
    ];
    (any_source(), vec(command, 0..2)).prop_map(|(source, others)| Query {
        commands: std::iter::once(Command::Source(source)).chain(others).collect(),
        span: NOWHERE,
    })
}

fn any_tables() -> impl Strategy<Value = Command> {
    let table = || "[a-z_-]{1,6}|[a-z ]{1,4}".prop_map(|text| Name { text, span: NOWHERE });
    let mode = || prop::sample::select(vec![LookupMode::Replace, LookupMode::FillMissing]);
    let output =
        || (any_name(), option::of(any_name())).prop_map(|(column, alias)| LookupOutput { column, alias });
    let matched =
        (plain_name(), option::of(any_name())).prop_map(|(column, field)| LookupMatch { column, field });
    prop_oneof![
        (table(), vec(matched, 1..3), mode(), vec(output(), 1..3)).prop_map(
            |(table, matches, mode, outputs)| {
                Command::Lookup(Lookup {
                    table,
                    matches,
                    mode,
                    outputs,
                    span: NOWHERE,
                })
            }
        ),
        (
            table(),
            plain_name(),
            option::of(any_name()),
            mode(),
            vec(output(), 1..3)
        )
            .prop_map(
                |(table, field, column, mode, outputs)| Command::CidrLookup(CidrLookup {
                    table,
                    field,
                    column,
                    mode,
                    outputs,
                    span: NOWHERE,
                })
            ),
        (
            prop::sample::select(vec![JoinKind::Inner, JoinKind::Left]),
            "[b-d]{1,3}",
            "[b-d]{1,3}",
            any_source()
        )
            .prop_map(|(kind, left_key, right_key, source)| {
                let name = |text: &str| Name {
                    text: text.to_owned(),
                    span: NOWHERE,
                };
                Command::Join(Box::new(Join {
                    kind,
                    left: name("l"),
                    right: name("r"),
                    left_key: name(&left_key),
                    right_key: name(&right_key),
                    sources: vec![source],
                    span: NOWHERE,
                }))
            }),
        (any::<bool>(), option::of(1_u64..1_000_000), any_subquery()).prop_map(|(replace, max, query)| {
            Command::AppendCols(AppendCols {
                replace,
                max,
                query,
                span: NOWHERE,
            })
        }),
        (plain_name(), any_subquery(), any::<bool>()).prop_map(|(field, query, negated)| {
            let value = Box::new(placed(ExprKind::Field(field)));
            let condition = placed(ExprKind::InQuery {
                value,
                query: Box::new(query),
                negated,
            });
            Command::Filter(Filter {
                condition,
                span: NOWHERE,
            })
        }),
    ]
}

fn any_series() -> impl Strategy<Value = Command> {
    let number = "[0-9]{1,2}(\\.[1-9])?".prop_map(|text| NumberLiteral {
        value: text.parse().unwrap(),
        text,
    });
    let totals = (
        any::<bool>(),
        any::<bool>(),
        option::of(any_name()),
        vec(plain_name(), 0..3),
    );
    let action = prop::sample::select(vec![OutlierAction::Remove, OutlierAction::Transform]);
    let outlier = (
        action,
        option::of(number),
        any::<bool>(),
        any::<bool>(),
        vec(plain_name(), 1..3),
    );
    let session = (
        vec(plain_name(), 1..3),
        option::of(any_period()),
        option::of(any_name()),
    );
    prop_oneof![
        totals.prop_map(|(row, col, name, fields)| Command::AddTotals(AddTotals {
            row,
            col,
            name,
            fields,
            span: NOWHERE
        })),
        (any_name(), 1_u32..500, 0_u32..500).prop_map(|(field, first, more)| Command::AutoRegress(
            AutoRegress {
                field,
                alias: None,
                first,
                last: first + more,
                span: NOWHERE,
            }
        )),
        (any_name(), option::of(any_name())).prop_map(|(field, alias)| Command::Accum(Accum {
            field,
            alias,
            span: NOWHERE
        })),
        vec(
            prop_oneof![
                any_name(),
                "[a-z]{0,2}\\*[a-z.]{0,2}".prop_map(|text| Name { text, span: NOWHERE })
            ],
            0..3
        )
        .prop_map(|patterns| Command::FillDown(FillDown {
            patterns,
            span: NOWHERE
        })),
        vec((any_leaf().prop_map(placed), any_name()), 0..3).prop_map(|values| Command::FillMissing(
            FillMissing {
                values,
                span: NOWHERE
            }
        )),
        outlier.prop_map(
            |(action, param, use_lower, mark, fields)| Command::Outlier(Outlier {
                action,
                param,
                use_lower,
                mark,
                fields,
                span: NOWHERE,
            })
        ),
        session.prop_map(|(fields, period, alias)| Command::Sessionize(Sessionize {
            fields,
            max_span: period.map(|period| (period, NOWHERE)),
            alias,
            span: NOWHERE,
        })),
        vec(any_name(), 1..3).prop_map(|fields| Command::CountFrequent(CountFrequent {
            fields,
            span: NOWHERE
        })),
    ]
}

/// `SOURCE` and `estimate` have places of their own, so queries of several commands hold none.
pub(super) fn any_later_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        any_tables(),
        any_series(),
        (any_name(), any_text(), any_name()).prop_map(|(source, path, alias)| Command::Json(JsonField {
            source,
            path,
            alias,
            span: NOWHERE,
        })),
        (any_expr(), any_name()).prop_map(|(source, name)| Command::Unnest(Unnest {
            source,
            name,
            span: NOWHERE
        })),
        any_name().prop_map(|field| Command::Expand(Expand { field, span: NOWHERE })),
        (1_u64..).prop_map(|count| Command::Tail(Limit {
            count,
            any: false,
            span: NOWHERE
        })),
        plain_name().prop_map(|field| {
            let condition = placed(ExprKind::In {
                value: Box::new(placed(ExprKind::Field(field))),
                list: vec![placed(ExprKind::Null)],
                negated: false,
            });
            Command::FilterIndex(Filter {
                condition,
                span: NOWHERE,
            })
        }),
    ]
}

/// A query that begins with sources, or ends with an estimate.
pub(super) fn any_framed_query() -> impl Strategy<Value = Query> {
    (
        vec(any_source(), 0..3),
        vec(any_later_command(), 0..2),
        any::<bool>(),
    )
        .prop_map(|(sources, others, ends)| {
            let estimate = ends.then_some(Command::Estimate(Estimate { span: NOWHERE }));
            Query {
                commands: sources
                    .into_iter()
                    .map(Command::Source)
                    .chain(others)
                    .chain(estimate)
                    .collect(),
                span: NOWHERE,
            }
        })
}
