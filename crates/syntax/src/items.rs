//! Items separated by commas, a comma too many included.

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;

/// How many items there may be, and what they are called.
#[derive(Clone, Copy)]
pub(crate) struct ItemLimit {
    pub(crate) what: &'static str,
    pub(crate) limit: usize,
}

impl Reader<'_> {
    /// Items up to where `at_end` holds or no comma follows. May be none.
    pub(crate) fn items<T, E: From<SyntaxError>>(
        &mut self,
        limit: ItemLimit,
        at_end: impl Fn(&mut Self) -> bool,
        item: impl Fn(&mut Self) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let mut items = Vec::new();
        let mut comma = None;
        loop {
            self.superfluous_commas();
            if at_end(self) {
                if let Some(comma) = comma {
                    self.warn(
                        comma,
                        "the comma after the last item is read as nothing; take it out",
                    );
                }
                return Ok(items);
            }
            if items.len() == limit.limit {
                let kind = SyntaxErrorKind::TooMany {
                    what: limit.what,
                    limit: limit.limit,
                };
                return Err(SyntaxError::new(kind, self.here()).into());
            }
            items.push(item(self)?);
            if !self.eat(",") {
                return Ok(items);
            }
            comma = Some(self.last());
        }
    }

    fn superfluous_commas(&mut self) {
        while self.eat(",") {
            let comma = self.last();
            self.warn(comma, "this comma separates nothing; take it out");
        }
    }
}
