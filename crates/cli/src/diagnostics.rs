//! Everything that is said on standard error: errors, warnings, notes. Sanitised, like all that may hold
//! log content or names of files.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};

use insq_render::sanitizer::{Place, escape_json, sanitize};

use crate::args::ColourArg;

/// Whether to colour what goes to one of the standard streams.
pub(crate) fn use_colour(when: ColourArg, stream: &impl IsTerminal) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match when {
        ColourArg::Always => true,
        ColourArg::Never => false,
        ColourArg::Auto => {
            stream.is_terminal()
                && !is_set("NO_COLOR")
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// How bad it is; the word that a message begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// Bold red, yellow, or cyan.
    const fn colour(self) -> &'static str {
        match self {
            Self::Error => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
            Self::Note => "\x1b[1;36m",
        }
    }
}

/// Writes messages to standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Diagnostics {
    pub(crate) colour: bool,
    /// True when only errors are wanted.
    pub(crate) quiet: bool,
    /// True to write one JSON object per message.
    pub(crate) json: bool,
}

/// A message about a place in a query.
pub(crate) struct InQuery<'a> {
    pub(crate) severity: Severity,
    /// A stable word for machines.
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    pub(crate) help: Option<&'a str>,
    /// The text of the query, and the file that it is from.
    pub(crate) query: &'a str,
    pub(crate) file: Option<&'a str>,
    pub(crate) span: insq::Span,
    /// The message as people read it, with the place underlined.
    pub(crate) rendered: &'a str,
}

impl Diagnostics {
    /// `error: message`, and the next step to try.
    pub(crate) fn error(self, message: &str, help: Option<&str>) {
        self.coded(Severity::Error, "failed", message, help);
    }

    /// A message without a place.
    pub(crate) fn coded(self, severity: Severity, code: &str, message: &str, help: Option<&str>) {
        if severity != Severity::Error && self.quiet {
            return;
        }
        if self.json {
            return say(&object(severity, code, message, help, None));
        }
        say(&self.message(severity, message, help));
    }

    /// A message about a place in a query.
    pub(crate) fn in_query(self, what: &InQuery<'_>) {
        if what.severity != Severity::Error && self.quiet {
            return;
        }
        if self.json {
            return say(&object(
                what.severity,
                what.code,
                what.message,
                what.help,
                Some(what),
            ));
        }
        say(&self.recolour(what.severity, what.rendered));
    }

    /// `warning: message`, unless warnings are not wanted.
    pub(crate) fn warning(self, message: &str, help: Option<&str>) {
        self.coded(Severity::Warning, "warning", message, help);
    }

    /// `note: message`, unless notes are not wanted.
    pub(crate) fn note(self, message: &str) {
        self.coded(Severity::Note, "note", message, None);
    }

    fn message(self, severity: Severity, message: &str, help: Option<&str>) -> String {
        let mut text = format!("{}: {message}", severity.word());
        if let Some(help) = help {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n  = help: {help}");
        }
        self.recolour(severity, &text)
    }

    /// Sanitises first, so that the only escapes in a message are these.
    fn recolour(self, severity: Severity, text: &str) -> String {
        let text = sanitize(text.trim_end(), Place::Cell);
        let word = severity.word();
        match text.strip_prefix(word).filter(|_| self.colour) {
            Some(rest) => format!("{}{word}\x1b[0m{rest}", severity.colour()),
            None => text.into_owned(),
        }
    }
}

/// A message as a JSON object on one line; what it has no value for is null.
pub(crate) fn object(
    severity: Severity,
    code: &str,
    message: &str,
    help: Option<&str>,
    place: Option<&InQuery<'_>>,
) -> String {
    let (line, column) = place
        .map(|place| insq::line_column(place.query, place.span.start))
        .unzip();
    let object = serde_json::json!({
        "severity": severity.word(),
        "code": code,
        "message": message,
        "help": help,
        "file": place.and_then(|place| place.file),
        "line": line,
        "column": column,
        "start": place.map(|place| place.span.start),
        "end": place.map(|place| place.span.end),
    });
    escape_json(&object.to_string()).into_owned()
}

/// One message or table of figures, already sanitised. When standard error is closed there is nobody to tell.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Diagnostics = Diagnostics {
        colour: false,
        quiet: false,
        json: false,
    };
    const COLOURED: Diagnostics = Diagnostics {
        colour: true,
        quiet: false,
        json: false,
    };

    #[test]
    fn objects_hold_nothing_harmful() {
        let shown = object(Severity::Error, "x", "a\u{7f}\u{202e}b", None, None);
        assert!(!shown.contains(['\u{7f}', '\u{202e}']), "{shown}");
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read["message"], "a\u{7f}\u{202e}b");
    }

    #[test]
    fn messages_carry_their_severity_and_help() {
        assert_eq!(
            PLAIN.message(Severity::Error, "no", Some("try")),
            "error: no\n  = help: try"
        );
        assert_eq!(PLAIN.message(Severity::Warning, "hm", None), "warning: hm");
        assert_eq!(
            COLOURED.message(Severity::Error, "no", None),
            "\x1b[1;31merror\x1b[0m: no"
        );
    }

    #[test]
    fn messages_cannot_carry_escapes_of_their_own() {
        let message = "a\x1b]0;x\x07.gz: damaged";
        assert_eq!(
            PLAIN.message(Severity::Warning, message, None),
            "warning: a\\x1b]0;x\\x07.gz: damaged"
        );
        assert!(!COLOURED.recolour(Severity::Error, message).contains('\x1b'));
    }

    #[test]
    fn colour_can_be_forced_either_way() {
        assert!(use_colour(ColourArg::Always, &io::stderr()));
        assert!(!use_colour(ColourArg::Never, &io::stderr()));
    }
}
