//! The functions and commands of the language, for help and completion.

use crate::error::Error;
use insq_functions::{
    Family, Param, ResultType, Signature, aggregate_functions, concurrency_functions, scalar_functions,
};

/// What is known about a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its name as the manual spells it. Case does not matter.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// The family that the manual has it in.
    pub family: &'static str,
    /// How it is called: `substr(text, number[, number])`.
    pub signature: String,
    /// The type of what it gives.
    pub result: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// An expression that uses it and what that gives; a command for functions of `stats`.
    pub example: (String, Option<&'static str>),
}

/// Every function of the language, by family.
///
/// # Examples
/// ```
/// let functions = insq::functions();
/// let substr = functions.iter().find(|function| function.name == "substr").unwrap();
/// assert_eq!(substr.signature, "substr(text, number[, number])");
/// ```
pub fn functions() -> Vec<FunctionInfo> {
    let scalars = scalar_functions().iter().map(|function| FunctionInfo {
        name: function.name,
        aliases: function.aliases,
        family: family(function.family),
        signature: signature(
            function.name,
            &function.signature,
            usize::from(function.name == "bin"),
        ),
        result: result(function.result),
        summary: function.summary,
        example: (function.example.0.to_owned(), Some(function.example.1)),
    });
    let aggregates = aggregate_functions().iter().map(|function| FunctionInfo {
        name: function.name,
        aliases: function.aliases,
        family: family(function.family),
        signature: signature(function.name, &function.signature, 0),
        result: result(function.result),
        summary: function.summary,
        example: (aggregate_example(function.name, &function.signature), None),
    });
    let concurrency = concurrency_functions().iter().map(|function| FunctionInfo {
        name: function.name,
        aliases: &[],
        family: family(function.family),
        signature: signature(function.name, &function.signature, 0),
        result: result(function.result),
        summary: function.summary,
        example: (function.example.to_owned(), None),
    });
    scalars.chain(aggregates).chain(concurrency).collect()
}

/// The functions called `name`, in any case; two where one stands among the group keys and one in `stats`.
pub fn function(name: &str) -> Vec<FunctionInfo> {
    let is_called = |known: &&str| known.eq_ignore_ascii_case(name);
    functions()
        .into_iter()
        .filter(|function| is_called(&function.name) || function.aliases.iter().any(is_called))
        .collect()
}

/// A query in the layout of [`insq_syntax::format`]: one command per line, comments kept.
///
/// # Errors
/// [`Error::Syntax`] when the text is no query.
///
/// # Examples
/// ```
/// let text = insq::format_query("FIELDS a,b|limit 5")?;
/// assert_eq!(text, "fields a, b\n| limit 5\n");
/// # Ok::<(), insq::Error>(())
/// ```
pub fn format_query(text: &str) -> Result<String, Error> {
    Ok(insq_syntax::format(text)?)
}

fn family(family: Family) -> &'static str {
    match family {
        Family::Numeric => "numbers",
        Family::DateTime => "date and time",
        Family::General => "general",
        Family::String => "strings",
        Family::Ip => "IP addresses",
        Family::Hash => "hashes",
        Family::Json => "JSON, maps and lists",
        Family::Aggregate => "stats",
        Family::NonAggregate => "stats: one value of a group",
        Family::TimeSeries => "stats: time series",
        Family::Concurrency => "stats: concurrency",
    }
}

fn param(param: Param) -> &'static str {
    match param {
        Param::Number | Param::ConstantNumber => "number",
        Param::Text | Param::JsonText | Param::ConstantText => "text",
        Param::Bool => "condition",
        Param::Time => "time",
        Param::Value => "value",
        Param::Json => "map or list",
        Param::Period => "period",
    }
}

/// `implied` parameters are not written.
fn signature(name: &str, signature: &Signature, implied: usize) -> String {
    let mut text = format!("{name}(");
    for (idx, known) in signature.params.iter().enumerate().skip(implied) {
        let is_first = idx == implied;
        let is_optional = idx >= signature.required;
        text.push_str(match (is_first, is_optional) {
            (true, true) => "[",
            (true, false) => "",
            (false, true) => "[, ",
            (false, false) => ", ",
        });
        text.push_str(param(*known));
    }
    text.push_str(&"]".repeat(signature.params.len() - signature.required.min(signature.params.len())));
    if !signature.variadic.is_empty() {
        text.push_str(", …");
    }
    text.push(')');
    text
}

fn result(result: ResultType) -> &'static str {
    match result {
        ResultType::Fixed(ty) => match ty {
            insq_event::ColumnType::Number => "number",
            insq_event::ColumnType::Time => "time",
            insq_event::ColumnType::Bool => "1 or 0",
            insq_event::ColumnType::Text => "text",
            insq_event::ColumnType::Any => "value",
            insq_event::ColumnType::Json => "map or list",
        },
        ResultType::OfArgument(_) => "as its argument",
        ResultType::CommonOf(_) => "as its values",
    }
}

fn aggregate_example(name: &str, signature: &Signature) -> String {
    let constant = |param: &Param| match param {
        Param::Period => Some("1m"),
        Param::ConstantNumber if name == "histogram" => Some("10"),
        Param::ConstantNumber => Some("99"),
        _ => None,
    };
    let mut arguments = vec!["@duration"];
    arguments.extend(signature.params.iter().filter_map(constant));
    format!("stats {name}({}) by bin(5m)", arguments.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_a_query() {
        for function in functions() {
            let (example, _) = &function.example;
            let query = match function.example.1 {
                Some(_) => format!("fields {example}"),
                None => example.clone(),
            };
            assert!(insq_syntax::parse(&query).is_ok(), "{query}");
        }
    }

    #[test]
    fn signatures() {
        let of = |name: &str| {
            function(name)
                .into_iter()
                .map(|f| f.signature)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("BIN"), ["bin(period)"]);
        assert_eq!(of("count"), ["count([value])"]);
        assert_eq!(of("case"), ["case(condition, value, …)"]);
        assert_eq!(of("histogram").len(), 2);
        assert_eq!(of("regex_replace"), ["regexReplace(text, text, text)"]);
        assert!(of("nosuch").is_empty());
    }
}
