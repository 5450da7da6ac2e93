//! Work that mostly waits, such as a first look at many files.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Files that are looked at at the same time.
pub(crate) const LOOKS_AT_ONCE: usize = 16;

/// What `each` makes of `items`, in their order; `workers` threads at most are at it.
pub(crate) fn at_once<T: Sync, R: Send>(
    items: &[T],
    workers: usize,
    each: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::with_capacity(items.len()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else { return };
            let result = each(item);
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.push((number, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers.min(items.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_unstable_by_key(|(number, _)| *number);
    made.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_items() {
        let items: Vec<usize> = (0..100).collect();
        for workers in [0, 1, 3, 200] {
            let done = AtomicUsize::new(0);
            let doubled = at_once(&items, workers, |item| {
                // Where others can go on, the first is done behind some of them.
                while *item == 0 && workers > 1 && done.load(Ordering::SeqCst) < 10 {
                    std::thread::yield_now();
                }
                done.fetch_add(1, Ordering::SeqCst);
                2 * item
            });
            assert_eq!(doubled, items.iter().map(|item| 2 * item).collect::<Vec<_>>());
        }
        assert!(at_once(&[(); 0], 4, |()| ()).is_empty());
    }
}
