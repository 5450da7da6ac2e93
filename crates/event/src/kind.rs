//! The kinds of events that Lambda itself writes.

/// What an event is, as far as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// `START RequestId: …` or `platform.start`.
    Start,
    /// `END RequestId: …`, `platform.end` or `platform.runtimeDone`.
    End,
    /// `REPORT RequestId: …` or `platform.report`.
    Report,
    /// `INIT_START …` or `platform.initStart`.
    InitStart,
    /// Everything else: lines of the application, other platform lines.
    Other,
}

impl EventKind {
    /// The value of `@type`, missing for events that Lambda gives no type.
    pub fn type_name(self) -> Option<&'static str> {
        match self {
            Self::Start => Some("START"),
            Self::End => Some("END"),
            Self::Report => Some("REPORT"),
            Self::InitStart => Some("INIT_START"),
            Self::Other => None,
        }
    }

    /// The kind whose `@type` is `name`. Case matters, as in every comparison of text.
    pub fn from_type_name(name: &str) -> Option<Self> {
        Self::TYPED
            .into_iter()
            .find(|kind| kind.type_name() == Some(name))
    }

    /// Every kind, in the order of its number.
    pub const ALL: [Self; 5] = [Self::Start, Self::End, Self::Report, Self::InitStart, Self::Other];

    /// The kinds that have an `@type`.
    pub const TYPED: [Self; 4] = [Self::Start, Self::End, Self::Report, Self::InitStart];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of [`EventKind`]s.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventKinds(u8);

impl EventKinds {
    /// Every kind.
    pub const ALL: Self = Self(0b1_1111);
    /// No kind.
    pub const NONE: Self = Self(0);
    /// REPORT events only.
    pub const REPORT: Self = Self::only(EventKind::Report);
    /// The kinds that have an `@type`.
    pub const TYPED: Self = Self(0b0_1111);

    /// The set of one kind.
    pub const fn only(kind: EventKind) -> Self {
        Self(kind.bit())
    }

    /// True when `kind` is a member.
    pub const fn contains(self, kind: EventKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// The kinds in both sets.
    #[must_use]
    pub const fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The kinds in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl std::fmt::Display for EventKinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::ALL {
            return f.write_str("all");
        }
        let mut names: Vec<&str> = EventKind::TYPED
            .into_iter()
            .filter(|k| self.contains(*k))
            .filter_map(EventKind::type_name)
            .collect();
        if self.contains(EventKind::Other) {
            names.push("other");
        }
        f.write_str(if names.is_empty() { "none" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

impl std::fmt::Debug for EventKinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EventKinds({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_combine() {
        let both = EventKinds::only(EventKind::Start).union(EventKinds::REPORT);
        assert!(both.contains(EventKind::Report) && !both.contains(EventKind::End));
        assert_eq!(both.intersect(EventKinds::REPORT), EventKinds::REPORT);
        assert_eq!(both.to_string(), "START, REPORT");
        assert_eq!(EventKinds::ALL.to_string(), "all");
        assert_eq!(EventKinds::NONE.to_string(), "none");
        assert_eq!(
            EventKinds::TYPED.union(EventKinds::only(EventKind::Other)),
            EventKinds::ALL
        );
    }

    #[test]
    fn type_names_are_case_sensitive() {
        assert_eq!(EventKind::from_type_name("REPORT"), Some(EventKind::Report));
        assert_eq!(EventKind::from_type_name("report"), None);
    }
}
