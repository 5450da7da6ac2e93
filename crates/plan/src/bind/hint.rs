//! Queries that are legal and surely not meant: each gets a remark.

use insq_syntax::Span;

use super::Binder;

impl Binder {
    /// `like "%late%"` and `like "*late*"` look for the signs themselves.
    pub(super) fn hint_wildcards(&mut self, text: &str, span: Span) {
        let inner = text.trim_matches(['%', '*']);
        if inner.len() < text.len() && !inner.is_empty() {
            let message = format!(
                "`like` finds a text anywhere by itself, and `%` and `*` are no wildcards; write `like \"{inner}\"`"
            );
            self.warn(span, message);
        }
    }

    /// `/[late|early]/` matches one sign of those in the brackets.
    pub(super) fn hint_class(&mut self, pattern: &str, span: Span) {
        if let Some(class) = alternation_in_class(pattern) {
            let message = format!(
                "`[{class}]` matches one of these signs, `|` among them; to match one of the words write `({class})`"
            );
            self.warn(span, message);
        }
    }

    /// `parse @message "(?<x>\d+)"` is a glob that looks like a regex.
    pub(super) fn hint_glob(&mut self, pattern: &str, span: Span) {
        if pattern.contains("(?<") || pattern.contains("\\d") || pattern.contains("\\w") {
            let message = "a pattern in quotes is a glob, in which only `*` means something; a regex stands between slashes";
            self.warn(span, message.to_owned());
        }
    }
}

/// The inside of the first class that holds `|` between two words.
fn alternation_in_class(pattern: &str) -> Option<&str> {
    let mut rest = pattern;
    while let Some(start) = rest.find('[') {
        let is_escaped = rest[..start].ends_with('\\');
        let inner = &rest[start + 1..];
        let class = &inner[..inner.find(']')?];
        let is_word = |part: &str| part.chars().count() > 1 && part.chars().all(char::is_alphanumeric);
        let mut parts = class.split('|');
        if !is_escaped && class.contains('|') && parts.all(is_word) {
            return Some(class);
        }
        rest = inner;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::alternation_in_class;

    #[test]
    fn classes() {
        for (pattern, expected) in [
            ("[late|early]", Some("late|early")),
            ("x[ab|cd]y", Some("ab|cd")),
            ("[a|b]", None),
            ("[a-z|]", None),
            (r"\[late|early\]", None),
            ("(late|early)", None),
            ("[", None),
        ] {
            assert_eq!(alternation_in_class(pattern), expected, "{pattern}");
        }
    }
}
