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
    let pattern = translate(pattern)?;
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

/// The engine's reason in the words of this project, else the last line of its message.
fn explain(cause: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(limit) = cause {
        return format!("it would take more than {limit} bytes of memory; a smaller `{{…}}` may help");
    }
    let text = cause.to_string();
    if text.contains("backreferences") {
        return "the language has no back-references".to_owned();
    }
    let last = text.lines().last().unwrap_or("").trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Where in a pattern a character stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Outside,
    /// In brackets in which nothing stands yet.
    ClassStart,
    Class,
}

/// Writes characters that mean something else to the engine than to the authors of queries as what they meant.
fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    let mut place = Place::Outside;
    while let Some(char) = chars.next() {
        place = match (char, place) {
            ('\\', _) => {
                push_escape(chars.next(), &mut out);
                if place == Place::Outside {
                    place
                } else {
                    Place::Class
                }
            }
            ('[', Place::Outside) => {
                out.push('[');
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
                Place::ClassStart
            }
            ('(', Place::Outside) => {
                out.push('(');
                push_group(&mut chars, &mut out)?;
                place
            }
            (other, Place::Outside) => {
                out.push(other);
                place
            }
            (']', Place::Class) => {
                out.push(']');
                Place::Outside
            }
            (other, _) => {
                push_in_class(other, &mut chars, &mut out);
                Place::Class
            }
        };
    }
    Ok(out)
}

/// A character in brackets: what the engine would read as sets of sets is written as plain characters.
fn push_in_class(char: char, chars: &mut Chars<'_>, out: &mut String) {
    match char {
        '[' => match posix_class(chars) {
            Some(length) => {
                out.push('[');
                out.extend(chars.by_ref().take(length));
            }
            None => out.push_str("\\["),
        },
        // A bracket that closes nothing yet is a character.
        ']' => out.push_str("\\]"),
        '&' | '~' | '-' if chars.peek() == Some(&char) => {
            chars.next();
            out.extend(['\\', char, '\\', char]);
        }
        _ => out.push(char),
    }
}

/// How many characters follow the bracket of a class such as `[:digit:]`.
fn posix_class(chars: &Chars<'_>) -> Option<usize> {
    let rest: String = chars
        .clone()
        .take(POSIX_CLASS_MAX)
        .take_while(|char| *char != ']')
        .collect();
    let name = rest.strip_prefix(':')?.strip_suffix(':')?;
    let name = name.strip_prefix('^').unwrap_or(name);
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    // All of it is ASCII, so that bytes are characters; the closing bracket is one more.
    is_name.then_some(rest.len() + 1)
}

/// No name of a class takes more characters, colons included.
const POSIX_CLASS_MAX: usize = 16;

/// Escapes that the engine does not know, or reads otherwise, stand for the character itself.
fn push_escape(escaped: Option<char>, out: &mut String) {
    match escaped {
        None => out.push('\\'),
        // To the engine these two are the edges of a word.
        Some(angle @ ('<' | '>')) => out.push(angle),
        Some(known) if known.is_ascii_alphanumeric() || known.is_ascii_punctuation() || known == ' ' => {
            out.extend(['\\', known]);
        }
        Some(other) => out.push(other),
    }
}

/// What follows an opening bracket: `?<@name>` becomes a name that the engine takes.
fn push_group(chars: &mut Chars<'_>, out: &mut String) -> Result<(), String> {
    let rest: String = chars.clone().take(4).collect();
    if ["?=", "?!", "?<=", "?<!"]
        .iter()
        .any(|look| rest.starts_with(look))
    {
        return Err("the language has no look-around".to_owned());
    }
    if rest.starts_with("?P=") {
        return Err("the language has no back-references".to_owned());
    }
    for start in ["?<@", "?P<@"] {
        if rest.starts_with(start) {
            chars.by_ref().take(start.len()).for_each(drop);
            out.push_str(&start[..start.len() - 1]);
            out.push_str(AT_PREFIX);
        }
    }
    Ok(())
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
            (r"[[:^digit:]x[]+", "1a[2", Some("a[")),
            (r"[^[:]+", "[ab:", Some("ab")),
            (r"[a--b]+", "c-b-a", Some("-b-a")),
            (r"[a~~b]+", "~~", Some("~~")),
            (r"\<b\>[\<\>]", "a<b>>", Some("<b>>")),
            (r"f\(?=x", "f=x", Some("f=x")),
            (r"[(?=]+", "a(?=", Some("(?=")),
            (r"a\ b", "a b", Some("a b")),
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
            ("(?<!x)", "the language has no look-around"),
            (r"(a)\1", "the language has no back-references"),
            (r"(?P<a>a)(?P=a)", "the language has no back-references"),
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
        let refusal = compile_regex(r"(\w{200}){200}").unwrap_err();
        assert!(
            refusal.starts_with("it would take more than 10485760 bytes"),
            "{refusal}"
        );
    }
}
