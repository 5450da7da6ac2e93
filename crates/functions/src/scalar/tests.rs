//! The table of functions: its names, and what calls give.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, UInt64Array};
use insq_event::ColumnType;

use super::*;
use crate::{Param, Period, Scalar, Step, coerce};

/// An argument of a call.
fn value(text: &str) -> Scalar {
    Scalar::Text(text.into())
}

fn number(value: f64) -> Scalar {
    Scalar::Number(value)
}

const NULL: Scalar = Scalar::Null;
const TRUE: Scalar = Scalar::Bool(true);
const MINUTE: Scalar = Scalar::Period(Period {
    step: Step::Fixed {
        ms: 60_000,
        origin_ms: 0,
    },
    zone: insq_event::Zone::Utc,
});

const CONTEXT: EvalContext = EvalContext {
    now_ms: 1_500,
    range: insq_event::TimeRange {
        start_ms: Some(0),
        end_ms: Some(1_000),
    },
};

fn param_type(param: Param) -> Option<ColumnType> {
    match param {
        Param::Number => Some(ColumnType::Number),
        Param::Text | Param::JsonText => Some(ColumnType::Text),
        Param::Json => Some(ColumnType::Json),
        Param::Bool => Some(ColumnType::Bool),
        Param::Time => Some(ColumnType::Time),
        Param::Value => Some(ColumnType::Any),
        Param::Period | Param::ConstantNumber | Param::ConstantText => None,
    }
}

fn call(name: &str, arguments: &[Operand], rows: usize) -> Result<Vec<Option<String>>, FunctionError> {
    let function = scalar_function(name).unwrap_or_else(|| panic!("no {name}"));
    let array = (function.kernel)(arguments, rows, &CONTEXT)?;
    assert_eq!(array.len(), rows, "{name}");
    let ty = match function.result {
        ResultType::Fixed(ty) => ty,
        _ => ColumnType::Any,
    };
    assert_eq!(array.data_type(), &ty.data_type(), "{name}");
    let texts = coerce(&Operand::Column(array, ty), ColumnType::Text, rows)?;
    Ok(texts
        .as_string_view()
        .iter()
        .map(|text| text.map(str::to_owned))
        .collect())
}

/// Calls with constants, and again with columns of other rows around: both must give the same.
fn check(name: &str, arguments: &[Scalar], expected: Option<&str>) {
    let signature = scalar_function(name)
        .unwrap_or_else(|| panic!("no {name}"))
        .signature;
    let columns = |argument: (usize, &Scalar)| {
        let (idx, scalar) = argument;
        let param = signature.params.get(idx).or(signature.variadic.first()).copied();
        match param.and_then(param_type) {
            None => Operand::Constant(scalar.clone()),
            Some(ty) => {
                let one = coerce(&Operand::Constant(scalar.clone()), ty, 1).unwrap();
                let rows = UInt64Array::from(vec![None, Some(0), Some(0)]);
                Operand::Column(arrow_select::take::take(&one, &rows, None).unwrap(), ty)
            }
        }
    };
    // Values of any type come converted to one type; constants of other types are the binder's to convert.
    let constants: Vec<Operand> = arguments
        .iter()
        .enumerate()
        .map(|(idx, scalar)| match columns((idx, scalar)) {
            Operand::Column(array, ColumnType::Any) => Operand::Column(array.slice(1, 1), ColumnType::Any),
            _ => Operand::Constant(scalar.clone()),
        })
        .collect();
    let columns: Vec<Operand> = arguments.iter().enumerate().map(columns).collect();
    let expected = expected.map(str::to_owned);
    assert_eq!(
        call(name, &constants, 1).unwrap(),
        std::slice::from_ref(&expected),
        "{name}{arguments:?}"
    );
    let found = call(name, &columns, 3).unwrap();
    assert_eq!(
        found[1..],
        [expected.clone(), expected],
        "columns: {name}{arguments:?}"
    );
}

fn refusal(name: &str, arguments: &[Scalar]) -> String {
    let arguments: Vec<Operand> = arguments.iter().cloned().map(Operand::Constant).collect();
    call(name, &arguments, 1).unwrap_err().to_string()
}

#[test]
fn names_are_unique_and_found_in_any_case() {
    let mut seen = HashSet::new();
    let built = scalar_functions()
        .iter()
        .flat_map(|f| f.aliases.iter().chain([&f.name]).copied());
    let aggregates = crate::aggregate_functions()
        .iter()
        .flat_map(|f| f.aliases.iter().chain([&f.name]).copied());
    for name in built
        // Stands for one function among the group keys and another in `stats`.
        .filter(|name| *name != "histogram")
        .chain(aggregates)
        .chain(crate::concurrency_functions().iter().map(|f| f.name))
    {
        assert!(seen.insert(name.to_lowercase()), "{name} stands twice");
    }
    assert_eq!(scalar_function("STRLEN").map(|f| f.name), Some("strlen"));
    assert!(scalar_function("nosuch").is_none());
}

#[test]
fn signatures_are_sound() {
    for function in scalar_functions() {
        let Signature { params, required, .. } = function.signature;
        assert!(required <= params.len(), "{}", function.name);
        assert!(function.summary.ends_with('.'), "{}", function.name);
        let called = function
            .example
            .0
            .to_lowercase()
            .contains(&format!("{}(", function.name.to_lowercase()));
        assert!(called, "the example of {} does not call it", function.name);
    }
}

/// A missing argument gives missing, but for those that say otherwise.
#[test]
fn missing_arguments() {
    let says_otherwise = [
        "now",
        "queryStartTime",
        "queryEndTime",
        "queryTimeRange",
        "ispresent",
        "isNumeric",
        "isempty",
        "isblank",
        "concat",
        "if",
        "case",
    ];
    for function in scalar_functions()
        .iter()
        .filter(|f| !says_otherwise.contains(&f.name))
    {
        let arguments: Vec<Scalar> = function.signature.params[..function.signature.required]
            .iter()
            .map(|param| match param {
                Param::Period => MINUTE,
                Param::ConstantText => value("yyyy"),
                _ => NULL,
            })
            .collect();
        check(function.name, &arguments, None);
    }
}

#[test]
fn numeric() {
    check("abs", &[number(-2.5)], Some("2.5"));
    check("ceil", &[number(1.2)], Some("2"));
    check("floor", &[number(-1.2)], Some("-2"));
    check("greatest", &[number(3.0), NULL, number(9.0)], Some("9"));
    check("least", &[NULL, number(3.0), number(-9.0)], Some("-9"));
    check("log", &[number(0.0)], None);
    check("log", &[number(-1.0)], None);
    check("sqrt", &[number(16.0)], Some("4"));
    check("sqrt", &[number(-1.0)], None);
    check("round", &[number(-2.5)], Some("-3"));
    check("round", &[number(0.125), number(2.0)], Some("0.13"));
    check("round", &[number(2.345), number(2.0)], Some("2.35"));
    check("round", &[number(1250.0), number(-2.0)], Some("1300"));
    check("round", &[number(1e300), number(99.0)], Some("1E300"));
    check("toNumber", &[value("abc")], None);
    check("toNumber", &[value("12.9")], Some("12.9"));
    check("toInt", &[value("12.9")], Some("12"));
    check("toInt", &[value("2147483647")], Some("2147483647"));
    check("toInt", &[value("2147483648")], None);
    check("toLong", &[value("-12.9")], Some("-12"));
    check("toLong", &[value("1e19")], None);
    check("toDouble", &[value("1e3")], Some("1000"));
}

#[test]
fn distance() {
    let zero = number(0.0);
    check(
        "haversine",
        &[zero.clone(), zero.clone(), zero.clone(), zero],
        Some("0"),
    );
}

#[test]
fn dates() {
    let time = |ms| Scalar::Time(ms);
    check("bin", &[time(90_000), MINUTE], Some("1970-01-01 00:01:00.000"));
    check("datefloor", &[time(-1), MINUTE], Some("1969-12-31 23:59:00.000"));
    check(
        "dateceil",
        &[time(90_000), MINUTE],
        Some("1970-01-01 00:02:00.000"),
    );
    check(
        "dateceil",
        &[time(60_000), MINUTE],
        Some("1970-01-01 00:01:00.000"),
    );
    check("fromMillis", &[number(1.0)], Some("1970-01-01 00:00:00.001"));
    check("toMillis", &[time(1_500)], Some("1500"));
    check("now", &[], Some("1"));
    check(
        "formatDate",
        &[time(0), value("%Y-%m-%d %H"), value("+05:30")],
        Some("1970-01-01 05"),
    );
    check("strftime", &[time(0), value("100%% %Y")], Some("100% 1970"));
    check(
        "parseDate",
        &[value("1970-01-02"), value("yyyy-MM-dd")],
        Some("86400000"),
    );
    check(
        "parseDate",
        &[value("1970-01-02"), value("yyyy-MM-dd"), value("-01:00")],
        Some("90000000"),
    );
    check(
        "parseDate",
        &[value("1970-01-02"), value("yyyy-MM-dd"), value("Europe/Paris")],
        Some("82800000"),
    );
    check(
        "formatDate",
        &[
            time(1_782_000_000_000),
            value("%H:%M %z"),
            value("America/New_York"),
        ],
        Some("20:00 -0400"),
    );
    check("queryStartTime", &[], Some("0"));
    check("queryEndTime", &[], Some("1000"));
    check("queryTimeRange", &[], Some("1000"));
    check("parseDate", &[value("soon"), value("yyyy-MM-dd")], None);
    assert!(
        refusal("parseDate", &[value("x"), value("yyyy"), value("Europe/Nowhere")])
            .contains("`Europe/Nowhere`")
    );
    assert!(refusal("formatDate", &[time(0), value("%!")]).contains("`%!`"));
}

#[test]
fn general() {
    check("ispresent", &[NULL], Some("0"));
    check("ispresent", &[value("")], Some("1"));
    check("coalesce", &[NULL, value(""), value("z")], Some(""));
    check("coalesce", &[NULL, NULL], None);
    check("if", &[TRUE, value("yes"), value("no")], Some("yes"));
    check("if", &[NULL, value("yes"), value("no")], Some("no"));
    let (no, yes) = (Scalar::Bool(false), TRUE);
    check(
        "case",
        &[no.clone(), value("a"), yes, value("b"), value("c")],
        Some("b"),
    );
    check("case", &[no.clone(), value("a"), value("c")], Some("c"));
    check("case", &[no, value("a")], None);
    check("isNumeric", &[value("1e3")], Some("1"));
    check("isNumeric", &[value("true")], Some("0"));
    check("isNumeric", &[NULL], Some("0"));
    check("messageSize", &[value("é")], Some("2"));
}

#[test]
fn strings() {
    check("isempty", &[NULL], Some("1"));
    check("isempty", &[number(0.0)], Some("0"));
    check("isblank", &[value(" \u{3000}\t")], Some("1"));
    check("concat", &[value("a"), NULL, number(1.0)], Some("a1"));
    check("ltrim", &[value("xyZxyfooxyZ"), value("xyZ")], Some("fooxyZ"));
    check("rtrim", &[value("xyZfooxyxyZ"), value("xyZ")], Some("xyZfoo"));
    check("trim", &[value("xyZxyfooxyxyZ"), value("xyZ")], Some("foo"));
    check("trim", &[value(" x "), value("x")], Some(" x "));
    check("trim", &[value(" x\n")], Some("x"));
    check("strlen", &[value("é😀")], Some("2"));
    check("toupper", &[value("straße")], Some("STRASSE"));
    check("tolower", &[value("ABC")], Some("abc"));
    check(
        "substr",
        &[value("xyZfooxyZ"), number(3.0), number(3.0)],
        Some("foo"),
    );
    check("substr", &[value("éab"), number(1.0)], Some("ab"));
    check("substr", &[value("ab"), number(9.0)], Some(""));
    check("substr", &[value("ab"), number(-1.0), number(-1.0)], Some(""));
    check("replace", &[value("a.b.c"), value("."), value("")], Some("abc"));
    check("replace", &[value("abc"), value(""), value("-")], Some("abc"));
    check("strcontains", &[value("Hello"), value("ELL")], Some("0"));
    check("strcontains", &[value("Hello"), value("ELL"), TRUE], Some("1"));
    check("startsWith", &[value("abc"), value("ab")], Some("1"));
    check("endsWith", &[value("abc"), value("ab")], Some("0"));
}

#[test]
fn replacing_matches() {
    let replaced = |by: &str, expected: &str| {
        check(
            "regexReplace",
            &[value("id=42;"), value("([a-z]+)=([0-9]+)"), value(by)],
            Some(expected),
        );
    };
    replaced("#", "#;");
    replaced("$2_$1", "42_id;");
    replaced("$1x", "idx;");
    replaced("${2}0", "420;");
    replaced("US$", "US$;");
    replaced("a$b", "a$b;");
    check(
        "regex_replace",
        &[value("a1"), value("[0-9]"), value("")],
        Some("a"),
    );
    assert_eq!(
        refusal("regexReplace", &[value("a"), value("("), value("")]),
        "unclosed group"
    );
}

#[test]
fn encodings() {
    check("urlencode", &[value("a b+c/ü~*")], Some("a%20b%2Bc%2F%C3%BC%7E*"));
    check("urldecode", &[value("a%20b%2Bc+%C3%BC")], Some("a b+c ü"));
    check("urldecode", &[value("100%")], None);
    check("urldecode", &[value("%zz")], None);
    check("urldecode", &[value("%FF")], None);
    check("urldecode", &[value("%")], None);
    check("base64encode", &[value("é?")], Some("w6k/"));
    check("base64decode", &[value("SGVsbG8=")], Some("Hello"));
    check("base64decode", &[value("SGVsbG8")], Some("Hello"));
    check("base64decode", &[value("SGVsbG8*")], None);
    check("base64decode", &[value("/w==")], None);
    check("hexToAscii", &[value("48656c6c6f")], Some("Hello"));
    check("hexToAscii", &[value("486")], None);
    check("hexToAscii", &[value("ff")], None);
    check("hexToAscii", &[value("é0")], None);
    check("hexToDec", &[value("0xff")], Some("255"));
    check("hexToDec", &[value("-FF")], Some("-255"));
    check("hexToDec", &[value("+ff")], None);
    check("hexToDec", &[value("0x")], None);
    check(
        "hexToDec",
        &[value("ffffffffffffffff")],
        Some("1.8446744073709552E19"),
    );
    check("hexToDec", &[value("10000000000000000")], None);
    check("decToHex", &[number(255.9)], Some("0xff"));
    check("decToHex", &[number(-255.0)], Some("-0xff"));
    check("decToHex", &[number(-0.5)], Some("0x0"));
    check(
        "decToHex",
        &[number(18_446_744_073_709_549_568.0)],
        Some("0xfffffffffffff800"),
    );
    check("decToHex", &[number(18_446_744_073_709_551_616.0)], None);
}

#[test]
fn addresses() {
    for (ip, any, v4, v6) in [
        ("10.0.0.1", "1", "1", "0"),
        ("::1", "1", "0", "1"),
        ("10.0.0.256", "0", "0", "0"),
        ("", "0", "0", "0"),
    ] {
        check("isValidIp", &[value(ip)], Some(any));
        check("isValidIpV4", &[value(ip)], Some(v4));
        check("isValidIpV6", &[value(ip)], Some(v6));
    }
    for (ip, block, any, v4, v6) in [
        ("192.0.2.77", "192.0.2.0/24", "1", "1", "0"),
        ("192.0.2.77", "192.0.2.9/24", "1", "1", "0"),
        ("192.0.3.77", "192.0.2.0/24", "0", "0", "0"),
        ("192.0.3.77", "0.0.0.0/0", "1", "1", "0"),
        ("2001:db8::1", "2001:db8::/32", "1", "0", "1"),
        ("2001:db8::1", "::/0", "1", "0", "1"),
        ("192.0.2.77", "192.0.2.0/33", "0", "0", "0"),
        ("192.0.2.77", "192.0.2.77", "0", "0", "0"),
        ("me", "192.0.2.0/24", "0", "0", "0"),
    ] {
        check("isIpInSubnet", &[value(ip), value(block)], Some(any));
        check("isIpv4InSubnet", &[value(ip), value(block)], Some(v4));
        check("isIpv6InSubnet", &[value(ip), value(block)], Some(v6));
    }
    check("ipv4ToNumber", &[value("255.255.255.255")], Some("4294967295"));
    check("ipv4ToNumber", &[value("::1")], None);
    for (ip, private, public, reserved) in [
        ("172.31.255.255", "1", "0", "0"),
        ("172.32.0.1", "0", "1", "0"),
        ("127.0.0.1", "0", "0", "1"),
        ("8.8.8.8", "0", "1", "0"),
        ("2606:4700::1", "0", "1", "0"),
        ("fe80::1", "0", "0", "1"),
        ("nowhere", "0", "0", "0"),
    ] {
        check("isPrivateIP", &[value(ip)], Some(private));
        check("isPublicIP", &[value(ip)], Some(public));
        check("isReservedIP", &[value(ip)], Some(reserved));
    }
}

#[test]
fn hashes() {
    check("md5", &[value("")], Some("d41d8cd98f00b204e9800998ecf8427e"));
    check(
        "sha256",
        &[value("")],
        Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    );
    check("md5", &[value("abc")], Some("900150983cd24fb0d6963f7d28e17f72"));
}

#[test]
fn json_arrays() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for (text, size) in [
        (r#"["x","y"]"#, Some("2")),
        ("[]", Some("0")),
        (r#" [1, {"a": [2, 3]}] "#, Some("2")),
        ("{}", None),
        ("[1,", None),
        ("", None),
        (&deep, Some("1")),
    ] {
        check("jsonArraySize", &[value(text)], size);
    }
    for (text, item, holds) in [
        (r#"["Admin"]"#, "Admin", "1"),
        (r#"["Admin"]"#, "admin", "0"),
        (r#"["caf\u00e9"]"#, "café", "1"),
        ("[1, 2]", "1", "1"),
        ("[[1]]", "1", "0"),
        ("[]", "1", "0"),
        ("1", "1", "0"),
        ("[1", "1", "0"),
    ] {
        check("jsonArrayContains", &[value(text), value(item)], Some(holds));
    }
}

#[test]
fn broadcasts_follow_the_rows() {
    let text: ArrayRef = Arc::new(arrow_array::StringViewArray::from(vec![
        Some("ab"),
        None,
        Some("c"),
    ]));
    let arguments = [
        Operand::Column(text, ColumnType::Text),
        Operand::Constant(value("!")),
    ];
    let found = call("concat", &arguments, 3).unwrap();
    assert_eq!(found.iter().flatten().collect::<Vec<_>>(), ["ab!", "!", "c!"]);
    assert_eq!(call("now", &[], 0).unwrap(), []);
}

#[test]
fn lists_and_maps() {
    let json = |text: &str| {
        let arguments = [Operand::Constant(value(text))];
        let parsed = (scalar_function("jsonParse").unwrap().kernel)(&arguments, 1, &CONTEXT).unwrap();
        let parsed = parsed.as_string_view();
        parsed.is_valid(0).then(|| parsed.value(0).to_owned())
    };
    assert_eq!(json("{\"a\": 1}").as_deref(), Some("{\"a\":1}"));
    assert_eq!(json("[1, 2").as_deref(), None);
    assert_eq!(json("7").as_deref(), None);
    check("histogram", &[number(-1.0), number(5.0)], Some("-5"));
    check("histogram", &[number(1.0), number(0.0)], None);
    check("jsonArraySize", &[value(" [1, [2, 3]]")], Some("2"));
}

#[test]
fn parts_of_texts_are_counted_in_characters() {
    for text in ["", "a", "abcde", "éa", "aé", "aéb😀c", "😀😀"] {
        for start in 0..8 {
            for length in 0..8 {
                let expected: String = text.chars().skip(start).take(length).collect();
                let arguments = [value(text), number(start as f64), number(length as f64)];
                check("substr", &arguments, Some(&expected));
            }
        }
    }
}
