//! What `insq spikes` says.

use insq::detect::QuotaRule;
use insq::{
    Cause, Evidence, FunctionRise, Load, Overview, QuotaBreach, Sign, Spike, SpikeScope, SpikeSeries,
};

use crate::chart::{Marks, chart};
use crate::table::{Align, table};
use crate::words::{
    amount, change, clock, count, day, duration_ms, length, percent, plural, time_ms, time_s,
};

/// Functions of a spike's table, at most.
const FUNCTIONS_SHOWN: usize = 6;

/// Services and functions that evidence names, at most.
const NAMES_SHOWN: usize = 3;

/// Causes with less than this share of a function's rise are not worth a word.
const CAUSE_SHARE_MIN: f64 = 0.1;

/// The frame of a report about spikes.
pub struct SpikesReport<'a> {
    /// What was found, in the order of time.
    pub spikes: &'a [Spike],
    /// Beside every spike, what the log tells; empty where it was not read.
    pub evidence: &'a [Evidence],
    /// The load that they are of.
    pub load: &'a Load,
    /// The picture of it.
    pub overview: &'a Overview,
    /// Quota of the account.
    pub quota: u32,
    /// The budget that the detector kept to.
    pub false_alarms_per_day: f64,
    /// Characters of a line.
    pub width: Option<u16>,
    /// Spikes to tell in full, at most: the highest.
    pub told_max: usize,
    /// What `insq` was given as inputs, as it has to be written in a shell.
    pub paths: &'a str,
}

impl SpikesReport<'_> {
    /// The report: a picture, and for every spike a sentence, the figures, and the query that leads to them.
    pub fn text(&self) -> String {
        let window = &self.overview.window_us;
        let mut parts = vec![format!(
            "{} from {} to {} UTC ({}). By chance alone, {} a day would be expected at most.",
            match self.spikes.len() {
                0 => "No spikes".to_owned(),
                number => plural(number as u64, "spike"),
            },
            time_s(window.start),
            time_s(window.end),
            length(window.end - window.start),
            amount(self.false_alarms_per_day),
        )];
        let instants: Vec<i64> = self.spikes.iter().map(|spike| spike.peak_us).collect();
        let marks = Marks {
            quota: Some(self.quota),
            instants_us: &instants,
        };
        parts.push(chart(self.overview, self.load, &marks));
        if self.spikes.is_empty() {
            return parts.join("\n\n");
        }
        parts.push(self.list());
        for idx in self.told_in_full() {
            let spike = &self.spikes[idx];
            let head = format!("{}  {}", idx + 1, self.head(spike));
            parts.push(format!("{head}\n{}", indented(&self.body(idx, spike))));
        }
        if self.told_max < self.spikes.len() {
            parts.push(format!(
                "Told in full: the highest {} of {}; --top N tells more.",
                self.told_max.min(self.spikes.len()),
                self.spikes.len()
            ));
        }
        parts.join("\n\n")
    }

    /// A line per spike.
    fn list(&self) -> String {
        let columns = [
            ("", Align::Right),
            ("from (UTC)", Align::Left),
            ("for", Align::Right),
            ("peak", Align::Right),
            ("of quota", Align::Right),
            ("before", Align::Right),
            ("meanwhile", Align::Right),
            ("most of it by", Align::Left),
        ];
        let row = |(idx, spike): (usize, &Spike)| {
            let attribution = &spike.attribution;
            let first = attribution.functions.first().filter(|first| first.rise > 0.0);
            let by = first.map(|first| format!("{} ({})", first.name, percent(of_rises(spike, first))));
            vec![
                (idx + 1).to_string(),
                time_s(spike.onset_us),
                length(spike.end_us - spike.onset_us),
                count(u64::from(spike.peak)),
                percent(f64::from(spike.peak) / f64::from(self.quota.max(1))),
                amount(attribution.before),
                amount(attribution.during),
                by.unwrap_or_default(),
            ]
        };
        let rows: Vec<Vec<String>> = self.spikes.iter().enumerate().map(row).collect();
        format!(
            "{}\nBefore, meanwhile: mean in flight in the five minutes before, and while the rise lasted.",
            table(&columns, &rows, self.width)
        )
    }

    fn told_in_full(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.spikes.len()).collect();
        order.sort_by_key(|idx| std::cmp::Reverse(self.spikes[*idx].peak));
        order.truncate(self.told_max);
        order.sort_unstable();
        order
    }

    /// When, how high, over what.
    fn head(&self, spike: &Spike) -> String {
        let end = if day(spike.onset_us) == day(spike.end_us) {
            clock(spike.end_us)
        } else {
            time_s(spike.end_us)
        };
        let still = if spike.open {
            ", not over when the log ended"
        } else {
            ""
        };
        let times = format!(
            "{} to {end} UTC ({}{still})",
            time_s(spike.onset_us),
            length(spike.end_us - spike.onset_us)
        );
        let peak = format!(
            "peak {} at {}, {} of the quota",
            count(u64::from(spike.peak)),
            clock_ms(spike.peak_us),
            percent(f64::from(spike.peak) / f64::from(self.quota.max(1)))
        );
        match &spike.main {
            Some(main) => {
                let whose = match main.scope {
                    SpikeScope::Total => String::new(),
                    SpikeScope::Unreserved => " of the unreserved pool".to_owned(),
                    SpikeScope::Function(id) => format!(" of `{}`", self.load.name(id)),
                };
                let what = match main.series {
                    SpikeSeries::Concurrency => "in flight",
                    SpikeSeries::Starts => "started a second",
                };
                let known = match main.episode.recurrences {
                    0 => String::new(),
                    number => format!("; {} like it in the day before", count(number as u64)),
                };
                format!(
                    "{times}: {peak}; {what}{whose} up to {}, expected {}{known}",
                    amount(main.episode.peak_value),
                    amount(main.episode.expected)
                )
            }
            None => format!("{times}: {peak}"),
        }
    }

    fn body(&self, idx: usize, spike: &Spike) -> String {
        let mut parts = vec![self.sentence(idx, spike)];
        parts.extend(spike.breaches.iter().map(|found| self.breach(found)));
        if let Some(evidence) = self.evidence.get(idx) {
            parts.extend(signs(evidence));
        }
        let mut text = parts.join("\n");
        let figures = functions(
            spike,
            self.width.map(|width| width.saturating_sub(INDENT.len() as u16)),
        );
        text.push_str(&format!("\n\n{figures}"));
        // What came through a pipe cannot be asked again.
        if !self.paths.is_empty() {
            text.push_str(&format!("\n\n{}", self.query(spike)));
        }
        text
    }

    /// The function with the largest rise, why, and what stands beside it.
    fn sentence(&self, idx: usize, spike: &Spike) -> String {
        let rise = spike.attribution.rise();
        let Some(first) = spike
            .attribution
            .functions
            .first()
            .filter(|first| first.rise > 0.0)
        else {
            return "No function had more in flight than before.".to_owned();
        };
        let share = if rise > 0.0 {
            format!(
                "`{}` made {} of the rise",
                first.name,
                percent(of_rises(spike, first))
            )
        } else {
            format!("`{}` rose while all together did not", first.name)
        };
        let mut text = format!("{share}: {}", why(first));
        let throttled = self.evidence.get(idx).map(|evidence| {
            let counted = evidence
                .signs
                .iter()
                .filter(|found| found.sign == Sign::Throttled);
            let by_service = counted.fold(Vec::<(&str, u64)>::new(), |mut all, found| {
                match all.iter_mut().find(|(service, _)| *service == found.service) {
                    Some((_, known)) => *known += found.count,
                    None => all.push((&found.service, found.count)),
                }
                all
            });
            by_service.into_iter().max_by_key(|(_, number)| *number)
        });
        if let Some(Some((service, number))) = throttled {
            let to = if service.is_empty() {
                String::new()
            } else {
                format!(" to {service}")
            };
            text.push_str(&format!(
                "; {}{to} in the same {}",
                plural(number, "throttled call"),
                length(spike.end_us - spike.onset_us)
            ));
        }
        text.push('.');
        text
    }

    fn breach(&self, found: &QuotaBreach) -> String {
        let whose = match found.scope {
            SpikeScope::Total => "all functions".to_owned(),
            SpikeScope::Unreserved => "the unreserved pool".to_owned(),
            SpikeScope::Function(id) => format!("`{}`", self.load.name(id)),
        };
        let breach = &found.breach;
        let since = clock(breach.start_s * 1_000_000);
        let seconds = plural(breach.seconds, "second");
        let (peak, limit) = (
            count(breach.peak.round() as u64),
            count(breach.limit.ceil() as u64),
        );
        match breach.rule {
            QuotaRule::NearQuota => {
                format!("Near the quota: {whose} reached {peak}, at least {limit} in {seconds} from {since}.")
            }
            QuotaRule::AtQuota => format!(
                "At the quota: {whose} reached {peak} of {limit} in {seconds} from {since}; what came on top was throttled."
            ),
            QuotaRule::ScalingRate => format!(
                "Scaling rate: {whose} got {peak} new environments in 10 s, more than {limit}, in {seconds} from {since}."
            ),
            QuotaRule::RequestRate => format!(
                "Request rate: {whose} started {peak} a second, more than {limit}, in {seconds} from {since}."
            ),
        }
    }

    /// The query whose rows the figures can be checked with.
    fn query(&self, spike: &Spike) -> String {
        let attribution = &spike.attribution;
        let instant = |us: i64| time_ms(us).replace(' ', "T") + "Z";
        format!(
            "insq --since {} --until {} 'filter @type = \"REPORT\" | stats count(*) as ended, avg(@duration) as ms, \
             concurrency_max() as peak by bin(10s), @function' {}",
            instant(attribution.before_us.start),
            instant(spike.end_us),
            self.paths
        )
    }
}

/// `18:52:11.129`
fn clock_ms(us: i64) -> String {
    let text = time_ms(us);
    text.split_once(' ')
        .map_or(text.as_str(), |(_, clock)| clock)
        .to_owned()
}

const INDENT: &str = "   ";

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!("{INDENT}{line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A function's share of what rose. The shares of the table are those of the change of all together, which is less where
/// other functions fell.
fn of_rises(spike: &Spike, found: &FunctionRise) -> f64 {
    let functions = spike.attribution.functions.iter();
    let rises: f64 = functions.map(|function| function.rise.max(0.0)).sum();
    if rises > 0.0 {
        found.rise.max(0.0) / rises
    } else {
        0.0
    }
}

/// What made a function rise, the largest part first.
fn why(found: &FunctionRise) -> String {
    let (before, during) = (&found.before, &found.during);
    if found.is_new && during.starts > 0 {
        let each = during
            .duration_ms()
            .map_or_else(String::new, |ms| format!(" of {}", duration_ms(ms)));
        return format!("new traffic, {}/s{each}", amount(during.rate_per_s()));
    }
    // What worked against the rise is in the table; the sentence shares out what worked for it.
    let for_it: f64 = Cause::ALL
        .into_iter()
        .map(|cause| found.parts.of(cause).max(0.0))
        .sum();
    let mut causes: Vec<(Cause, f64)> = Cause::ALL
        .into_iter()
        .map(|cause| (cause, found.parts.of(cause) / for_it))
        .filter(|(_, share)| *share >= CAUSE_SHARE_MIN)
        .collect();
    causes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let told: Vec<String> = causes
        .iter()
        .enumerate()
        .map(|(idx, (cause, share))| {
            let went = if idx == 0 { " went" } else { "" };
            let ms = |ms: Option<f64>| ms.map_or_else(|| "none".to_owned(), duration_ms);
            let what = match cause {
                Cause::Rate => format!(
                    "rate{went} from {} to {}/s",
                    amount(before.rate_per_s()),
                    amount(during.rate_per_s())
                ),
                Cause::Duration => format!(
                    "durations{went} from {} to {}",
                    ms(before.duration_ms()),
                    ms(during.duration_ms())
                ),
                Cause::ColdStart => format!(
                    "{} against {} before, {} of initialisation a call",
                    plural(during.cold_starts, "cold start"),
                    count(before.cold_starts),
                    ms(during.init_ms())
                ),
                Cause::CarriedIn => "calls that began earlier were still in flight".to_owned(),
            };
            format!("{what} ({})", percent(*share))
        })
        .collect();
    told.join(", ")
}

/// One line per sign.
fn signs(evidence: &Evidence) -> Vec<String> {
    let mut lines = Vec::new();
    for sign in Sign::ALL {
        let found: Vec<_> = evidence.signs.iter().filter(|found| found.sign == sign).collect();
        let total = evidence.count(sign);
        if total == 0 {
            continue;
        }
        let what = match sign {
            Sign::Throttled => "Throttled calls",
            Sign::OutOfMemory => "Killed for want of memory",
            Sign::Timeout => "Timed out",
            Sign::Crash => "Crashed",
            Sign::Error => "Error messages",
        };
        let by: Vec<String> = found
            .iter()
            .take(NAMES_SHOWN)
            .map(|found| {
                let to = if found.service.is_empty() {
                    String::new()
                } else {
                    format!(" to {}", found.service)
                };
                format!(
                    "{} by `{}`{to} from {}",
                    count(found.count),
                    found.function,
                    clock(found.first_ms * 1_000)
                )
            })
            .collect();
        let more = if found.len() > NAMES_SHOWN { ", …" } else { "" };
        lines.push(format!("{what}: {} ({}{more}).", count(total), by.join(", ")));
    }
    if evidence.retries > 0 {
        lines.push(format!(
            "Retries: {} of requests that had run before.",
            plural(evidence.retries, "invocation")
        ));
    }
    lines
}

fn functions(spike: &Spike, width: Option<u16>) -> String {
    let columns = [
        ("", Align::Left),
        ("of rise", Align::Right),
        ("rise", Align::Right),
        ("rate", Align::Right),
        ("duration", Align::Right),
        ("cold", Align::Right),
        ("carried", Align::Right),
        ("per second", Align::Right),
        ("mean duration", Align::Right),
        ("at peak", Align::Right),
    ];
    let attribution = &spike.attribution;
    let mut rows: Vec<Vec<String>> = attribution
        .functions
        .iter()
        .take(FUNCTIONS_SHOWN)
        .map(function_row)
        .collect();
    let rest = attribution.functions.get(FUNCTIONS_SHOWN..).unwrap_or_default();
    let sum = |of: fn(&FunctionRise) -> f64, some: &[FunctionRise]| some.iter().map(of).sum::<f64>();
    let mut total = |name: String, some: &[FunctionRise]| {
        rows.push(vec![
            name,
            percent(sum(|found| found.share, some)),
            change(sum(|found| found.rise, some)),
            change(sum(|found| found.parts.rate, some)),
            change(sum(|found| found.parts.duration, some)),
            change(sum(|found| found.parts.cold_start, some)),
            change(sum(|found| found.parts.carried_in, some)),
            String::new(),
            String::new(),
            count(some.iter().map(|found| u64::from(found.at_peak)).sum()),
        ]);
    };
    if !rest.is_empty() {
        total(format!("{} more", rest.len()), rest);
    }
    if attribution.functions.len() > 1 {
        total(
            format!(
                "all: {} → {}",
                amount(attribution.before),
                amount(attribution.during)
            ),
            &attribution.functions,
        );
    }
    table(&columns, &rows, width)
}

fn function_row(found: &FunctionRise) -> Vec<String> {
    let ms = |ms: Option<f64>| ms.map_or_else(|| "–".to_owned(), duration_ms);
    vec![
        found.name.clone(),
        percent(found.share),
        change(found.rise),
        change(found.parts.rate),
        change(found.parts.duration),
        change(found.parts.cold_start),
        change(found.parts.carried_in),
        format!(
            "{} → {}",
            amount(found.before.rate_per_s()),
            amount(found.during.rate_per_s())
        ),
        format!(
            "{} → {}",
            ms(found.before.duration_ms()),
            ms(found.during.duration_ms())
        ),
        count(u64::from(found.at_peak)),
    ]
}
