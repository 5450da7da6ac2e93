//! Patterns of paths.

use std::path::{Path, PathBuf, is_separator};

use glob::{GlobResult, MatchOptions, Pattern};

use super::would_read::{is_shown, place_of};

/// Stands for any number of folders.
const ANY_FOLDERS: &str = "**";

/// What makes a pattern of a path.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// Matches of a pattern with `*`, `?` or `[…]`; `None` when it is none or matches nothing.
///
/// As in shells, what is hidden is matched only where the pattern has the dot: `*` leaves out what `.*` finds.
pub(super) fn matches_of(path: &Path) -> Option<Vec<GlobResult>> {
    let pattern = path.to_str()?;
    if !pattern.contains(WILDCARDS) {
        return None;
    }
    let mut matches: Vec<GlobResult> = glob::glob(pattern)
        .ok()?
        .filter(|found| has_dots_of(path, path_of(found)))
        .collect();
    matches.sort_by(|a, b| path_of(a).cmp(path_of(b)));
    (!matches.is_empty()).then_some(matches)
}

/// True when a pattern matches `path`, which has no links, or a folder that it would lie in.
pub(super) fn would_match(pattern: &Path, path: &Path) -> bool {
    let Some(whole) = without_links(pattern) else {
        return false;
    };
    let Some(compiled) = whole.to_str().and_then(|whole| Pattern::new(whole).ok()) else {
        return false;
    };
    let options = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::new()
    };
    path.ancestors().any(|part| {
        compiled.matches_path_with(part, options)
            && has_dots_of(&whole, part)
            && path.strip_prefix(part).is_ok_and(is_shown)
    })
}

/// A pattern of which the folders before the first wildcard are resolved; `None` where there are none, or no pattern.
fn without_links(pattern: &Path) -> Option<PathBuf> {
    let is_fixed = |part: &Path| !part.to_str().is_none_or(|part| part.contains(WILDCARDS));
    let fixed = pattern.ancestors().skip(1).find(|part| is_fixed(part))?;
    let folder = match fixed.as_os_str().is_empty() {
        true => place_of(Path::new(".")),
        false => place_of(fixed),
    };
    let folder = Pattern::escape(folder?.to_str()?);
    Some(Path::new(&folder).join(pattern.strip_prefix(fixed).ok()?))
}

fn path_of(found: &GlobResult) -> &Path {
    match found {
        Ok(path) => path,
        Err(error) => error.path(),
    }
}

/// False when `found` has a hidden name where `pattern` has no dot. The option of the glob crate for this also leaves out
/// what a pattern with the dot names, and dies of names that are no UTF-8.
fn has_dots_of(pattern: &Path, found: &Path) -> bool {
    let (pattern, found) = (pattern.to_string_lossy(), found.to_string_lossy());
    // Of `.*`, the crate takes the folder itself and the one above for matches.
    let is_of_system = |name: &&str| [".", ".."].contains(name);
    if names_of(&found).any(|name| is_of_system(&name) && !names_of(&pattern).any(|other| other == name)) {
        return false;
    }
    let pattern: Vec<&str> = names_of(&pattern).filter(|name| !is_of_system(name)).collect();
    let found: Vec<&str> = names_of(&found).filter(|name| !is_of_system(name)).collect();
    // Names before the first `**` and behind the last one stand for one name each.
    let before = pattern.iter().take_while(|name| **name != ANY_FOLDERS).count();
    let after = match before < pattern.len() {
        true => pattern
            .iter()
            .rev()
            .take_while(|name| **name != ANY_FOLDERS)
            .count(),
        false => 0,
    };
    let is_hidden = |name: &&str| name.starts_with('.');
    let is_named = |place: usize| {
        let from_end = found.len() - place;
        let names = match (place < before, from_end <= after) {
            (true, _) => pattern.get(place..=place),
            (false, true) => pattern.get(pattern.len() - from_end..=pattern.len() - from_end),
            (false, false) => pattern.get(before..pattern.len() - after),
        };
        names.is_some_and(|names| names.iter().any(is_hidden))
    };
    let mut hidden = found.iter().enumerate().filter(|(_, name)| is_hidden(name));
    hidden.all(|(place, _)| is_named(place))
}

fn names_of(path: &str) -> impl Iterator<Item = &str> {
    path.split(is_separator).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_matched_by_its_dot_only() {
        for (pattern, found, is_matched) in [
            ("logs/*", "logs/a", true),
            ("logs/*", "logs/.a", false),
            ("logs/.*", "logs/.a", true),
            ("logs/.*", "logs/.", false),
            ("logs/.*", "logs/..", false),
            (".*", "..", false),
            ("../*", "../a", true),
            ("../*", "../.a", false),
            ("./*/b", "./a/b", true),
            ("./*/b", "a/b", true),
            ("./*/b", ".a/b", false),
            ("/var//*/x", "/var/.a/x", false),
            ("/var//.a/x*", "/var/.a/x1", true),
            ("?a", ".a", false),
            ("[.]a", ".a", false),
            ("**/*", "a/b/c", true),
            ("**/*", ".a/b", false),
            ("**/*", "a/.b", false),
            ("**/.b*", "a/.b", true),
            ("**/.b*", ".a/.b", false),
            (".a/**/c", ".a/c", true),
            (".a/**/c", ".a/.b/c", false),
            (".a/**/.b/**/c", ".a/x/.b/y/z/c", true),
            // Of which of the two it is, nothing is known.
            ("**/.b/**", ".a/.b/c", true),
            // What could not be read on the way.
            ("a/*/c", "a", true),
            ("a/*/c", "a/.b", false),
            ("a/**/b/c", "a", true),
        ] {
            assert_eq!(
                has_dots_of(Path::new(pattern), Path::new(found)),
                is_matched,
                "{pattern} {found}"
            );
        }
    }
}
