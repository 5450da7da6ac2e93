//! The containers by name, for users who know better than what the first bytes say.

macro_rules! formats {
    ($($variant:ident $name:literal $doc:literal;)*) => {
        /// A container of logs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum LogFormat {
            $(#[doc = $doc] $variant,)*
        }

        impl LogFormat {
            /// Every container.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name that users write.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One sentence for help texts.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

formats! {
    Export "export" "Lines of an S3 export: a time with milliseconds and `Z`, a blank, the message.";
    Tail "tail" "`aws logs tail`: a time with its offset, the stream, the message.";
    TailShort "tail-short" "`aws logs tail --format short`: a time to the second, the message.";
    Sam "sam" "`sam logs`: the stream, a time, the message.";
    Application "application" "What applications write: lines that start with a time of their own.";
    Lines "lines" "Lines without times, each an event.";
    Json "json" "JSON documents one after another: events of the interface, results of queries, payloads, arrays.";
    JsonLines "jsonl" "A JSON document per line.";
    Csv "csv" "What the console saves: a head with the names of the columns, then rows.";
    CliText "cli-text" "Events as `--output text` prints them.";
    Parquet "parquet" "Parquet, of insq's own or of other tools; always told by its first bytes.";
    Arrow "arrow" "Arrow IPC, as a file or as a stream; always told by its first bytes.";
}

impl LogFormat {
    /// The container called `name`.
    ///
    /// # Examples
    /// ```
    /// use insq_input::LogFormat;
    ///
    /// assert_eq!(LogFormat::from_name("jsonl"), Some(LogFormat::JsonLines));
    /// assert_eq!(LogFormat::from_name("xlsx"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }
}
