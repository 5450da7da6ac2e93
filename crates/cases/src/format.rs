//! Golden cases: files of inputs, queries and their answers that people write and read.
//!
//! A file is a sequence of blocks with empty lines between them. A block is a header line and a body:
//!
//! ```text
//! # dedup keeps the first event of each key
//!
//! input jsonl
//! {"@timestamp": "2024-03-01T00:00:01Z", "level": "INFO", "n": 1}
//! {"@timestamp": "2024-03-01T00:00:02Z", "level": "INFO", "n": 2}
//!
//! query
//! fields level, n | sort n desc | dedup level
//! ----
//! level  n
//! INFO   2
//!
//! error
//! dedup
//! ----
//! error: `dedup` needs at least one field
//! ```
//!
//! * Lines that start with `#` between blocks are the title of the next case.
//! * `input <kind> [file name]` gives events; kinds are those of [`InputKind`]. Neighbouring inputs belong
//!   together; an input after a case begins a new set, which holds for all cases up to the next such input.
//! * `query`, `explain` and `error` are cases: the query, a line `----`, and the expected answer. A case
//!   without `----` has no answer yet. Words `key=value` behind the header are options of the query:
//!   `compat=true`, `check=true`, `tz=Europe/Berlin`, `fill=true`, `now=MS`, `since=MS`, `until=MS`, `limit=N`, `name.x=value`
//!   for the parameter `{{x}}`.
//! * An empty line ends a body. An empty line *in* a body is written `\`, and a body line that starts with
//!   a backslash gets one more; so a misspelt header can never hide in the body above it.

use std::ops::Range;

/// A parsed file of cases, with its text, so that answers can be replaced in place.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFile {
    pub(crate) source: String,
    pub(crate) cases: Vec<Case>,
}

/// A query with its inputs and its expected answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The comment lines above it and above its inputs, without `#`.
    pub title: Vec<String>,
    /// Line of its header, from 1.
    pub line: usize,
    /// What is expected of it.
    pub kind: CaseKind,
    /// The words behind the header.
    pub options: Vec<(String, String)>,
    /// The events that it runs over; may be empty, for queries that are refused before they read.
    pub inputs: Vec<Input>,
    /// The query; ends without a line end.
    pub query: String,
    /// The expected answer, ending without a line end; `None` when nobody has written one yet.
    pub expected: Option<String>,
    /// Where `----` and the answer stand in the file, or where they belong.
    pub(crate) answer: Range<usize>,
}

/// What is expected of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseKind {
    /// Rows, as [`format_table`](crate::format_table) prints them.
    Query,
    /// The plan, as `--explain` prints it.
    Explain,
    /// A refusal, as the terminal shows it.
    Error,
}

/// Events for the cases below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The container.
    pub kind: InputKind,
    /// A file name, where the header gives one.
    pub name: Option<String>,
    /// The bytes of the file, ending with a line end unless it is empty.
    pub content: String,
}

/// The containers that inputs of cases can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// `export`: lines of an S3 export.
    Export,
    /// `jsonl`: one JSON object per line.
    Jsonl,
    /// `text`: lines without a time.
    Text,
    /// `events-json`: a document of `filter-log-events`.
    EventsJson,
    /// `group NAME`: lines of an S3 export of the log group NAME, which `SOURCE` finds by its name.
    Group,
    /// `table NAME`: the lookup table NAME, a CSV file.
    Table,
}

impl InputKind {
    /// Every kind with the word that names it.
    pub const ALL: [(&str, Self); 6] = [
        ("export", Self::Export),
        ("jsonl", Self::Jsonl),
        ("text", Self::Text),
        ("events-json", Self::EventsJson),
        ("group", Self::Group),
        ("table", Self::Table),
    ];
}

impl CaseKind {
    /// Every kind with the word that begins its block.
    pub const ALL: [(&str, Self); 3] = [
        ("query", Self::Query),
        ("explain", Self::Explain),
        ("error", Self::Error),
    ];
}

/// A file of cases that cannot be read, or answers that do not fit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseError {
    /// A line between blocks that is neither a header nor a comment.
    UnknownBlock {
        /// Line, from 1.
        line: usize,
        /// The text of the line.
        found: String,
    },
    /// `input` without a kind, or with one that does not exist.
    UnknownInput {
        /// Line, from 1.
        line: usize,
        /// The word that should be a kind.
        found: String,
    },
    /// A word behind a header that is not `key=value`.
    BadOption {
        /// Line, from 1.
        line: usize,
        /// The word.
        found: String,
    },
    /// `input group` or `input table` without a name.
    NoName {
        /// Line, from 1.
        line: usize,
    },
    /// A case whose query is empty.
    NoQuery {
        /// Line, from 1.
        line: usize,
    },
    /// As many answers as cases are needed.
    AnswerCount {
        /// How many cases the file has.
        cases: usize,
        /// How many answers were given.
        answers: usize,
    },
}

impl std::fmt::Display for CaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownBlock { line, found } => {
                write!(
                    f,
                    "line {line}: `{found}` begins no block; write `\\` for an empty line inside a block"
                )
            }
            Self::UnknownInput { line, found } => {
                let kinds = InputKind::ALL.map(|(word, _)| word).join(", ");
                write!(f, "line {line}: `{found}` is no kind of input; kinds are {kinds}")
            }
            Self::BadOption { line, found } => write!(f, "line {line}: `{found}` is not `key=value`"),
            Self::NoName { line } => write!(f, "line {line}: this kind of input needs a name"),
            Self::NoQuery { line } => write!(f, "line {line}: the case has no query"),
            Self::AnswerCount { cases, answers } => write!(f, "{answers} answers for {cases} cases"),
        }
    }
}

impl std::error::Error for CaseError {}

impl CaseFile {
    /// The cases in the order of the file.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The file's text with other answers, one per case in the order of the file. All else stays as it is.
    ///
    /// # Errors
    /// [`CaseError::AnswerCount`] when there are more or fewer answers than cases.
    ///
    /// # Examples
    /// ```
    /// use insq_cases::parse_cases;
    ///
    /// let file = parse_cases("# how many\n\nquery\nstats count(*)\n")?;
    /// assert_eq!(file.cases()[0].expected, None);
    /// let blessed = file.with_answers(&["count(*)\n3"])?;
    /// assert_eq!(blessed, "# how many\n\nquery\nstats count(*)\n----\ncount(*)\n3\n");
    /// # Ok::<(), insq_cases::CaseError>(())
    /// ```
    pub fn with_answers<S: AsRef<str>>(&self, answers: &[S]) -> Result<String, CaseError> {
        if answers.len() != self.cases.len() {
            return Err(CaseError::AnswerCount {
                cases: self.cases.len(),
                answers: answers.len(),
            });
        }
        let (mut text, mut copied) = (String::new(), 0);
        for (case, answer) in self.cases.iter().zip(answers) {
            text.push_str(&self.source[copied..case.answer.start]);
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str("----\n");
            push_body(&mut text, answer.as_ref());
            copied = case.answer.end;
        }
        text.push_str(&self.source[copied..]);
        Ok(text)
    }
}

/// Appends the lines of a body, escaped where they need it.
fn push_body(out: &mut String, body: &str) {
    for line in body.strip_suffix('\n').unwrap_or(body).split('\n') {
        // The body of an empty answer is no line, not an empty one.
        if body.is_empty() {
            break;
        }
        if line.is_empty() || line.starts_with('\\') {
            out.push('\\');
        }
        out.push_str(line);
        out.push('\n');
    }
}
