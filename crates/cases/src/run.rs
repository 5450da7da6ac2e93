//! Running one case.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use insq::{
    Catalog, ConversionOptions, Engine, Error, GATHERED_ROWS, PreparedQuery, QueryOptions, ReadOptions,
    ResultStream, RunControl, ServiceRules, Severity, Spill, TimeRange, Value, Zone, fill_parameters,
    render_diagnostic,
};

use crate::format::{Case, CaseKind, InputKind};
use crate::table::format_table;

/// One way to run a query. None of it changes an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What messages call it.
    pub name: &'static str,
    /// Threads.
    pub threads: usize,
    /// Rows of a batch at most.
    pub batch_rows: usize,
    /// Bytes read at a time.
    pub block_bytes: usize,
    /// Size of the parts into which plain files are cut.
    pub split_bytes: u64,
    /// True to map these parts rather than to read them.
    pub mmap: bool,
    /// True to compress the inputs.
    pub gzip: bool,
    /// True to convert the inputs to Parquet first.
    pub parquet: bool,
    /// False to run the plan as it was bound.
    pub optimize: bool,
    /// Bytes that a step may gather before it goes to files; `None` to stay in memory.
    pub spill_bytes: Option<usize>,
    /// Groups, or rows of a sort, that a thread gathers before it puts them aside.
    pub gathered_rows: usize,
}

impl Setting {
    /// One thread, and files as they are.
    pub const PLAIN: Self = Self {
        name: "one thread",
        threads: 1,
        batch_rows: 8_192,
        block_bytes: 1 << 20,
        split_bytes: 1 << 24,
        mmap: false,
        gzip: false,
        parquet: false,
        optimize: true,
        spill_bytes: None,
        gathered_rows: GATHERED_ROWS,
    };
}

impl Default for Setting {
    fn default() -> Self {
        Self::PLAIN
    }
}

/// A case that cannot be run at all, whatever its query.
#[derive(Debug)]
pub enum RunError {
    /// The inputs cannot be written to a temporary folder.
    Io(std::io::Error),
    /// An option of the case that does not exist, or whose value makes no sense.
    Option(String),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(cause) => write!(f, "{cause}"),
            Self::Option(text) => write!(f, "`{text}` is no option of a case"),
        }
    }
}

impl std::error::Error for RunError {}

impl From<std::io::Error> for RunError {
    fn from(cause: std::io::Error) -> Self {
        Self::Io(cause)
    }
}

/// What a query says under a setting: its rows below its warnings, its plan, or why it is refused.
///
/// # Errors
/// [`RunError`] when the case itself makes no sense.
///
/// # Examples
/// ```
/// use insq_cases::{Setting, answer, parse_cases};
///
/// let file = parse_cases("input text\nhello\n\nquery\nstats count(*) as n\n")?;
/// assert_eq!(answer(&file.cases()[0], &Setting::default())?, "n\n1\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn answer(case: &Case, setting: &Setting) -> Result<String, RunError> {
    let folder = tempfile::tempdir()?;
    let (options, parameters) = options(case, setting)?;
    let parameters: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let query = match fill_parameters(&case.query, &parameters) {
        Ok(query) => query,
        Err(error) => return Ok(refusal(&case.query, &error)),
    };
    let outcome = engine(case, setting, folder.path())?.and_then(|engine| {
        let prepared = engine.prepare(&query, &options)?;
        if case.kind == CaseKind::Explain {
            let folder = folder.path().display().to_string();
            return Ok(prepared.explain().replace(&folder, "INPUT"));
        }
        Ok(notes(&prepared) + &table(&prepared.run()?))
    });
    Ok(match outcome {
        Ok(text) => text,
        Err(error) => refusal(&query, &error).replace(&folder.path().display().to_string(), "INPUT"),
    })
}

/// What cases over the same inputs say when they run together, in one pass: of each, what [`answer`] says of it alone.
/// Cases that want plans have none here.
///
/// # Errors
/// As [`answer`].
pub fn answers_together(cases: &[Case], setting: &Setting) -> Result<Vec<String>, RunError> {
    let Some(first) = cases.first() else {
        return Ok(Vec::new());
    };
    let folder = tempfile::tempdir()?;
    let shown = |text: String| text.replace(&folder.path().display().to_string(), "INPUT");
    let engine = match engine(first, setting, folder.path())? {
        Ok(engine) => engine,
        Err(error) => return Ok(vec![shown(refusal("", &error)); cases.len()]),
    };
    let mut answers = vec![String::new(); cases.len()];
    let (mut prepared, mut queries, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for (number, case) in cases
        .iter()
        .enumerate()
        .filter(|(_, case)| case.kind != CaseKind::Explain)
    {
        let (options, parameters) = options(case, setting)?;
        let parameters: Vec<(&str, &str)> = parameters
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        match fill_parameters(&case.query, &parameters) {
            Err(error) => answers[number] = refusal(&case.query, &error),
            Ok(query) => match engine.prepare(&query, &options) {
                Err(error) => answers[number] = shown(refusal(&query, &error)),
                Ok(one) => {
                    answers[number] = notes(&one);
                    prepared.push(one);
                    queries.push(query);
                    numbers.push(number);
                }
            },
        }
    }
    let results = match engine.run_many(&prepared, &RunControl::default()) {
        Ok(results) => results,
        Err(error) => {
            for (number, query) in numbers.iter().zip(&queries) {
                answers[*number] = shown(refusal(query, &error));
            }
            return Ok(answers);
        }
    };
    for one in results {
        let number = numbers[one.number];
        match one.stream.and_then(ResultStream::into_result) {
            Ok(result) => answers[number].push_str(&table(&result)),
            Err(error) => answers[number] = shown(refusal(&queries[one.number], &error)),
        }
    }
    Ok(answers)
}

/// What is remarked about a query.
fn notes(prepared: &PreparedQuery<'_>) -> String {
    let note = |warning: &insq::Warning| format!("note: {}\n", warning.message);
    prepared.warnings().iter().map(note).collect()
}

/// The engine over the inputs of a case, which are written to `folder`.
fn engine(case: &Case, setting: &Setting, folder: &Path) -> Result<Result<Engine, Error>, RunError> {
    let (logs, groups, tables) = (folder.join("logs"), folder.join("groups"), folder.join("tables"));
    for path in [&logs, &groups, &tables] {
        std::fs::create_dir(path)?;
    }
    let mut catalog = serde_json::Map::new();
    let mut has_logs = false;
    let write_input = |folder: &Path, file: &str, content: &str| -> Result<Result<(), Error>, RunError> {
        write_input(folder, file, content.as_bytes(), setting.gzip)?;
        if setting.parquet {
            return convert(&folder.join(file), setting);
        }
        Ok(Ok(()))
    };
    for (idx, input) in case.inputs.iter().enumerate() {
        let name = input.name.clone().unwrap_or_default();
        let file = format!("{idx}.log");
        match input.kind {
            InputKind::Table => std::fs::write(tables.join(format!("{name}.csv")), &input.content)?,
            InputKind::Group => {
                if let Err(error) = write_input(&groups, &file, &input.content)? {
                    return Ok(Err(error));
                }
                catalog.insert(name, file.into());
            }
            _ => {
                has_logs = true;
                if let Err(error) = write_input(&logs, &file, &input.content)? {
                    return Ok(Err(error));
                }
            }
        }
    }
    let catalog = serde_json::json!({ "logGroups": catalog }).to_string();
    let read_options = ReadOptions {
        block_bytes: setting.block_bytes,
        split_bytes: setting.split_bytes,
        mmap: setting.mmap,
        ..ReadOptions::default()
    };
    let catalog = match Catalog::parse(&catalog, &groups) {
        Ok(catalog) => catalog,
        Err(error) => return Ok(Err(error)),
    };
    let mut builder = Engine::builder()
        .threads(setting.threads)
        .gathered_rows(setting.gathered_rows)
        .lookups(tables)
        .catalog(catalog)
        .read_options(read_options);
    if let Some(gathered_bytes) = setting.spill_bytes {
        let folder = folder.into();
        builder = builder.spill(Spill {
            folder,
            gathered_bytes,
        });
    }
    if has_logs {
        builder = builder.path(logs);
    }
    Ok(builder.build())
}

/// Puts Parquet in the place of a log.
fn convert(log: &Path, setting: &Setting) -> Result<Result<(), Error>, RunError> {
    let made = log.with_extension("made");
    let output = std::fs::File::create(&made)?;
    let options = ConversionOptions {
        stretch_rows: setting.split_bytes as usize,
        ..ConversionOptions::default()
    };
    let folder = log.parent().unwrap_or(log);
    let converted = Engine::builder()
        .path(log)
        .threads(setting.threads)
        .build()
        .and_then(|engine| engine.convert(&output, folder, &options, &RunControl::default()));
    if let Err(error) = converted {
        return Ok(Err(error));
    }
    drop(output);
    std::fs::rename(made, log)?;
    Ok(Ok(()))
}

fn write_input(folder: &Path, name: &str, bytes: &[u8], gzip: bool) -> Result<(), RunError> {
    let mut file = std::fs::File::create(folder.join(name))?;
    if gzip {
        let mut encoder = GzEncoder::new(file, Compression::fast());
        encoder.write_all(bytes)?;
        encoder.finish()?;
    } else {
        file.write_all(bytes)?;
    }
    Ok(())
}

/// Names and values of parameters.
type Parameters = Vec<(String, String)>;

/// What the options of a case say.
fn options(case: &Case, setting: &Setting) -> Result<(QueryOptions, Parameters), RunError> {
    let mut options = QueryOptions {
        batch_rows: setting.batch_rows,
        optimize: setting.optimize,
        ..QueryOptions::default()
    };
    let mut parameters = Vec::new();
    let (mut start_ms, mut end_ms) = (None, None);
    for (key, value) in &case.options {
        let wrong = || RunError::Option(format!("{key}={value}"));
        match (key.as_str(), value.as_str()) {
            ("compat", "true") => options.service = ServiceRules::Enforced,
            ("check", "true") => options.service = ServiceRules::Remarked,
            ("fill", "true") => options.fill_bins = true,
            ("strict", "true") => options.strict = true,
            ("tz", zone) => options.zone = Zone::parse(zone).ok_or_else(wrong)?,
            ("now", ms) => options.now_ms = ms.parse().map_err(|_| wrong())?,
            ("since", ms) => start_ms = Some(ms.parse().map_err(|_| wrong())?),
            ("until", ms) => end_ms = Some(ms.parse().map_err(|_| wrong())?),
            ("limit", rows) => options.limit = Some(rows.parse().map_err(|_| wrong())?),
            (key, value) => match key.strip_prefix("param.") {
                Some(name) => parameters.push((name.to_owned(), value.to_owned())),
                None => return Err(wrong()),
            },
        }
    }
    options.time_range = TimeRange { start_ms, end_ms };
    Ok((options, parameters))
}

fn table(result: &insq::QueryResult) -> String {
    let columns: Vec<String> = result
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let cell = |value: &Value| match value {
        Value::Null => None,
        value => Some(value.to_string()),
    };
    let rows: Vec<Vec<Option<String>>> = result
        .rows()
        .iter()
        .map(|row| row.values().iter().map(cell).collect())
        .collect();
    format_table(&columns, &rows)
}

fn refusal(query: &str, error: &Error) -> String {
    match error.span() {
        Some(span) => {
            let (message, help) = (error.to_string(), error.help());
            render_diagnostic(query, Severity::Error, &message, span, None, help.as_deref())
        }
        None => format!("error: {error}"),
    }
}
