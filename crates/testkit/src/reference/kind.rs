//! What an expression gives, known before any row is read.

use std::collections::BTreeMap;

use insq_syntax::ast::{Expr, ExprKind, UnaryOperator};

use super::Value;

/// The type of a column. Values of a log are texts that count as numbers where numbers are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Time,
    Bool,
    Text,
    /// A map, a list, or what is in one.
    Json,
    /// `null`, which fits all.
    Null,
}

/// The types of the fields that are not those of log values.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    made: BTreeMap<String, Kind>,
    /// What queries in brackets have found, by their text.
    pub(super) subqueries: BTreeMap<String, (Kind, Vec<Value>)>,
    /// How far the bounds of periods are moved.
    pub(super) shift_ms: i64,
    /// True where functions are those of groups.
    is_of_groups: bool,
}

impl Kinds {
    pub(super) fn of_events() -> Self {
        let numbers = [
            "@duration",
            "@billedDuration",
            "@memorySize",
            "@maxMemoryUsed",
            "@initDuration",
        ];
        let mut kinds: BTreeMap<String, Kind> = numbers.map(|name| (name.to_owned(), Kind::Number)).into();
        kinds.insert("@timestamp".to_owned(), Kind::Time);
        Self {
            made: kinds,
            ..Self::default()
        }
    }

    /// The same where the bounds of periods are moved.
    pub(super) fn moved(&self, shift_ms: i64) -> Self {
        Self {
            shift_ms,
            ..self.clone()
        }
    }

    /// The same where functions are those of groups.
    pub(super) fn of_groups(&self) -> Self {
        Self {
            is_of_groups: true,
            ..self.clone()
        }
    }

    pub(super) fn define(&mut self, name: &str, kind: Kind) {
        self.made.insert(name.to_owned(), kind);
    }

    pub(super) fn is_made(&self, name: &str) -> bool {
        self.made.contains_key(name)
    }

    /// Fields that are known by an alias of their side, too.
    pub(super) fn define_aliased(&mut self, alias: &str) {
        let aliased = self
            .made
            .iter()
            .map(|(name, kind)| (format!("{alias}.{name}"), *kind));
        let aliased: Vec<(String, Kind)> = aliased.collect();
        self.made.extend(aliased);
    }

    /// True when the name is that of a field of the log.
    pub(super) fn is_of_log(&self, name: &str) -> bool {
        !name.starts_with('@') && !self.made.contains_key(name) && self.map_of(name).is_none()
    }

    pub(super) fn of_field(&self, name: &str) -> Kind {
        let of_map = || self.map_of(name).map(|_| Kind::Json);
        let made = self.made.get(name).copied();
        made.or_else(of_map).unwrap_or(Kind::Text)
    }

    /// The map that the query made and that a dotted name leads into.
    fn map_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        let mut beginnings = name.rmatch_indices('.').map(|(dot, _)| &name[..dot]);
        beginnings.find(|beginning| self.made.get(*beginning) == Some(&Kind::Json))
    }

    pub(super) fn of(&self, expr: &Expr) -> Kind {
        match &expr.kind {
            ExprKind::Field(name) => self.of_field(&name.text),
            ExprKind::Number(_) => Kind::Number,
            ExprKind::Bool(_) | ExprKind::In { .. } | ExprKind::InQuery { .. } | ExprKind::Like { .. } => {
                Kind::Bool
            }
            ExprKind::Null => Kind::Null,
            ExprKind::Unary {
                operator: UnaryOperator::Negate,
                ..
            } => Kind::Number,
            ExprKind::Unary { .. } => Kind::Bool,
            ExprKind::Binary { operator, .. } if operator.is_comparison() || operator.is_logical() => {
                Kind::Bool
            }
            ExprKind::Binary { .. } => Kind::Number,
            ExprKind::Path { .. } => Kind::Json,
            ExprKind::Call { name, arguments } => self.of_call(&name.text.to_lowercase(), arguments),
            _ => Kind::Text,
        }
    }

    fn of_call(&self, name: &str, arguments: &[Expr]) -> Kind {
        match name {
            "coalesce" => self.common(arguments.iter()),
            "if" => self.common(arguments.iter().skip(1)),
            "case" => {
                let is_value = |idx: usize| idx % 2 == 1 || idx + 1 == arguments.len();
                self.common(
                    arguments
                        .iter()
                        .enumerate()
                        .filter(|(idx, _)| is_value(*idx))
                        .map(|(_, value)| value),
                )
            }
            "max" | "min" | "earliest" | "latest" | "sortsfirst" | "sortslast" => {
                match self.of(&arguments[0]) {
                    // The extremes of times are shown as milliseconds.
                    Kind::Time => Kind::Number,
                    // Maps are not gathered; what they stand for is.
                    Kind::Json => Kind::Text,
                    kind => kind,
                }
            }
            "histogram" if self.is_of_groups => Kind::Json,
            "jsonparse" | "values" | "split" => Kind::Json,
            "jsonstringify" => Kind::Text,
            "jsonarraycontains" => Kind::Bool,
            "bin" | "datefloor" | "dateceil" | "frommillis" => Kind::Time,
            "ispresent" | "isempty" | "isblank" | "isnumeric" | "strcontains" | "startswith" | "endswith"
            | "isvalidip" | "isvalidipv4" | "isvalidipv6" => Kind::Bool,
            "concat" | "ltrim" | "rtrim" | "trim" | "toupper" | "tolower" | "substr" | "replace"
            | "regexreplace" | "urlencode" | "urldecode" | "base64encode" | "base64decode" | "hextoascii"
            | "dectohex" => Kind::Text,
            _ => Kind::Number,
        }
    }

    /// What holds all of these without loss.
    fn common<'e>(&self, values: impl Iterator<Item = &'e Expr>) -> Kind {
        let kinds = values
            .map(|value| self.of(value))
            .filter(|kind| *kind != Kind::Null);
        kinds
            .reduce(|a, b| match (a, b) {
                (a, b) if a == b => a,
                (Kind::Number, Kind::Bool) | (Kind::Bool, Kind::Number) => Kind::Number,
                (Kind::Json, _) | (_, Kind::Json) => Kind::Json,
                _ => Kind::Text,
            })
            .unwrap_or(Kind::Text)
    }
}
