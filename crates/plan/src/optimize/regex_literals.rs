//! Literals that every match of a regular expression holds.

use regex_syntax::hir::{Hir, HirKind};

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
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(required)
            .max_by_key(|texts| texts.iter().map(String::len).min()),
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
            ("(?i)error", None),
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
}
