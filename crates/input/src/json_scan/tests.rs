//! What the quick reader finds, beside what the general one does.

use std::borrow::Cow;

use super::*;
use crate::json_fields::{WantedFields, WantedPath};
use proptest::prelude::*;
use serde::de::IgnoredAny;

fn paths() -> Vec<WantedPath> {
    let path = |text: &str, is_whole| WantedPath {
        text: text.to_owned(),
        is_whole,
    };
    vec![
        path("a", false),
        path("b", false),
        path("a.b", false),
        path("a.b.c", false),
        path("c", true),
        path("b.0", false),
        path("e.f", false),
        path("e.g.h", true),
        path("d.", false),
        // Between `a` and `a.b`, were they sorted as they are written.
        path("a-b", false),
        path("f.0", false),
        path("f.1.a", false),
        path("f.1", true),
        path("f.10", false),
        path("f.01", false),
    ]
}

/// An object with other keys, or in another order, that is taken to have the same shape.
fn neighbour_of(text: &[u8]) -> String {
    let mut all = (1_000..).map(|n| format!(r#"{{"x":{n},"a":2,"e":3,"b":"c"}}"#));
    all.find(|object| Shapes::number_of(object.as_bytes()) == Shapes::number_of(text))
        .unwrap()
}

/// Both readers on one text: `None` when this one leaves it to the other.
fn compare(text: &[u8]) -> Option<()> {
    let paths = paths();
    let mut scanner = Scanner::new(paths.iter().map(|path| path.text.clone()).collect());
    // Of another object that shares its shape, and of this one.
    scanner.scan(neighbour_of(text).as_bytes())?;
    let (found, end) = scanner.scan(text)?;
    let found = found.to_vec();
    // A key is learned for good when it came again.
    for _ in 0..3 {
        assert_eq!(scanner.scan(text)?, (&*found, end));
    }
    let fast: Vec<Option<Cow<'_, str>>> = paths
        .iter()
        .zip(found)
        .map(|(path, range)| path.value_at(text, range))
        .collect();
    let mut general = vec![None; paths.len()];
    let is_object = WantedFields::new(paths).read_general(text, &mut general);
    assert!(is_object, "{}", String::from_utf8_lossy(text));
    assert_eq!(fast, general, "{}", String::from_utf8_lossy(text));
    // What ends at its brace is sound by itself.
    assert!(serde_json::from_slice::<IgnoredAny>(&text[..end]).is_ok());
    Some(())
}

#[test]
fn what_is_read_here_and_what_is_left() {
    for (text, is_read) in [
        (r#"{}"#, true),
        (r#" {"a":1}"#, false),
        (r#"{"a":1}"#, true),
        (r#"{ "a" : -1.50e+3 , "c" : [1, {"x": null}] } tail"#, true),
        (r#"{"a":{"b":{"c":"x\ny"}},"a.b":7,"a":{"b":8}}"#, true),
        (r#"{"e":{"f":"x\ny","g":{"h":[1]}},"e.f":7,"e":{"f":8}}"#, true),
        (r#"{"e":{"f":1},"e":2,"e.g":{"h":3}}"#, true),
        (r#"{"x": 1, "a": {"b": 2},"y":  3, "c":"x"}"#, true),
        (r#"{"a":"\u00e9 é","b":true}"#, true),
        (r#"{"d":{"e":[[],{}, "\\", false]},"b":null}"#, true),
        (r#"{"d":{"":1},"d.":2}"#, true),
        (r#"{"a":{"b":1},"a-b":2,"a.b":3}"#, true),
        (r#"{"b":[1,2]}"#, true),
        (r#"{"b":[ 1 , 2 ] , "f":[]}"#, true),
        (r#"{"f":[[1],{"a":"x","a":"y"},null]}"#, true),
        (
            r#"{"f":[1,2,3,4,5,6,7,8,9,10,"eleven",12],"f.0":7,"f":[8]}"#,
            true,
        ),
        (r#"{"f":{"0":1,"01":2,"1":[3]}}"#, true),
        (r#"{"b":[1,]}"#, false),
        (r#"{"b":[1}"#, false),
        (r#"{"b":[1 2]}"#, false),
        (r#"{"b":["#, false),
        (r#"{"é":1}"#, false),
        (r#"{"\u0061":1}"#, false),
        (r#"{"a":01}"#, false),
        (r#"{"a":1,}"#, false),
        (r#"{"a":.5}"#, false),
        (r#"{"a":tru}"#, false),
        (r#"{"a" 1}"#, false),
        (r#"{"a":[1,]}"#, false),
        (r#"{"a":{"b":1]}"#, false),
        (r#"{"a":"x"#, false),
        ("{\"a\":\"x\ty\"}", false),
        (r#"{"a":"\x"}"#, false),
        (r#"{"a":1"#, false),
    ] {
        let text = text.as_bytes();
        assert_eq!(
            compare(text).is_some(),
            is_read,
            "{}",
            String::from_utf8_lossy(text)
        );
    }
}

/// Bytes that are no UTF-8 are nobody's business where nobody looks.
#[test]
fn what_is_no_text_is_left_to_the_other_reader_where_that_one_looks() {
    for (text, is_read) in [
        (&b"{\"x\":\"\xff\",\"c\":1}"[..], true),
        (b"{\"c\":\"\xff\"}", false),
        (b"{\"e\":\"\xff\",\"c\":1}", false),
        (b"{\"f\":[0,0,\"\xff\"],\"c\":1}", true),
        (b"{\"e\":[\"\xff\"],\"c\":1}", true),
        (b"{\"e\":{\"g\":\"\xff\"},\"c\":1}", false),
    ] {
        assert_eq!(
            compare(text).is_some(),
            is_read,
            "{}",
            String::from_utf8_lossy(text)
        );
        let paths = vec![
            WantedPath {
                text: "c".to_owned(),
                is_whole: false,
            },
            WantedPath {
                text: "e.g.h".to_owned(),
                is_whole: false,
            },
        ];
        // Whoever reads it, the answer is the same.
        let wanted = WantedFields::new(paths);
        let (mut quick, mut general) = (Vec::new(), vec![None; 2]);
        wanted.read(text, &mut quick);
        if !wanted.read_general(text, &mut general) {
            general.fill(None);
        }
        assert_eq!(quick, general, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn numbers_count_up() {
    let mut number = Number::zero();
    for expected in 0..1_234_u32 {
        assert_eq!(number.digits(), expected.to_string().as_bytes());
        number.increase();
    }
}

/// Of arrays on the way to a wanted value, too.
#[test]
fn the_depth_of_what_is_walked_is_limited() {
    let path = vec!["0"; DEPTH_MAX as usize + 1].join(".");
    let mut scanner = Scanner::new(vec![format!("x.{path}")]);
    let nested = |depth: u32| {
        let depth = depth as usize;
        format!("{{\"x\":{}1{}}}", "[".repeat(depth), "]".repeat(depth))
    };
    assert!(scanner.scan(nested(DEPTH_MAX).as_bytes()).is_some());
    assert!(scanner.scan(nested(DEPTH_MAX + 1).as_bytes()).is_none());
}

#[test]
fn the_depth_is_limited() {
    let nested = |depth: u32| {
        let depth = depth as usize;
        format!("{{\"x\":{}1{}}}", "[".repeat(depth), "]".repeat(depth))
    };
    assert!(compare(nested(DEPTH_MAX).as_bytes()).is_some());
    assert!(compare(nested(DEPTH_MAX + 1).as_bytes()).is_none());
}

fn any_json() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "a.b",
        "a-b",
        "f",
        "g",
        "h",
        "e.g",
        "d",
        "é",
        "",
        "long key of some words",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        "\"([a-z é{}\\[\\],:]|\\\\[\"\\\\/bfnrt]|\\\\u00[0-9a-f]{2}){0,20}\"",
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let member = (key.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\": {value}"));
        prop_oneof![
            prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(" ,"))),
            prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
        ]
    })
}

proptest! {
    #[test]
    fn both_readers_agree(
        values in prop::collection::vec(any_json(), 6),
        // What ends something within long texts is found beforehand, block by block.
        pad in prop_oneof![Just(0_usize), 300_usize..2_500],
        (colon, comma) in prop::sample::select(vec![(":", ","), (": ", ", "), (":", ", "), (" :  ", " , ")]),
        change in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let keys = ["x", "a", "e", "b", "c", "f"];
        let mut members: Vec<String> = keys.iter().zip(values).map(|(key, value)| format!("\"{key}\"{colon}{value}")).collect();
        members.insert(1, format!("\"pad\"{colon}\"{}\"", "x".repeat(pad)));
        let text = format!("{{{}}}", members.join(comma));
        let mut bytes = text.into_bytes();
        if let Some((place, byte)) = change {
            let place = place.index(bytes.len() - 1) + 1;
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()).max(1));
        }
        compare(&bytes);
    }
}
