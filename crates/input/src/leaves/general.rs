//! The leaves of any object, by the reader of JSON that decides what is sound.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Path;

/// A leaf that so many objects and arrays are around, but for the outermost, is none: the reader of fields, which has
/// this limit, takes it for no JSON.
pub(super) const LEVELS_MAX: usize = 127;

/// Gives the leaves of the object that `text` begins with; false, and none, when it is not sound.
pub(super) fn read<'a>(text: &'a str, path: &mut Path, see: &mut impl FnMut(&str, &'a str)) -> bool {
    // Leaves are given as they come, so that it must be known to be sound beforehand.
    let is_sound = serde_json::Deserializer::from_str(text)
        .deserialize_map(Members::to(|_: &str, _: IgnoredAny| {}))
        .is_ok();
    if is_sound {
        object(text, path, 0, see);
    }
    is_sound
}

fn object<'a>(text: &'a str, path: &mut Path, level: usize, see: &mut impl FnMut(&str, &'a str)) {
    let members = Members::to(|key: &str, value: &'a RawValue| member(key, value.get(), path, level, see));
    // What is not sound within a sound object is a key; those before it count.
    let _ = serde_json::Deserializer::from_str(text).deserialize_map(members);
}

fn elements<'a>(text: &'a str, path: &mut Path, level: usize, see: &mut impl FnMut(&str, &'a str)) {
    let Ok(elements) = serde_json::from_str::<Vec<&'a RawValue>>(text) else {
        return;
    };
    for (idx, element) in elements.into_iter().enumerate() {
        member(&idx.to_string(), element.get(), path, level, see);
    }
}

fn member<'a>(key: &str, value: &'a str, path: &mut Path, level: usize, see: &mut impl FnMut(&str, &'a str)) {
    if key.is_empty() || level == LEVELS_MAX {
        return;
    }
    let length = path.enter(key);
    match value.as_bytes().first() {
        Some(b'{') => object(value, path, level + 1, see),
        Some(b'[') => elements(value, path, level + 1, see),
        _ => see(&path.0, value),
    }
    path.leave(length);
}

/// Gives every member of an object to a function, its value as the function wants it.
struct Members<F, V> {
    see: F,
    values: PhantomData<V>,
}

impl<F, V> Members<F, V> {
    fn to(see: F) -> Self {
        let values = PhantomData;
        Self { see, values }
    }
}

impl<'de, V: Deserialize<'de>, F: FnMut(&str, V)> Visitor<'de> for Members<F, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'de>>()? {
            (self.see)(&key.0, map.next_value()?);
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
