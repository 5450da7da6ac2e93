//! What a query asks of a source.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::{Bar, ColumnType, EventKinds, FieldPath, SystemField};

/// Everything a source needs to know to read no more than the query needs.
///
/// Columns, `kinds` and `time_range` are binding: the reader returns exactly those columns, in that
/// order, and only events of those kinds and that time. `literals`, `request_id`, `function` and `bar` are hints: the
/// reader may drop any event that holds none of them, is of another request or function, or behind the bar, and the
/// executor tests the exact condition again.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanRequest {
    /// The columns of every batch, in order. May be empty: a count needs rows only.
    pub columns: Vec<ScanColumn>,
    /// Only events of these kinds.
    pub kinds: EventKinds,
    /// Only events of this time. Events without a time are outside of every bounded range.
    pub time_range: TimeRange,
    /// For each element: the message of every event that matters holds at least one of its texts.
    pub literals: Vec<Literals>,
    /// The `@requestId` of every event that matters.
    pub request_id: Option<Arc<str>>,
    /// The `@function` of every event that matters.
    pub function: Option<Arc<str>>,
    /// Rows of a batch at most. At least 1.
    pub batch_rows: usize,
    /// What every event that matters passes.
    pub bar: Option<Arc<Bar>>,
}

impl ScanRequest {
    /// The Arrow schema of the batches that answer this request.
    pub fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(
            self.columns
                .iter()
                .map(ScanColumn::arrow_field)
                .collect::<Vec<_>>(),
        ))
    }

    /// True when the times of events matter to the answer.
    pub fn asks_for_times(&self) -> bool {
        let is_time = |column: &ScanColumn| column.field == ScanField::System(SystemField::Timestamp);
        !self.time_range.is_all() || self.columns.iter().any(is_time)
    }
}

/// One column of a [`ScanRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScanColumn {
    /// Name of the column in the batch.
    pub name: Arc<str>,
    /// What fills it.
    pub field: ScanField,
}

impl ScanColumn {
    /// The Arrow field of this column.
    pub fn arrow_field(&self) -> Field {
        match &self.field {
            ScanField::System(field) => field.column_type().field(&self.name),
            ScanField::Discovered(_) => ColumnType::Any.field(&self.name),
            ScanField::Structure(_) => ColumnType::Json.field(&self.name),
            ScanField::Position => Field::new(&*self.name, DataType::UInt64, false),
        }
    }
}

/// What fills a column of a scan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ScanField {
    /// A system field.
    System(SystemField),
    /// A field of the first JSON object in the message, as the log spells the value.
    Discovered(FieldPath),
    /// What stands at a path of the first JSON object in the message, as JSON text: whole objects and arrays too.
    Structure(FieldPath),
    /// The [`crate::Position`] of the event, `UInt64`, never null.
    Position,
}

/// What a message must hold at least one of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Literals {
    /// Texts, byte for byte. None of them is empty.
    pub any_of: Vec<Arc<str>>,
    /// Names of JSON members whose value is neither an object nor a list; JSON writes these names as they are. What is spelled with an escape of four digits may
    /// be any of these.
    pub members: Vec<Arc<str>>,
}

impl Literals {
    /// Only texts.
    ///
    /// ```
    /// use insq_event::Literals;
    ///
    /// let literals = Literals::texts(["ERROR".into(), "WARN".into()]);
    /// assert_eq!(literals.shortest_bytes(), Some(4));
    /// ```
    pub fn texts(texts: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self {
            any_of: texts.into_iter().collect(),
            members: Vec::new(),
        }
    }

    /// How many texts and members there are.
    pub fn len(&self) -> usize {
        self.any_of.len() + self.members.len()
    }

    /// True when there is nothing that could be met.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Length of the shortest text that is searched for. The longer it is, the less often it is met, as a rule.
    pub fn shortest_bytes(&self) -> Option<usize> {
        let texts = self.any_of.iter().map(|text| text.len());
        let escape = (!self.members.is_empty()).then_some(UNICODE_ESCAPE.len());
        texts.chain(escape).min()
    }
}

/// How JSON begins the escape of four digits that it may spell any character with.
pub const UNICODE_ESCAPE: &str = "\\u";

/// A range of times in milliseconds since the epoch.
///
/// # Examples
/// ```
/// use insq_event::TimeRange;
///
/// let minute = TimeRange { start_ms: Some(0), end_ms: Some(60_000) };
/// assert!(minute.contains(Some(59_999)) && !minute.contains(Some(60_000)) && !minute.contains(None));
/// assert!(TimeRange::ALL.contains(None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// First instant inside; `None` is unbounded.
    pub start_ms: Option<i64>,
    /// First instant past the end; `None` is unbounded.
    pub end_ms: Option<i64>,
}

impl TimeRange {
    /// No bound on either side.
    pub const ALL: Self = Self {
        start_ms: None,
        end_ms: None,
    };

    /// True when both sides are unbounded.
    pub fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// True when an event of this time is inside. An event without a time is inside of [`Self::ALL`] only.
    pub fn contains(self, time_ms: Option<i64>) -> bool {
        match time_ms {
            Some(time) => {
                self.start_ms.is_none_or(|start| time >= start) && self.end_ms.is_none_or(|end| time < end)
            }
            None => self.is_all(),
        }
    }

    /// True when some instant is in both ranges. Events without a time count as inside of [`Self::ALL`] alone.
    pub fn intersects(self, other: Self) -> bool {
        let TimeRange { start_ms, end_ms } = self.intersect(other);
        match (start_ms, end_ms) {
            (Some(start), Some(end)) => start < end,
            _ => true,
        }
    }

    /// The instants in both ranges.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        let later = |a: Option<i64>, b: Option<i64>| a.max(b);
        let earlier = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self {
            start_ms: later(self.start_ms, other.start_ms),
            end_ms: earlier(self.end_ms, other.end_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_intersect_to_the_narrower_bounds() {
        let a = TimeRange {
            start_ms: Some(10),
            end_ms: None,
        };
        let b = TimeRange {
            start_ms: Some(5),
            end_ms: Some(20),
        };
        assert_eq!(
            a.intersect(b),
            TimeRange {
                start_ms: Some(10),
                end_ms: Some(20)
            }
        );
        assert_eq!(TimeRange::ALL.intersect(b), b);
    }

    #[test]
    fn the_schema_follows_the_columns() {
        let request = ScanRequest {
            columns: vec![
                ScanColumn {
                    name: "@duration".into(),
                    field: ScanField::System(SystemField::Duration),
                },
                ScanColumn {
                    name: "level".into(),
                    field: ScanField::Discovered(FieldPath::new("level")),
                },
                ScanColumn {
                    name: "position".into(),
                    field: ScanField::Position,
                },
            ],
            kinds: EventKinds::ALL,
            time_range: TimeRange::ALL,
            literals: Vec::new(),
            request_id: None,
            function: None,
            batch_rows: 8192,
            bar: None,
        };
        let schema = request.schema();
        assert_eq!(ColumnType::of_field(schema.field(0)), Some(ColumnType::Number));
        assert_eq!(ColumnType::of_field(schema.field(1)), Some(ColumnType::Any));
        assert_eq!(schema.field(2).data_type(), &DataType::UInt64);
    }
}
