//! Golden tests of queries: files that hold inputs, queries and their answers, and what runs them.
//!
//! [`parse_cases`] reads a file, [`answer`] runs one case under a [`Setting`],
//! [`answers_together`] many in one pass, and [`CaseFile::with_answers`] writes
//! other answers into the text.

mod format;
mod parse;
mod run;
mod table;

pub use format::{Case, CaseError, CaseFile, CaseKind, Input, InputKind};
pub use parse::parse_cases;
pub use run::{RunError, Setting, answer, answers_together};
pub use table::format_table;
