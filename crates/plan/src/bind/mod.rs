//! Binding: from names to columns, from words to functions, from commands to steps.

mod accum;
mod addtotals;
mod aggregate;
mod appendcols;
mod autoregress;
mod call;
mod concurrency;
mod constant;
mod count_frequent;
mod dedup;
mod environment;
mod expression;
mod fields;
mod filldown;
mod fillmissing;
mod filter;
mod finish;
mod hint;
mod join;
mod json_field;
mod limit;
mod lookup;
mod options;
mod outlier;
mod parse;
mod scope;
mod service;
mod sessionize;
mod sort;
mod source;
mod stats;
mod structure;
mod subquery;
mod time_text;
mod unnest;

use insq_event::{ColumnType, ScanField, SystemField, TimeRange};
use insq_syntax::Span;
use insq_syntax::ast::{Command, Query, SortDirection, SourceSelection};

use crate::column::{ColumnId, Columns, ScanBinding};
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::{LogicalPlan, OutputColumn, SortKey, Step};
use crate::tables::Subplan;
use fillmissing::TimeBins;
use join::JoinState;
pub use options::{BindOptions, ServiceRules};
use scope::Scope;
pub use service::{
    SERVICE_CASE_PAIRS_MAX, SERVICE_QUERY_CHARS_MAX, SERVICE_ROWS_DEFAULT, SERVICE_ROWS_MAX,
    SERVICE_STATS_MAX,
};
pub use source::selects_log;

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
pub fn bind(query: &Query, options: &BindOptions) -> Result<Bound, PlanError> {
    let mut binder = Binder::new(options.clone());
    binder.check_length(query)?;
    binder.bind_commands(query)?;
    binder.finish()
}

/// What is known while the commands of a query are bound one after another.
struct Binder {
    options: BindOptions,
    columns: Columns,
    scan: Vec<ScanBinding>,
    steps: Vec<Step>,
    scope: Scope,
    output: Output,
    warnings: Vec<PlanWarning>,
    subplans: Vec<Subplan>,
    /// The other side of a `join`, whose columns are known only when all commands have been bound.
    join: Option<JoinState>,
    /// What `SOURCE` says.
    sources: Vec<SourceSelection>,
    range: Option<TimeRange>,
    is_estimate: bool,
    /// True once the order of the rows has been fixed by a `sort`, a `limit` or a `stats`.
    is_ordered: bool,
    /// Number of the command being bound, from 1.
    stage: usize,
    /// Columns made by the command being bound.
    made_here: Vec<ColumnId>,
    /// The time bins of the last `stats`.
    bins: Option<TimeBins>,
    /// By how much the bins of the `stats` being bound are shifted, milliseconds.
    bin_offset_ms: i64,
}

/// The columns that the query shows.
#[derive(Default)]
struct Output {
    listed: Vec<OutputColumn>,
    /// True when the list is that of a `display`, which later `fields` do not extend.
    is_display: bool,
}

impl Binder {
    fn new(options: BindOptions) -> Self {
        Self {
            options,
            columns: Columns::default(),
            scan: Vec::new(),
            steps: Vec::new(),
            scope: Scope::events(),
            output: Output::default(),
            warnings: Vec::new(),
            subplans: Vec::new(),
            join: None,
            sources: Vec::new(),
            range: None,
            is_estimate: false,
            is_ordered: false,
            stage: 0,
            made_here: Vec::new(),
            bins: None,
            bin_offset_ms: 0,
        }
    }

    fn bind_commands(&mut self, query: &Query) -> Result<(), PlanError> {
        self.check_order(query)?;
        let last_stats = query
            .commands
            .iter()
            .rposition(|command| matches!(command, Command::Stats(_)));
        for (idx, command) in query.commands.iter().enumerate() {
            self.stage = idx + 1;
            self.made_here.clear();
            self.bind_command(command)?;
            if self.options.fill_bins && Some(idx) == last_stats {
                self.fill_all_bins();
            }
        }
        Ok(())
    }

    fn bind_command(&mut self, command: &Command) -> Result<(), PlanError> {
        match command {
            Command::Fields(fields) => self.bind_fields(fields),
            Command::Display(display) => self.bind_display(display),
            Command::Filter(filter) => self.bind_filter(filter),
            Command::FilterIndex(filter) => self.bind_filter_index(filter),
            Command::Stats(stats) => self.bind_stats(stats),
            Command::Sort(sort) => self.bind_sort(sort),
            Command::Limit(limit) => self.bind_limit(limit),
            Command::Tail(limit) => self.bind_tail(limit),
            Command::Parse(parse) => self.bind_parse(parse),
            Command::Dedup(dedup) => self.bind_dedup(dedup),
            Command::Source(source) => self.bind_source(source),
            Command::Json(json) => self.bind_json_field(json),
            Command::Unnest(unnest) => self.bind_unnest(unnest),
            Command::Expand(expand) => self.bind_expand(expand),
            Command::Lookup(lookup) => self.bind_lookup(lookup),
            Command::CidrLookup(lookup) => self.bind_cidr_lookup(lookup),
            Command::Join(join) => self.bind_join(join),
            other => self.bind_series(other),
        }
    }

    /// Commands that read rows as a series.
    fn bind_series(&mut self, command: &Command) -> Result<(), PlanError> {
        match command {
            Command::AppendCols(append) => self.bind_append_cols(append),
            Command::AddTotals(totals) => self.bind_add_totals(totals),
            Command::AutoRegress(lags) => self.bind_auto_regress(lags),
            Command::Accum(sum) => self.bind_accum(sum),
            Command::FillDown(fill) => self.bind_fill_down(fill),
            Command::FillMissing(fill) => self.bind_fill_missing(fill),
            Command::Outlier(outlier) => self.bind_outlier(outlier),
            Command::Sessionize(sessions) => self.bind_sessionize(sessions),
            Command::CountFrequent(count) => self.bind_count_frequent(count),
            Command::Estimate(_) => {
                self.is_estimate = true;
                Ok(())
            }
            other => Err(PlanError::new(
                crate::PlanErrorKind::NotBuiltYet {
                    what: "this command".to_owned(),
                },
                other.span(),
            )),
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
            ScanField::Structure(path) => self.columns.add(path.as_str(), Some(ColumnType::Json)),
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
