//! The lines of one command.

use super::INDENT;
use crate::ast::{BinaryOperator, Command, Expr, ExprKind, SelectItem};

/// Signs of a line at most, unless a single item is longer.
const LINE_MAX: usize = 100;

/// What the pipe in front takes.
const PIPE: usize = "| ".len();

/// The lines of a command; all but the first are indented.
pub(super) fn command_lines(command: &Command) -> Vec<String> {
    match command {
        Command::Fields(fields) => listed("fields", &items(&fields.items), ""),
        Command::Display(display) => listed("display", &items(&display.items), ""),
        Command::Filter(filter) => condition("filter", &filter.condition),
        Command::FilterIndex(filter) => condition("filterIndex", &filter.condition),
        Command::Stats(stats) => {
            let mut lines = listed("stats", &items(&stats.aggregates), "");
            let mut by = match stats.keys.is_empty() {
                true => Vec::new(),
                false => listed("by", &items(&stats.keys), ""),
            };
            if let (Some((period, _)), Some(last)) = (stats.offset, by.last_mut()) {
                last.push_str(&format!(" offset {period}"));
            } else if let (Some((period, _)), Some(last)) = (stats.offset, lines.last_mut()) {
                last.push_str(&format!(" offset {period}"));
            }
            join_or_stack(lines, by)
        }
        other => vec![other.to_string()],
    }
}

/// An un-aliased column is called by its text, so that stays; all else is written in one way.
fn items(items: &[SelectItem]) -> Vec<String> {
    items
        .iter()
        .map(|item| match (&item.alias, &item.expr.kind) {
            (Some(_), _) | (None, ExprKind::Field(_)) => item.to_string(),
            (None, _) => item.text.clone(),
        })
        .collect()
}

/// `word a, b, c`, with one item per line when that is too long.
fn listed(word: &str, items: &[String], indent: &str) -> Vec<String> {
    let line = format!("{indent}{word} {}", items.join(", "));
    if line.chars().count() + PIPE <= LINE_MAX || items.len() < 2 {
        return vec![line];
    }
    let mut lines: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        match lines.last_mut() {
            None => lines.push(format!("{indent}{word} {item}")),
            // Two signs at the start of a line would begin a comment.
            Some(line) if item.starts_with("--") => line.push_str(&format!(", {item}")),
            Some(line) => {
                line.push(',');
                lines.push(format!("{indent}{INDENT}{item}"));
            }
        }
    }
    lines
}

/// Both on one line where they fit, else one below the other.
fn join_or_stack(mut first: Vec<String>, second: Vec<String>) -> Vec<String> {
    if let ([line], [more]) = (&first[..], &second[..]) {
        let joined = format!("{line} {more}");
        if joined.chars().count() + PIPE <= LINE_MAX {
            return vec![joined];
        }
    }
    first.extend(second.into_iter().map(|line| format!("{INDENT}{line}")));
    first
}

fn condition(word: &str, condition: &Expr) -> Vec<String> {
    let line = format!("{word} {condition}");
    let ExprKind::Binary { operator, .. } = &condition.kind else {
        return vec![line];
    };
    if line.chars().count() + PIPE <= LINE_MAX || !operator.is_logical() {
        return vec![line];
    }
    let mut terms = Vec::new();
    gather(condition, *operator, &mut terms);
    terms
        .iter()
        .enumerate()
        .map(|(idx, term)| match idx {
            0 => format!("{word} {term}"),
            _ => format!("{INDENT}{} {term}", operator.symbol()),
        })
        .collect()
}

/// The terms of a chain. Recurses no deeper than the tree is high.
fn gather(expr: &Expr, chain: BinaryOperator, terms: &mut Vec<String>) {
    match &expr.kind {
        ExprKind::Binary {
            operator,
            left,
            right,
        } if *operator == chain => {
            gather(left, chain, terms);
            gather(right, chain, terms);
        }
        // Only `or` within `and` needs its brackets.
        ExprKind::Binary {
            operator: BinaryOperator::Or,
            ..
        } => terms.push(format!("({expr})")),
        _ => terms.push(expr.to_string()),
    }
}
