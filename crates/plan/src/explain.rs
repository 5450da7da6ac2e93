//! Plans as text.

use insq_functions::{ArithmeticOp, CompareOp, Scalar, Step as PeriodStep, format_number, format_time};
use insq_syntax::ast::SortDirection;

use crate::column::{ColumnId, Columns};
use crate::expr::Expr;
use crate::logical::{Aggregate, Extract, ExtractPattern, GroupOrder, LogicalPlan, Scan, SortKey, Step};
use crate::optimize::{describe_literals, describe_range};

/// The plan as a tree, the last step on top.
pub fn explain(plan: &LogicalPlan) -> String {
    let names: Vec<&str> = plan.output.iter().map(|column| column.name.as_str()).collect();
    let mut lines = vec![format!("Output {}", names.join(", "))];
    lines.extend(
        plan.steps
            .iter()
            .rev()
            .map(|step| explain_step(step, &plan.columns)),
    );
    lines.push(explain_scan(&plan.scan, &plan.columns));
    let mut text = String::new();
    for (number, subplan) in plan.subplans.iter().enumerate() {
        text.push_str(&format!("Sub-query {} for {}\n", number + 1, subplan.purpose));
        for line in explain(&subplan.plan).lines() {
            text.push_str(&format!("  {line}\n"));
        }
    }
    for (depth, line) in lines.iter().enumerate() {
        if depth > 0 {
            text.push_str(&"   ".repeat(depth - 1));
            text.push_str("└─ ");
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// What a scan reads, on one line.
pub fn explain_scan(scan: &Scan, columns: &Columns) -> String {
    let names: Vec<&str> = scan
        .columns
        .iter()
        .map(|binding| columns.name(binding.id))
        .collect();
    let mut text = format!("Scan fields=[{}]", names.join(", "));
    if scan.kinds != insq_event::EventKinds::ALL {
        text.push_str(&format!(" kinds=[{}]", scan.kinds));
    }
    if !scan.time_range.is_all() {
        text.push_str(&format!(" time=[{}]", describe_range(scan.time_range)));
    }
    if let Some(id) = &scan.request_id {
        text.push_str(&format!(" request={id:?}"));
    }
    if let Some(function) = &scan.function {
        text.push_str(&format!(" function={function:?}"));
    }
    for literals in &scan.literals {
        text.push_str(&format!(" holds=[{}]", describe_literals(literals)));
    }
    text
}

fn explain_step(step: &Step, columns: &Columns) -> String {
    match step {
        Step::Filter(condition) => format!("Filter {}", explain_expr(condition, columns)),
        Step::Compute(made) => {
            let made: Vec<String> = made
                .iter()
                .map(|computed| {
                    format!(
                        "{} = {}",
                        columns.name(computed.id),
                        explain_expr(&computed.expr, columns)
                    )
                })
                .collect();
            format!("Compute {}", made.join(", "))
        }
        Step::Extract(extract) => explain_extract(extract, columns),
        Step::Aggregate(aggregate) => explain_aggregate(aggregate, columns),
        Step::Sort(keys) => format!("Sort {}", explain_keys(keys, columns)),
        Step::TopK {
            keys,
            count,
            distinct,
        } => {
            let keys = explain_keys(keys, columns);
            match distinct.is_empty() {
                true => format!("TopK {count} by {keys}"),
                false => format!("TopK {count} by {keys} distinct=[{}]", names(distinct, columns)),
            }
        }
        Step::Limit(count) => format!("Limit {count}"),
        Step::Dedup(keys) => format!("Dedup keys=[{}]", names(keys, columns)),
        other => explain_later_step(other, columns),
    }
}

fn names(ids: &[ColumnId], columns: &Columns) -> String {
    let names: Vec<&str> = ids.iter().map(|id| columns.name(*id)).collect();
    names.join(", ")
}

/// Steps of the commands that came to the language later.
fn explain_later_step(step: &Step, columns: &Columns) -> String {
    let made: Vec<&str> = step.made().into_iter().map(|id| columns.name(id)).collect();
    let made = made.join(", ");
    let show = |expr: &Expr| explain_expr(expr, columns);
    match step {
        Step::AnyRows { count, .. } => format!("AnyRows {count}"),
        Step::Tail(count) => format!("Tail {count}"),
        Step::Unnest(unnest) => format!("Unnest {} as {made}", show(&unnest.source)),
        Step::Lookup(lookup) => format!("Lookup {} ({} rows) for {made}", lookup.name, lookup.table.rows),
        Step::Join(join) => {
            let kind = if join.keeps_left { "left" } else { "inner" };
            format!("Join {kind} on {} for {made}", show(&join.left_key))
        }
        Step::AppendColumns(_) => format!("AppendColumns {made}"),
        Step::Accumulate(sum) => format!("Accumulate {} as {made}", show(&sum.source)),
        Step::AutoRegress(lags) => format!("AutoRegress {} as {made}", show(&lags.source)),
        Step::FillDown(_) => format!("FillDown {made}"),
        Step::FillMissing(fill) => format!("FillMissing bins of {}", columns.name(fill.bin)),
        Step::Outliers(outliers) => {
            let verb = if outliers.removes { "removed" } else { "clamped" };
            let fields: Vec<String> = outliers.fields.iter().map(|field| show(&field.source)).collect();
            format!("Outliers of {} {verb}", fields.join(", "))
        }
        Step::Sessionize(sessions) => format!("Sessionize gap={}ms as {made}", sessions.max_gap_ms),
        Step::AddTotalRow(totals) => {
            let names: Vec<&str> = totals.columns.iter().map(|id| columns.name(*id)).collect();
            format!("AddTotalRow {}", names.join(", "))
        }
        _ => String::new(),
    }
}

fn explain_extract(extract: &Extract, columns: &Columns) -> String {
    let pattern = match &extract.pattern {
        ExtractPattern::Glob(literals) => format!("glob {:?}", literals.join("*")),
        ExtractPattern::Regex(regex) => format!("regex /{}/", regex.pattern()),
        ExtractPattern::Csv => "csv".to_owned(),
    };
    let captures: Vec<&str> = extract
        .captures
        .iter()
        .map(|capture| columns.name(capture.id))
        .collect();
    let multi = if extract.is_multi {
        ", one row per match,"
    } else {
        ""
    };
    format!(
        "Parse {} with {pattern}{multi} as {}",
        explain_expr(&extract.source, columns),
        captures.join(", ")
    )
}

fn explain_aggregate(aggregate: &Aggregate, columns: &Columns) -> String {
    let keys: Vec<String> = aggregate
        .keys
        .iter()
        .map(|key| explain_expr(&key.expr, columns))
        .collect();
    let concurrency = aggregate.concurrency.iter().flat_map(|asked| &asked.calls);
    let calls: Vec<&str> = (aggregate.calls.iter().map(|call| call.id))
        .chain(concurrency.map(|call| call.id))
        .map(|id| columns.name(id))
        .collect();
    let is_bin_by_bin = aggregate
        .concurrency
        .as_ref()
        .is_some_and(|asked| asked.bin.is_some());
    let order = match aggregate.order {
        _ if is_bin_by_bin => " order=bin",
        GroupOrder::Newest { .. } => " order=newest event",
        GroupOrder::KeyDescending => " order=key descending",
        GroupOrder::FirstSeen => "",
    };
    format!(
        "Aggregate keys=[{}] calls=[{}]{order}",
        keys.join(", "),
        calls.join(", ")
    )
}

fn explain_keys(keys: &[SortKey], columns: &Columns) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|key| {
            let direction = match key.direction {
                SortDirection::Ascending => "asc",
                SortDirection::Descending => "desc",
            };
            format!("{} {direction}", explain_expr(&key.expr, columns))
        })
        .collect();
    keys.join(", ")
}

/// An expression, fully bracketed where operators nest.
pub fn explain_expr(expr: &Expr, columns: &Columns) -> String {
    let show = |expr: &Expr| explain_expr(expr, columns);
    let joined = |terms: &[Expr], word: &str| {
        let terms: Vec<String> = terms.iter().map(show).collect();
        format!("({})", terms.join(&format!(" {word} ")))
    };
    match expr {
        Expr::Column(id, _) => columns.name(*id).to_owned(),
        Expr::Constant(scalar, _) => explain_scalar(scalar),
        Expr::Arithmetic(op, a, b) => format!("({} {} {})", show(a), arithmetic_symbol(*op), show(b)),
        Expr::Negate(a) => format!("-{}", show(a)),
        Expr::Compare(op, a, b) => format!("{} {} {}", show(a), compare_symbol(*op), show(b)),
        Expr::And(terms) => joined(terms, "and"),
        Expr::Or(terms) => joined(terms, "or"),
        Expr::Not(a) => format!("not ({})", show(a)),
        Expr::In(a, list) => {
            let list: Vec<String> = list.constants().iter().map(explain_scalar).collect();
            format!("{} in [{}]", show(a), list.join(", "))
        }
        Expr::InSubquery(a, number) => format!("{} in sub-query {}", show(a), number + 1),
        Expr::Contains(a, b) => format!("{} like {}", show(a), show(b)),
        Expr::Matches(a, regex) => format!("{} like /{}/", show(a), regex.pattern()),
        Expr::Call {
            function, arguments, ..
        } => {
            let arguments: Vec<String> = arguments.iter().map(show).collect();
            format!("{}({})", function.name, arguments.join(", "))
        }
        Expr::Convert(a, ty) => format!("{}:{ty}", show(a)),
    }
}

fn explain_scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Null => "null".to_owned(),
        Scalar::Number(value) => format_number(*value),
        Scalar::Text(text) => format!("{text:?}"),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Time(ms) => format_time(*ms),
        Scalar::Period(period) => match period.step {
            PeriodStep::Fixed { ms, .. } => explain_length(ms),
            PeriodStep::Months { count, .. } => format!("{count}mo"),
        },
    }
}

/// In the largest unit that divides it.
fn explain_length(ms: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    match units.iter().find(|(length, _)| ms % length == 0) {
        Some((length, unit)) => format!("{}{unit}", ms / length),
        None => format!("{ms}ms"),
    }
}

fn arithmetic_symbol(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
        ArithmeticOp::Remainder => "%",
        ArithmeticOp::Power => "^",
    }
}

fn compare_symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
    }
}
