//! From REPORT events to a load.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::slice::{Call, Slice};
use super::{Environment, FunctionId, FunctionLoad, LeftOut, Load};
use crate::time::{BUSY_MAX_MS, MS_US, SLICE_US, TICK_US, TIME_MAX_MS};

/// What a REPORT event tells about an invocation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report<'a> {
    /// Name of the function.
    pub function: &'a str,
    /// Name of the log stream, which only one environment writes; `None` where the log does not tell it.
    pub stream: Option<&'a str>,
    /// Time of the event, which is the end of the invocation; milliseconds since the epoch.
    pub end_ms: Option<i64>,
    /// Duration, milliseconds, without initialisation or restore.
    pub duration_ms: Option<f64>,
    /// Initialisation or restore, milliseconds, of the first invocation of an environment.
    pub init_ms: Option<f64>,
}

/// Takes REPORT events in any order; one per thread, then merged.
///
/// # Examples
/// ```
/// use insq_lambda::{LoadRecorder, Report};
///
/// let mut recorder = LoadRecorder::default();
/// recorder.record(&Report {
///     function: "orders",
///     stream: None,
///     end_ms: Some(10_000),
///     duration_ms: Some(250.5),
///     init_ms: None,
/// });
/// let load = recorder.finish();
/// assert_eq!((load.calls(), load.span_us()), (1, Some((9_749_500, 10_000_000))));
/// ```
#[derive(Debug, Default)]
pub struct LoadRecorder {
    functions: Interner,
    loads: Vec<Vec<Slice>>,
    /// Index of the slice that the last call of each function went into.
    cursors: Vec<usize>,
    /// Named by function and stream.
    streams: Interner,
    environments: Vec<Environment>,
    left_out: LeftOut,
    first_report_ms: Option<i64>,
    last_report_ms: Option<i64>,
    /// Scratch for the names of streams.
    key: String,
    last: Option<(u32, u32)>,
}

/// Whose events they are: a function and, where it is known, a log stream. Of one recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportSource {
    function: u32,
    environment: Option<u32>,
}

impl LoadRecorder {
    /// Adds an invocation, or counts it among those left out.
    pub fn record(&mut self, report: &Report<'_>) {
        let source = self.source(report.function, report.stream);
        self.record_of(source, report.end_ms, report.duration_ms, report.init_ms);
    }

    /// The source of events, for [`LoadRecorder::record_of`]: whoever knows that many events are of one needs to look it
    /// up once.
    pub fn source(&mut self, function: &str, stream: Option<&str>) -> ReportSource {
        let function = self.function(function);
        ReportSource {
            function,
            environment: stream.map(|stream| self.environment(function, stream)),
        }
    }

    /// The same as [`LoadRecorder::record`], of a source of this recorder.
    pub fn record_of(
        &mut self,
        source: ReportSource,
        end_ms: Option<i64>,
        duration_ms: Option<f64>,
        init_ms: Option<f64>,
    ) {
        let Some((number, call, init)) = self.interval(end_ms, duration_ms, init_ms) else {
            return;
        };
        self.slice(source.function, number).push(call, init);
        if let Some(environment) = source.environment {
            let start_us = number * SLICE_US + i64::from(call.start) * TICK_US;
            let end_us = start_us + i64::from(call.busy) * TICK_US;
            self.environments[environment as usize].add(start_us, end_us);
        }
    }

    /// Bytes that the recorder holds.
    pub fn memory_bytes(&self) -> usize {
        let slices = self.loads.iter().flatten();
        let calls: usize = slices.map(Slice::memory_bytes).sum();
        calls
            + self.functions.memory_bytes()
            + self.streams.memory_bytes()
            + self.environments.capacity() * size_of::<Environment>()
    }

    /// Takes over what another thread recorded.
    pub fn merge(&mut self, other: Self) {
        for (name, slices) in other.functions.names.iter().zip(other.loads) {
            let function = self.function(name);
            for slice in slices {
                let into = self.slice(function, slice.number);
                if into.calls.is_empty() {
                    *into = slice;
                } else {
                    into.append(slice);
                }
            }
        }
        for (key, environment) in other.streams.names.iter().zip(&other.environments) {
            let stream = key.split_once(SEPARATOR).map_or("", |(_, stream)| stream);
            let name = other.functions.name(environment.function.0);
            let function = self.function(name);
            let id = self.environment(function, stream);
            self.environments[id as usize].merge(environment);
        }
        self.left_out.add(other.left_out);
        self.first_report_ms = [self.first_report_ms, other.first_report_ms]
            .into_iter()
            .flatten()
            .min();
        self.last_report_ms = self.last_report_ms.max(other.last_report_ms);
    }

    /// All that was recorded. Functions are in the order of the alphabet; those of which nothing could be used are none.
    pub fn finish(self) -> Load {
        let mut named: Vec<(String, u32, Vec<Slice>)> = self
            .functions
            .names
            .into_iter()
            .zip(0..)
            .zip(self.loads)
            .map(|((name, number), slices)| (name, number, slices))
            .filter(|(_, _, slices)| !slices.is_empty())
            .collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        let mut place = vec![0; self.cursors.len()];
        for (new, (_, old, _)) in named.iter().enumerate() {
            place[*old as usize] = new as u32;
        }
        let functions: Vec<FunctionLoad> = named
            .into_iter()
            .map(|(name, _, slices)| FunctionLoad { name, slices })
            .collect();
        let mut environments = self.environments;
        environments.retain(|environment| environment.calls > 0);
        for environment in &mut environments {
            environment.function = FunctionId(place[environment.function.index()]);
        }
        let slices = || functions.iter().flat_map(|function| &function.slices);
        let first = slices().map(Slice::first_start_us).min();
        let last = slices().map(Slice::last_end_us).max();
        let reports = self.first_report_ms.zip(self.last_report_ms);
        Load {
            span_us: first.zip(last),
            reports_us: reports.map(|(first, last)| (first * MS_US, last * MS_US)),
            functions,
            environments,
            left_out: self.left_out,
        }
    }

    /// The slice of the invocation, the call in its ticks, and its initialisation.
    #[inline]
    fn interval(
        &mut self,
        end_ms: Option<i64>,
        duration_ms: Option<f64>,
        init_ms: Option<f64>,
    ) -> Option<(i64, Call, Option<u32>)> {
        let Some(end_ms) = end_ms.filter(|ms| ms.abs() <= TIME_MAX_MS) else {
            self.left_out.without_time += 1;
            return None;
        };
        let Some(duration_ms) = duration_ms.filter(|ms| ms.is_finite()) else {
            self.left_out.without_duration += 1;
            return None;
        };
        let init_ms = init_ms.filter(|ms| ms.is_finite());
        if duration_ms < 0.0 || init_ms.is_some_and(|ms| ms < 0.0) {
            self.left_out.negative += 1;
            return None;
        }
        let busy_ms = duration_ms + init_ms.unwrap_or(0.0);
        if busy_ms > BUSY_MAX_MS {
            self.left_out.too_long += 1;
            return None;
        }
        self.first_report_ms = Some(self.first_report_ms.map_or(end_ms, |first| first.min(end_ms)));
        self.last_report_ms = self.last_report_ms.max(Some(end_ms));
        let busy = ticks(busy_ms);
        let start_us = end_ms * MS_US - i64::from(busy) * TICK_US;
        let number = start_us.div_euclid(SLICE_US);
        let start = ((start_us - number * SLICE_US) / TICK_US) as u32;
        Some((
            number,
            Call { start, busy },
            init_ms.map(|ms| ticks(ms).min(busy)),
        ))
    }

    fn function(&mut self, name: &str) -> u32 {
        let (function, is_new) = self.functions.intern(name);
        if is_new {
            self.loads.push(Vec::new());
            self.cursors.push(0);
        }
        function
    }

    /// The slice of a function; calls of one file come in the order of time, so it is mostly the one of the last call.
    fn slice(&mut self, function: u32, number: i64) -> &mut Slice {
        let slices = &mut self.loads[function as usize];
        let cursor = &mut self.cursors[function as usize];
        if slices.get(*cursor).is_none_or(|slice| slice.number != number) {
            *cursor = match slices.binary_search_by_key(&number, |slice| slice.number) {
                Ok(found) => found,
                Err(place) => {
                    slices.insert(place, Slice::new(number));
                    place
                }
            };
        }
        &mut slices[*cursor]
    }

    fn environment(&mut self, function: u32, stream: &str) -> u32 {
        // Consecutive events are mostly of one stream.
        if let Some((last_function, last_stream)) = self.last
            && last_function == function
            && self
                .streams
                .name(last_stream)
                .split_once(SEPARATOR)
                .map(|(_, name)| name)
                == Some(stream)
        {
            return last_stream;
        }
        self.key.clear();
        self.key.push_str(self.functions.name(function));
        self.key.push(SEPARATOR);
        self.key.push_str(stream);
        let (id, is_new) = self.streams.intern(&self.key);
        if is_new {
            self.environments.push(Environment::new(FunctionId(function)));
        }
        self.last = Some((function, id));
        id
    }
}

/// Between the names of function and stream; neither can hold it.
const SEPARATOR: char = '\0';

/// Whole ticks of a length of time that is not negative and at most [`BUSY_MAX_MS`], the nearest.
#[inline]
fn ticks(ms: f64) -> u32 {
    const MS_TICKS: f64 = MS_US as f64 / TICK_US as f64;
    (ms * MS_TICKS + 0.5) as u32
}

/// Names, each kept once, numbered as they come.
#[derive(Debug, Default)]
struct Interner {
    names: Vec<String>,
    numbers: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    last: u32,
    name_bytes: usize,
}

impl Interner {
    /// The number of `name`, and whether it is new.
    fn intern(&mut self, name: &str) -> (u32, bool) {
        if self
            .names
            .get(self.last as usize)
            .is_some_and(|last| last == name)
        {
            return (self.last, false);
        }
        let hash = self.hasher.hash_one(name);
        let names = &self.names;
        if let Some(&found) = self.numbers.find(hash, |&idx| names[idx as usize] == name) {
            self.last = found;
            return (found, false);
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.name_bytes += name.len();
        let (names, hasher) = (&self.names, &self.hasher);
        self.numbers
            .insert_unique(hash, number, |&idx| hasher.hash_one(&names[idx as usize]));
        self.last = number;
        (number, true)
    }

    fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }

    fn memory_bytes(&self) -> usize {
        self.name_bytes
            + self.names.capacity() * size_of::<String>()
            + self.numbers.capacity() * size_of::<u32>() * 2
    }
}
