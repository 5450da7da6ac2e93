//! A stream that is nothing but an error.

use std::io::{self, Read};

/// Says once what went wrong, and then that nothing comes any more.
pub(crate) struct Failing(Option<io::Error>);

impl Failing {
    pub(crate) fn new(cause: io::Error) -> Self {
        Self(Some(cause))
    }
}

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match self.0.take() {
            Some(cause) => Err(cause),
            None => Ok(0),
        }
    }
}
