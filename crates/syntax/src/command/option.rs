//! Options `key=value` of commands.

use super::Result;
use crate::lexical;
use crate::reader::Reader;

/// Largest whole number that an option takes.
const WHOLE_DIGITS_MAX: usize = 9;

impl Reader<'_> {
    /// Steps over `key=` and returns the key if it is one of `keys`, in any case.
    pub(super) fn option_key(&mut self, keys: &[&'static str]) -> Option<&'static str> {
        let word = self.peek_word()?;
        let key = keys.iter().copied().find(|key| key.eq_ignore_ascii_case(word))?;
        let mark = self.mark();
        self.advance(word.len());
        if self.at("=") && !self.at("==") && !self.at("=~") {
            self.eat("=");
            return Some(key);
        }
        self.reset(&mark);
        None
    }

    /// `true` or `false`
    pub(super) fn option_bool(&mut self, command: &'static str, example: &'static str) -> Result<bool> {
        if self.eat_keyword("true") {
            return Ok(true);
        }
        if self.eat_keyword("false") {
            return Ok(false);
        }
        Err(self.expected(command, "`true` or `false`", example))
    }

    /// A whole number of up to nine digits.
    pub(super) fn option_whole(&mut self, command: &'static str, example: &'static str) -> Result<u32> {
        self.peek();
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let is_adjacent = rest[digits..].starts_with(|c: char| lexical::is_name_char(c) || c == '.');
        match rest[..digits].parse() {
            Ok(number) if digits <= WHOLE_DIGITS_MAX && !is_adjacent => {
                self.advance(digits);
                Ok(number)
            }
            _ => Err(self.expected(command, "a whole number", example)),
        }
    }
}
