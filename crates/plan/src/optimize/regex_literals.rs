//! Literals that every match of a regular expression holds.

use regex_syntax::hir::{Hir, HirKind};

use super::spellings;

/// Texts of which every match holds at least one, or `None` when there is nothing to search for.
pub(super) fn required_literals(pattern: &str) -> Option<Vec<String>> {
    let hir = regex_syntax::parse(pattern).ok()?;
    required(&hir)
}

/// Shorter literals are met in nearly every line.
const LITERAL_BYTES_MIN: usize = 2;

fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            (text.len() >= LITERAL_BYTES_MIN).then(|| vec![text.to_owned()])
        }
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        // The part whose shortest text is longest is the rarest, as a rule.
        HirKind::Concat(parts) => {
            let of_one = parts.iter().filter_map(required);
            of_one
                .chain(spellings::of_run(parts))
                .max_by_key(|texts| texts.iter().map(String::len).min())
        }
        HirKind::Alternation(branches) => {
            let texts: Option<Vec<Vec<String>>> = branches.iter().map(required).collect();
            Some(texts?.into_iter().flatten().collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::required_literals;

    #[test]
    fn literals_stand_in_every_match() {
        for (pattern, expected) in [
            ("ERROR", Some(vec!["ERROR"])),
            ("timed out .* after", Some(vec!["timed out "])),
            ("(Error|Exception): x", Some(vec!["Error", "Exception"])),
            ("a(bc)+d?", Some(vec!["bc"])),
            ("(?i)ab", Some(vec!["AB", "Ab", "aB", "ab"])),
            ("(?i)ab: 5.+", Some(vec!["AB: 5", "Ab: 5", "aB: 5", "ab: 5"])),
            ("x[0-9]y", None),
            ("[ab]c[de]", Some(vec!["acd", "ace", "bcd", "bce"])),
            ("x*", None),
            (r"\d+", None),
            ("foo|", None),
            ("(unclosed", None),
        ] {
            let found = required_literals(pattern);
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|texts| texts.iter().map(String::as_str).collect());
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn of_a_word_in_any_case_a_part_is_searched_for() {
        let found = required_literals("(?i)exception").unwrap();
        assert_eq!(found.len(), 16);
        for text in ["xcep", "XCEP", "xCeP"] {
            assert!(found.iter().any(|found| found == text), "{text} in {found:?}");
        }
        // A `k` is also the sign of the kelvin.
        let found = required_literals("(?i)ok").unwrap();
        assert!(found.iter().any(|found| found == "o\u{212a}"), "{found:?}");
    }

    mod property {
        use proptest::prelude::*;
        use regex::Regex;

        proptest! {
            #[test]
            fn what_matches_holds_one(
                pattern in "(\\(\\?i\\))?[a-cks ]{1,3}(\\[[a-c]{1,4}\\]|x\\?|\\.)?[a-cks]{0,4}",
                text in "[a-ckxsA-CKS \u{212a}\u{17f}]{0,12}",
            ) {
                let regex = Regex::new(&pattern).unwrap();
                if let Some(found) = super::required_literals(&pattern)
                    && regex.is_match(&text)
                {
                    prop_assert!(
                        found.iter().any(|literal| text.contains(literal)),
                        "{pattern:?} matches {text:?}, which holds none of {found:?}"
                    );
                }
            }
        }
    }
}
