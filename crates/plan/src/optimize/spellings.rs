//! Texts of a regular expression that may be spelled in a few ways, such as a word in any case.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Spellings of a text at most: so many are searched for at once nearly as fast as one.
const SPELLINGS_MAX: usize = 16;

/// Characters that a place may hold, at most: the two cases of a letter, and some letters have a third form.
const CHOICES_MAX: usize = 3;

/// All spellings of the part of a sequence that is met least often, as a rule; `None` when there is none to search for.
pub(super) fn of_run(parts: &[Hir]) -> Option<Vec<String>> {
    let places: Vec<Option<Vec<char>>> = parts.iter().flat_map(choices).collect();
    let runs = places.split(|place| place.is_none());
    let best = runs.filter_map(|run| {
        let run: Vec<&Vec<char>> = run.iter().flatten().collect();
        best_window(&run)
    });
    let window = best.max_by_key(|window| value(window))?;
    Some(spelled(&window))
}

/// What may stand at each place of a part; `None` for what is no choice of a few characters.
fn choices(part: &Hir) -> Vec<Option<Vec<char>>> {
    match part.kind() {
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => text.chars().map(|char| Some(vec![char])).collect(),
            Err(_) => vec![None],
        },
        HirKind::Class(Class::Unicode(class)) => {
            let mut chars = Vec::new();
            for range in class.iter() {
                chars.extend((range.start()..=range.end()).take(CHOICES_MAX + 1));
                if chars.len() > CHOICES_MAX {
                    return vec![None];
                }
            }
            vec![Some(chars).filter(|chars| !chars.is_empty())]
        }
        _ => vec![None],
    }
}

type Window<'a> = Vec<&'a Vec<char>>;

/// Of all windows with few spellings the best one, of at least two places.
fn best_window<'a>(run: &[&'a Vec<char>]) -> Option<Window<'a>> {
    let windows = (0..run.len()).filter_map(|start| {
        let mut spellings = 1;
        let length = run[start..]
            .iter()
            .take_while(|place| {
                spellings *= place.len();
                spellings <= SPELLINGS_MAX
            })
            .count();
        (length > 1).then(|| run[start..start + length].to_vec())
    });
    windows.max_by_key(|window| value(window))
}

/// Longer is better, and at equal length whatever has fewer of the letters that every text is full of.
fn value(window: &[&Vec<char>]) -> (usize, usize) {
    const COMMON: &str = "etaoinsr ";
    let rare = window.iter().filter(|place| {
        let mut chars = place.iter();
        !chars.any(|char| COMMON.contains(char.to_ascii_lowercase()))
    });
    (window.len(), rare.count())
}

fn spelled(window: &[&Vec<char>]) -> Vec<String> {
    window.iter().fold(vec![String::new()], |begun, place| {
        let longer = begun
            .iter()
            .flat_map(|text| place.iter().map(move |char| format!("{text}{char}")));
        longer.collect()
    })
}
