//! The layout of queries: every file under `tests/format`, and what holds for every query. Set `INSQ_BLESS=1` to write
//! the answers into the files, then read the difference.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

#[test]
fn layouts() {
    let bless = std::env::var_os("INSQ_BLESS").is_some();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format/layouts.txt");
    let text = std::fs::read_to_string(&path).unwrap().replace("<CR>", "\r");
    let mut blessed = String::new();
    let mut n_cases = 0;
    for part in text.split("\n====\n") {
        let (written, expected) = part
            .split_once("\n----\n")
            .unwrap_or((part.trim_end_matches('\n'), ""));
        let found = insq_syntax::format(written).unwrap_or_else(|error| panic!("{}", error.render(written)));
        let again = insq_syntax::format(&found).unwrap_or_else(|error| panic!("{}", error.render(&found)));
        assert_eq!(again, found, "formatting again changes it");
        let meaning = |text: &str| insq_syntax::parse(text).unwrap().query.to_string();
        assert_eq!(meaning(&found), meaning(written));
        if !bless {
            assert_eq!(found.trim_end(), expected.trim_end(), "{written}");
        }
        blessed.push_str(&format!(
            "{}{written}\n----\n{found}",
            if n_cases > 0 { "====\n" } else { "" }
        ));
        n_cases += 1;
    }
    assert!(n_cases >= 20, "only {n_cases} cases");
    if bless {
        std::fs::write(&path, blessed.replace('\r', "<CR>")).unwrap();
    }
}
