//! The limits and quirks of the service: what it refuses, and what it cuts.

use insq_syntax::Span;
use insq_syntax::ast::{Command, Query};

use super::{Binder, ServiceRules};
use crate::error::{PlanError, PlanErrorKind};

/// Characters of a query that the service takes.
pub const SERVICE_QUERY_CHARS_MAX: usize = 10_000;

/// `stats` commands of one query that the service takes.
pub const SERVICE_STATS_MAX: usize = 10;

/// Rows of a result that the service can be asked for.
pub const SERVICE_ROWS_MAX: u64 = 100_000;

/// Rows of a result that the service gives unless it is asked for more or less.
pub const SERVICE_ROWS_DEFAULT: u64 = 10_000;

/// Pairs of a condition and a value that the service takes in `case`.
pub const SERVICE_CASE_PAIRS_MAX: usize = 10;

impl Binder {
    /// The service refuses what stands at `span`.
    pub(super) fn service_refuses(&mut self, reason: impl Into<String>, span: Span) -> Result<(), PlanError> {
        let reason = reason.into();
        match self.options.service {
            ServiceRules::Ignored => Ok(()),
            ServiceRules::Remarked => {
                self.warn(span, format!("the service refuses this: {reason}"));
                Ok(())
            }
            ServiceRules::Enforced => Err(PlanError::new(PlanErrorKind::ServiceRefuses { reason }, span)),
        }
    }

    pub(super) fn check_length(&mut self, query: &Query) -> Result<(), PlanError> {
        // Spans count bytes, of which there are at least as many as characters.
        let length = query.span.end - query.span.start;
        if length > SERVICE_QUERY_CHARS_MAX {
            let reason = format!("a query has at most {SERVICE_QUERY_CHARS_MAX} characters");
            self.service_refuses(reason, Span::new(SERVICE_QUERY_CHARS_MAX, length))?;
        }
        Ok(())
    }

    /// Which commands may follow which.
    pub(super) fn check_order(&mut self, query: &Query) -> Result<(), PlanError> {
        let commands = &query.commands;
        let last_stats = commands
            .iter()
            .rposition(|command| matches!(command, Command::Stats(_)));
        let mut n_stats = 0;
        for (idx, command) in commands.iter().enumerate() {
            match command {
                Command::Stats(stats) => {
                    n_stats += 1;
                    if n_stats == SERVICE_STATS_MAX + 1 {
                        let reason = format!("a query has at most {SERVICE_STATS_MAX} `stats`");
                        self.service_refuses(reason, stats.span)?;
                    }
                }
                Command::Sort(_) | Command::Limit(_) if Some(idx) < last_stats => {
                    self.warn_before_stats(command);
                    self.service_refuses("`sort` and `limit` stand behind the last `stats`", command.span())?;
                }
                _ => {}
            }
            let after_dedup = idx > 0 && matches!(commands[idx - 1], Command::Dedup(_));
            if after_dedup && !matches!(command, Command::Limit(_)) {
                self.service_refuses_again("only `limit` can follow `dedup`", command.span())?;
            }
        }
        let is_join = |command: &&Command| matches!(command, Command::Join(_));
        if let Some(second) = commands.iter().filter(is_join).nth(1) {
            self.service_refuses("a query has one `join`", second.span())?;
        }
        Ok(())
    }

    /// The parser has warned already.
    fn service_refuses_again(&mut self, reason: &str, span: Span) -> Result<(), PlanError> {
        if self.options.service == ServiceRules::Enforced {
            return self.service_refuses(reason, span);
        }
        Ok(())
    }

    fn warn_before_stats(&mut self, command: &Command) {
        let message = match command {
            Command::Limit(_) => {
                "this `limit` cuts the events that the `stats` behind it counts; to cut groups put it last"
            }
            _ => "`stats` gathers rows in any order; to order groups put the `sort` behind it",
        };
        self.warn(command.span(), message.to_owned());
    }

    /// What a query without a `limit` gives is cut by the service.
    pub(super) fn check_rows(&mut self, count: u64, span: Span) -> Result<(), PlanError> {
        if count > SERVICE_ROWS_MAX {
            let reason = format!("`limit` goes up to {SERVICE_ROWS_MAX}");
            self.service_refuses(reason, span)?;
        }
        Ok(())
    }
}
