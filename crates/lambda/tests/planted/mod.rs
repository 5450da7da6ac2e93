//! Simulated accounts with spikes that are known beforehand.
//!
//! Invocations arrive as a Poisson process whose rate follows a daily cycle, and run for lognormal times. A
//! spike multiplies the rate or the duration of one function for some seconds. Every second of every
//! function has random numbers of its own, so any stretch can be made without those before it.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test and example uses a part of this"
)]

pub mod evaluate;
pub mod random;
pub mod series;

use insq_lambda::Invocation;
use random::Random;

/// Seconds of a day.
pub const DAY_S: i64 = 86_400;

/// A function and its usual load.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub rate_per_s: f64,
    pub mean_ms: f64,
    /// Standard deviation of the logarithm of the duration.
    pub sigma: f64,
}

impl Function {
    /// A function of some milliseconds, some of whose invocations take several times as long.
    pub fn usual(rate_per_s: f64) -> Self {
        Self {
            rate_per_s,
            mean_ms: 250.0,
            sigma: 0.7,
        }
    }
}

/// What makes a spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Rate,
    Duration,
}

/// A spike: the truth that a detector has to find.
#[derive(Clone, Copy, Debug)]
pub struct Spike {
    /// Index of the function.
    pub function: usize,
    pub cause: Cause,
    pub start_s: i64,
    pub length_s: i64,
    pub factor: f64,
}

impl Spike {
    fn factor_at(&self, function: usize, cause: Cause, second: i64) -> f64 {
        let inside = (self.start_s..self.start_s + self.length_s).contains(&second);
        if inside && self.function == function && self.cause == cause {
            self.factor
        } else {
            1.0
        }
    }
}

/// An account under load. Seconds count from 0.
#[derive(Clone, Debug)]
pub struct Account {
    pub seed: u64,
    pub functions: Vec<Function>,
    /// How far the rate swings about its mean over the day, as a share of it.
    pub daily_swing: f64,
    pub spikes: Vec<Spike>,
}

/// An invocation and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planted {
    pub function: usize,
    pub invocation: Invocation,
}

impl Account {
    /// A quiet account with a mild daily cycle.
    pub fn quiet(seed: u64, functions: Vec<Function>) -> Self {
        Self {
            seed,
            functions,
            daily_swing: 0.3,
            spikes: Vec::new(),
        }
    }

    /// The same with `count` spikes, one in every `apart_s` seconds: ×2 to ×5, for 5 to 60 seconds, of rate
    /// and of duration in turn, of any function.
    pub fn with_spikes(mut self, count: usize, apart_s: i64) -> Self {
        let mut random = Random::new(self.seed, u64::MAX, 0);
        self.spikes = (0..count)
            .map(|number| {
                let length_s = random.between(5.0, 61.0) as i64;
                let room = (apart_s / 2).max(1) as f64;
                Spike {
                    function: (random.share() * self.functions.len() as f64).ceil() as usize - 1,
                    cause: if number % 2 == 0 {
                        Cause::Rate
                    } else {
                        Cause::Duration
                    },
                    start_s: (number as i64 + 1) * apart_s + random.between(0.0, room) as i64,
                    length_s,
                    factor: random.between(2.0, 5.0),
                }
            })
            .collect();
        self
    }

    /// The invocations that start in `[from_s, until_s)`, by function and then by time.
    pub fn starting_in(&self, from_s: i64, until_s: i64) -> Vec<Planted> {
        let mut planted = Vec::new();
        for function in 0..self.functions.len() {
            for second in from_s..until_s {
                self.second(function, second, &mut planted);
            }
        }
        planted
    }

    fn second(&self, function: usize, second: i64, planted: &mut Vec<Planted>) {
        let usual = self.functions[function];
        let factor = |cause| -> f64 {
            self.spikes
                .iter()
                .map(|spike| spike.factor_at(function, cause, second))
                .product()
        };
        let day = std::f64::consts::TAU * second as f64 / DAY_S as f64;
        let rate = usual.rate_per_s * (1.0 + self.daily_swing * day.sin()) * factor(Cause::Rate);
        let mean_ms = usual.mean_ms * factor(Cause::Duration);
        let log_mean = mean_ms.ln() - usual.sigma * usual.sigma / 2.0;
        let mut random = Random::new(self.seed, function as u64, second as u64);
        let mut at = random.gap() / rate;
        while at < 1.0 {
            let busy_us = ((log_mean + usual.sigma * random.normal()).exp() * 1e3) as i64;
            let start_us = second * 1_000_000 + (at * 1e6) as i64;
            let end_us = start_us + busy_us.max(1);
            planted.push(Planted {
                function,
                invocation: Invocation { start_us, end_us },
            });
            at += random.gap() / rate;
        }
    }
}
