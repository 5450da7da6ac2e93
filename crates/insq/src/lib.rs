//! CloudWatch Logs Insights queries over local AWS Lambda logs, as a library.
//!
//! An [`Engine`] holds inputs and resources; [`Engine::prepare`] turns a query text into a
//! [`PreparedQuery`], which can be explained and run; running gives Arrow batches as a [`ResultStream`],
//! or everything at once as a [`QueryResult`]. There is no global state, no asynchronous runtime, and no
//! thread outlives its engine.
//!
//! # Examples
//! ```
//! use insq::{Engine, QueryOptions};
//!
//! let log = "2026-03-04T00:00:00.131Z REPORT RequestId: 0b9d\tDuration: 7.31 ms\tBilled Duration: 8 ms\t\n";
//! let engine = Engine::builder().reader("example.log", log.as_bytes()).build()?;
//! let query = engine.prepare("stats max(@duration) as slowest", &QueryOptions::default())?;
//! let result = query.run()?;
//! assert_eq!(result.rows()[0].get("slowest"), Some(&insq::Value::Number(7.31)));
//! # Ok::<(), insq::Error>(())
//! ```

mod analysis;
mod batch_source;
mod builder;
mod catalog;
mod conversion;
mod engine;
mod error;
mod explain;
mod inspection;
mod language;
mod many;
mod many_plan;
mod memory_event;
mod options;
mod parameters;
mod prepared;
mod query_file;
mod result;
mod sources;
mod statistics;
mod subqueries;
mod tables;
mod value;

pub use analysis::{
    ALL_FUNCTIONS, LoadOptions, LoadRead, UNRESERVED_FUNCTIONS, bin_rows, bin_schema, hunt_rows, hunt_schema,
    rule_rows, rule_schema, scope_rows, scope_schema, spike_rows, spike_schema,
};
pub use builder::EngineBuilder;
pub use catalog::Catalog;
pub use conversion::{Conversion, ConversionOptions, FolderConversionOptions};
pub use engine::Engine;
pub use error::{Error, ErrorCode};
pub use language::{FunctionInfo, format_query, function, functions};
pub use many::{ManyResults, OneResult, OwnPass};
pub use many_plan::ManyPlan;
pub use memory_event::MemoryEvent;
pub use options::{MEMORY_LIMIT_DEFAULT_BYTES, QueryOptions, RunControl};
pub use parameters::{PARAMETER_NAME_MAX, fill_parameters};
pub use prepared::{PreparedQuery, ResultStream, Warning};
pub use query_file::{NamedText, QUERY_NAME_BYTES_MAX, check_query_name, split_queries};
pub use result::{QueryResult, Row};
pub use statistics::Statistics;
pub use tables::TABLE_BYTES_MAX;
pub use value::Value;

pub use insq_event::{
    Cancellation, ColumnType, Damage, DamageKind, GATHERED_ROWS, Progress, ProgressSnapshot, SYSTEM_FIELDS,
    Spill, SystemField, TimeRange, Zone,
};
pub use insq_functions::{format_number, format_time, format_time_in};
pub use insq_input::{
    FileKind, FolderConverted, Inspection, LeafType, LogClock, LogFormat, Names, PartitionBy, ReadOptions,
    RemoteFile, hide_decoder_panics, names_below, would_read,
};
/// The detector of spikes, for any series.
pub use insq_lambda::detect;
pub use insq_lambda::{
    Attribution, BIN_MAX_MS, BIN_MIN_MS, BUSY_MAX_MS, Bin, BinEstimate, Cause, Concurrency,
    ConcurrencyOptions, Detection, Edge, Environment, EnvironmentCounts, EstimateGap, Evidence, FunctionId,
    FunctionRise, HUNT_WINDOW_MS, Hunt, HuntMinute, HuntedFunction, LeftOut, LevelTimes, Load, LoadRecorder,
    LogEdges, MINUTES_AFTER, MINUTES_BEFORE, Overview, OverviewColumn, Parts, QUOTA_DEFAULT, QUOTA_SHARES,
    QuotaBreach, QuotaError, QuotaShare, Quotas, REQUESTS_PER_UNIT, Report, SCALING_MAX, SCALING_WINDOW_S,
    Scaling, ScopeConcurrency, ScopeSweep, Sign, SignCount, SliceSweep, Spike, SpikeScope, SpikeSeries,
    SpikesOptions, SweepOptions, UNRESERVED_MIN, WindowStats, sweep,
};
pub use insq_plan::{
    SERVICE_CASE_PAIRS_MAX, SERVICE_QUERY_CHARS_MAX, SERVICE_ROWS_DEFAULT, SERVICE_ROWS_MAX,
    SERVICE_STATS_MAX, ServiceRules,
};
pub use insq_syntax::{CommandInfo, Severity, Span, commands, line_column, render_diagnostic};

/// The Arrow crates whose types the results are made of.
pub use arrow_array;
pub use arrow_schema;
