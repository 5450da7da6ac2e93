//! How large and how deep a query may be. Every limit is checked before the work that it bounds.

/// Bytes of a query text. Generated queries with thousands of conditions are far below.
pub const QUERY_BYTES_MAX: usize = 1 << 20;

/// Brackets, calls, lists, `not` and signs inside one another. People reach ten.
pub const NESTING_MAX: usize = 128;

/// Height of an expression's tree: nesting, plus arithmetic operators in a row (`a + b + c + …`), which make the
/// tree as high as they are many. Whoever walks the tree may therefore recurse. `and` and `or` add only the
/// logarithm of their number, because their chains are built balanced.
pub const TREE_HEIGHT_MAX: usize = 256;

/// Commands of one query. The longest met in the wild has 24.
pub const COMMANDS_MAX: usize = 256;

/// Columns, keys or names of one command.
pub const ITEMS_MAX: usize = 1_000;

/// Values of an `in [...]`, and arguments of a call.
pub const LIST_ITEMS_MAX: usize = 10_000;

/// Remarks on one query; further ones are not kept.
pub const WARNINGS_MAX: usize = 100;

/// The largest lag of `autoregress`: so many rows are kept.
pub const LAGS_MAX: u32 = 1_000;
