//! What paths tell about log streams.

use std::path::Path;

/// The log stream whose export the file is: `…/2026-03-04-[$LATEST]00aa…/000000.gz` was written for
/// `2026/03/04/[$LATEST]00aa…`.
pub(crate) fn stream_of(path: &Path) -> Option<String> {
    let file = path.file_name()?.to_str()?;
    let number = file.strip_suffix(".gz").unwrap_or(file);
    if number.len() != 6 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let folder = path.parent()?.file_name()?.to_str()?;
    Some(restore_slashes(folder).unwrap_or_else(|| folder.to_owned()))
}

/// The log group of a function that a path names: `…/aws/lambda/orders/…`.
pub(crate) fn group_of(path: &Path) -> Option<String> {
    let parts: Vec<&str> = path.parent()?.iter().filter_map(|part| part.to_str()).collect();
    let found = parts.windows(3).find(|parts| parts[..2] == ["aws", "lambda"])?;
    Some(format!("/aws/lambda/{}", found[2]))
}

/// `2026-03-04-rest` was `2026/03/04/rest`.
fn restore_slashes(folder: &str) -> Option<String> {
    let (year, rest) = folder.split_once('-')?;
    let (month, rest) = rest.split_once('-')?;
    let (day, rest) = rest.split_once('-')?;
    let is_number =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(year, 4) && is_number(month, 2) && is_number(day, 2))
        .then(|| format!("{year}/{month}/{day}/{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_paths() {
        for (path, expected) in [
            ("dump/aws/lambda/orders/a.log", Some("/aws/lambda/orders")),
            ("/aws/lambda/orders/2026/03/a.log", Some("/aws/lambda/orders")),
            ("aws/lambda/a.log", None),
            ("aws/ecs/orders/a.log", None),
        ] {
            assert_eq!(group_of(Path::new(path)).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn streams_of_export_folders() {
        for (path, expected) in [
            (
                "e/task/2026-03-04-[$LATEST]00aa-x/000000.gz",
                Some("2026/03/04/[$LATEST]00aa-x"),
            ),
            ("e/task/2026-03-04-[1]00aa/000001", Some("2026/03/04/[1]00aa")),
            ("e/task/my-stream/000000.gz", Some("my-stream")),
            ("logs/app.log", None),
            ("logs/0000000.gz", None),
        ] {
            assert_eq!(stream_of(Path::new(path)).as_deref(), expected, "{path}");
        }
    }
}
