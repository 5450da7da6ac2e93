//! The names of fields: the system's own, and those discovered in JSON.

use crate::{ColumnType, EventKind, EventKinds};

macro_rules! system_fields {
    ($($variant:ident $name:literal $ty:ident $kinds:expr, $doc:literal;)*) => {
        /// A field that insq itself makes of an event; its name starts with `@`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SystemField {
            $(#[doc = $doc] $variant,)*
        }

        /// Every system field, in the order of the documentation.
        pub const SYSTEM_FIELDS: &[SystemField] = &[$(SystemField::$variant),*];

        impl SystemField {
            /// The name as queries write it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The type of its column.
            pub fn column_type(self) -> ColumnType {
                match self { $(Self::$variant => ColumnType::$ty,)* }
            }

            /// The kinds of events that can carry it; in all others it is missing.
            pub fn kinds(self) -> EventKinds {
                match self { $(Self::$variant => $kinds,)* }
            }

            /// One sentence for help texts.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

const ANY: EventKinds = EventKinds::ALL;
const REPORT: EventKinds = EventKinds::REPORT;

system_fields! {
    Timestamp "@timestamp" Time ANY, "Time of the event, milliseconds, UTC.";
    Message "@message" Text ANY, "Text of the event, without the line ends that close it.";
    LogStream "@logStream" Text ANY, "Name of the log stream, where the log tells it.";
    Log "@log" Text ANY, "Log group, `account:name` where the account is known, where the log tells it.";
    IngestionTime "@ingestionTime" Time ANY, "Time of ingestion; exports and plain text do not carry it.";
    Ptr "@ptr" Text ANY, "Where the event lies: `file:offset:length`, in bytes of the decompressed file.";
    Type "@type" Text EventKinds::TYPED, "START, END, REPORT or INIT_START; missing for other events.";
    RequestId "@requestId" Text ANY, "Request id of the invocation, where the event tells it.";
    Duration "@duration" Number REPORT, "Duration of the invocation, milliseconds.";
    BilledDuration "@billedDuration" Number REPORT, "Billed duration, milliseconds.";
    InitDuration "@initDuration" Number REPORT, "Initialisation of a new environment, milliseconds; cold starts only.";
    RestoreDuration "@restoreDuration" Number REPORT, "Restoring a SnapStart snapshot, milliseconds. Not a field of the service.";
    MemorySize "@memorySize" Number REPORT, "Configured memory, bytes: the MB of the log times 1,000,000.";
    MaxMemoryUsed "@maxMemoryUsed" Number REPORT, "Most memory used so far by the environment, bytes: MB times 1,000,000.";
    XrayTraceId "@xrayTraceId" Text ANY, "X-Ray trace id, where the event tells it.";
    XraySegmentId "@xraySegmentId" Text REPORT, "X-Ray segment id of a REPORT line.";
    Function "@function" Text ANY, "Name of the function, by the stream or the log group. Not a field of the service.";
    FunctionVersion "@functionVersion" Text ANY, "Version of the function, by the stream. Not a field of the service.";
    Environment "@environment" Text ANY, "Id of the execution environment, by the stream. Not a field of the service.";
}

impl SystemField {
    /// The field called `name`. Field names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        SYSTEM_FIELDS.iter().copied().find(|field| field.name() == name)
    }

    /// False for the fields that insq has beyond those of the service.
    pub fn is_of_service(self) -> bool {
        !matches!(
            self,
            Self::RestoreDuration | Self::Function | Self::FunctionVersion | Self::Environment
        )
    }

    /// True when a present value proves that the event is a REPORT.
    pub fn implies_report(self) -> bool {
        self.kinds() == EventKinds::only(EventKind::Report)
    }
}

/// The dotted path of a discovered JSON field, `a.b.0.c`; numeric steps address array positions from 0.
///
/// A flat key that holds dots wins over a nested path of the same text. A key of the log that starts
/// with `@` is written with one more `@`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldPath(std::sync::Arc<str>);

impl FieldPath {
    /// A path from its text as queries write it.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as queries write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as the log's keys spell it: `@@timestamp` addresses the key `@timestamp`.
    pub fn key_text(&self) -> &str {
        match self.0.strip_prefix("@@") {
            Some(_) => &self.0[1..],
            None => &self.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found_again() {
        for field in SYSTEM_FIELDS {
            assert_eq!(SystemField::from_name(field.name()), Some(*field));
        }
        assert_eq!(SystemField::from_name("@Timestamp"), None);
    }

    #[test]
    fn metrics_prove_a_report_and_request_ids_do_not() {
        assert!(SystemField::Duration.implies_report());
        assert!(!SystemField::RequestId.implies_report());
    }

    #[test]
    fn doubled_at_signs_address_the_logs_own_keys() {
        assert_eq!(FieldPath::new("@@timestamp").key_text(), "@timestamp");
        assert_eq!(FieldPath::new("user.id").key_text(), "user.id");
    }
}
