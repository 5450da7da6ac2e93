//! When the next invocation of a function arrives.

use super::invocation::Micros;
use super::text::DAY_MS;
use crate::Prng;
use crate::model::{Arrivals, Function, Spike, SpikeKind};

/// The rate of a function with a daily swing is held constant for this long.
const RATE_STEP: Micros = 600_000_000;

/// The arrivals of one function, in the order of time.
#[derive(Debug)]
pub(super) struct ArrivalStream {
    arrivals: Arrivals,
    /// Start, end and factor of the rate spikes.
    rate_spikes: Vec<(Micros, Micros, f64)>,
    prng: Prng,
    /// The next arrival.
    pub(super) next: Micros,
}

impl ArrivalStream {
    pub(super) fn new(function: &Function, spikes: &[Spike], from: Micros, prng: Prng) -> Self {
        let rate_spikes = spikes
            .iter()
            .filter(|spike| spike.kind == SpikeKind::Rate && spike.function == function.name)
            .map(|spike| (spike.start_ms * 1000, spike.end_ms * 1000, spike.factor))
            .collect();
        let mut stream = Self {
            arrivals: function.arrivals,
            rate_spikes,
            prng,
            next: from,
        };
        stream.advance();
        stream
    }

    /// Moves on to the arrival after `next`.
    pub(super) fn advance(&mut self) {
        self.next = match self.arrivals {
            Arrivals::EverySecond => {
                let second = self.next.div_euclid(1_000_000) + 1;
                second * 1_000_000 + i64::from(self.prng.between(50_000, 99_999))
            }
            Arrivals::Random {
                per_second,
                daily_swing,
            } => self.after(self.next, per_second, daily_swing),
        };
    }

    /// The first arrival after `from`. Where the rate changes the draw starts anew, which is exact because
    /// exponential gaps have no memory.
    fn after(&mut self, mut from: Micros, per_second: f64, daily_swing: f64) -> Micros {
        loop {
            let boundary = self.next_change(from);
            let rate = per_second * day_factor(from, daily_swing) * self.spike_factor(from);
            if rate > 0.0 {
                let gap = (self.prng.exponential() / rate * 1e6) as Micros + 1;
                if from + gap < boundary {
                    return from + gap;
                }
            } else if per_second <= 0.0 {
                return Micros::MAX;
            }
            from = boundary;
        }
    }

    fn next_change(&self, from: Micros) -> Micros {
        let step = (from.div_euclid(RATE_STEP) + 1) * RATE_STEP;
        let edges = self.rate_spikes.iter().flat_map(|&(start, end, _)| [start, end]);
        edges.filter(|&edge| edge > from).fold(step, Micros::min)
    }

    fn spike_factor(&self, at: Micros) -> f64 {
        self.rate_spikes
            .iter()
            .filter(|(start, end, _)| (*start..*end).contains(&at))
            .map(|spike| spike.2)
            .product()
    }
}

/// `1 - swing` at midnight, `1 + swing` at noon, straight lines between.
fn day_factor(at: Micros, swing: f64) -> f64 {
    let of_day = (at / 1000).rem_euclid(DAY_MS) as f64 / DAY_MS as f64;
    1.0 + swing * (1.0 - 4.0 * (of_day - 0.5).abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile;

    #[test]
    fn the_rate_rises_inside_a_spike_only() {
        let model = profile::sample(3);
        let function = model.functions.iter().find(|f| f.name == "orders-api").unwrap();
        let spike = &model.spikes[0];
        let mut stream = ArrivalStream::new(function, &model.spikes, model.start_ms * 1000, Prng::new(1));
        let (mut inside, mut outside) = (0, 0);
        while stream.next < model.end_ms * 1000 {
            match (spike.start_ms..spike.end_ms).contains(&(stream.next / 1000)) {
                true => inside += 1,
                false => outside += 1,
            }
            stream.advance();
        }
        let inside_rate = f64::from(inside) / 30.0;
        let outside_rate = f64::from(outside) / 3570.0;
        assert!(
            (100.0..200.0).contains(&(inside_rate / outside_rate)),
            "{inside_rate} over {outside_rate}"
        );
    }

    #[test]
    fn noon_is_busier_than_midnight() {
        assert_eq!(day_factor(0, 0.5), 0.5);
        assert_eq!(day_factor(DAY_MS * 500, 0.5), 1.5);
    }

    #[test]
    fn one_arrival_in_every_second() {
        let function = profile::week(1, 0).functions.swap_remove(0);
        let mut stream = ArrivalStream::new(&function, &[], 0, Prng::new(1));
        for second in 1..100 {
            assert_eq!(stream.next / 1_000_000, second);
            stream.advance();
        }
    }
}
