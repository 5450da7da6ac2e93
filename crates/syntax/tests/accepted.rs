//! Queries that are taken, with their canonical form and the remarks on them.

#![allow(clippy::unwrap_used, clippy::panic)]

use insq_syntax::parse;

/// `query` is taken without a remark and prints as `canonical`, which reads again as itself.
fn check(query: &str, canonical: &str) {
    check_with_remarks(query, canonical, &[]);
}

/// As [`check`]; each remark holds one of `remarks`, in order.
fn check_with_remarks(query: &str, canonical: &str, remarks: &[&str]) {
    let parsed = parse(query).unwrap_or_else(|error| panic!("{}", error.render(query)));
    assert_eq!(parsed.query.to_string(), canonical, "{query}");
    let said: Vec<&str> = parsed
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert_eq!(said.len(), remarks.len(), "{query}: {said:?}");
    for (said, remark) in said.iter().zip(remarks) {
        assert!(said.contains(remark), "{query}: {said}");
    }
    let again = parse(canonical).unwrap_or_else(|error| panic!("{}", error.render(canonical)));
    assert_eq!(again.query.to_string(), canonical);
}

#[test]
fn layout_and_comments() {
    check("", "");
    check("  \n# only a remark", "");
    check("\u{feff}fields a\r\n| limit 7\r\n", "fields a\n| limit 7");
    check(
        "fields a, b | filter c > 90 | sort c desc | limit 7",
        "fields a, b\n| filter c > 90\n| sort c desc\n| limit 7",
    );
    check("fields a |\nlimit 7", "fields a\n| limit 7");
    check(
        "fields a\n   , b\n\n   , c\n\n| stats max(d) as e\n\n  by f",
        "fields a, b, c\n| stats max(d) as e by f",
    );
    check(
        "# Late trams, by stop (ask \"why\" | too)\nfields tram,\n  # vehicle,\n  stop\n| filter code != \"#0\" # kept\n\
         # | filter tram like /^N/\n| stats count(*) as late,\n  max(d) as worst\n  # by day\n  by stop",
        "fields tram, stop\n| filter code != \"#0\"\n| stats count(*) as late, max(d) as worst by stop",
    );
    check(
        "filter line like /early|la#te/ # no | pipe",
        "filter line like /early|la#te/",
    );
    check("fields `a|b`, `c#d`", "fields `a|b`, `c#d`");
    check(
        "FILTER a = 1 And b LIKE 'x' | stats COUNT(*) AS n BY c | sort n DESC",
        "filter a = 1 and b like \"x\"\n| stats COUNT(*) as n by c\n| sort n desc",
    );
}

#[test]
fn names() {
    check(
        "fields order.lines.0.sku, grid.2.1",
        "fields order.lines.0.sku, grid.2.1",
    );
    check(
        "fields order.lines[0].sku, a[0][1]",
        "fields order.lines.0.sku, a.0.1",
    );
    check(
        "fields `tram-id`, `k8s.pod/name`, `load %`",
        "fields `tram-id`, `k8s.pod/name`, `load %`",
    );
    check(
        "fields meta.`app.io/owner`.team",
        "fields `meta.app.io/owner.team`",
    );
    check(
        "filter @`aws.tag.team:owner` = 'x'",
        "filter @`aws.tag.team:owner` = \"x\"",
    );
    check(
        "fields @@example.com, _id, StatusCode",
        "fields @@example.com, _id, StatusCode",
    );
    check("fields `plain`, `a.b`", "fields plain, a.b");
    check("fields tram-id", "fields tram - id");
    check(
        "stats avg(ms) as `mean time (ms)` | sort `mean time (ms)`",
        "stats avg(ms) as `mean time (ms)`\n| sort `mean time (ms)` asc",
    );
    check("parse 'car=*' as @car", "parse \"car=*\" as @car");
    check(
        "stats pct(ms, 99.9) as p99.9 | sort p99.9",
        "stats pct(ms, 99.9) as p99.9\n| sort p99.9 asc",
    );
    check("fields größe", "fields größe");
}

#[test]
fn no_word_is_reserved() {
    for word in [
        "count", "max", "min", "first", "filter", "pct", "sum", "stats", "limit", "offset", "group", "any",
    ] {
        let query = format!(
            "stats count(*) as {word} by level\n| sort {word} desc\n| filter {word} > 1\n| fields {word} as {word}"
        );
        check(&query, &query);
    }
    for word in [
        "and", "or", "not", "in", "like", "as", "by", "true", "null", "asc", "desc",
    ] {
        check(
            &format!("stats count(*) as {word}"),
            &format!("stats count(*) as `{word}`"),
        );
        check(&format!("sort `{word}` desc"), &format!("sort `{word}` desc"));
    }
    check("filter and = 1 and or = 2", "filter `and` = 1 and `or` = 2");
    check(
        "filter not = 1 or like like in",
        "filter `not` = 1 or `like` like `in`",
    );
    check("stats sum(by) by by", "stats sum(`by`) by `by`");
    check("sort by by", "sort `by` asc");
    check(
        "stats sum(n) as count, count / 2 as half",
        "stats sum(n) as count, count / 2 as half",
    );
    check("sort count", "sort count asc");
}

#[test]
fn literals() {
    check(
        "fields 15, 0.25, -3, 1e6, 2.5E-3, 007",
        "fields 15, 0.25, -3, 1e6, 2.5E-3, 007",
    );
    check(
        "fields TRUE, False, null, true.x",
        "fields true, false, null, true.x",
    );
    check(
        r#"fields "a", 'b', "it's", '"q"'"#,
        r#"fields "a", "b", "it's", "\"q\"""#,
    );
    check(
        r#"fields "a\\b", "a\"b", 'a\'b', "a\nb""#,
        r#"fields "a\\b", "a\"b", "a'b", "a\\nb""#,
    );
    check("fields \"a\n|b\"", "fields \"a\n|b\"");
    check(
        "filter city in [\"Oslo\", 'Bergen' ]",
        "filter city in [\"Oslo\", \"Bergen\"]",
    );
    check(
        "fields @timestamp - 2d, @timestamp + 9h",
        "fields @timestamp - 2d, @timestamp + 9h",
    );
    check(
        "fields 5min, 10minutes, 60s, 1w, 1mo, 1y, 2qtrs, 7ms, 3hrs, 1mon",
        "fields 5m, 10m, 60s, 1w, 1mo, 1y, 2q, 7ms, 3h, 1mo",
    );
    check_with_remarks(
        "stats count(*) by bin(5 minutes)",
        "stats count(*) by bin(5m)",
        &["`5m`"],
    );
    check_with_remarks(
        "stats count(*) by bin(5MIN)",
        "stats count(*) by bin(5m)",
        &["`5m`"],
    );
    check_with_remarks("fields .5", "fields 0.5", &["`0.5`"]);
}

#[test]
fn precedence() {
    check("fields 2 ^ 3 ^ 2, (2 ^ 3) ^ 2", "fields 2 ^ 3 ^ 2, (2 ^ 3) ^ 2");
    check(
        "fields -2 ^ 2, (-2) ^ 2, 2 ^ -3",
        "fields -2 ^ 2, (-2) ^ 2, 2 ^ -3",
    );
    check(
        "fields a - b - c, a - (b - c), a / b * c, a / (b * c)",
        "fields a - b - c, a - (b - c), a / b * c, a / (b * c)",
    );
    check(
        "fields (a * b) + c, a * (b + c), -(a + b), - -a",
        "fields a * b + c, a * (b + c), -(a + b), -(-a)",
    );
    check("filter a or b and c", "filter a or b and c");
    check("filter (a or b) and (c and d)", "filter (a or b) and c and d");
    check("filter not a = b", "filter not a = b");
    check("filter not (a = b)", "filter not a = b");
    check("filter (not a) = b", "filter (not a) = b");
    check("filter !a = b", "filter (not a) = b");
    check(
        "filter not (a and b) or not not c",
        "filter not (a and b) or not not c",
    );
    check("filter a = not b", "filter a = (not b)");
    check("filter (a = b) = c", "filter (a = b) = c");
    check(
        "filter a + 1 in [b - 1] and -a like b",
        "filter a + 1 in [b - 1] and -a like b",
    );
    check("filter ((((a))))", "filter a");
}

#[test]
fn filters() {
    check("where a!=1", "filter a != 1");
    check(
        "filter line like \"late\" and line like /l[ae]te/",
        "filter line like \"late\" and line like /l[ae]te/",
    );
    check(
        "filter line =~ /late/ or line =~ 'late'",
        "filter line like /late/ or line like \"late\"",
    );
    check(
        "filter a not like 'x' and b not in [1]",
        "filter a not like \"x\" and b not in [1]",
    );
    check(
        "filter not line like 'x' and !ispresent(y)",
        "filter not line like \"x\" and not ispresent(y)",
    );
    check(
        "filter code in [ 1,\"2\" , '3' ] or a in []",
        "filter code in [1, \"2\", \"3\"] or a in []",
    );
    check("filter code in[1]", "filter code in [1]");
    check("filter late and not cancelled", "filter late and not cancelled");
    check("filter(a=1)", "filter a = 1");
    check("filter not(a=1)", "filter not a = 1");
    check(
        "filter sent * 8 / secs > limit + 5",
        "filter sent * 8 / secs > limit + 5",
    );
    check(
        "filter @timestamp > arrived + 90s and @timestamp >= 1767225600000",
        "filter @timestamp > arrived + 90s and @timestamp >= 1767225600000",
    );
    check("filter a <= 1 or a<2 or a>=3", "filter a <= 1 or a < 2 or a >= 3");
    check(
        "filter isIpv4InSubnet(ip, '10.9.0.0/16')",
        "filter isIpv4InSubnet(ip, \"10.9.0.0/16\")",
    );
    check("filter count( * ) > 3", "filter count(*) > 3");
    check_with_remarks(
        "filter a == 1 and b = 2",
        "filter a = 1 and b = 2",
        &["write `=`"],
    );
    check_with_remarks(
        "filter line ~= 'late'",
        "filter line like \"late\"",
        &["write `like`"],
    );
    check_with_remarks("filter code in (1, 2)", "filter code in [1, 2]", &["in [1, 2]"]);
    check_with_remarks(
        "filter (a = 1 | limit 5",
        "filter a = 1\n| limit 5",
        &["closed at the pipe"],
    );
    check_with_remarks(
        "\"late\" and not ('a' or 'b')",
        "filter @message like \"late\" and not (@message like \"a\" or @message like \"b\")",
        &["filter @message like"],
    );
}

#[test]
fn an_equals_sign_before_a_denial() {
    check("filter a = !b", "filter a = (not b)");
    check("filter a != b", "filter a != b");
    check_with_remarks("filter a =! b", "filter a = (not b)", &["write `!=`"]);
}

#[test]
fn fields_named_like_commands_in_round_lists() {
    for list in [
        "limit",
        "limit, sort",
        "limit + 1",
        "source",
        "sort = 1",
        "stats and b",
    ] {
        check_with_remarks(
            &format!("filter a in ({list})"),
            &format!("filter a in [{list}]"),
            &["square brackets"],
        );
    }
}

#[test]
fn regexes() {
    check(r"filter a like /(?i)x\/y/", r"filter a like /(?i)x\/y/");
    check(
        r"filter a like /[^[\]]+\d{2,5}\-\:/",
        r"filter a like /[^[\]]+\d{2,5}\-\:/",
    );
    check("filter a like /late*/", "filter a like /late*/");
    check("filter a like /a\n   b/", "filter a like /a\n   b/");
    check("filter a like /x/and b", "filter a like /x/ and b");
    check("parse @message /(?<@car>\\w+)/", "parse @message /(?<@car>\\w+)/");
    check(r"filter a like /\\[late\\]/", r"filter a like /\\[late\\]/");
    check_with_remarks(
        r"filter a like /\\/cars\\//",
        r"filter a like /\/cars\//",
        &["one backslash"],
    );
    check_with_remarks(
        "parse @message /(?P<a>x)/",
        "parse @message /(?P<a>x)/",
        &["(?<name>"],
    );
    check(
        "fields regexReplace(a, /b\\/c/, 'd')",
        "fields regexReplace(a, /b\\/c/, \"d\")",
    );
}

#[test]
fn parses() {
    check(
        "parse @message \"car=* stop=*\" as car, stop",
        "parse @message \"car=* stop=*\" as car, stop",
    );
    check("parse 'car=* ' as car", "parse \"car=* \" as car");
    check(
        "parse route '/line/*/stop/*'\n as line,\n stop",
        "parse route \"/line/*/stop/*\" as line, stop",
    );
    check(
        "parse @logStream \"*/[*]\" as day, `ver sion`",
        "parse @logStream \"*/[*]\" as day, `ver sion`",
    );
    check(
        "parse @message \"door closed\" as shut",
        "parse @message \"door closed\" as shut",
    );
    check(
        "parse @message /delay=(?<delay>\\d+)s/",
        "parse @message /delay=(?<delay>\\d+)s/",
    );
    check(
        "parse @message /delay=(\\d+)s/ as delay",
        "parse @message /delay=(\\d+)s/ as delay",
    );
    check("parse /(?<a>x)(?:y)(z|w)/", "parse /(?<a>x)(?:y)(z|w)/");
    check(
        "parse @message /[(](a)\\(/ as b",
        "parse @message /[(](a)\\(/ as b",
    );
    check(
        "parse tolower(@message) '*' as a",
        "parse tolower(@message) \"*\" as a",
    );
    check("parse (a) '*' as b", "parse a \"*\" as b");
    check(
        "parse '\"car\":\"*\"' as car",
        "parse \"\\\"car\\\":\\\"*\\\"\" as car",
    );
    check(r#"parse "a\tb*" as c"#, "parse \"a\tb*\" as c");
    check(r#"parse "a\\tb*" as c"#, r#"parse "a\\tb*" as c"#);
}

#[test]
fn columns() {
    check(
        "fields name = 'door' as isDoor, line like /late/ as isLate, kind in ['a'] as known, !late as onTime",
        "fields name = \"door\" as isDoor, line like /late/ as isLate, kind in [\"a\"] as known, not late as onTime",
    );
    check(
        "display text, level = 'ERROR' as isError",
        "display text, level = \"ERROR\" as isError",
    );
    check(
        "fields \"north\" as area, bin (5m) as slot",
        "fields \"north\" as area, bin(5m) as slot",
    );
    check(
        "fields case(a > 1, 'x', 'y'), case",
        "fields case(a > 1, \"x\", \"y\"), `case`",
    );
    check(
        "fields IF(a, b, if(c, null, d))",
        "fields IF(a, b, if(c, null, d))",
    );
    check_with_remarks(
        "fields a, , b, | limit 5",
        "fields a, b\n| limit 5",
        &["separates nothing", "after the last"],
    );
}

#[test]
fn aggregates() {
    check(
        "stats count(*), count(), count(ms) by stop",
        "stats count(*), count(), count(ms) by stop",
    );
    check(
        "stats count(*) as trips by bin(5m) as slot, stop",
        "stats count(*) as trips by bin(5m) as slot, stop",
    );
    check(
        "stats sum(late) / count(*) * 100 as `late %`",
        "stats sum(late) / count(*) * 100 as `late %`",
    );
    check(
        "stats sum(kind = 'a') > 0 as seenA by car",
        "stats sum(kind = \"a\") > 0 as seenA by car",
    );
    check(
        "stats count(*) by (speed > 50) as fast",
        "stats count(*) by speed > 50 as fast",
    );
    check(
        "stats count(*) by bin(1m) offset 5m",
        "stats count(*) by bin(1m) offset 5m",
    );
    check(
        "stats max(up) as hi, min(up) as lo, hi - lo as spread by car",
        "stats max(up) as hi, min(up) as lo, hi - lo as spread by car",
    );
    check_with_remarks("stats count by a", "stats count(*) by a", &["brackets"]);
    check("stats `count` by a", "stats `count` by a");
    check_with_remarks("stats median(ms)", "stats pct(ms, 50)", &["pct(ms, 50)"]);
    check_with_remarks("stats count(ms > 90)", "stats count(ms > 90)", &["sum(ms > 90)"]);
    check_with_remarks("avg(ms) by bin(5m)", "stats avg(ms) by bin(5m)", &["`stats`"]);
    check_with_remarks("filter a | count(*)", "filter a\n| stats count(*)", &["`stats`"]);
    check_with_remarks(
        "stats count(*) group by a",
        "stats count(*) by a",
        &["write `by`"],
    );
    check_with_remarks(
        "stats count(*) by bin(@timestamp, 5m)",
        "stats count(*) by bin(5m)",
        &["bin(5m)"],
    );
    check_with_remarks("stats count(*), by a", "stats count(*) by a", &["after the last"]);
}

#[test]
fn order_and_cut() {
    check("sort stop, ms desc", "sort stop asc, ms desc");
    check(
        "sort by x | order by x | order x ASC",
        "sort x asc\n| sort x asc\n| sort x asc",
    );
    check(
        "sort ms / trips desc, bin(5m) asc, count(*) desc",
        "sort ms / trips desc, bin(5m) asc, count(*) desc",
    );
    check("limit 5 | sort a | limit 3", "limit 5\n| sort a asc\n| limit 3");
    check("dedup car, `st op` | limit 3", "dedup car, `st op`\n| limit 3");
    check("dedup by", "dedup `by`");
    check_with_remarks("head 10", "limit 10", &["`limit 10`"]);
    check_with_remarks(
        "dedup car | sort ms",
        "dedup car\n| sort ms asc",
        &["`sort ms asc | dedup car`"],
    );
    check_with_remarks("| limit 10", "limit 10", &["before the first"]);
}

#[test]
fn comments_of_other_languages() {
    check_with_remarks(
        "-- title\nfields a // why\n  -- b\n| limit 5",
        "fields a\n| limit 5",
        &["`--`", "`//`", "`--`"],
    );
    check("fields a - -b", "fields a - -b");
    check_with_remarks("fields a --b", "fields a - -b", &["`#` for a comment"]);
    check_with_remarks(
        "filter a = 1 -- why\n| limit 5",
        "filter a = 1 - -why\n| limit 5",
        &["`- -`"],
    );
}

#[test]
fn the_text_of_a_column_is_as_written() {
    fn texts(query: &str) -> Vec<String> {
        use insq_syntax::ast::Command;
        match &parse(query).unwrap().query.commands[0] {
            Command::Fields(fields) => fields.items.iter().map(|item| item.text.clone()).collect(),
            Command::Stats(stats) => stats
                .aggregates
                .iter()
                .chain(&stats.keys)
                .map(|item| item.text.clone())
                .collect(),
            other => panic!("{other}"),
        }
    }
    assert_eq!(texts("fields  a +\n  b , `c d`, e[0]"), ["a + b", "c d", "e[0]"]);
    assert_eq!(
        texts("stats SUM(Fault), count( * ) by bin( 5m ) as t"),
        ["SUM(Fault)", "count( * )", "bin( 5m )"]
    );
    assert_eq!(
        texts("fields concat(a, \"x   y\") # why\n"),
        ["concat(a, \"x   y\")"]
    );
    assert_eq!(texts("fields a + # why\n b, (c)"), ["a + b", "(c)"]);
}

#[test]
fn remarks_underline_what_they_are_about() {
    for (query, expected) in [
        ("fields a | avg(ms)", "avg"),
        ("fields a --b", "--"),
        ("filter a =! b", "=!"),
        ("fields a // why", "//"),
        ("head 5", "head 5"),
    ] {
        let parsed = parse(query).unwrap();
        assert_eq!(parsed.warnings[0].span.of(query), expected, "{query}");
    }
}

#[test]
fn spans_are_those_of_the_text() {
    use insq_syntax::ast::{Command, ExprKind};
    let text = "fields a\n| filter ( b.c + 1 ) in ['ä', 2]  # end\n| limit 5";
    let query = parse(text).unwrap().query;
    let Command::Filter(filter) = &query.commands[1] else {
        panic!("{query}")
    };
    assert_eq!(filter.span.of(text), "filter ( b.c + 1 ) in ['ä', 2]");
    assert_eq!(filter.condition.span.of(text), "( b.c + 1 ) in ['ä', 2]");
    let ExprKind::In { value, list, .. } = &filter.condition.kind else {
        panic!("{query}")
    };
    assert_eq!(value.span.of(text), "( b.c + 1 )");
    let places: Vec<&str> = list.iter().map(|item| item.span.of(text)).collect();
    assert_eq!(places, ["'ä'", "2"]);
}
