//! The latest values of a series.

/// Steps that are remembered one by one; a power of two, longer than the longest scale.
pub(crate) const RECENT_STEPS: usize = 128;

/// A ring of the latest values; steps before the first one count as 0.
#[derive(Clone, Debug)]
pub(crate) struct Recent {
    values: Box<[f64; RECENT_STEPS]>,
    seen: usize,
}

impl Recent {
    pub(crate) fn new() -> Self {
        Self {
            values: Box::new([0.0; RECENT_STEPS]),
            seen: 0,
        }
    }

    pub(crate) fn push(&mut self, value: f64) {
        self.values[self.seen % RECENT_STEPS] = value;
        self.seen += 1;
    }

    /// The value `steps` before the latest one; 0 is the latest one itself.
    pub(crate) fn back(&self, steps: usize) -> f64 {
        if steps >= self.len() {
            return 0.0;
        }
        self.values[(self.seen - 1 - steps) % RECENT_STEPS]
    }

    /// How many steps are remembered.
    pub(crate) fn len(&self) -> usize {
        self.seen.min(RECENT_STEPS)
    }

    /// Sum of the latest `steps` values.
    pub(crate) fn sum(&self, steps: usize) -> f64 {
        (0..steps.min(self.len())).map(|step| self.back(step)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_what_is_older_than_its_length() {
        let mut recent = Recent::new();
        assert_eq!((recent.back(0), recent.sum(5), recent.len()), (0.0, 0.0, 0));
        for value in 0..RECENT_STEPS + 3 {
            recent.push(value as f64);
        }
        assert_eq!(recent.back(0), (RECENT_STEPS + 2) as f64);
        assert_eq!(recent.back(RECENT_STEPS - 1), 3.0);
        assert_eq!(recent.back(RECENT_STEPS), 0.0);
        assert_eq!(recent.sum(2), (2 * RECENT_STEPS + 3) as f64);
    }
}
