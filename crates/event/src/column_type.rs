//! The six types that a column can have.

use arrow_schema::{DataType, Field, TimeUnit};

/// Key of the Arrow field metadata that tells [`ColumnType::Any`] from [`ColumnType::Text`].
const TYPE_KEY: &str = "insq.type";

/// The type of a column, decided when a query is planned. Missing is Arrow null in every type.
///
/// # Examples
/// ```
/// use insq_event::ColumnType;
///
/// let field = ColumnType::Any.field("user.id");
/// assert_eq!(ColumnType::of_field(&field), Some(ColumnType::Any));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `Float64`: metrics of a REPORT line, arithmetic.
    Number,
    /// `Timestamp(Millisecond)`, UTC: `@timestamp`, `bin()`.
    Time,
    /// `Boolean`: comparisons. Shown as 1 and 0.
    Bool,
    /// `Utf8View` that is text and nothing else: `@message`, string functions.
    Text,
    /// `Utf8View` whose cells become numbers where a number is wanted: JSON fields, `parse` captures.
    /// A JSON number keeps the digits that the log wrote.
    Any,
    /// `Utf8View` whose cells are JSON texts, strings with their quotes: maps and lists, and what a path into one
    /// leads to. Maps and lists are values of their own: as text or number they are missing.
    Json,
}

impl ColumnType {
    /// The Arrow type that holds such a column.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Number => DataType::Float64,
            Self::Time => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::Bool => DataType::Boolean,
            Self::Text | Self::Any | Self::Json => DataType::Utf8View,
        }
    }

    /// A nullable Arrow field of this type, marked so that [`ColumnType::of_field`] finds the type again.
    pub fn field(self, name: &str) -> Field {
        let field = Field::new(name, self.data_type(), true);
        match self {
            Self::Any | Self::Json => field.with_metadata([(TYPE_KEY.to_owned(), self.to_string())].into()),
            _ => field,
        }
    }

    /// The type of an Arrow field, or `None` when insq has no such type.
    pub fn of_field(field: &Field) -> Option<Self> {
        match field.data_type() {
            DataType::Float64 => Some(Self::Number),
            DataType::Timestamp(TimeUnit::Millisecond, None) => Some(Self::Time),
            DataType::Boolean => Some(Self::Bool),
            DataType::Utf8View => Some(match field.metadata().get(TYPE_KEY).map(String::as_str) {
                Some("any") => Self::Any,
                Some("json") => Self::Json,
                _ => Self::Text,
            }),
            _ => None,
        }
    }

    /// True for the two types whose cells are the text of a value.
    pub fn is_textual(self) -> bool {
        matches!(self, Self::Text | Self::Any)
    }
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Number => "number",
            Self::Time => "time",
            Self::Bool => "boolean",
            Self::Text => "text",
            Self::Any => "any",
            Self::Json => "json",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_survives_the_way_through_an_arrow_field() {
        for ty in [
            ColumnType::Number,
            ColumnType::Time,
            ColumnType::Bool,
            ColumnType::Text,
            ColumnType::Any,
            ColumnType::Json,
        ] {
            assert_eq!(ColumnType::of_field(&ty.field("x")), Some(ty));
        }
    }

    #[test]
    fn foreign_types_are_refused() {
        assert_eq!(
            ColumnType::of_field(&Field::new("x", DataType::Int32, true)),
            None
        );
    }
}
