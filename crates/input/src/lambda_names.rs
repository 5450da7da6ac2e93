//! What the names of log groups and streams tell about a function.

/// Characters of the id of an execution environment.
pub(crate) const ENVIRONMENT_ID_CHARS: usize = 32;

/// The prefix of the log group that a function has by default.
const GROUP_PREFIX: &str = "/aws/lambda/";

/// Functions at the edge bear the name of the region that they were made in, wherever they run.
const EDGE_PREFIX: &str = "us-east-1.";

/// What a stream is named after: `2026/03/04/orders[$LATEST]00aa…`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamName<'a> {
    /// Missing in the function's own log group.
    pub(crate) function: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
    pub(crate) environment: Option<&'a str>,
}

impl<'a> StreamName<'a> {
    /// All missing for a stream that no execution environment wrote.
    pub(crate) fn of(stream: &'a str) -> Self {
        Self::parse(stream).unwrap_or_default()
    }

    fn parse(stream: &'a str) -> Option<Self> {
        let (date, rest) = stream.split_at_checked(11)?;
        let is_date = date.bytes().enumerate().all(|(idx, byte)| match idx {
            4 | 7 | 10 => byte == b'/',
            _ => byte.is_ascii_digit(),
        });
        let (function, rest) = rest.split_once('[')?;
        let (version, id) = rest.split_once(']')?;
        // The id stands in brackets where the documentation shows it.
        let id = id
            .strip_prefix('[')
            .and_then(|id| id.strip_suffix(']'))
            .unwrap_or(id);
        let is_name = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        let is_id = id.len() == ENVIRONMENT_ID_CHARS && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_date && is_name(function) && is_id && !version.is_empty()).then_some(Self {
            function: Some(function).filter(|function| !function.is_empty()),
            version: Some(version),
            environment: Some(id),
        })
    }
}

/// The function whose events these are: by the stream, where several functions share a group, else by the group.
pub(crate) fn function_of<'a>(stream: Option<&'a str>, log: Option<&'a str>) -> Option<&'a str> {
    let named = stream.and_then(|stream| StreamName::of(stream).function);
    named.or_else(|| {
        let log = log?;
        let group = log.split_once(':').map_or(log, |(_, group)| group);
        let name = group.strip_prefix(GROUP_PREFIX)?;
        Some(name.strip_prefix(EDGE_PREFIX).unwrap_or(name)).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00aa11bb22cc33dd44ee55ff66007788";

    #[test]
    fn streams() {
        let named = |function, version| StreamName {
            function,
            version: Some(version),
            environment: Some(ID),
        };
        for (stream, expected) in [
            (format!("2026/03/04/[$LATEST]{ID}"), named(None, "$LATEST")),
            (format!("2026/03/04/[12]{ID}"), named(None, "12")),
            (
                format!("2026/03/04/orders-api[$LATEST.PUBLISHED]{ID}"),
                named(Some("orders-api"), "$LATEST.PUBLISHED"),
            ),
            (format!("2026/03/04/orders[7][{ID}]"), named(Some("orders"), "7")),
            (format!("2026-03-04/[7]{ID}"), StreamName::default()),
            ("2026/03/04/[7]00aa".to_owned(), StreamName::default()),
            ("nightly".to_owned(), StreamName::default()),
            ("é".repeat(11), StreamName::default()),
        ] {
            assert_eq!(StreamName::of(&stream), expected, "{stream}");
        }
    }

    #[test]
    fn functions() {
        let shared = format!("2026/03/04/orders[7]{ID}");
        let own = format!("2026/03/04/[7]{ID}");
        for (stream, log, expected) in [
            (Some(&shared), Some("/aws/lambda/other"), Some("orders")),
            (Some(&own), Some("/aws/lambda/other"), Some("other")),
            (None, Some("123456789012:/aws/lambda/orders"), Some("orders")),
            (None, Some("/aws/lambda/us-east-1.edge"), Some("edge")),
            (None, Some("/ecs/orders"), None),
            (Some(&own), None, None),
        ] {
            assert_eq!(
                function_of(stream.map(String::as_str), log),
                expected,
                "{stream:?} {log:?}"
            );
        }
    }
}
