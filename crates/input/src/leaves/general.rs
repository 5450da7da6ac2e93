//! The leaves of any object, by the reader of JSON that decides what is sound.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Leaves;

/// A leaf that so many objects and arrays are around, but for the outermost, is none: the reader of fields, which has
/// this limit, takes it for no JSON.
pub(super) const LEVELS_MAX: usize = 127;

impl Leaves {
    /// Finds the leaves of the object that `text` begins with; false, and none, when it is not sound.
    pub(super) fn read_general(&mut self, text: &str) -> bool {
        let is_sound = self.object(text, text, 0);
        if !is_sound {
            self.clear();
        }
        is_sound
    }

    /// Takes the members of an object `text` that is part of `all`.
    fn object(&mut self, all: &str, text: &str, level: usize) -> bool {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let members = Members {
            leaves: self,
            all,
            level,
        };
        deserializer.deserialize_map(members).is_ok()
    }

    fn elements(&mut self, all: &str, text: &str, level: usize) {
        let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(text) else {
            return;
        };
        for (idx, element) in elements.into_iter().enumerate() {
            self.member(all, &idx.to_string(), element.get(), level);
        }
    }

    fn member(&mut self, all: &str, key: &str, value: &str, level: usize) {
        if key.is_empty() || level == LEVELS_MAX {
            return;
        }
        let length = self.enter(key);
        match value.as_bytes().first() {
            Some(b'{') => {
                self.object(all, value, level + 1);
            }
            Some(b'[') => self.elements(all, value, level + 1),
            _ => {
                // The reader lends parts of the text that it was given.
                let start = value.as_ptr().addr() - all.as_ptr().addr();
                self.push(start..start + value.len());
            }
        }
        self.leave(length);
    }
}

struct Members<'l, 'a> {
    leaves: &'l mut Leaves,
    all: &'a str,
    level: usize,
}

impl<'de> Visitor<'de> for Members<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'de>>()? {
            let value = map.next_value::<&'de RawValue>()?;
            self.leaves.member(self.all, &key.0, value.get(), self.level);
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
