//! `insq functions` and `insq commands`: what the language has.

use clap::Parser;
use insq::{CommandInfo, FunctionInfo};
use serde_json::{Value, json};

use super::{print, print_json};
use crate::diagnostics::{Diagnostics, use_colour};
use crate::exit::Exit;

/// What the language has.
#[derive(Debug, Parser)]
pub(crate) struct NameArgs {
    /// Tell more about the one of this name
    name: Option<String>,

    /// Format: text, or json for programs
    #[arg(short, long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    output: String,
}

impl NameArgs {
    fn is_json(&self) -> bool {
        self.output == "json"
    }
}

pub(super) fn functions(args: &NameArgs) -> Exit {
    let found = match &args.name {
        None => insq::functions(),
        Some(name) => insq::function(name),
    };
    if let (Some(name), true) = (&args.name, found.is_empty()) {
        let known: Vec<&str> = insq::functions().iter().map(|function| function.name).collect();
        return unknown("function", name, &known);
    }
    if args.is_json() {
        let objects: Vec<Value> = found.iter().map(function_object).collect();
        print_json(&json!(objects));
    } else if args.name.is_some() {
        let texts: Vec<String> = found.iter().map(function_details).collect();
        print(&texts.join("\n\n"));
    } else {
        print(&function_list(&found));
    }
    Exit::Success
}

fn function_object(function: &FunctionInfo) -> Value {
    json!({
        "name": function.name,
        "aliases": function.aliases,
        "family": function.family,
        "signature": function.signature,
        "result": function.result,
        "summary": function.summary,
        "example": function.example.0,
        "exampleGives": function.example.1,
    })
}

fn function_details(function: &FunctionInfo) -> String {
    let mut text = format!(
        "{}\n  gives    {}\n  family   {}\n",
        function.signature, function.result, function.family
    );
    if !function.aliases.is_empty() {
        text.push_str(&format!("  also     {}\n", function.aliases.join(", ")));
    }
    text.push_str(&format!("  example  {}", function.example.0));
    if let Some(gives) = function.example.1 {
        text.push_str(&format!("  gives {gives}"));
    }
    text.push_str(&format!("\n\n{}", function.summary));
    text
}

/// By family, signatures in one column and summaries in another.
fn function_list(functions: &[FunctionInfo]) -> String {
    let width = functions.iter().map(|function| function.signature.len()).max();
    let width = width.unwrap_or_default().min(SIGNATURE_WIDTH_MAX);
    let mut text = String::new();
    let mut family = "";
    for function in functions {
        if function.family != family {
            family = function.family;
            text.push_str(&format!("\n{family}\n"));
        }
        text.push_str(&format!(
            "  {:width$}  {}\n",
            function.signature, function.summary
        ));
    }
    text.trim_start().to_owned()
}

/// Longer signatures push their summary to the right rather than all others.
const SIGNATURE_WIDTH_MAX: usize = 40;

pub(super) fn commands(args: &NameArgs) -> Exit {
    let is_called = |command: &&CommandInfo| {
        args.name
            .as_ref()
            .is_none_or(|name| command.name.eq_ignore_ascii_case(name))
    };
    let found: Vec<&CommandInfo> = insq::commands().iter().filter(is_called).collect();
    if let (Some(name), true) = (&args.name, found.is_empty()) {
        let known: Vec<&str> = insq::commands().iter().map(|command| command.name).collect();
        return unknown("command", name, &known);
    }
    if args.is_json() {
        let objects: Vec<Value> = found
            .iter()
            .map(|command| {
                json!({
                    "name": command.name,
                    "runs": command.is_built,
                    "summary": command.summary,
                    "example": command.example,
                })
            })
            .collect();
        print_json(&json!(objects));
        return Exit::Success;
    }
    let width = found
        .iter()
        .map(|command| command.name.len())
        .max()
        .unwrap_or_default();
    let line = |command: &&CommandInfo| {
        let not_yet = if command.is_built {
            ""
        } else {
            " (does not run yet)"
        };
        match args.name {
            None => format!("{:width$}  {}{not_yet}", command.name, command.summary),
            Some(_) => format!(
                "{}{not_yet}: {}\n  example  {}",
                command.name, command.summary, command.example
            ),
        }
    };
    let lines: Vec<String> = found.iter().map(line).collect();
    print(&lines.join("\n"));
    Exit::Success
}

/// Names that are offered at most.
const OFFERED_MAX: usize = 3;

/// Below this similarity a suggestion would rather confuse.
const SIMILARITY_MIN: f64 = 0.7;

fn unknown(what: &str, name: &str, known: &[&str]) -> Exit {
    let lower = name.to_lowercase();
    let mut near: Vec<(f64, &str)> = known
        .iter()
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &lower), *known))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.dedup_by_key(|(_, name)| *name);
    let offered: Vec<String> = near
        .iter()
        .take(OFFERED_MAX)
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    let help = match offered.is_empty() {
        true => format!("`insq {what}s` lists all"),
        false => format!("did you mean {}?", offered.join(" or ")),
    };
    let diagnostics = Diagnostics {
        colour: use_colour(crate::args::ColourArg::Auto, &std::io::stderr()),
        quiet: false,
        json: false,
    };
    diagnostics.error(&format!("there is no {what} `{name}`"), Some(&help));
    Exit::Usage
}
