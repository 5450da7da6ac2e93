//! Regular expressions of queries: what people write, made fit for a linear-time engine.

use regex::{Regex, RegexBuilder};

/// A compiled expression may take so much memory.
pub const REGEX_BYTES_MAX: usize = 10 << 20;

/// Groups may nest so deep.
pub const REGEX_NESTING_MAX: u32 = 100;

/// A regular expression, compiled. It matches anywhere; `.` matches no line end unless `(?s)` says so.
#[derive(Clone, Debug)]
pub struct CompiledRegex {
    regex: Regex,
    pattern: String,
    group_names: Vec<Option<String>>,
}

impl CompiledRegex {
    /// The compiled expression.
    pub fn regex(&self) -> &Regex {
        &self.regex
    }

    /// The pattern as it was compiled.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The names of the groups as the query writes them; the first is the whole match and has none.
    pub fn group_names(&self) -> &[Option<String>] {
        &self.group_names
    }
}

/// What stands for the `@` at the start of a group's name, which the engine does not take.
const AT_PREFIX: &str = "insq_at_";

/// Compiles a pattern as queries write it.
///
/// # Errors
/// One sentence that says why it can't be used.
///
/// # Examples
/// ```
/// let regex = insq_functions::compile_regex(r"car=(?<@car>\w+)").unwrap();
/// assert_eq!(regex.group_names()[1].as_deref(), Some("@car"));
/// ```
pub fn compile_regex(pattern: &str) -> Result<CompiledRegex, String> {
    if ["(?=", "(?!", "(?<=", "(?<!"]
        .iter()
        .any(|look| pattern.contains(look))
    {
        return Err("the language has no look-around".to_owned());
    }
    let pattern = translate(pattern);
    let regex = RegexBuilder::new(&pattern)
        .size_limit(REGEX_BYTES_MAX)
        .nest_limit(REGEX_NESTING_MAX)
        .build()
        .map_err(|cause| explain(&cause))?;
    let written = |name: &str| match name.strip_prefix(AT_PREFIX) {
        Some(rest) => format!("@{rest}"),
        None => name.to_owned(),
    };
    let group_names = regex.capture_names().map(|name| name.map(written)).collect();
    Ok(CompiledRegex {
        regex,
        pattern,
        group_names,
    })
}

/// The last line of the engine's message, which is the reason.
fn explain(cause: &regex::Error) -> String {
    let text = cause.to_string();
    if text.contains("backreferences") {
        return "the language has no back-references".to_owned();
    }
    let last = text.lines().last().unwrap_or("").trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// Characters that mean something else to the engine than to those who write queries.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    // Inside brackets, and whether anything stands in them yet.
    let mut class: Option<bool> = None;
    while let Some(char) = chars.next() {
        match (char, class) {
            ('\\', _) => {
                if let Some(escaped) = chars.next() {
                    push_escape(escaped, &mut out);
                } else {
                    out.push('\\');
                }
                class = class.map(|_| true);
                continue;
            }
            ('[', None) => {
                out.push('[');
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
                class = Some(false);
                continue;
            }
            // A bracket that closes nothing yet is a character.
            (']', Some(false)) => out.push_str("\\]"),
            (']', Some(true)) => {
                out.push(']');
                class = None;
                continue;
            }
            ('[', Some(_)) if chars.peek() == Some(&':') => out.push('['),
            ('[', Some(_)) => out.push_str("\\["),
            ('&' | '~', Some(_)) if chars.peek() == Some(&char) => {
                out.push('\\');
                out.push(char);
            }
            ('-', Some(_)) if chars.peek() == Some(&'-') => out.push_str("\\-"),
            ('(', None) => {
                out.push('(');
                push_group_name(&mut chars, &mut out);
            }
            (other, _) => out.push(other),
        }
        class = class.map(|_| true);
    }
    out
}

/// Letters, digits and punctuation can be escaped in the engine; what else people escape stands for itself.
fn push_escape(escaped: char, out: &mut String) {
    if escaped.is_ascii_alphanumeric() || escaped.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(escaped);
}

/// `(?<@name>` becomes a name that the engine takes.
fn push_group_name(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let rest: String = chars.clone().take(4).collect();
    for start in ["?<@", "?P<@"] {
        if rest.starts_with(start) {
            chars.by_ref().take(start.len()).for_each(drop);
            out.push_str(&start[..start.len() - 1]);
            out.push_str(AT_PREFIX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        for (pattern, text, expected) in [
            (r"[^[\]]+", "[a]", Some("a")),
            (r"[a&&b]+", "&&", Some("&&")),
            (r"[a--b]+", "--", Some("--")),
            (r"a\/b", "a/b", Some("a/b")),
            (r#"\"x\""#, "\"x\"", Some("\"x\"")),
            (r"\-\:\'", "-:'", Some("-:'")),
            (r"(?i)ERR", "an err", Some("err")),
            (r"^(?i)Exception$", "exception", Some("exception")),
            (r"[[:digit:]]+", "ab12", Some("12")),
            (r"[]x]+", "]", Some("]")),
            (r"a{2,3}", "aaa", Some("aaa")),
            (r"a.b", "a\nb", None),
            (r"(?s)a.b", "a\nb", Some("a\nb")),
            (r"\d+\s\w", "12 a", Some("12 a")),
            (r"é\é", "éé", Some("éé")),
        ] {
            let compiled = compile_regex(pattern).unwrap_or_else(|reason| panic!("{pattern}: {reason}"));
            assert_eq!(
                compiled.regex().find(text).map(|found| found.as_str()),
                expected,
                "{pattern}"
            );
        }
    }

    #[test]
    fn names_of_groups() {
        let compiled = compile_regex(r"(?<@a>x)(y)(?P<b>z)").unwrap();
        let names: Vec<Option<&str>> = compiled.group_names().iter().map(Option::as_deref).collect();
        assert_eq!(names, [None, Some("@a"), None, Some("b")]);
    }

    #[test]
    fn refusals_say_why() {
        for (pattern, reason) in [
            ("(", "unclosed group"),
            ("(?=x)", "the language has no look-around"),
            (r"(a)\1", "the language has no back-references"),
            ("*x", "repetition operator missing expression"),
        ] {
            assert_eq!(compile_regex(pattern).unwrap_err(), reason);
        }
    }

    #[test]
    fn limits_hold_on_both_sides() {
        let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
        assert!(compile_regex(&nested(REGEX_NESTING_MAX as usize - 1)).is_ok());
        assert!(compile_regex(&nested(REGEX_NESTING_MAX as usize + 1)).is_err());
        assert!(compile_regex(r"\w{200}").is_ok());
        assert!(compile_regex(r"(\w{200}){200}").is_err());
    }
}
