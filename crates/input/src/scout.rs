//! One search for the texts of many lanes: each lane then looks only at events that hold a text of some of them.

use crate::lane::Lane;
use crate::search::{Needle, Searcher, kind_needles, needles_of};

/// One search looks for so many texts at most; past it, it costs more than it saves.
pub(crate) const TEXTS_MAX: usize = 64;

/// A search for texts of which one is shorter is much slower.
pub(crate) const TEXT_BYTES_MIN: usize = 4;

/// Finds what some lanes look for.
pub(crate) struct Scout {
    pub(crate) searcher: Searcher,
    /// The lanes, by their places.
    pub(crate) lanes: Vec<usize>,
}

impl Scout {
    /// The scout of those lanes whose texts are worth it; `None` when there are not two of them.
    pub(crate) fn of(lanes: &[Lane]) -> Option<Self> {
        let (mut texts, mut served): (Vec<Needle>, _) = (Vec::new(), Vec::new());
        for (place, lane) in lanes.iter().enumerate() {
            let Some(own) = rare_texts(lane) else {
                continue;
            };
            let added: Vec<Needle> = own.into_iter().filter(|text| !texts.contains(text)).collect();
            if texts.len() + added.len() <= TEXTS_MAX {
                texts.extend(added);
                served.push(place);
            }
        }
        if served.len() < 2 {
            return None;
        }
        Some(Self {
            searcher: Searcher::new(texts)?,
            lanes: served,
        })
    }
}

/// What a lane looks for, unless it is short or met everywhere, as the marks of kinds of events are.
fn rare_texts(lane: &Lane) -> Option<Vec<Needle>> {
    let texts = needles_of(&lane.request)?;
    let is_mark = kind_needles(lane.request.kinds).is_some_and(|marks| marks == texts);
    (!is_mark && texts.iter().all(|text| text.bytes().len() >= TEXT_BYTES_MIN)).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use insq_event::{EventKinds, Literals, ScanRequest, TimeRange};

    fn lane(kinds: EventKinds, texts: &[String]) -> Lane {
        let any_of = texts.iter().map(|text| Arc::from(text.as_str()));
        let request = ScanRequest {
            columns: Vec::new(),
            kinds,
            time_range: TimeRange::ALL,
            literals: vec![Literals::texts(any_of)],
            request_id: None,
            function: None,
            batch_rows: 1,
            bar: None,
        };
        Lane::whole(0, &Arc::new(request))
    }

    fn served(lanes: &[Lane]) -> Option<Vec<usize>> {
        Scout::of(lanes).map(|scout| scout.lanes)
    }

    fn texts(names: std::ops::Range<usize>) -> Vec<String> {
        names.map(|name| format!("text {name}")).collect()
    }

    #[test]
    fn lanes_with_long_texts_are_served_when_there_are_two() {
        let (all, report) = (EventKinds::ALL, EventKinds::REPORT);
        let long = |name| lane(all, &texts(name..name + 1));
        let short = |bytes| lane(all, &["x".repeat(bytes)]);
        assert_eq!(served(&[long(0)]), None);
        let marked = lane(report, &["xxxx".to_owned()]);
        assert_eq!(served(&[long(0), short(TEXT_BYTES_MIN - 1), marked]), None);
        let rare = lane(report, &["x".repeat(20)]);
        assert_eq!(served(&[long(0), rare]), Some(vec![0, 1]));
        assert_eq!(
            served(&[long(0), short(TEXT_BYTES_MIN), long(1)]),
            Some(vec![0, 1, 2])
        );
    }

    #[test]
    fn a_scout_has_a_greatest_number_of_texts() {
        let all = EventKinds::ALL;
        let first = || lane(all, &texts(0..TEXTS_MAX - 1));
        let second = |count| lane(all, &texts(TEXTS_MAX..TEXTS_MAX + count));
        assert_eq!(served(&[first(), second(1)]), Some(vec![0, 1]));
        assert_eq!(served(&[first(), second(2)]), None);
        // What is searched for already costs nothing.
        assert_eq!(served(&[first(), first()]), Some(vec![0, 1]));
    }
}
