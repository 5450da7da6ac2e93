//! Reading a file of cases.

use std::ops::Range;

use crate::format::{Case, CaseError, CaseFile, CaseKind, Input, InputKind};

/// The line between a query and its answer.
const SEPARATOR: &str = "----";

/// Parses a file of cases.
///
/// # Errors
/// The first line that does not fit, as a [`CaseError`].
///
/// # Examples
/// ```
/// use insq_cases::{CaseKind, parse_cases};
///
/// let file = parse_cases("input text\nhello\n\nerror\nstat\n----\nerror: unknown command `stat`\n")?;
/// let case = &file.cases()[0];
/// assert_eq!((case.kind, case.query.as_str()), (CaseKind::Error, "stat"));
/// assert_eq!(case.inputs[0].content, "hello\n");
/// # Ok::<(), insq_cases::CaseError>(())
/// ```
pub fn parse_cases(text: &str) -> Result<CaseFile, CaseError> {
    let mut lines = Lines::new(text);
    let (mut cases, mut inputs, mut title) = (Vec::new(), Vec::new(), Vec::new());
    let mut last_was_case = false;
    while let Some(line) = lines.next() {
        if let Some(comment) = line.text.strip_prefix('#') {
            title.push(comment.trim().to_owned());
            continue;
        }
        if line.text.is_empty() {
            continue;
        }
        let mut words = line.text.split_whitespace();
        let word = words.next().unwrap_or_default();
        if word == "input" {
            if last_was_case {
                inputs.clear();
            }
            inputs.push(parse_input(&line, words, &mut lines)?);
            last_was_case = false;
        } else if let Some(&(_, kind)) = CaseKind::ALL.iter().find(|(name, _)| *name == word) {
            let title = std::mem::take(&mut title);
            cases.push(parse_case(kind, title, inputs.clone(), &line, words, &mut lines)?);
            last_was_case = true;
        } else {
            return Err(CaseError::UnknownBlock {
                line: line.number,
                found: line.text.to_owned(),
            });
        }
    }
    Ok(CaseFile {
        source: text.to_owned(),
        cases,
    })
}

fn parse_input<'a>(
    header: &Line<'a>,
    mut words: impl Iterator<Item = &'a str>,
    lines: &mut Lines<'a>,
) -> Result<Input, CaseError> {
    let word = words.next().unwrap_or_default();
    let Some(&(_, kind)) = InputKind::ALL.iter().find(|(name, _)| *name == word) else {
        return Err(CaseError::UnknownInput {
            line: header.number,
            found: word.to_owned(),
        });
    };
    let name = words.next().map(str::to_owned);
    if name.is_none() && matches!(kind, InputKind::Group | InputKind::Table) {
        return Err(CaseError::NoName { line: header.number });
    }
    if let Some(word) = words.next() {
        return Err(CaseError::BadOption {
            line: header.number,
            found: word.to_owned(),
        });
    }
    let mut content = String::new();
    while let Some(line) = lines.next_of_body() {
        content.push_str(unescape(line.text));
        content.push('\n');
    }
    Ok(Input { kind, name, content })
}

fn parse_case<'a>(
    kind: CaseKind,
    title: Vec<String>,
    inputs: Vec<Input>,
    header: &Line<'a>,
    words: impl Iterator<Item = &'a str>,
    lines: &mut Lines<'a>,
) -> Result<Case, CaseError> {
    let option = |word: &str| match word.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err(CaseError::BadOption {
            line: header.number,
            found: word.to_owned(),
        }),
    };
    let options = words.map(option).collect::<Result<_, _>>()?;
    let (mut query, mut expected) = (Vec::new(), None::<Vec<&str>>);
    let mut answer = header.span.end..header.span.end;
    while let Some(line) = lines.next_of_body() {
        match &mut expected {
            Some(expected) => expected.push(unescape(line.text)),
            None if line.text == SEPARATOR => {
                expected = Some(Vec::new());
                answer.start = line.span.start;
            }
            None => {
                query.push(unescape(line.text));
                answer.start = line.span.end;
            }
        }
        answer.end = line.span.end;
    }
    if query.iter().all(|line| line.trim().is_empty()) {
        return Err(CaseError::NoQuery { line: header.number });
    }
    Ok(Case {
        title,
        line: header.number,
        kind,
        options,
        inputs,
        query: query.join("\n"),
        expected: expected.map(|lines| lines.join("\n")),
        answer,
    })
}

fn unescape(line: &str) -> &str {
    line.strip_prefix('\\').unwrap_or(line)
}

/// A line without its end.
struct Line<'a> {
    text: &'a str,
    /// From 1.
    number: usize,
    /// Its bytes in the file, line end included.
    span: Range<usize>,
}

/// The lines of a file.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            offset: 0,
            number: 0,
        }
    }

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = &self.text[self.offset..];
        if rest.is_empty() {
            return None;
        }
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let span = self.offset..self.offset + length;
        self.offset = span.end;
        self.number += 1;
        // A carriage return belongs to the log, so only the line feed is cut off.
        let text = rest[..length].strip_suffix('\n').unwrap_or(&rest[..length]);
        Some(Line {
            text,
            number: self.number,
            span,
        })
    }

    /// The next line, unless it is empty: that is the end of a body.
    fn next_of_body(&mut self) -> Option<Line<'a>> {
        let is_end = self.text[self.offset..].starts_with('\n');
        if is_end { None } else { self.next() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"# dedup keeps the first event of each key in sort order

input jsonl
{"n": 1}
{"n": 2}
input export is text here
\
\\path

query now=1700000000 group=/aws/lambda/a
# a comment of the query
fields n
| dedup n
----
n
2
\
\\x

# a field without a value
# is never a duplicate

explain
fields n
----
Scan

input text app.log
one

input events-json
{"events": []}

error
dedup
"#;

    #[test]
    fn a_file_with_everything() {
        let file = parse_cases(FILE).unwrap();
        let [query, explain, error] = file.cases() else {
            panic!("three cases: {file:?}")
        };

        assert_eq!(
            query.title,
            ["dedup keeps the first event of each key in sort order"]
        );
        assert_eq!((query.kind, query.line), (CaseKind::Query, 10));
        let options = [("now", "1700000000"), ("group", "/aws/lambda/a")];
        assert_eq!(
            query.options,
            options.map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
        assert_eq!(query.query, "# a comment of the query\nfields n\n| dedup n");
        assert_eq!(query.expected.as_deref(), Some("n\n2\n\n\\x"));
        assert_eq!(query.inputs.len(), 1);
        assert_eq!(
            query.inputs[0].content,
            "{\"n\": 1}\n{\"n\": 2}\ninput export is text here\n\n\\path\n"
        );

        assert_eq!(explain.title, ["a field without a value", "is never a duplicate"]);
        assert_eq!(
            (explain.kind, &explain.inputs),
            (CaseKind::Explain, &query.inputs)
        );

        assert_eq!((error.kind, &error.expected), (CaseKind::Error, &None));
        let kinds: Vec<_> = error
            .inputs
            .iter()
            .map(|input| (input.kind, input.name.as_deref()))
            .collect();
        assert_eq!(
            kinds,
            [(InputKind::Text, Some("app.log")), (InputKind::EventsJson, None)]
        );
    }

    #[test]
    fn the_same_answers_give_the_same_file() {
        let text = FILE.to_owned() + "----\nerror: no field\n";
        let file = parse_cases(&text).unwrap();
        let answers: Vec<_> = file
            .cases()
            .iter()
            .map(|case| case.expected.clone().unwrap())
            .collect();
        assert_eq!(file.with_answers(&answers).unwrap(), text);
    }

    #[test]
    fn new_answers_are_read_back() {
        for source in [FILE, FILE.trim_end()] {
            let file = parse_cases(source).unwrap();
            let answers = ["a  b\n\n\\1\n----\n# x", "", "error: no\n  |\n1 | dedup"];
            let blessed = parse_cases(&file.with_answers(&answers).unwrap()).unwrap();
            for ((case, old), answer) in blessed.cases().iter().zip(file.cases()).zip(answers) {
                assert_eq!(case.expected.as_deref(), Some(answer));
                assert_eq!(
                    (&case.query, &case.inputs, &case.title),
                    (&old.query, &old.inputs, &old.title)
                );
            }
        }
    }

    #[test]
    fn answers_must_fit() {
        let file = parse_cases("query\nx\n").unwrap();
        let error = file.with_answers::<&str>(&[]).unwrap_err();
        assert_eq!(error, CaseError::AnswerCount { cases: 1, answers: 0 });
    }

    #[test]
    fn what_is_refused() {
        for (text, message) in [
            ("input jsonl\n{}\n\nqurey\nx\n", "line 4: `qurey` begins no block"),
            (
                "input yaml\n",
                "line 1: `yaml` is no kind of input; kinds are export, jsonl, text, events-json, group, table",
            ),
            ("\ninput\n", "line 2: `` is no kind of input"),
            ("input text a b\n", "line 1: `b` is not `key=value`"),
            ("query fast\nx\n", "line 1: `fast` is not `key=value`"),
            ("query\n\nfields a\n", "line 1: the case has no query"),
            ("query\n----\nn\n", "line 1: the case has no query"),
        ] {
            let error = parse_cases(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{text:?}: {error}");
        }
    }
}
