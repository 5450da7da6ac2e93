//! Commands that bring the columns of another table: `lookup`, `cidrlookup`, `join`, `appendcols`.

use super::source::Source;
use super::{Name, Query};
use crate::Span;

/// `lookup users id as userId OUTPUT name, mail`
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Name of the table.
    pub table: Name,
    /// What must be equal, all of it. Never empty.
    pub matches: Vec<LookupMatch>,
    /// Whether fields that exist are replaced.
    pub mode: LookupMode,
    /// The columns that are added. Never empty.
    pub outputs: Vec<LookupOutput>,
    /// The whole command.
    pub span: Span,
}

/// `id as userId`: a column of the table and the field of the event that it is compared with.
#[derive(Clone, Debug)]
pub struct LookupMatch {
    /// Column of the table.
    pub column: Name,
    /// Field of the event; of the same name when `None`.
    pub field: Option<Name>,
}

/// What a lookup does with fields that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LookupMode {
    /// `OUTPUT`: replaces them, with nothing where no row of the table matches.
    Replace,
    /// `OUTPUTNEW`: fills only what is missing.
    FillMissing,
}

/// `name as userName`: a column of the table and the field that it fills.
#[derive(Clone, Debug)]
pub struct LookupOutput {
    /// Column of the table.
    pub column: Name,
    /// Field of the event; of the same name when `None`.
    pub alias: Option<Name>,
}

/// `cidrlookup nets ip as cidr OUTPUT zone`
#[derive(Clone, Debug)]
pub struct CidrLookup {
    /// Name of the table.
    pub table: Name,
    /// The field of the event that holds an address.
    pub field: Name,
    /// The column of the table that holds networks; the first that does when `None`.
    pub column: Option<Name>,
    /// Whether fields that exist are replaced.
    pub mode: LookupMode,
    /// The columns that are added. Never empty.
    pub outputs: Vec<LookupOutput>,
    /// The whole command.
    pub span: Span,
}

/// `join type=left left=l right=r where l.id = r.id (SOURCE "b")`
#[derive(Clone, Debug)]
pub struct Join {
    /// Whether events without a partner stay.
    pub kind: JoinKind,
    /// What later commands call the events so far.
    pub left: Name,
    /// What later commands call the events of the other source.
    pub right: Name,
    /// The field of the left side, without its alias.
    pub left_key: Name,
    /// The field of the right side, without its alias.
    pub right_key: Name,
    /// The other source. Never empty.
    pub sources: Vec<Source>,
    /// The whole command.
    pub span: Span,
}

/// What becomes of events without a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// They go.
    Inner,
    /// They stay, and the right side is missing.
    Left,
}

/// `appendcols override=true max=100 (SOURCE "b" | stats count(*) by bin(5m))`
#[derive(Clone, Debug)]
pub struct AppendCols {
    /// True when the columns of the sub-query replace columns of the same name.
    pub replace: bool,
    /// Rows of the sub-query at most.
    pub max: Option<u64>,
    /// The sub-query.
    pub query: Query,
    /// The whole command.
    pub span: Span,
}
