//! Events of the text containers, block by block.

use std::ops::Range;
use std::sync::Arc;

use insq_event::{DamageKind, SourceError};
use memchr::{memchr, memrchr};

use crate::blocks::{Blocks, EVENT_BYTES_MAX};
use crate::classify::classify;
use crate::framed::{Event, Framed, Origin, trim_line_ends};
use crate::grammar::{Head, LineGrammar};
use crate::lane::{Lane, Wanted};
use crate::scout::Scout;
use crate::search::{Hits, Searcher};

/// Reads the events of a file, or of a part of it.
pub(crate) struct TextEvents {
    blocks: Blocks,
    grammar: LineGrammar,
    lanes: Vec<Wanted>,
    scout: Option<Box<Scout>>,
    /// Events that begin at or after this offset belong to the next part.
    end: Option<u64>,
    state: State,
    /// What the next events are put into.
    room: Framed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a file: what stands before the first time is an event, too.
    FileStart,
    /// At the start of a later part: what stands before the first event belongs to the part before.
    PartStart,
    /// At the start of an event.
    Events,
    /// Inside an event that is too long.
    Skipping,
    /// At the end.
    Done,
}

impl TextEvents {
    /// The events of a whole file.
    pub(crate) fn whole(blocks: Blocks, grammar: LineGrammar, lanes: &[Lane]) -> Self {
        Self::first_part(blocks, grammar, lanes, None)
    }

    /// The events of the first part of a file.
    pub(crate) fn first_part(blocks: Blocks, grammar: LineGrammar, lanes: &[Lane], end: Option<u64>) -> Self {
        Self::new(blocks, grammar, lanes, end, State::FileStart)
    }

    /// The events of a later part; `blocks` begins one byte before it.
    pub(crate) fn later_part(blocks: Blocks, grammar: LineGrammar, lanes: &[Lane], end: Option<u64>) -> Self {
        Self::new(blocks, grammar, lanes, end, State::PartStart)
    }

    fn new(blocks: Blocks, grammar: LineGrammar, lanes: &[Lane], end: Option<u64>, state: State) -> Self {
        Self {
            blocks,
            grammar,
            lanes: Wanted::all(lanes),
            scout: Scout::of(lanes).map(Box::new),
            end,
            state,
            room: Framed::default(),
        }
    }

    /// Nobody wants more events of a lane.
    pub(crate) fn stop(&mut self, lane: usize) {
        self.lanes[lane].is_stopped = true;
    }

    /// Some events, put into `room`, or `None` at the end. The lists may be empty.
    ///
    /// # Errors
    /// [`SourceError`] when memory is refused, or for damage in a strict run.
    pub(crate) fn next(&mut self, mut room: Framed) -> Result<Option<Framed>, SourceError> {
        let bytes = std::mem::take(&mut room.bytes.owned);
        if !bytes.is_empty() {
            self.blocks.recycle(bytes);
        }
        self.room = room;
        while self.state != State::Done {
            self.blocks.more()?;
            self.drop_cut_line();
            if let Some(framed) = self.frame_window()? {
                return Ok(Some(framed));
            }
        }
        Ok(None)
    }

    /// Room for events of every lane.
    fn framed(&mut self) -> Framed {
        std::mem::take(&mut self.room).for_lanes(self.lanes.len())
    }

    /// The last line of a stream that broke off may be half a line.
    fn drop_cut_line(&mut self) {
        if self.blocks.is_at_end() && self.blocks.is_cut() {
            let bytes = self.blocks.bytes();
            let sound = memrchr(b'\n', bytes).map_or(0, |at| at + 1);
            self.blocks.drop_tail(bytes.len() - sound);
        }
    }

    /// Frames the window's complete events; `None` when there is none yet.
    fn frame_window(&mut self) -> Result<Option<Framed>, SourceError> {
        let Some(start) = self.first_event() else {
            return self.no_event_yet();
        };
        let bytes = self.blocks.bytes();
        let is_at_end = self.blocks.is_at_end();
        let complete = if is_at_end {
            bytes.len()
        } else {
            match self.grammar.last_event(bytes, start) {
                Some(last) if last > start => last,
                // One event fills the window.
                _ if bytes.len() - start > EVENT_BYTES_MAX => {
                    return self.begin_skipping(start).map(|()| None);
                }
                _ => return Ok(None),
            }
        };
        let mut framed = self.framed();
        if self.state == State::FileStart {
            self.frame_preamble(start, &mut framed);
        }
        self.frame(start, complete, &mut framed);
        self.state = State::Events;
        let is_last = self
            .end
            .is_some_and(|end| self.blocks.offset() + complete as u64 >= end);
        if is_at_end || is_last {
            self.state = State::Done;
        }
        framed.bytes = self.blocks.take(complete);
        Ok(Some(framed))
    }

    /// Start of the first event of the window that is ours.
    fn first_event(&mut self) -> Option<usize> {
        let bytes = self.blocks.bytes();
        let is_at_end = self.blocks.is_at_end();
        match self.state {
            State::Events => Some(0).filter(|_| !bytes.is_empty()),
            State::FileStart => self.grammar.next_event(bytes, 0, is_at_end),
            // A part begins in the middle of a line, as a rule.
            State::PartStart | State::Skipping => {
                let line = memchr(b'\n', bytes)? + 1;
                self.grammar.next_event(bytes, line, is_at_end)
            }
            State::Done => None,
        }
    }

    fn no_event_yet(&mut self) -> Result<Option<Framed>, SourceError> {
        let length = self.blocks.bytes().len();
        if self.blocks.is_at_end() {
            let mut framed = self.framed();
            if self.state == State::FileStart {
                self.frame_preamble(length, &mut framed);
            }
            self.state = State::Done;
            framed.bytes = self.blocks.take(length);
            return Ok(Some(framed));
        }
        match self.state {
            State::FileStart if length > EVENT_BYTES_MAX => self.begin_skipping(0)?,
            // Keeps the end of the window, where the next event may already have begun.
            State::PartStart | State::Skipping => {
                let keep_from = memrchr(b'\n', self.blocks.bytes()).unwrap_or(length.saturating_sub(1));
                self.blocks.skip(keep_from);
            }
            _ => {}
        }
        Ok(None)
    }

    /// Leaves out the event at `start`, which is longer than any may be.
    fn begin_skipping(&mut self, start: usize) -> Result<(), SourceError> {
        let offset = self.blocks.offset() + start as u64;
        self.blocks.notes().note(DamageKind::EventTooLong, offset, None)?;
        // Its first line must not be taken for the start of an event again.
        let bytes = self.blocks.bytes();
        let first_line = memchr(b'\n', &bytes[start..]).map_or(bytes.len() - 1, |at| start + at);
        self.blocks.skip(first_line);
        self.state = State::Skipping;
        Ok(())
    }

    /// Lines before the first time of a file: an event without a time.
    fn frame_preamble(&self, start: usize, framed: &mut Framed) {
        let bytes = self.blocks.bytes();
        if trim_line_ends(bytes, 0..start).is_empty() {
            return;
        }
        let preamble = Found {
            range: 0..start,
            head: Head {
                time_ms: None,
                message_at: 0,
                stream: None,
            },
        };
        for lane in 0..self.lanes.len() {
            self.push(bytes, lane, &preamble, framed);
        }
    }

    /// Frames for every lane. Where one of them wants events of which nothing is known, all are found once, and those
    /// that search look their hits up among them.
    fn frame(&mut self, start: usize, complete: usize, framed: &mut Framed) {
        let part = start..complete;
        let is_plain = |wanted: &Wanted| !wanted.is_stopped && wanted.searcher.is_none();
        if !self.lanes.iter().any(is_plain) {
            return self.search(framed, |this, searcher, each| {
                this.find_hits(searcher, part.clone(), each);
            });
        }
        let is_alone = self.lanes.len() == 1;
        let (mut grammar, mut all) = (self.grammar.clone(), Vec::new());
        self.find_all(&mut grammar, part, |found| match is_alone {
            true => self.push(self.blocks.bytes(), 0, &found, framed),
            false => all.push(found),
        });
        self.grammar = grammar;
        for lane in (0..self.lanes.len()).filter(|lane| is_plain(&self.lanes[*lane])) {
            all.iter()
                .for_each(|found| self.push(self.blocks.bytes(), lane, found, framed));
        }
        self.search(framed, |this, searcher, each| {
            this.look_up_hits(searcher, &all, each)
        });
    }

    /// Has the hits of every lane that searches found by `hits`, and takes them in.
    fn search(&self, framed: &mut Framed, hits: impl Fn(&Self, &Searcher, &mut dyn FnMut(&Found))) {
        let bytes = self.blocks.bytes();
        let is_scouted = |lane: &usize| {
            self.scout
                .as_ref()
                .is_some_and(|scout| scout.lanes.contains(lane))
        };
        for (lane, wanted) in self.lanes.iter().enumerate() {
            if let Some(searcher) = &wanted.searcher
                && !wanted.is_stopped
                && !is_scouted(&lane)
            {
                hits(self, searcher, &mut |found| self.push(bytes, lane, found, framed));
            }
        }
        let Some(Scout { searcher, lanes }) = self.scout.as_deref() else {
            return;
        };
        if lanes.iter().all(|lane| self.lanes[*lane].is_stopped) {
            return;
        }
        hits(self, searcher, &mut |found| {
            for lane in lanes {
                let own = &self.lanes[*lane].searcher;
                let event = &bytes[found.range.clone()];
                if own.as_ref().is_none_or(|own| own.find(event, 0).is_some()) {
                    self.push(bytes, *lane, found, framed);
                }
            }
        });
    }

    /// The events with hits, among those that were found.
    fn look_up_hits(&self, searcher: &Searcher, all: &[Found], each: &mut dyn FnMut(&Found)) {
        let (Some(first), Some(last)) = (all.first(), all.last()) else {
            return;
        };
        let bytes = &self.blocks.bytes()[..last.range.end];
        let (mut at, mut rest) = (first.range.start, all);
        let mut hits = Hits::new(searcher, bytes);
        while let Some(hit) = hits.next(at) {
            // Events lie one behind the other.
            rest = &rest[rest.partition_point(|found| found.range.end <= hit)..];
            let Some(found) = rest.first() else {
                break;
            };
            each(found);
            at = found.range.end;
        }
    }

    /// Finds every event of a part of the window.
    fn find_all(&self, grammar: &mut LineGrammar, part: Range<usize>, mut each: impl FnMut(Found)) {
        let bytes = &self.blocks.bytes()[..part.end];
        let mut at = part.start;
        let mut head = grammar.head(&bytes[at..]);
        while let Some(found) = head.take() {
            if self.is_behind_end(at) {
                break;
            }
            // Lines that begin no event belong to this one.
            let mut end = at;
            loop {
                match memchr(b'\n', &bytes[end..]) {
                    Some(length) => end += length + 1,
                    None => end = part.end,
                }
                if end == part.end {
                    break;
                }
                head = grammar.head(&bytes[end..]);
                if head.is_some() {
                    break;
                }
            }
            each(Found {
                range: at..end,
                head: found,
            });
            at = end;
        }
    }

    /// Finds the events with hits in a part of the window.
    fn find_hits(&self, searcher: &Searcher, part: Range<usize>, each: &mut dyn FnMut(&Found)) {
        let mut grammar = self.grammar.clone();
        let (mut at, complete) = (part.start, part.end);
        let bytes = &self.blocks.bytes()[..complete];
        let mut hits = Hits::new(searcher, bytes);
        while let Some(hit) = hits.next(at) {
            let Some((event, head)) = grammar.event_around(bytes, at, hit) else {
                break;
            };
            if self.is_behind_end(event) {
                break;
            }
            let line_end = memchr(b'\n', &bytes[hit..]).map_or(complete, |length| hit + length + 1);
            let end = grammar.next_event(bytes, line_end, true).unwrap_or(complete);
            each(&Found {
                range: event..end,
                head,
            });
            at = end;
        }
    }

    fn is_behind_end(&self, at: usize) -> bool {
        self.end
            .is_some_and(|end| self.blocks.offset() + at as u64 >= end)
    }

    /// Takes an event in for a lane, if it wants it.
    fn push(&self, bytes: &[u8], lane: usize, found: &Found, framed: &mut Framed) {
        let (wanted, event, head) = (&self.lanes[lane], &found.range, &found.head);
        let offset = self.blocks.offset() + event.start as u64;
        if !wanted.takes(offset, head.time_ms) {
            return;
        }
        let message = trim_line_ends(bytes, event.start + head.message_at.min(event.len())..event.end);
        let known = wanted.is_picky().then(|| classify(&bytes[message.clone()]));
        if known.as_ref().is_some_and(|known| !wanted.takes_kind(known.kind)) {
            return;
        }
        let origin = head.stream.map(|(from, to)| {
            let name = String::from_utf8_lossy(&bytes[event.start + from..event.start + to]);
            remember(&mut framed.beside.origins, &name)
        });
        framed.events[lane].push(Event {
            message,
            offset,
            length: event.len() as u64,
            time_ms: head.time_ms,
            known,
            origin,
            columns: None,
            fields: None,
        });
    }
}

/// An event that was found in a window: where it lies, and how it begins.
struct Found {
    range: Range<usize>,
    head: Head,
}

/// The index of the origin with this stream; neighbours mostly share it.
fn remember(origins: &mut Vec<Origin>, stream: &str) -> u32 {
    if origins
        .last()
        .is_none_or(|last| last.stream.as_deref() != Some(stream))
    {
        origins.push(Origin {
            stream: Some(Arc::from(stream)),
            ..Origin::default()
        });
    }
    (origins.len() - 1) as u32
}
