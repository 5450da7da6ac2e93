//! What a log event is to insq: the types of columns, the names of fields, and the contract between
//! whoever reads logs ([`EventSource`]) and whoever asks for them ([`ScanRequest`]).
//!
//! This crate knows no query language and opens no files. The reader and the executor meet here and
//! nowhere else.

mod bar;
mod batch;
mod calendar;
mod column_type;
mod damage;
mod field;
mod kind;
mod memory;
mod position;
mod relation;
mod request;
mod run;
mod shared;
mod source;
mod spill;
mod unnamed;
mod uuid;
mod zone;

pub use bar::Bar;
pub use batch::column_type_of;
pub use calendar::{MS_PER_DAY, date_of_day, day_of_date, write_time};
pub use column_type::ColumnType;
pub use damage::{Damage, DamageKind, DamageLog};
pub use field::{FieldPath, SYSTEM_FIELDS, SystemField};
pub use kind::{EventKind, EventKinds};
pub use memory::{MemoryBudget, MemoryExceeded, Reservation};
pub use position::{FILE_COUNT_MAX, OFFSET_MAX, Position};
pub use relation::{NoTables, Relation, RelationColumn, Tables};
pub use request::{Literals, ScanColumn, ScanField, ScanRequest, TimeRange, UNICODE_ESCAPE};
pub use run::{Cancellation, GATHERED_ROWS, Progress, ProgressSnapshot, RunContext};
pub use shared::{OneOfMany, Only, SharedPartition, SharedReader};
pub use source::{EventReader, EventSource, ScanPartition, SourceError};
pub use spill::Spill;
pub use unnamed::UNNAMED_FIELDS;
pub use uuid::{uuid_number, uuid_text};
pub use zone::{Zone, offset_ms};
