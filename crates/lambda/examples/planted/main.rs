//! Measures the spike detector on simulated accounts, with options as `quiet_days=2 spike_days=2 mean_ms=250
//! sigma=0.7 swing=0.3 budget=1 seed=1000`, and loads in events per second as plain numbers.

#![allow(clippy::print_stdout, reason = "an example that reports")]

#[path = "../../tests/planted/mod.rs"]
mod planted;

use insq_lambda::detect::{Episode, SeriesKind, SpikeOptions};
use planted::evaluate::{Fit, SERIES, episodes_with, fit, quantile};
use planted::series::seconds_of;
use planted::{Account, DAY_S, Function};

/// Seconds between spikes: 71 in a day.
const APART_S: i64 = 1_200;
const SPIKES_PER_DAY: usize = 71;

/// From the seed of a quiet day to that of a day with spikes.
const SPIKED_SEEDS: u64 = 1_000;

/// What is simulated.
struct Setup {
    quiet_days: u64,
    spike_days: u64,
    mean_ms: f64,
    sigma: f64,
    swing: f64,
    /// False episodes per day that the detector is allowed.
    budget: f64,
    /// Seed of the first quiet day; days with spikes have other ones.
    seed: u64,
    loads: Vec<f64>,
}

impl Setup {
    fn from_arguments(arguments: impl Iterator<Item = String>) -> Option<Self> {
        let mut setup = Self {
            quiet_days: 2,
            spike_days: 2,
            mean_ms: 250.0,
            sigma: 0.7,
            swing: 0.3,
            budget: 1.0,
            seed: 1_000,
            loads: Vec::new(),
        };
        for argument in arguments {
            let (name, value) = argument.split_once('=').unwrap_or(("load", &argument));
            match name {
                "quiet_days" => setup.quiet_days = value.parse().ok()?,
                "spike_days" => setup.spike_days = value.parse().ok()?,
                "mean_ms" => setup.mean_ms = value.parse().ok()?,
                "sigma" => setup.sigma = value.parse().ok()?,
                "swing" => setup.swing = value.parse().ok()?,
                "budget" => setup.budget = value.parse().ok()?,
                "seed" => setup.seed = value.parse().ok()?,
                "load" => setup.loads.push(value.parse().ok()?),
                _ => return None,
            }
        }
        if setup.loads.is_empty() {
            setup.loads = vec![2.0, 20.0, 200.0, 2_000.0];
        }
        Some(setup)
    }

    fn account(&self, seed: u64, load: f64) -> Account {
        let function = Function {
            rate_per_s: load,
            mean_ms: self.mean_ms,
            sigma: self.sigma,
        };
        Account {
            daily_swing: self.swing,
            ..Account::quiet(seed, vec![function])
        }
    }

    fn episodes(&self, kind: SeriesKind, values: impl Iterator<Item = f64>) -> Vec<Episode> {
        let options = SpikeOptions {
            false_alarms_per_day: self.budget,
            ..SpikeOptions::new(kind, 1_000)
        };
        episodes_with(options, values)
    }

    /// False episodes of the quiet days, by series.
    fn quiet(&self, load: f64) -> Vec<usize> {
        let mut count = vec![0; SERIES.len()];
        for day in 0..self.quiet_days {
            let seconds = seconds_of(&self.account(self.seed + day, load), DAY_S);
            for (count, (_, kind, value)) in count.iter_mut().zip(SERIES) {
                *count += self.episodes(kind, seconds.iter().map(value)).len();
            }
        }
        count
    }

    /// What is found on the days with spikes, by series.
    fn spiked(&self, load: f64) -> Vec<Fit> {
        let mut fits = vec![Fit::default(); SERIES.len()];
        for day in 0..self.spike_days {
            let account = self
                .account(self.seed + SPIKED_SEEDS + day, load)
                .with_spikes(SPIKES_PER_DAY, APART_S);
            let seconds = seconds_of(&account, DAY_S + APART_S);
            for (all, (_, kind, value)) in fits.iter_mut().zip(SERIES) {
                all.add(fit(
                    &account.spikes,
                    &self.episodes(kind, seconds.iter().map(value)),
                ));
            }
        }
        fits
    }
}

fn main() -> std::process::ExitCode {
    let Some(setup) = Setup::from_arguments(std::env::args().skip(1)) else {
        println!("unknown option");
        return std::process::ExitCode::FAILURE;
    };
    println!(
        "{} quiet days, {} days with {SPIKES_PER_DAY} spikes, durations of {} ms (sigma {}), daily swing {}, budget {}",
        setup.quiet_days, setup.spike_days, setup.mean_ms, setup.sigma, setup.swing, setup.budget
    );
    for &load in &setup.loads {
        println!("{load} events per second");
        let (quiet, fits) = (setup.quiet(load), setup.spiked(load));
        for ((fit, quiet), (name, ..)) in fits.iter().zip(quiet).zip(SERIES) {
            report(name, fit, quiet as f64 / setup.quiet_days as f64);
        }
    }
    std::process::ExitCode::SUCCESS
}

fn report(name: &str, fit: &Fit, quiet: f64) {
    let share = |(found, planted): (usize, usize)| found as f64 / planted as f64;
    println!(
        "  {name:17} recall {:.3} (rate {:.3}, duration {:.3}); false: {quiet:.2} per quiet day, {} beside {} spikes",
        fit.recall(),
        share(fit.rate),
        share(fit.duration),
        fit.false_episodes,
        fit.planted,
    );
    println!(
        "    onset error, s: median {:.0}, p10 {:.0}, p90 {:.0}; alarm after, s: median {:.0}, p90 {:.0}",
        quantile(&fit.onset_errors_s, 0.5),
        quantile(&fit.onset_errors_s, 0.1),
        quantile(&fit.onset_errors_s, 0.9),
        quantile(&fit.delays_s, 0.5),
        quantile(&fit.delays_s, 0.9),
    );
    println!(
        "    end error, s: median {:.0}, p10 {:.0}, p90 {:.0}",
        quantile(&fit.end_errors_s, 0.5),
        quantile(&fit.end_errors_s, 0.1),
        quantile(&fit.end_errors_s, 0.9),
    );
}
