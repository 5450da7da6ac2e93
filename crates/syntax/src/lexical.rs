//! Lexemes: the smallest pieces of a query text. Each parser takes one off the front of its input.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{opt, recognize, verify};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

/// A byte order mark is blank, as some editors put one in front.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// True for what a word is made of. The underscore is among it, whatever the manual's prose says: its examples use it.
pub(crate) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// True for what a step of a bare name is made of.
pub(crate) fn is_name_char(c: char) -> bool {
    is_word_char(c) || c == '@'
}

/// True for what the first step of a bare name may begin with.
pub(crate) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '@'
}

/// Blanks and line ends.
pub(crate) fn blanks(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c.is_whitespace() || c == BYTE_ORDER_MARK).parse(input)
}

/// The rest of the line after `mark`, without its end.
pub(crate) fn comment<'t>(mark: &'static str, input: &'t str) -> IResult<&'t str, &'t str> {
    recognize((tag(mark), take_till(|c| c == '\n'))).parse(input)
}

/// `and`, `bin`, `p99`
pub(crate) fn word(input: &str) -> IResult<&str, &str> {
    verify(take_while1(is_word_char), |word: &str| {
        !word.starts_with(|c: char| c.is_numeric())
    })
    .parse(input)
}

/// One step of a bare name, the first when `first` says so: `@message`, `user`, `0`.
pub(crate) fn first_step(input: &str) -> IResult<&str, &str> {
    verify(take_while1(is_name_char), |step: &str| {
        step.starts_with(is_name_start)
    })
    .parse(input)
}

/// A later step of a bare name; may be digits only.
pub(crate) fn later_step(input: &str) -> IResult<&str, &str> {
    take_while1(is_name_char).parse(input)
}

/// `` `anything but a backtick` ``, without the backticks.
pub(crate) fn backticked(input: &str) -> IResult<&str, &str> {
    delimited(char('`'), take_till(|c| c == '`'), char('`')).parse(input)
}

/// `15`, `0.25`, `.5`, `1e6`, `2.5E-3`
pub(crate) fn number(input: &str) -> IResult<&str, &str> {
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    let fraction = preceded(char('.'), digit1);
    recognize(alt((
        recognize((digit1, opt(fraction), opt(exponent))),
        recognize(short_fraction),
    )))
    .parse(input)
}

fn short_fraction(input: &str) -> IResult<&str, &str> {
    recognize((char('.'), digit1, opt((one_of("eE"), opt(one_of("+-")), digit1)))).parse(input)
}

/// The inside of `"text"` or `'text'`, escapes as written.
pub(crate) fn string(input: &str) -> IResult<&str, &str> {
    let (body, quote) = one_of("\"'").parse(input)?;
    until(body, quote)
}

/// The inside of `/re/`, escapes as written.
pub(crate) fn regex(input: &str) -> IResult<&str, &str> {
    let (body, slash) = char('/').parse(input)?;
    let end = body
        .match_indices(slash)
        .map(|(at, _)| at)
        .find(|&at| at == 0 || body.as_bytes()[at - 1] != b'\\');
    match end {
        Some(end) => Ok((&body[end + 1..], &body[..end])),
        None => fail(input),
    }
}

/// Splits at the first `quote` that no backslash escapes; a backslash escapes the one character after it.
fn until(body: &str, quote: char) -> IResult<&str, &str> {
    let mut is_escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if c == quote => return Ok((&body[at + 1..], &body[..at])),
            _ => {}
        }
    }
    fail(body)
}

fn fail(input: &str) -> IResult<&str, &str> {
    Err(nom::Err::Error(nom::error::Error::new(
        input,
        nom::error::ErrorKind::TakeUntil,
    )))
}

/// `{{name}}`, `${name}`, `$name`, `<name>`, `%s`: what templates and dashboards leave behind.
pub(crate) fn placeholder(input: &str) -> IResult<&str, &str> {
    let inner = || take_while(|c: char| is_word_char(c) || " .:-".contains(c));
    let double = recognize((tag("{{"), inner(), tag("}}")));
    let dollar = recognize((tag("${"), inner(), tag("}")));
    let variable = recognize((char('$'), take_while1(is_word_char)));
    let angle = recognize((
        char('<'),
        word,
        take_while(|c: char| is_word_char(c) || c == '-'),
        char('>'),
    ));
    let printf = recognize((char('%'), one_of("sdifv")));
    alt((double, dollar, variable, angle, printf)).parse(input)
}
