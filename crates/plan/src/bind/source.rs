//! `SOURCE`: binding.

use std::sync::Arc;

use insq_event::{ColumnType, ScanField, SystemField, TimeRange};
use insq_functions::{CompareOp, Scalar, compile_regex};
use insq_syntax::ast::{self, SourceSelection, SourceTime};

use super::Binder;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;
use crate::logical::Step;

/// Beginnings of names that the service takes in one `logGroups`.
const SERVICE_PREFIXES_MAX: usize = 5;

/// The start of an account in `@log`, as a regular expression.
const ACCOUNT: &str = r"\d{12}:";

impl Binder {
    /// Several sources add up; the bounds of time of the last one that has any hold for all.
    pub(super) fn bind_source(&mut self, command: &ast::Source) -> Result<(), PlanError> {
        let mut selected = Vec::with_capacity(command.selections.len() + 1);
        for selection in &command.selections {
            selected.push(self.selection(selection)?);
        }
        self.sources.extend(command.selections.iter().cloned());
        self.select(selected);
        if command.start.is_some() || command.end.is_some() {
            let instant = |time: Option<SourceTime>| match time {
                Some(SourceTime::Relative(ms)) => Some(self.options.now_ms.saturating_add(ms)),
                Some(SourceTime::Absolute(ms)) => Some(ms),
                None => None,
            };
            self.range = Some(TimeRange {
                start_ms: instant(command.start),
                end_ms: instant(command.end),
            });
        }
        Ok(())
    }

    /// The sources stand in front of everything, so their filter is the first step.
    fn select(&mut self, selected: Vec<Expr>) {
        let mut all = match self.steps.pop() {
            Some(Step::Filter(Expr::Or(terms))) => terms,
            Some(Step::Filter(term)) => vec![term],
            _ => Vec::new(),
        };
        all.extend(selected);
        let condition = match all.len() {
            1 => all.remove(0),
            _ => Expr::Or(all),
        };
        self.steps.push(Step::Filter(condition));
    }

    fn selection(&mut self, selection: &SourceSelection) -> Result<Expr, PlanError> {
        match selection {
            SourceSelection::LogGroup { .. } => self.log_matches(selection),
            SourceSelection::LogGroups {
                prefixes,
                accounts,
                classes,
                span,
            } => {
                if !classes.is_empty() {
                    self.warn(
                        *span,
                        "files have no class of log group; `class` selects nothing here".to_owned(),
                    );
                }
                if prefixes.len() > SERVICE_PREFIXES_MAX {
                    let reason = format!("`namePrefix` has at most {SERVICE_PREFIXES_MAX} beginnings");
                    self.service_refuses(reason, *span)?;
                }
                if prefixes.is_empty() && accounts.is_empty() {
                    return Ok(Expr::Constant(Scalar::Bool(true), ColumnType::Bool));
                }
                self.log_matches(selection)
            }
            SourceSelection::DataSource { names, .. } => {
                let path = insq_event::FieldPath::new("@data_source_name");
                let id = self.scan_column(ScanField::Discovered(path));
                let equal = |name: &String| {
                    Expr::Compare(
                        CompareOp::Equal,
                        Box::new(Expr::Column(id, ColumnType::Any)),
                        Box::new(Expr::Constant(
                            Scalar::Text(name.as_str().into()),
                            ColumnType::Text,
                        )),
                    )
                };
                let mut terms: Vec<Expr> = names.iter().map(equal).collect();
                Ok(match terms.len() {
                    0 => Expr::Constant(Scalar::Bool(false), ColumnType::Bool),
                    1 => terms.remove(0),
                    _ => Expr::Or(terms),
                })
            }
            other => {
                let what = "this form of `SOURCE`".to_owned();
                Err(PlanError::new(PlanErrorKind::NotBuiltYet { what }, other.span()))
            }
        }
    }

    /// True for events whose `@log` the expression matches.
    fn log_matches(&mut self, selection: &SourceSelection) -> Result<Expr, PlanError> {
        let regex = compile_regex(&log_pattern(selection))
            .map_err(|reason| PlanError::new(PlanErrorKind::BadRegex { reason }, selection.span()))?;
        let log = SystemField::Log;
        let id = self.scan_column(ScanField::System(log));
        Ok(Expr::Matches(
            Box::new(Expr::Column(id, log.column_type())),
            Arc::new(regex),
        ))
    }
}

/// True when a selection is about the log group `log`, written `name` or `account:name`.
pub fn selects_log(selection: &SourceSelection, log: &str) -> bool {
    match selection {
        SourceSelection::LogGroup { .. } | SourceSelection::LogGroups { .. } => {
            compile_regex(&log_pattern(selection)).is_ok_and(|regex| regex.regex().is_match(log))
        }
        _ => false,
    }
}

/// The expression that `@log` matches for a selection of log groups; one that matches everything for others.
fn log_pattern(selection: &SourceSelection) -> String {
    match selection {
        SourceSelection::LogGroup { name, .. } => {
            let (account, group) = of_arn(name);
            let account = account.map_or_else(|| ACCOUNT.to_owned(), |account| format!("{account}:"));
            format!("^(?:{account})?{}$", regex::escape(group))
        }
        SourceSelection::LogGroups {
            prefixes, accounts, ..
        } => {
            let any = |texts: &[String], end: &str| {
                let texts: Vec<String> = texts.iter().map(|text| regex::escape(text)).collect();
                format!("(?:{}){end}", texts.join("|"))
            };
            let account = match accounts.is_empty() {
                true => format!("(?:{ACCOUNT})?"),
                false => any(accounts, ":"),
            };
            let prefix = if prefixes.is_empty() {
                String::new()
            } else {
                any(prefixes, "")
            };
            format!("^{account}{prefix}")
        }
        _ => String::new(),
    }
}

/// Account and name of a log group that is written as an ARN; any other text is the name.
fn of_arn(text: &str) -> (Option<&str>, &str) {
    let mut parts = text.splitn(7, ':');
    let is_arn = parts.next() == Some("arn") && parts.next().is_some() && parts.next() == Some("logs");
    let (_region, account, kind, name) = (parts.next(), parts.next(), parts.next(), parts.next());
    match (is_arn, kind, name) {
        (true, Some("log-group"), Some(name)) => (
            account.filter(|account| !account.is_empty()),
            name.strip_suffix(":*").unwrap_or(name),
        ),
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_groups_by_name_and_arn() {
        for (text, expected) in [
            ("/aws/lambda/a", (None, "/aws/lambda/a")),
            (
                "arn:aws:logs:eu-north-1:111122223333:log-group:/trams/prod",
                (Some("111122223333"), "/trams/prod"),
            ),
            (
                "arn:aws-cn:logs:cn-north-1:111122223333:log-group:a:*",
                (Some("111122223333"), "a"),
            ),
            ("arn:of:nothing", (None, "arn:of:nothing")),
        ] {
            assert_eq!(of_arn(text), expected);
        }
    }
}
