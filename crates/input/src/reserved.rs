//! Names that begin with one `@`: the service's own, never those of keys in the log.

use insq_event::FieldPath;

use crate::columns::FileNames;

/// The account that owns the log group.
const ACCOUNT: &str = "@aws.account";

/// The data source that the log group belongs to.
const DATA_SOURCE: &str = "@data_source_name";

/// What a container holds of an event beside its message, as a JSON object. Not a name of the service, and no key of a
/// log is addressed like this.
pub(crate) const BESIDE: &str = "@insq.beside";

/// The names of no field that inputs fill all the same.
pub(crate) const FILLED_NAMES: [&str; 3] = [ACCOUNT, DATA_SOURCE, BESIDE];

/// Digits of an account id.
const ACCOUNT_DIGITS: usize = 12;

/// True when `path` is a name of the service, such as `@aws.region`, that no key of a log can fill. The key
/// `@aws.region` of a log is addressed as `@@aws.region`.
pub(crate) fn is_reserved(path: &FieldPath) -> bool {
    let text = path.as_str();
    text.starts_with('@') && !text.starts_with("@@")
}

/// What a file tells of a name of the service: the account and name of its log group, and its data source.
pub(crate) fn reserved_value<'a>(path: &FieldPath, names: &'a FileNames) -> Option<&'a str> {
    match path.as_str() {
        ACCOUNT => account_of(names.log.as_deref()?),
        DATA_SOURCE => names.data_source.as_deref(),
        _ => None,
    }
}

/// The account of `123456789012:group`.
fn account_of(log: &str) -> Option<&str> {
    let (account, _) = log.split_once(':')?;
    (account.len() == ACCOUNT_DIGITS && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_service_begin_with_one_at_sign() {
        for (text, expected) in [
            ("@aws.region", true),
            ("@aws.account", true),
            ("@entity.KeyAttributes.Name", true),
            ("@source.log", true),
            ("@aws.tag.team:owner", true),
            ("@data_format", true),
            ("@", true),
            ("@@aws.region", false),
            ("@@@x", false),
            ("aws.@region", false),
            ("", false),
        ] {
            assert_eq!(is_reserved(&FieldPath::new(text)), expected, "{text}");
        }
    }

    fn names(log: Option<&str>) -> FileNames {
        FileNames {
            file: "a.log".into(),
            ordinal: 0,
            stream: None,
            log: log.map(Into::into),
            data_source: Some("aws_vpc.flow".into()),
        }
    }

    #[test]
    fn the_data_source_is_that_of_the_file() {
        let found = names(None);
        assert_eq!(
            reserved_value(&FieldPath::new("@data_source_name"), &found),
            Some("aws_vpc.flow")
        );
    }

    #[test]
    fn the_account_stands_before_the_group() {
        for (log, expected) in [
            (Some("123456789012:/aws/lambda/a:b"), Some("123456789012")),
            (Some("000000000000:"), Some("000000000000")),
            (Some("12345678901:group"), None),
            (Some("1234567890123:group"), None),
            (Some("12345678901x:group"), None),
            (Some("123456789012"), None),
            (Some("/aws/lambda/a"), None),
            (Some(""), None),
            (None, None),
        ] {
            assert_eq!(
                reserved_value(&FieldPath::new("@aws.account"), &names(log)),
                expected,
                "{log:?}"
            );
            for other in [
                "@aws.region",
                "@source.log",
                "@aws.account.x",
                "@aws",
                "@data_format",
            ] {
                assert_eq!(
                    reserved_value(&FieldPath::new(other), &names(log)),
                    None,
                    "{other} of {log:?}"
                );
            }
        }
    }
}
