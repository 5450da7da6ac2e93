//! Binding: from names to columns, from words to functions, from commands to steps.

mod aggregate;
mod call;
mod constant;
mod dedup;
mod environment;
mod expression;
mod fields;
mod filter;
mod limit;
mod parse;
mod scope;
mod sort;
mod stats;
mod time_text;

use insq_event::{ColumnType, EventKinds, ScanField, SystemField, TimeRange};
use insq_syntax::Span;
use insq_syntax::ast::{Command, Query, SortDirection};

use crate::column::{ColumnId, Columns, ScanBinding};
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::{LogicalPlan, OutputColumn, Scan, SortKey, Step};
use scope::Scope;

/// A query that is legal and perhaps not meant, or that the service would read differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanWarning {
    /// One sentence.
    pub message: String,
    /// Where, in the query text.
    pub span: Span,
}

/// A bound query.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The plan, not yet optimised.
    pub plan: LogicalPlan,
    /// What its author should know.
    pub warnings: Vec<PlanWarning>,
}

/// Binds a query.
///
/// # Errors
/// [`PlanError`] for the first thing that can't be resolved.
pub fn bind(query: &Query) -> Result<Bound, PlanError> {
    let mut binder = Binder::new();
    for (stage, command) in query.commands.iter().enumerate() {
        binder.stage = stage + 1;
        binder.bind_command(command)?;
    }
    Ok(binder.finish())
}

/// What is known while the commands of a query are bound one after another.
struct Binder {
    columns: Columns,
    scan: Vec<ScanBinding>,
    steps: Vec<Step>,
    scope: Scope,
    output: Output,
    warnings: Vec<PlanWarning>,
    /// True once the order of the rows has been fixed by a `sort`, a `limit` or a `stats`.
    is_ordered: bool,
    /// Number of the command being bound, from 1.
    stage: usize,
}

/// The columns that the query shows.
#[derive(Default)]
struct Output {
    listed: Vec<OutputColumn>,
    /// True when the list is that of a `display`, which later `fields` do not extend.
    is_display: bool,
}

impl Binder {
    fn new() -> Self {
        Self {
            columns: Columns::default(),
            scan: Vec::new(),
            steps: Vec::new(),
            scope: Scope::events(),
            output: Output::default(),
            warnings: Vec::new(),
            is_ordered: false,
            stage: 0,
        }
    }

    fn bind_command(&mut self, command: &Command) -> Result<(), PlanError> {
        match command {
            Command::Fields(fields) => self.bind_fields(fields),
            Command::Display(display) => self.bind_display(display),
            Command::Filter(filter) => self.bind_filter(filter),
            Command::Stats(stats) => self.bind_stats(stats),
            Command::Sort(sort) => self.bind_sort(sort),
            Command::Limit(limit) => self.bind_limit(limit),
            Command::Parse(parse) => self.bind_parse(parse),
            Command::Dedup(dedup) => self.bind_dedup(dedup),
            _ => Err(PlanError::new(
                crate::PlanErrorKind::NotBuiltYet {
                    what: "this command".to_owned(),
                },
                Span::default(),
            )),
        }
    }

    fn finish(mut self) -> Bound {
        self.fix_order();
        let output = match (self.output.listed.is_empty(), self.scope.is_events()) {
            (false, _) => std::mem::take(&mut self.output.listed),
            (true, true) => [SystemField::Timestamp, SystemField::Message]
                .map(|field| OutputColumn {
                    name: field.name().to_owned(),
                    id: self.scan_column(ScanField::System(field)),
                })
                .into(),
            (true, false) => Vec::new(),
        };
        let scan = Scan {
            columns: self.scan,
            kinds: EventKinds::ALL,
            time_range: TimeRange::ALL,
            literals: Vec::new(),
        };
        Bound {
            plan: LogicalPlan {
                columns: self.columns,
                scan,
                steps: self.steps,
                output,
            },
            warnings: self.warnings,
        }
    }

    /// The column that the scan fills from `field`, made on first use.
    fn scan_column(&mut self, field: ScanField) -> ColumnId {
        if let Some(found) = self.scan.iter().find(|binding| binding.field == field) {
            return found.id;
        }
        let id = match &field {
            ScanField::System(system) => self.columns.add(system.name(), Some(system.column_type())),
            ScanField::Discovered(path) => self.columns.add(path.as_str(), Some(ColumnType::Any)),
            ScanField::Position => self.columns.add("position", None),
        };
        self.scan.push(ScanBinding { id, field });
        id
    }

    /// Rows of events that nobody has ordered come newest first.
    fn fix_order(&mut self) {
        if !self.is_ordered && self.scope.is_events() {
            let keys = self.newest_first();
            self.steps.push(Step::Sort(keys));
        }
        self.is_ordered = true;
    }

    /// The keys that order events newest first. Positions settle ties, so the order is total.
    fn newest_first(&mut self) -> Vec<SortKey> {
        let time = self.scan_column(ScanField::System(SystemField::Timestamp));
        let position = self.scan_column(ScanField::Position);
        let key = |id, ty| SortKey {
            expr: Expr::Column(id, ty),
            direction: SortDirection::Descending,
        };
        vec![key(time, ColumnType::Time), key(position, ColumnType::Number)]
    }

    fn warn(&mut self, span: Span, message: String) {
        self.warnings.push(PlanWarning { message, span });
    }
}
