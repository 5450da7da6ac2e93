//! Quantiles of the latest samples.

/// The latest samples of a value, in the order of arrival and sorted; no more than its capacity.
#[derive(Clone, Debug)]
pub(crate) struct QuantileWindow {
    /// A ring in the order of arrival.
    arrived: Vec<f64>,
    sorted: Vec<f64>,
    oldest: usize,
    capacity: usize,
}

impl QuantileWindow {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            arrived: Vec::new(),
            sorted: Vec::new(),
            oldest: 0,
            capacity: capacity.max(1),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.sorted.len() >= self.capacity
    }

    /// Takes a sample in; the oldest one leaves when the window is full.
    pub(crate) fn push(&mut self, sample: f64) {
        if !self.is_full() {
            let at = self.sorted.partition_point(|&other| other < sample);
            self.sorted.insert(at, sample);
            self.arrived.push(sample);
            return;
        }
        let leaving = std::mem::replace(&mut self.arrived[self.oldest], sample);
        self.oldest = (self.oldest + 1) % self.capacity;
        self.replace(leaving, sample);
    }

    /// Moves only what lies between the place that is left and the place that is taken.
    fn replace(&mut self, leaving: f64, sample: f64) {
        let from = self
            .sorted
            .partition_point(|&other| other < leaving)
            .min(self.capacity - 1);
        let to = self.sorted.partition_point(|&other| other < sample);
        if to > from {
            self.sorted.copy_within(from + 1..to, from);
            self.sorted[to - 1] = sample;
        } else {
            self.sorted.copy_within(to..from, to + 1);
            self.sorted[to] = sample;
        }
    }

    /// The value below which the share `p` of the samples lies, interpolated between neighbours; 0 for no
    /// samples.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        let Some(last) = self.sorted.len().checked_sub(1) else {
            return 0.0;
        };
        let place = p.clamp(0.0, 1.0) * last as f64;
        let below = (place as usize).min(last);
        let above = (below + 1).min(last);
        let share = place - below as f64;
        self.sorted[below] + (self.sorted[above] - self.sorted[below]) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_holds_the_latest_samples_in_order(
            samples in proptest::collection::vec(-5i32..5, 0..60),
            capacity in 1usize..20,
        ) {
            let mut window = QuantileWindow::new(capacity);
            for (count, &sample) in samples.iter().enumerate() {
                window.push(f64::from(sample));
                let mut latest: Vec<f64> = samples[(count + 1).saturating_sub(capacity)..=count]
                    .iter()
                    .map(|&sample| f64::from(sample))
                    .collect();
                latest.sort_by(f64::total_cmp);
                prop_assert_eq!(&window.sorted, &latest);
            }
        }
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        let mut window = QuantileWindow::new(5);
        assert_eq!(window.quantile(0.5), 0.0);
        for sample in [40.0, 10.0, 30.0, 20.0, 0.0] {
            window.push(sample);
        }
        assert_eq!(window.quantile(0.0), 0.0);
        assert_eq!(window.quantile(0.5), 20.0);
        assert_eq!(window.quantile(0.75), 30.0);
        assert_eq!(window.quantile(0.9), 36.0);
        assert_eq!(window.quantile(1.0), 40.0);
    }
}
