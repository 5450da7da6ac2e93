//! Calls of functions: binding.

use insq_event::ColumnType;
use insq_functions::{
    Param, ResultType, Scalar, ScalarFunction, Signature, aggregate_function, aggregate_functions,
    concurrency_function, concurrency_functions, scalar_function, scalar_functions,
};
use insq_syntax::Span;
use insq_syntax::ast::{self, ExprKind, Name};

use super::constant;
use super::environment::Environment;
use super::expression::{bind_condition, bind_value};
use super::options::ServiceRules;
use super::service::SERVICE_CASE_PAIRS_MAX;
use super::structure::{bind_json_text, bind_structure};
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;

/// Functions whose first argument is always `@timestamp` and is not written.
const READS_TIMESTAMP: &str = "bin";

pub(super) fn bind_call(
    name: &Name,
    arguments: &[ast::Expr],
    span: Span,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    let scalar = scalar_function(&name.text);
    if let Some(function) = aggregate_function(&name.text).filter(|_| !(env.is_rows() && scalar.is_some())) {
        return env.aggregate(function, name, arguments, span);
    }
    if let Some(function) = concurrency_function(&name.text) {
        return env.concurrency(function, name, arguments, span);
    }
    let Some(function) = scalar else {
        return Err(unknown(name));
    };
    let implied = function.name == READS_TIMESTAMP;
    check_arity(name, &function.signature, arguments.len(), usize::from(implied))?;
    check_call(function, arguments.len(), span, env)?;
    let mut bound = Vec::with_capacity(arguments.len() + usize::from(implied));
    if implied {
        bound.push(env.timestamp(name)?);
    }
    for argument in arguments {
        let param = param_of(&function.signature, bound.len());
        bound.push(bind_argument(function.name, bound.len(), argument, param, env)?);
    }
    Ok(finish_call(function, bound))
}

/// True for the name of a function that belongs into `stats`.
pub(super) fn is_aggregate(name: &str) -> bool {
    aggregate_function(name).is_some() || concurrency_function(name).is_some()
}

/// Converts an argument to what the parameter takes.
pub(super) fn bind_argument(
    function: &str,
    idx: usize,
    argument: &ast::Expr,
    param: Param,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    let wrong = |expected: &str| {
        let kind = PlanErrorKind::WrongArgument {
            name: function.to_owned(),
            what: format!("argument {}", idx + 1),
            expected: expected.to_owned(),
        };
        PlanError::new(kind, argument.span)
    };
    match param {
        Param::Bool => bind_condition(argument, env),
        Param::Value => bind_value(argument, env),
        Param::Json => bind_structure(argument, env),
        Param::JsonText => bind_json_text(argument, env),
        Param::Number => Ok(bind_value(argument, env)?.converted(ColumnType::Number)),
        Param::Text => Ok(bind_value(argument, env)?.converted(ColumnType::Text)),
        Param::Time => Ok(bind_value(argument, env)?.converted(ColumnType::Time)),
        Param::Period => match argument.kind {
            ExprKind::Period(period) => {
                let period = clamped(period, argument.span, env);
                let shift_ms = env.binder().bin_offset_ms;
                let period = Scalar::Period(constant::period(period, env.binder().options.zone, shift_ms));
                Ok(Expr::Constant(period, ColumnType::Number))
            }
            _ => Err(wrong("a length of time such as `5m`")),
        },
        Param::ConstantNumber => match bind_value(argument, env)? {
            number @ Expr::Constant(Scalar::Number(_), _) => Ok(number),
            _ => Err(wrong("a number, written out")),
        },
        Param::ConstantText => match bind_value(argument, env)? {
            text @ Expr::Constant(Scalar::Text(_), _) => Ok(text),
            _ => Err(wrong("a text in quotes")),
        },
    }
}

/// The service cuts `300s` to 60s without a word; here it is what is written, with one, unless its rules hold.
fn clamped(period: ast::Period, span: Span, env: &mut dyn Environment) -> ast::Period {
    let Some(cap) = period.unit.service_cap().filter(|cap| period.count > *cap) else {
        return period;
    };
    let clamped = ast::Period {
        count: cap,
        unit: period.unit,
    };
    let is_cut = env.binder().options.service == ServiceRules::Enforced;
    let rest = if is_cut {
        ", and so it is taken here"
    } else {
        "; here it is what is written"
    };
    let message = format!("the service takes `{period}` for `{clamped}`{rest}");
    env.binder().warn(span, message);
    if is_cut { clamped } else { period }
}

/// What is to be said of a call beside its arguments.
fn check_call(
    function: &ScalarFunction,
    n_arguments: usize,
    span: Span,
    env: &mut dyn Environment,
) -> Result<(), PlanError> {
    let range = env.binder().options.time_range;
    let own = env.binder().range;
    let is_open = own.unwrap_or(range);
    let lacks = match function.name {
        "queryStartTime" => is_open.start_ms.is_none(),
        "queryEndTime" => is_open.end_ms.is_none(),
        "queryTimeRange" => is_open.start_ms.is_none() || is_open.end_ms.is_none(),
        _ => false,
    };
    if lacks {
        let message = format!(
            "`{}` is missing, since the query has no such bound of time; give one from outside or with `SOURCE`",
            function.name
        );
        env.binder().warn(span, message);
    }
    if function.name == "case" && n_arguments / 2 > SERVICE_CASE_PAIRS_MAX {
        let reason = format!("`case` has at most {SERVICE_CASE_PAIRS_MAX} conditions");
        env.binder().service_refuses(reason, span)?;
    }
    Ok(())
}

/// The parameter that argument number `idx` fills. The arity has been checked.
pub(super) fn param_of(signature: &Signature, idx: usize) -> Param {
    match signature.params.get(idx) {
        Some(param) => *param,
        None => signature.variadic[(idx - signature.params.len()) % signature.variadic.len().max(1)],
    }
}

/// Checks the number of arguments; `implied` parameters are not written.
pub(super) fn check_arity(
    name: &Name,
    signature: &Signature,
    found: usize,
    implied: usize,
) -> Result<(), PlanError> {
    let (least, most) = (signature.required - implied, signature.params.len() - implied);
    if found >= least && (found <= most || !signature.variadic.is_empty()) {
        return Ok(());
    }
    let expected = match (least, most, signature.variadic.is_empty()) {
        (_, _, false) => format!("at least {}", arguments(least)),
        (0, 0, _) => "no arguments".to_owned(),
        (least, most, _) if least == most => arguments(least),
        (least, most, _) => format!("{least} to {}", arguments(most)),
    };
    let kind = PlanErrorKind::WrongArity {
        name: name.text.clone(),
        expected,
        found,
    };
    Err(PlanError::new(kind, name.span))
}

fn arguments(count: usize) -> String {
    if count == 1 {
        "1 argument".to_owned()
    } else {
        format!("{count} arguments")
    }
}

fn finish_call(function: &'static ScalarFunction, mut arguments: Vec<Expr>) -> Expr {
    let column_type = match function.result {
        ResultType::Fixed(ty) => ty,
        ResultType::OfArgument(idx) => arguments[idx].column_type(),
        ResultType::CommonOf(is_value) => {
            let count = arguments.len();
            let common = common_type(
                arguments
                    .iter()
                    .enumerate()
                    .filter(|(idx, _)| is_value(*idx, count))
                    .map(|(_, argument)| argument),
            );
            arguments = arguments
                .into_iter()
                .enumerate()
                .map(|(idx, argument)| {
                    if is_value(idx, count) {
                        argument.converted(common)
                    } else {
                        argument
                    }
                })
                .collect();
            common
        }
    };
    Expr::Call {
        function,
        arguments,
        column_type,
    }
}

/// The type that holds all of these values without loss. Constants of null fit any type.
fn common_type<'a>(values: impl Iterator<Item = &'a Expr>) -> ColumnType {
    let types = values
        .filter(|value| !matches!(value, Expr::Constant(Scalar::Null, _)))
        .map(Expr::column_type);
    types
        .reduce(|a, b| match (a, b) {
            (a, b) if a == b => a,
            (ColumnType::Number, ColumnType::Bool) | (ColumnType::Bool, ColumnType::Number) => {
                ColumnType::Number
            }
            // Every value is one of JSON, too.
            (ColumnType::Json, _) | (_, ColumnType::Json) => ColumnType::Json,
            _ => ColumnType::Any,
        })
        .unwrap_or(ColumnType::Any)
}

/// What other languages call functions that exist here under another name.
const FOREIGN: &[(&str, &str)] = &[
    ("len", "strlen"),
    ("length", "strlen"),
    ("lower", "tolower"),
    ("upper", "toupper"),
    ("percentile", "pct"),
    ("p50", "pct(…, 50)"),
    ("p90", "pct(…, 90)"),
    ("p95", "pct(…, 95)"),
    ("p99", "pct(…, 99)"),
    ("mean", "avg"),
    ("average", "avg"),
    ("countif", "sum(if(condition, 1, 0))"),
    ("count_if", "sum(if(condition, 1, 0))"),
    ("dc", "count_distinct"),
    ("distinct_count", "count_distinct"),
    ("isnumber", "isNumeric"),
    ("contains", "strcontains"),
    ("iff", "if"),
    ("isnull", "not ispresent"),
    ("isnotnull", "ispresent"),
    ("substring", "substr"),
    ("date_trunc", "datefloor"),
    ("ago", "now"),
];

fn unknown(name: &Name) -> PlanError {
    let similar = FOREIGN
        .iter()
        .find(|(foreign, _)| foreign.eq_ignore_ascii_case(&name.text))
        .map(|(_, ours)| (*ours).to_owned())
        .or_else(|| nearest(&name.text));
    PlanError::new(
        PlanErrorKind::UnknownFunction {
            name: name.text.clone(),
            similar,
        },
        name.span,
    )
}

/// Below this similarity a suggestion would rather confuse.
const SIMILARITY_MIN: f64 = 0.8;

fn nearest(name: &str) -> Option<String> {
    let names = scalar_functions()
        .iter()
        .map(|f| f.name)
        .chain(aggregate_functions().iter().map(|f| f.name))
        .chain(concurrency_functions().iter().map(|f| f.name));
    names
        .map(|known| {
            (
                strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase()),
                known,
            )
        })
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known.to_owned())
}
