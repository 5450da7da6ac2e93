//! The quotas that concurrency is held to.

/// The quota of an account and region unless it was raised: concurrent executions of all functions together.
///
/// # Source
/// AWS Lambda quotas. New accounts may start lower.
pub const QUOTA_DEFAULT: u32 = 1_000;

/// Of the quota of an account, this much must stay unreserved.
pub const UNRESERVED_MIN: u32 = 100;

/// New environments that a function may get in [`SCALING_WINDOW_S`] seconds.
pub const SCALING_MAX: u32 = 1_000;

/// Seconds over which [`SCALING_MAX`] is counted.
pub const SCALING_WINDOW_S: u32 = 10;

/// Requests a second that every unit of concurrency lets through.
pub const REQUESTS_PER_UNIT: u32 = 10;

/// The quota of an account, and what functions have reserved of it.
///
/// # Examples
/// ```
/// use insq_lambda::{QuotaError, Quotas};
///
/// let quotas = Quotas::new(1_000, vec![("orders".to_owned(), 200)])?;
/// assert_eq!((quotas.unreserved(), quotas.of("orders"), quotas.of("users")), (800, Some(200), None));
/// assert_eq!(Quotas::new(0, vec![]), Err(QuotaError::Zero));
/// # Ok::<(), QuotaError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    account: u32,
    reserved: Vec<(String, u32)>,
}

/// Quotas that no account has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaError {
    /// A quota of 0.
    Zero,
    /// More is reserved than there is.
    Reserved {
        /// Sum of the reservations.
        reserved: u64,
        /// Quota of the account.
        account: u32,
    },
    /// Two reservations of one function.
    Twice(String),
}

impl std::fmt::Display for QuotaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Zero => f.write_str("a quota of 0 lets no function run"),
            Self::Reserved { reserved, account } => write!(
                f,
                "{reserved} reserved of a quota of {account}; at least {UNRESERVED_MIN} must stay unreserved"
            ),
            Self::Twice(name) => write!(f, "`{name}` has two reservations"),
        }
    }
}

impl std::error::Error for QuotaError {}

impl Default for Quotas {
    /// [`QUOTA_DEFAULT`], and nothing reserved.
    fn default() -> Self {
        Self {
            account: QUOTA_DEFAULT,
            reserved: Vec::new(),
        }
    }
}

impl Quotas {
    /// A quota, and reservations of functions by their names.
    ///
    /// # Errors
    /// [`QuotaError`] for a quota of 0, for reservations that leave less than [`UNRESERVED_MIN`] unreserved, and for
    /// two reservations of one function.
    pub fn new(account: u32, mut reserved: Vec<(String, u32)>) -> Result<Self, QuotaError> {
        if account == 0 {
            return Err(QuotaError::Zero);
        }
        reserved.sort();
        if let Some(pair) = reserved.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(QuotaError::Twice(pair[0].0.clone()));
        }
        let sum: u64 = reserved.iter().map(|(_, units)| u64::from(*units)).sum();
        if sum > 0 && sum + u64::from(UNRESERVED_MIN) > u64::from(account) {
            return Err(QuotaError::Reserved {
                reserved: sum,
                account,
            });
        }
        Ok(Self { account, reserved })
    }

    /// Of the account.
    pub fn account(&self) -> u32 {
        self.account
    }

    /// What functions without a reservation share.
    pub fn unreserved(&self) -> u32 {
        let reserved: u32 = self.reserved.iter().map(|(_, units)| units).sum();
        self.account - reserved
    }

    /// What a function has reserved.
    pub fn of(&self, function: &str) -> Option<u32> {
        let found = self
            .reserved
            .binary_search_by(|(name, _)| name.as_str().cmp(function));
        found.ok().map(|idx| self.reserved[idx].1)
    }

    /// All reservations, by name.
    pub fn reserved(&self) -> &[(String, u32)] {
        &self.reserved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_stay_unreserved() {
        let reserve = |units| Quotas::new(1_000, vec![("a".to_owned(), units)]);
        assert_eq!(reserve(900).map(|quotas| quotas.unreserved()), Ok(100));
        assert_eq!(
            reserve(901),
            Err(QuotaError::Reserved {
                reserved: 901,
                account: 1_000
            })
        );
        // Small accounts that reserve nothing are none of this.
        assert!(Quotas::new(10, Vec::new()).is_ok());
    }

    #[test]
    fn a_function_reserves_once() {
        let twice = vec![("a".to_owned(), 1), ("a".to_owned(), 2)];
        assert_eq!(Quotas::new(1_000, twice), Err(QuotaError::Twice("a".to_owned())));
    }
}
