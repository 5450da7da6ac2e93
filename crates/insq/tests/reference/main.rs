//! The engine against the reference interpreter, on random queries and random events.
//!
//! `INSQ_PAIRS=100000 cargo test --release -p insq --test reference` compares so many pairs; `INSQ_SEED` chooses others.

#![allow(clippy::unwrap_used, clippy::panic)]

mod case;
mod engine;
mod inputs;
mod same;

use case::{Case, Outcome};
use insq_testkit::Prng;

/// Pairs that are compared when nothing else is said.
const PAIRS_DEFAULT: u64 = 2_000;

/// What random queries are to have.
const WORDS: &[&str] = &[
    "filter ",
    "fields ",
    "stats ",
    "sort ",
    "limit ",
    "tail ",
    "parse ",
    "dedup ",
    "accum ",
    "autoregress ",
    "filldown ",
    "outlier ",
    "sessionize ",
    "addtotals ",
    "countFrequent ",
    "unnest ",
    "expand ",
    "json field=",
    "jsonParse(",
    "lookup ",
    "join ",
    "appendcols ",
    " in (SOURCE",
    "fillmissing ",
    "concurrency_",
    " csv as ",
    " logfmt as ",
    " offset ",
    "histogram(",
    "cidrlookup ",
    "mark=true",
    "regexReplace(",
];

/// Of every so many pairs, but for the first, one has each of the [`WORDS`] and an answer that is not empty.
const PAIRS_PER_WORD: u64 = 400;

#[test]
fn the_engine_answers_as_the_reference() {
    let setting = |name: &str, default: u64| {
        let value = std::env::var(name).ok();
        value.map_or(default, |value| value.parse().unwrap())
    };
    let (pairs, seed) = (setting("INSQ_PAIRS", PAIRS_DEFAULT), setting("INSQ_SEED", 1));
    let mut prng = Prng::new(seed);
    let (mut n_compared, mut n_rows) = (0_u64, 0);
    let mut n_tried = 0_u64;
    let mut n_with = vec![0_u64; WORDS.len()];
    while n_compared < pairs {
        n_tried += 1;
        let case = Case::random(&mut prng);
        match case.compare() {
            Outcome::Same(rows) => {
                n_compared += 1;
                for (count, word) in n_with.iter_mut().zip(WORDS) {
                    *count += u64::from(rows > 0 && case.asked.0.contains(word));
                }
                n_rows += rows;
            }
            Outcome::Refused => {}
            Outcome::Differs(_) => {
                let case = case.smallest();
                let Outcome::Differs(how) = case.compare() else {
                    unreachable!()
                };
                panic!("after {n_compared} pairs:\n{case}\n{how}");
            }
        }
    }
    // A generator whose queries are refused, or find nothing, would test nothing.
    assert!(
        n_compared * 3 > n_tried * 2,
        "{n_compared} of {n_tried} queries are taken"
    );
    assert!(n_rows > n_compared as usize, "{n_rows} rows");
    for (count, word) in n_with.iter().zip(WORDS) {
        assert!(
            (count + 1) * PAIRS_PER_WORD >= n_compared,
            "{count} queries with `{word}` have an answer"
        );
    }
    println!("{n_compared} of {n_tried} pairs compared, {n_rows} rows");
}
