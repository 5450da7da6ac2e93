//! Plain files that can be cut anywhere: what begins at a line can be told from that line alone.

use std::fs::File;
use std::io::{self, Read};

use crate::clock::LogClock;
use crate::decompress::Codec;
use crate::detect::{Container, SAMPLE_BYTES, detect, forced};
use crate::format::LogFormat;
use crate::grammar::LineGrammar;
use crate::json::JsonLayout;
use crate::sampled::is_plain_text;

/// What a file that can be cut is.
#[derive(Clone, Debug)]
pub(crate) enum Cuttable {
    /// Lines of text, of which some begin events.
    Text(LineGrammar),
    /// A JSON document per line.
    JsonLines,
}

impl Cuttable {
    /// What `file` is, read from its start; `None` when it can't be cut.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn of(
        file: &mut File,
        format: Option<LogFormat>,
        clock: LogClock,
    ) -> io::Result<Option<Self>> {
        let mut sample = Vec::with_capacity(SAMPLE_BYTES);
        file.take(SAMPLE_BYTES as u64).read_to_end(&mut sample)?;
        if Codec::of(&sample).is_some() || !is_plain_text(&sample) {
            return Ok(None);
        }
        let container = match format {
            Some(format) => forced(format, &sample, clock),
            None => detect(&sample, false, clock),
        };
        Ok(match container {
            // Without times, the first line of a part can't be told from the middle of an event.
            Container::Lines(LineGrammar::Bare) => None,
            Container::Lines(grammar) => Some(Self::Text(grammar)),
            Container::Json(JsonLayout::Lines) => Some(Self::JsonLines),
            _ => None,
        })
    }
}
