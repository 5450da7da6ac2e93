//! Events that can't be among the first of an order: they are left out before columns are made of them.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, BooleanArray};
use insq_event::{Bar, SystemField};

use crate::facts::Facts;
use crate::framed::Event;

/// Which of some events come out; `None` where so many do that all of them may. Fields beside a message may say
/// otherwise than what is known here, so events with such fields come out in any case.
pub(crate) fn passing(bar: &Bar, events: &[Event], facts: &Facts) -> Option<BooleanArray> {
    let passes: Vec<bool> = if bar.field() == SystemField::Timestamp {
        let is_behind = |event: &Event| bar.is_behind_time(event.time_ms);
        events
            .iter()
            .map(|event| event.columns.is_some() || !is_behind(event))
            .collect()
    } else {
        let numbers = facts.number(bar.field());
        let numbers = numbers.as_primitive_opt::<Float64Type>()?;
        let number = |row: usize| numbers.is_valid(row).then(|| numbers.value(row));
        let is_behind = |row: usize| row < numbers.len() && bar.is_behind_number(number(row));
        events
            .iter()
            .enumerate()
            .map(|(row, event)| event.columns.is_some() || !is_behind(row))
            .collect()
    };
    let passes = BooleanArray::from(passes);
    (passes.true_count() * 2 < events.len()).then_some(passes)
}

/// The events that come out.
pub(crate) fn passed(events: &[Event], passes: &BooleanArray) -> Vec<Event> {
    let pairs = events.iter().zip(passes.values());
    pairs
        .filter(|(_, passes)| *passes)
        .map(|(event, _)| event.clone())
        .collect()
}

/// True when all messages are UTF-8. They lie in `bytes`, which are looked at together where they are little else.
pub(crate) fn are_utf8(bytes: &[u8], events: &[Event]) -> bool {
    let message_bytes: usize = events.iter().map(|event| event.message.len()).sum();
    let is_most = message_bytes > bytes.len() / 2;
    (is_most && std::str::from_utf8(bytes).is_ok())
        || events
            .iter()
            .all(|event| std::str::from_utf8(&bytes[event.message.clone()]).is_ok())
}
