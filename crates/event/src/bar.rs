//! What events must pass to be among the first of an order, as it becomes known while they are read.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::SystemField;

/// The worst place that an event may take in an order of which only the first ones are kept: told by those who sort to
/// those who read, while both are at work.
///
/// A reader may leave out events that are behind the bar, and counts them. It notes the damage that it would have noted.
///
/// # Examples
/// ```
/// use insq_event::{Bar, SystemField};
///
/// let slowest = Bar::new(SystemField::Duration, true);
/// assert!(!slowest.is_behind_number(None));
/// // Enough events of 100 ms and more were seen.
/// slowest.lower(Bar::place_of_number(100.0, true));
/// assert!(slowest.is_behind_number(Some(99.9)) && slowest.is_behind_number(None));
/// // Those of equal rank are told apart by others.
/// assert!(!slowest.is_behind_number(Some(100.0)));
/// ```
#[derive(Debug)]
pub struct Bar {
    field: SystemField,
    is_descending: bool,
    kept: Option<u64>,
    /// The last place that is not behind.
    last: AtomicU64,
    left_out: AtomicU64,
}

impl Bar {
    /// A bar that everything passes. `field` holds times or numbers and is the first key of the order.
    pub fn new(field: SystemField, is_descending: bool) -> Self {
        Self {
            field,
            is_descending,
            kept: None,
            last: AtomicU64::new(u64::MAX),
            left_out: AtomicU64::new(0),
        }
    }

    /// So many events are kept, whatever else they are: a reader that knows as many may leave out what comes behind them.
    pub fn keeping(mut self, events: u64) -> Self {
        self.kept = Some(events);
        self
    }

    /// How many events are kept, if each of them counts.
    pub fn kept(&self) -> Option<u64> {
        self.kept
    }

    /// What the order goes by.
    pub fn field(&self) -> SystemField {
        self.field
    }

    /// True when the greatest comes first.
    pub fn is_descending(&self) -> bool {
        self.is_descending
    }

    /// The place of a time: a number that is less for what comes earlier in the order.
    pub fn place_of_time(ms: i64, is_descending: bool) -> u64 {
        place((ms as u64) ^ 1 << 63, is_descending)
    }

    /// The place of a number, as [`Bar::place_of_time`]. Both zeros have the same.
    pub fn place_of_number(value: f64, is_descending: bool) -> u64 {
        let bits = (value + 0.0).to_bits();
        place(
            if bits >> 63 == 1 { !bits } else { bits | 1 << 63 },
            is_descending,
        )
    }

    /// As many events as are kept take this place or an earlier one.
    pub fn lower(&self, place: u64) {
        self.last.fetch_min(place, Ordering::Relaxed);
    }

    /// True when an event of this time can't be among the first. Missing times come last.
    pub fn is_behind_time(&self, ms: Option<i64>) -> bool {
        self.is_behind(ms.map(|ms| Self::place_of_time(ms, self.is_descending)))
    }

    /// True when an event with this number can't be among the first. Missing numbers come last.
    pub fn is_behind_number(&self, value: Option<f64>) -> bool {
        self.is_behind(value.map(|value| Self::place_of_number(value, self.is_descending)))
    }

    fn is_behind(&self, place: Option<u64>) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last < u64::MAX && place.is_none_or(|place| place > last)
    }

    /// Counts events that were left out.
    pub fn add_left_out(&self, events: u64) {
        self.left_out.fetch_add(events, Ordering::Relaxed);
    }

    /// Events that were left out.
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }
}

/// Of a request, it only matters whose bar it is.
impl PartialEq for Bar {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

fn place(ascending: u64, is_descending: bool) -> u64 {
    if is_descending { !ascending } else { ascending }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_the_order_of_values() {
        let numbers = [f64::MIN, -1.5, -1.0, -0.0, 0.0, f64::MIN_POSITIVE, 1.0, 1e300];
        let times = [i64::MIN, -1, 0, 1, i64::MAX];
        for (a, b) in numbers.iter().flat_map(|a| numbers.iter().map(move |b| (*a, *b))) {
            let (up, down) = [false, true]
                .map(|down| Bar::place_of_number(a, down).cmp(&Bar::place_of_number(b, down)))
                .into();
            assert_eq!(Some(up), a.partial_cmp(&b), "{a} {b}");
            assert_eq!(down, up.reverse());
        }
        for (a, b) in times.iter().flat_map(|a| times.iter().map(move |b| (*a, *b))) {
            let (up, down) = [false, true]
                .map(|down| Bar::place_of_time(a, down).cmp(&Bar::place_of_time(b, down)))
                .into();
            assert_eq!((up, down), (a.cmp(&b), b.cmp(&a)));
        }
    }

    #[test]
    fn a_bar_only_gets_lower() {
        let oldest = Bar::new(SystemField::Timestamp, false);
        assert!(!oldest.is_behind_time(Some(i64::MAX)) && !oldest.is_behind_time(None));
        for (ms, last) in [(70, 70), (90, 70), (50, 50)] {
            oldest.lower(Bar::place_of_time(ms, false));
            assert!(!oldest.is_behind_time(Some(last)) && oldest.is_behind_time(Some(last + 1)));
            assert!(oldest.is_behind_time(None));
        }
        oldest.add_left_out(2);
        oldest.add_left_out(3);
        assert_eq!(oldest.left_out(), 5);
    }
}
