//! `insq check`: would a query run, and would the service take it as it is?

use std::path::{Path, PathBuf};

use clap::Parser;
use insq::{Engine, QueryOptions, ServiceRules};
use serde_json::{Value, json};

use super::{print, print_json};
use crate::diagnostics::{Diagnostics, use_colour};
use crate::exit::Exit;
use crate::failure::render_error;
use crate::invocation::UsageError;
use crate::query_file;
use crate::query_files::NAME_EXAMPLE;

/// Tell whether queries are sound, without reading any log
#[derive(Debug, Parser)]
pub(crate) struct CheckArgs {
    /// A query, or files that hold one or several; `-` is standard input
    #[arg(value_name = "QUERY|FILE")]
    words: Vec<String>,

    /// Files of queries
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The folder of lookup tables
    #[arg(long, value_name = "DIR")]
    lookups: Option<PathBuf>,

    /// The value of a parameter of the query; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,

    /// Format: text, or json for programs: one object per query
    #[arg(short, long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    output: String,
}

/// A query and where it is from.
struct Checked {
    /// The file; `None` for a query on the command line.
    file: Option<String>,
    /// Its name in a file of several.
    name: Option<String>,
    /// What stands before it in the file.
    before: String,
    text: String,
}

impl Checked {
    /// A message with its place underlined, by the lines of the file. `text` is that of the query with its parameters.
    fn rendered(
        &self,
        text: &str,
        severity: insq::Severity,
        message: &str,
        span: insq::Span,
        help: Option<&str>,
    ) -> String {
        let (whole, shift) = (format!("{}{text}", self.before), self.before.len());
        let span = insq::Span::new(span.start + shift, span.end + shift);
        insq::render_diagnostic(&whole, severity, message, span, None, help)
    }
}

/// What is to be said about a query.
struct Finding {
    severity: &'static str,
    code: String,
    message: String,
    help: Option<String>,
    span: Option<insq::Span>,
    rendered: String,
}

pub(super) fn check(args: &CheckArgs) -> Exit {
    let diagnostics = Diagnostics {
        colour: use_colour(crate::args::ColourArg::Auto, &std::io::stderr()),
        quiet: false,
        json: false,
    };
    let words = args.words.iter().map(Path::new);
    query_file::note_waiting(words.chain(args.files.iter().map(PathBuf::as_path)), diagnostics);
    let queries = match queries(args) {
        Ok(queries) => queries,
        Err(error) => {
            diagnostics.error(&error.message, Some(&error.help));
            return Exit::Usage;
        }
    };
    let mut builder = Engine::builder().threads(1);
    if let Some(folder) = &args.lookups {
        builder = builder.lookups(folder);
    }
    let engine = match builder.build() {
        Ok(engine) => engine,
        Err(error) => {
            diagnostics.error(&error.to_string(), None);
            return Exit::Failure;
        }
    };
    let mut exit = Exit::Success;
    for query in &queries {
        let findings = findings(&engine, query, &args.params);
        if !findings.is_empty() {
            exit = Exit::Unsound;
        }
        match args.output == "json" {
            true => print_json(&object(query, &findings)),
            false => print(&text(query, &findings)),
        }
    }
    exit
}

fn queries(args: &CheckArgs) -> Result<Vec<Checked>, UsageError> {
    let is_file = |word: &&String| Path::new(word).is_file() || query_file::is_stdin(Path::new(word));
    let named = args.words.iter().filter(is_file).map(PathBuf::from);
    let mut queries = Vec::new();
    for path in named.chain(args.files.iter().cloned()) {
        let file = path.display().to_string();
        let text = query_file::read(&path)?;
        let parts = insq::split_queries(&text)
            .map_err(|error| UsageError::new(format!("{file}: {error}"), NAME_EXAMPLE))?;
        queries.extend(parts.iter().map(|part| Checked {
            file: Some(file.clone()),
            name: part.name.map(str::to_owned),
            before: text[..part.start].to_owned(),
            text: part.text.to_owned(),
        }));
    }
    let written = args.words.iter().filter(|word| !is_file(word));
    queries.extend(written.map(|text| Checked {
        file: None,
        name: None,
        before: String::new(),
        text: text.clone(),
    }));
    if queries.is_empty() {
        return Err(UsageError::new(
            "there is nothing to check",
            "example: insq check queries/*.insq",
        ));
    }
    Ok(queries)
}

fn findings(engine: &Engine, query: &Checked, params: &[String]) -> Vec<Finding> {
    let values: Vec<(&str, &str)> = params
        .iter()
        .filter_map(|param| param.split_once('='))
        .filter(|(name, _)| query.text.contains(&format!("{{{{{name}}}}}")))
        .collect();
    let options = QueryOptions {
        service: ServiceRules::Remarked,
        ..QueryOptions::default()
    };
    let filled = insq::fill_parameters(&query.text, &values);
    let text = filled.as_deref().unwrap_or(&query.text).to_owned();
    match filled.and_then(|text| Ok(engine.prepare(&text, &options)?.warnings().to_vec())) {
        Ok(warnings) => warnings
            .into_iter()
            // Which logs there are shows only when it is run.
            .filter(|warning| !warning.message.starts_with("this `SOURCE` selects nothing"))
            .map(|warning| Finding {
                severity: "warning",
                code: "query".to_owned(),
                rendered: query.rendered(
                    &text,
                    insq::Severity::Warning,
                    &warning.message,
                    warning.span,
                    None,
                ),
                message: warning.message,
                help: None,
                span: Some(warning.span),
            })
            .collect(),
        Err(error) => vec![Finding {
            severity: "error",
            code: error.word(),
            message: error.to_string(),
            help: error.help(),
            span: error.span(),
            rendered: match error.span().filter(|_| !query.before.is_empty()) {
                Some(span) => query.rendered(
                    &text,
                    insq::Severity::Error,
                    &error.to_string(),
                    span,
                    error.help().as_deref(),
                ),
                None => render_error(&error, &text),
            },
        }],
    }
}

fn text(query: &Checked, findings: &[Finding]) -> String {
    let file = query.file.as_deref().unwrap_or("query");
    let name = match &query.name {
        Some(name) => format!("{file}: {name}"),
        None => file.to_owned(),
    };
    let verdict = match findings {
        [] => "ok".to_owned(),
        [only] if only.severity == "error" => "refused".to_owned(),
        [_] => "ok, with 1 remark".to_owned(),
        many => format!("ok, with {} remarks", many.len()),
    };
    let mut text = format!("{name}: {verdict}\n");
    for finding in findings {
        text.push_str(finding.rendered.trim_end());
        text.push('\n');
    }
    text
}

fn object(query: &Checked, findings: &[Finding]) -> Value {
    let findings_of = |severity: &str| -> Vec<Value> {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .map(|finding| {
                let whole = format!("{}{}", query.before, query.text);
                let place = finding
                    .span
                    .map(|span| insq::line_column(&whole, query.before.len() + span.start));
                json!({
                    "code": finding.code,
                    "message": finding.message,
                    "help": finding.help,
                    "start": finding.span.map(|span| span.start),
                    "end": finding.span.map(|span| span.end),
                    "line": place.map(|place| place.0),
                    "column": place.map(|place| place.1),
                })
            })
            .collect()
    };
    let (errors, warnings) = (findings_of("error"), findings_of("warning"));
    json!({ "file": query.file, "name": query.name, "ok": errors.is_empty(), "errors": errors, "warnings": warnings })
}
