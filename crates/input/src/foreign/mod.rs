//! Columns of other tools: they are the fields, whichever container they come in.
//!
//! [`ForeignPlan`] says which columns of a schema a request needs and makes its columns of them; `nested.rs` finds what
//! lies within structs, lists and maps, `json.rs` writes these as JSON, `cells.rs` knows the values of plain types.

mod cells;
mod civil;
mod json;
mod nested;
mod plan;

pub(crate) use civil::date_text;
pub(crate) use plan::ForeignPlan;
