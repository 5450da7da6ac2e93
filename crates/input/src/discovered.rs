//! Fields discovered in messages: in their JSON, or in the columns of a text that the service knows.

use std::ops::Range;

use insq_event::{ScanField, ScanRequest};
use memchr::memchr;

use crate::reserved::is_reserved;

use crate::json_fields::{FieldValues, WantedFields, WantedPath};
use crate::text_fields::{Picks, known};
use crate::{route53, vpc_flow};

/// The paths that a request wants of messages, with the numbers of the columns that they fill.
pub(crate) fn wanted_paths(request: &ScanRequest) -> impl Iterator<Item = (usize, WantedPath)> {
    request.columns.iter().enumerate().filter_map(|(idx, column)| {
        let (path, is_whole) = match &column.field {
            ScanField::Discovered(path) => (path, false),
            ScanField::Structure(path) => (path, true),
            ScanField::System(_) | ScanField::Position => return None,
        };
        let wanted = || WantedPath {
            text: path.key_text().to_owned(),
            is_whole,
        };
        (!is_reserved(path)).then(|| (idx, wanted()))
    })
}

/// The wanted fields, under the keys of the log.
#[derive(Clone, Debug)]
pub(crate) struct DiscoveredFields {
    json: WantedFields,
    /// `None` when no wanted field is one of those of text: then messages are looked at for JSON alone.
    text: Option<TextFields>,
}

impl DiscoveredFields {
    pub(crate) fn new(paths: Vec<WantedPath>) -> Self {
        // Whole values are JSON, which these formats do not hold.
        let names: Vec<String> = paths
            .iter()
            .map(|path| {
                if path.is_whole {
                    String::new()
                } else {
                    path.text.clone()
                }
            })
            .collect();
        Self {
            text: TextFields::new(&names),
            json: WantedFields::new(paths),
        }
    }

    /// The wanted fields of `message` that stand at these places, as [`Self::read`] gives them.
    pub(crate) fn read_at<'a>(&self, message: &'a [u8], places: &[Range<u32>], values: &mut FieldValues<'a>) {
        values.clear();
        values.extend(
            self.json
                .paths()
                .iter()
                .zip(places)
                .map(|(path, place)| path.value_at(message, place.start as usize..place.end as usize)),
        );
    }

    /// Reads the wanted fields of `message` into `values`, in the order of the paths.
    pub(crate) fn read<'a>(&self, message: &'a [u8], values: &mut FieldValues<'a>) {
        if let Some(text) = &self.text
            && is_text(message)
        {
            values.clear();
            values.resize(self.json.paths().len(), None);
            text.read(message, values);
            return;
        }
        self.json.read(message, values);
    }
}

/// True when a message may be in one of the formats, all of which begin with a version. With a brace it may
/// hold JSON, whose fields would be the only ones; none of the formats writes a brace.
fn is_text(message: &[u8]) -> bool {
    message.first().is_some_and(u8::is_ascii_digit) && memchr(b'{', message).is_none()
}

/// Gives the fields of `message` to `see` when it is a line in one of the formats.
pub(crate) fn columns_of_text<'a>(message: &'a [u8], mut see: impl FnMut(&'static str, &'a str)) {
    if !is_text(message) {
        return;
    }
    let mut give = |names: &[&'static str], columns: &[&'a [u8]]| {
        for (name, column) in names.iter().zip(columns) {
            if let Some(value) = known(column) {
                see(name, value);
            }
        }
    };
    if let Some(columns) = vpc_flow::read(message) {
        give(&vpc_flow::NAMES, &columns);
    } else if let Some(columns) = route53::read(message) {
        give(&route53::NAMES, &columns);
    }
}

/// The wanted fields of each format of text.
#[derive(Clone, Debug)]
struct TextFields {
    vpc_flow: Picks,
    route53: Picks,
}

impl TextFields {
    /// `None` when there are none.
    fn new(paths: &[String]) -> Option<Self> {
        let fields = Self {
            vpc_flow: Picks::new(&vpc_flow::NAMES, paths),
            route53: Picks::new(&route53::NAMES, paths),
        };
        (!fields.vpc_flow.is_empty() || !fields.route53.is_empty()).then_some(fields)
    }

    /// No line is in two formats: their versions differ.
    fn read<'a>(&self, line: &'a [u8], values: &mut FieldValues<'a>) {
        if !self.vpc_flow.is_empty()
            && let Some(columns) = vpc_flow::read(line)
        {
            self.vpc_flow.fill(&columns, values);
        } else if !self.route53.is_empty()
            && let Some(columns) = route53::read(line)
        {
            self.route53.fill(&columns, values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOW: &str =
        "2 123456789010 eni-0a1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 REJECT OK";
    const NODATA: &str = "2 123456789010 eni-0a1 - - - - - - - 1431280876 1431280934 - NODATA";
    const QUERY: &str =
        "1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 198.51.100.0/24";

    fn leaf(path: &str) -> WantedPath {
        WantedPath {
            text: path.to_owned(),
            is_whole: false,
        }
    }

    fn check(message: &str, expected: &[(&str, Option<&str>)]) {
        let wanted = DiscoveredFields::new(expected.iter().map(|(path, _)| leaf(path)).collect());
        // Values of another message must not show.
        let mut values = vec![Some("left over".into()); 7];
        wanted.read(message.as_bytes(), &mut values);
        let found: Vec<Option<&str>> = values.iter().map(|value| value.as_deref()).collect();
        let texts: Vec<Option<&str>> = expected.iter().map(|(_, text)| *text).collect();
        assert_eq!(found, texts, "{message}");
    }

    /// Whoever looks for a field's name in messages must know which fields have none there.
    #[test]
    fn fields_by_place_are_known_as_such() {
        let mut names: Vec<&str> = vpc_flow::NAMES.into_iter().chain(route53::NAMES).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, insq_event::UNNAMED_FIELDS);
    }

    #[test]
    fn each_format_has_its_own_fields() {
        let all = |version, protocol, src, action, name| {
            [
                ("version", version),
                ("protocol", protocol),
                ("srcAddr", src),
                ("level", None),
                ("action", action),
                ("queryName", name),
                ("version", version),
            ]
        };
        check(
            FLOW,
            &all(Some("2"), Some("6"), Some("10.0.0.1"), Some("REJECT"), None),
        );
        check(NODATA, &all(Some("2"), None, None, None, None));
        check(
            QUERY,
            &all(Some("1.0"), Some("UDP"), None, None, Some("example.com")),
        );
        check("2 is a number", &all(None, None, None, None, None));
        check("", &all(None, None, None, None, None));
    }

    #[test]
    fn fields_of_one_format_only() {
        check(FLOW, &[("bytes", Some("4249")), ("logStatus", Some("OK"))]);
        check(QUERY, &[("bytes", None), ("logStatus", None)]);
        check(QUERY, &[("ednsClientSubnet", Some("198.51.100.0/24"))]);
        check(FLOW, &[("ednsClientSubnet", None)]);
        check(
            FLOW,
            &[
                ("srcaddr", None),
                ("SrcAddr", None),
                ("srcAddr.0", None),
                ("level", None),
            ],
        );
    }

    #[test]
    fn json_comes_first() {
        check(
            r#"{"srcAddr":"a","version":7}"#,
            &[("srcAddr", Some("a")), ("version", Some("7"))],
        );
        check(
            r#"2 {"srcAddr":"a"}"#,
            &[("srcAddr", Some("a")), ("version", None)],
        );
        // A line with a brace is none of a format, whatever is asked for.
        let odd = FLOW.replace("REJECT", r#"{"srcAddr":"a"}"#);
        check(&odd, &[("srcAddr", Some("a")), ("dstAddr", None)]);
        check(&odd, &[("dstAddr", None)]);
        check(&FLOW.replace("REJECT", "{"), &[("srcAddr", None)]);
    }

    #[test]
    fn nothing_is_split_unless_it_is_wanted() {
        let text = |path: &str| DiscoveredFields::new(vec![leaf("a"), leaf(path)]).text;
        assert!(text("level").is_none());
        assert!(text("version.x").is_none());
        for path in vpc_flow::NAMES.iter().chain(&route53::NAMES) {
            assert!(text(path).is_some(), "{path}");
        }
        let flow = text("srcAddr").unwrap();
        assert!(!flow.vpc_flow.is_empty() && flow.route53.is_empty());
    }

    #[test]
    fn messages_that_can_not_be_text() {
        for (message, expected) in [
            ("2 x", true),
            ("2 {", false),
            ("x 2", false),
            (" 2", false),
            ("", false),
        ] {
            assert_eq!(is_text(message.as_bytes()), expected, "{message}");
        }
    }

    #[test]
    fn long_values_are_borrowed() {
        let long = FLOW.replace("10.0.0.1", &"1".repeat(1 << 20));
        let wanted = DiscoveredFields::new(vec![leaf("srcAddr")]);
        let mut values = Vec::new();
        wanted.read(long.as_bytes(), &mut values);
        assert!(matches!(&values[0], Some(std::borrow::Cow::Borrowed(text)) if text.len() == 1 << 20));
    }
}
