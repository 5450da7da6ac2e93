//! One account of memory for a whole run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Beyond this part of the limit memory is scarce.
const SCARCE_NUMERATOR: usize = 5;
const SCARCE_DENOMINATOR: usize = 8;

/// The memory that a run may hold: blocks, batches and operator states together.
///
/// Cheap to clone; clones share one account.
///
/// # Examples
/// ```
/// use insq_event::MemoryBudget;
///
/// let budget = MemoryBudget::new(1000);
/// let mut rows = budget.reservation("sort");
/// rows.grow(800).unwrap();
/// let refused = budget.reservation("stats").grow(300).unwrap_err();
/// assert_eq!((refused.operator, refused.limit_bytes), ("stats", 1000));
/// drop(rows);
/// assert_eq!(budget.used_bytes(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct MemoryBudget {
    account: Arc<Account>,
}

#[derive(Debug)]
struct Account {
    limit_bytes: usize,
    used_bytes: AtomicUsize,
    peak_bytes: AtomicUsize,
}

impl MemoryBudget {
    /// A budget of `limit_bytes`.
    pub fn new(limit_bytes: usize) -> Self {
        let account = Account {
            limit_bytes,
            used_bytes: AtomicUsize::new(0),
            peak_bytes: AtomicUsize::new(0),
        };
        Self {
            account: Arc::new(account),
        }
    }

    /// A budget that never refuses, for tests and for callers that bound memory elsewhere.
    pub fn unlimited() -> Self {
        Self::new(usize::MAX)
    }

    /// An empty reservation. `operator` names whoever holds it in the message of a refusal.
    pub fn reservation(&self, operator: &'static str) -> Reservation {
        Reservation {
            budget: self.clone(),
            operator,
            bytes: 0,
        }
    }

    /// The limit.
    pub fn limit_bytes(&self) -> usize {
        self.account.limit_bytes
    }

    /// Bytes reserved now.
    pub fn used_bytes(&self) -> usize {
        self.account.used_bytes.load(Ordering::Relaxed)
    }

    /// The most that was ever reserved at once.
    pub fn peak_bytes(&self) -> usize {
        self.account.peak_bytes.load(Ordering::Relaxed)
    }

    /// True when more is reserved than five eighths of the limit: time to put
    /// into files what can be there, so that the rest is left for what can't, and for doing so.
    pub fn is_scarce(&self) -> bool {
        self.used_bytes() > self.limit_bytes() / SCARCE_DENOMINATOR * SCARCE_NUMERATOR
    }

    fn take(&self, operator: &'static str, bytes: usize) -> Result<(), MemoryExceeded> {
        let account = &self.account;
        let taken = account
            .used_bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes)
                    .filter(|total| *total <= account.limit_bytes)
            });
        match taken {
            Ok(before) => {
                account.peak_bytes.fetch_max(before + bytes, Ordering::Relaxed);
                Ok(())
            }
            Err(used_bytes) => Err(MemoryExceeded {
                operator,
                requested_bytes: bytes,
                used_bytes,
                limit_bytes: account.limit_bytes,
            }),
        }
    }

    fn give_back(&self, bytes: usize) {
        self.account.used_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A part of a [`MemoryBudget`], given back when dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: MemoryBudget,
    operator: &'static str,
    bytes: usize,
}

impl Reservation {
    /// Reserves `bytes` more.
    ///
    /// # Errors
    /// [`MemoryExceeded`] when the budget would be exceeded; the reservation stays as it was.
    pub fn grow(&mut self, bytes: usize) -> Result<(), MemoryExceeded> {
        self.budget.take(self.operator, bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    /// Reserves or gives back whatever leads to `bytes` in all.
    ///
    /// # Errors
    /// As [`Reservation::grow`].
    pub fn resize(&mut self, bytes: usize) -> Result<(), MemoryExceeded> {
        if bytes > self.bytes {
            return self.grow(bytes - self.bytes);
        }
        self.budget.give_back(self.bytes - bytes);
        self.bytes = bytes;
        Ok(())
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}

/// Bytes for people; limits are given in these units.
fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The memory limit was reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not enough memory for `{operator}`: it needs {} more, and {} of {} are in use",
    megabytes(*requested_bytes), megabytes(*used_bytes), megabytes(*limit_bytes)
)]
pub struct MemoryExceeded {
    /// The operator that was refused.
    pub operator: &'static str,
    /// What it asked for.
    pub requested_bytes: usize,
    /// What all operators together held.
    pub used_bytes: usize,
    /// The limit.
    pub limit_bytes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_on_both_sides() {
        let budget = MemoryBudget::new(10);
        let mut held = budget.reservation("sort");
        assert!(held.grow(10).is_ok());
        assert!(held.grow(1).is_err());
        assert_eq!(held.bytes(), 10);
        held.resize(4).unwrap();
        assert_eq!((budget.used_bytes(), budget.peak_bytes()), (4, 10));
    }

    #[test]
    fn memory_is_scarce_beyond_five_eighths() {
        let budget = MemoryBudget::new(800);
        let mut held = budget.reservation("sort");
        held.grow(500).unwrap();
        assert!(!budget.is_scarce());
        held.grow(1).unwrap();
        assert!(budget.is_scarce());
    }

    #[test]
    fn an_unlimited_budget_does_not_overflow() {
        let budget = MemoryBudget::unlimited();
        let mut held = budget.reservation("sort");
        held.grow(usize::MAX).unwrap();
        assert!(held.grow(1).is_err());
    }
}
