//! The files of `queries/` are well-formed and listed. Whether they run is tested where the engine is.

use std::fs;
use std::path::Path;

/// Longest query text that the service accepts, in characters.
const QUERY_CHARACTERS_MAX: usize = 10_000;

#[test]
fn every_query_says_what_it_answers_and_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../queries");
    let readme = fs::read_to_string(folder.join("README.md")).expect("queries have a README");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("queries can be listed") {
        let path = entry.expect("entry can be read").path();
        if path.extension().is_none_or(|extension| extension != "insq") {
            continue;
        }
        count += 1;
        let name = path
            .file_name()
            .expect("files have names")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).expect("queries are UTF-8");
        let question = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "))
            .unwrap_or_default();
        assert!(question.ends_with('?'), "{name} opens with no question");
        assert!(
            readme.contains(&format!("| [{name}]({name}) | {question} |")),
            "README.md lacks {name}"
        );
        assert!(text.chars().count() <= QUERY_CHARACTERS_MAX, "{name} is too long");
        assert!(
            text.lines()
                .any(|line| !line.starts_with('#') && !line.is_empty()),
            "{name} has no query"
        );
    }
    let listed = readme.matches(".insq](").count();
    assert_eq!(listed, count, "README.md lists queries that do not exist");
}
