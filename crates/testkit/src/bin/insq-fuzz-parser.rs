//! Feeds the parser with mutated queries: none may make it panic, and what it reads must print, read again the same,
//! and lay out once and for all.
//!
//! `cargo run --release -p insq-testkit --bin insq-fuzz-parser -- 10000000 1 queries/*.insq` runs ten million texts from
//! seed 1.

#![allow(clippy::print_stdout, clippy::panic)]

use std::process::ExitCode;

use insq_testkit::Prng;

/// Pieces that mutations put in: words and signs of the language, and what tends to surprise.
const PIECES: &[&str] = &[
    "fields ",
    "filter ",
    "stats ",
    "sort ",
    "limit ",
    "parse ",
    "dedup ",
    "display ",
    "SOURCE ",
    "unnest ",
    "join ",
    "lookup ",
    " by ",
    " as ",
    " and ",
    " or ",
    " not ",
    " in ",
    " like ",
    "count(*)",
    "bin(5m)",
    "(",
    ")",
    "[",
    "]",
    "|",
    ",",
    "\"",
    "'",
    "`",
    "/",
    "\\",
    "#",
    "\n",
    "=",
    "!=",
    "=~",
    "-",
    "*",
    "@",
    ".",
    "0",
    "5m",
    "1e9",
    "{{x}}",
    "é",
    "\u{feff}",
    "--",
    "//",
    "null",
    "true",
    "multi",
    "logfmt",
    " OUTPUT ",
    "left=",
    "p=1-3",
    " into ",
    "START=-1d",
];

/// Bytes of a text at most: long texts find nothing that short ones do not, and take long.
const TEXT_BYTES_MAX: usize = 400;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(count), Some(seed)) = (number(arguments.next()), number(arguments.next())) else {
        println!("usage: insq-fuzz-parser COUNT SEED [FILE…]");
        return ExitCode::from(2);
    };
    let mut corpus: Vec<String> = PIECES.iter().map(|piece| (*piece).to_owned()).collect();
    corpus.extend(
        arguments
            .filter_map(|path| std::fs::read_to_string(path).ok())
            .flat_map(queries),
    );
    let mut prng = Prng::new(seed);
    let mut n_read = 0_u64;
    for _ in 0..count {
        let text = mutated(&corpus, &mut prng);
        if survives(&text) {
            n_read += 1;
            // What is read is a good beginning for what comes next.
            if corpus.len() < 4_096 && prng.below(64) == 0 {
                corpus.push(text);
            }
        }
    }
    println!("{count} texts, of which {n_read} are queries");
    ExitCode::SUCCESS
}

/// The parts of a file between lines of dashes or signs, without lines that are comments alone: mutations of those find
/// nothing.
fn queries(text: String) -> Vec<String> {
    text.split("\n====\n")
        .flat_map(|part| part.split("\n----\n"))
        .map(|part| {
            let lines = part.lines().filter(|line| !line.starts_with('#'));
            lines.collect::<Vec<_>>().join("\n")
        })
        .collect()
}

fn number(argument: Option<String>) -> Option<u64> {
    argument?.parse().ok()
}

/// A text of the corpus with some pieces put in, taken out, or exchanged.
fn mutated(corpus: &[String], prng: &mut Prng) -> String {
    let mut text = pick(corpus, prng).to_owned();
    for _ in 0..=prng.below(6) {
        let at = place(&text, prng);
        match prng.below(4) {
            0 => text.insert_str(at, PIECES[prng.below(PIECES.len() as u32) as usize]),
            1 => {
                let end = place(&text, prng);
                text.replace_range(at.min(end)..at.max(end), "");
            }
            2 => text.truncate(at),
            _ => text.push_str(pick(corpus, prng)),
        }
    }
    let end = text.floor_char_boundary(TEXT_BYTES_MAX.min(text.len()));
    text.truncate(end);
    text
}

fn pick<'c>(corpus: &'c [String], prng: &mut Prng) -> &'c str {
    &corpus[prng.below(corpus.len() as u32) as usize]
}

fn place(text: &str, prng: &mut Prng) -> usize {
    text.floor_char_boundary(prng.below(text.len() as u32 + 1) as usize)
}

/// True for a text that is a query; panics where it is treated badly.
fn survives(text: &str) -> bool {
    let parsed = match insq_syntax::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            let shown = error.render(text);
            assert!(!shown.is_empty(), "{text:?}");
            return false;
        }
    };
    let canonical = parsed.query.to_string();
    match insq_syntax::parse(&canonical) {
        Ok(again) => assert_eq!(again.query.to_string(), canonical, "{text:?}"),
        Err(error) => panic!("{text:?} prints as {canonical:?}: {error}"),
    }
    let formatted = insq_syntax::format(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    match insq_syntax::format(&formatted) {
        Ok(again) => assert_eq!(again, formatted, "{text:?}"),
        Err(error) => panic!("{text:?} is laid out as {formatted:?}: {error}"),
    }
    true
}
