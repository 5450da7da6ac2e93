//! Spikes of the inputs, with what the messages of the log tell about their time.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, RecordBatch, StringViewArray, TimestampMillisecondArray};
use insq_event::{EventKinds, Literals, MemoryBudget, RunContext, SystemField, TimeRange};
use insq_lambda::{
    EVIDENCE_AFTER_US, Evidence, Hunt, Load, RETRY_WINDOW_US, SIGN_TEXTS, SliceSweep, Spike, SpikesOptions,
    hunt, sign_of, spikes,
};

use super::read::{UNKNOWN_FUNCTION, misfit, request, scan, text};
use crate::engine::Engine;
use crate::error::Error;
use crate::options::RunControl;

const US_PER_MS: i64 = 1_000;

/// Messages are searched for signs up to here; what a runtime writes of trouble stands at the beginning.
const SEARCHED_BYTES: usize = 16 << 10;

impl Engine {
    /// The spikes of a load, found and explained on the threads of the engine; `visit` sees hour after hour, in the order
    /// of time.
    pub fn spikes(&self, load: &Load, options: &SpikesOptions, visit: impl FnMut(&SliceSweep)) -> Vec<Spike> {
        spikes(load, options, Some(self.pool()), visit)
    }

    /// The `top` highest peaks of a load, and what every function did in the minutes around them.
    pub fn hunt(&self, load: &Load, window_us: Option<Range<i64>>, top: usize) -> Vec<Hunt> {
        hunt(load, window_us, top, Some(self.pool()))
    }

    /// What the log tells of the time of every one of `spikes`: throttled calls, errors, timeouts, kills for want of
    /// memory, and retries. Reads the inputs once or twice more, only the time around the spikes where it can.
    ///
    /// # Errors
    /// [`Error::Run`] or [`Error::Input`], also for inputs that can be read only once.
    ///
    /// # Examples
    /// ```
    /// use insq::{Engine, LoadOptions, RunControl, SpikesOptions};
    ///
    /// let log = "2026-03-04T00:00:00.131Z REPORT RequestId: 0b9d\tDuration: 7.31 ms\tBilled Duration: 8 ms\t\n";
    /// let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("a.log"), log)?;
    /// let engine = Engine::builder().path(folder.path()).build()?;
    /// let read = engine.load(&LoadOptions::default(), &RunControl::default())?;
    /// let found = engine.spikes(&read.load, &SpikesOptions::default(), |_| {});
    /// assert_eq!(engine.evidence(&found, &RunControl::default())?.len(), found.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evidence(&self, spikes: &[Spike], control: &RunControl) -> Result<Vec<Evidence>, Error> {
        if spikes.is_empty() {
            return Ok(Vec::new());
        }
        let mut run = RunContext::new(MemoryBudget::new(self.memory_limit_bytes()));
        run.cancellation = control.cancellation.clone();
        run.progress = control.progress.clone();
        let windows: Vec<Range<i64>> = spikes
            .iter()
            .map(|spike| spike.onset_us / US_PER_MS..(spike.end_us + EVIDENCE_AFTER_US) / US_PER_MS)
            .collect();
        let mut all = vec![Evidence::default(); spikes.len()];
        for part in self.signs(&windows, &run)? {
            for (evidence, found) in all.iter_mut().zip(&part) {
                evidence.merge(found);
            }
        }
        for (evidence, retries) in all.iter_mut().zip(self.retries(&windows, &run)?) {
            evidence.retries = retries;
            evidence.sort();
        }
        Ok(all)
    }

    fn signs(&self, windows: &[Range<i64>], run: &RunContext) -> Result<Vec<Vec<Evidence>>, Error> {
        const FIELDS: [SystemField; 4] = [
            SystemField::Timestamp,
            SystemField::Function,
            SystemField::Log,
            SystemField::Message,
        ];
        let mut request = request(&FIELDS, EventKinds::ALL, hull(windows, 0));
        request.literals.push(Literals::texts(
            SIGN_TEXTS
                .iter()
                .flat_map(|texts| texts.iter().map(|text| (*text).into())),
        ));
        scan(self, request, run, || {
            let mut found = vec![Evidence::default(); windows.len()];
            move |batch: Option<&RecordBatch>| match batch {
                Some(batch) => {
                    let columns = Messages::of(batch).ok_or_else(|| misfit(batch))?;
                    columns.add_to(&mut found, windows);
                    Ok(None)
                }
                None => Ok(Some(std::mem::take(&mut found))),
            }
        })
    }

    /// For every window, the REPORT events of it whose request has one shortly before.
    fn retries(&self, windows: &[Range<i64>], run: &RunContext) -> Result<Vec<u64>, Error> {
        const FIELDS: [SystemField; 2] = [SystemField::Timestamp, SystemField::RequestId];
        let before_ms = RETRY_WINDOW_US / US_PER_MS;
        let request = request(&FIELDS, EventKinds::REPORT, hull(windows, before_ms));
        let wanted: Vec<Range<i64>> = windows
            .iter()
            .map(|window| window.start - before_ms..window.end)
            .collect();
        let parts = scan(self, request, run, || {
            let mut seen: Vec<(i64, u64)> = Vec::new();
            let mut memory = run.memory.reservation("retries");
            let wanted = &wanted;
            move |batch: Option<&RecordBatch>| match batch {
                Some(batch) => {
                    let columns = Requests::of(batch).ok_or_else(|| misfit(batch))?;
                    columns.add_to(&mut seen, wanted);
                    let bytes = seen.capacity() * size_of::<(i64, u64)>();
                    memory.resize(bytes).map_err(insq_exec::ExecError::from)?;
                    Ok(None)
                }
                None => Ok(Some(std::mem::take(&mut seen))),
            }
        })?;
        let mut requests: Vec<(i64, u64)> = parts.into_iter().flatten().collect();
        requests.sort_unstable();
        Ok(windows
            .iter()
            .map(|window| repeated(&requests, window, before_ms))
            .collect())
    }
}

/// Requests of `window` that are also among those before.
fn repeated(requests: &[(i64, u64)], window: &Range<i64>, before_ms: i64) -> u64 {
    let since = |ms: i64| requests.partition_point(|(time_ms, _)| *time_ms < ms);
    let inside = &requests[since(window.start)..since(window.end)];
    let mut known: HashSet<u64> = requests[since(window.start - before_ms)..since(window.start)]
        .iter()
        .map(|(_, id)| *id)
        .collect();
    // One that comes twice in the window itself is a retry the second time.
    inside.iter().filter(|(_, id)| !known.insert(*id)).count() as u64
}

/// The time from the first to the last of `windows`, and `before_ms` before.
fn hull(windows: &[Range<i64>], before_ms: i64) -> TimeRange {
    let start = windows.iter().map(|window| window.start).min();
    TimeRange {
        start_ms: start.map(|ms| ms - before_ms),
        end_ms: windows.iter().map(|window| window.end).max(),
    }
}

struct Messages<'a> {
    time: &'a TimestampMillisecondArray,
    function: &'a StringViewArray,
    log: &'a StringViewArray,
    message: &'a StringViewArray,
}

impl<'a> Messages<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let [time, function, log, message] = batch.columns() else {
            return None;
        };
        Some(Self {
            time: time.as_primitive_opt::<TimestampMillisecondType>()?,
            function: function.as_string_view_opt()?,
            log: log.as_string_view_opt()?,
            message: message.as_string_view_opt()?,
        })
    }

    fn add_to(&self, found: &mut [Evidence], windows: &[Range<i64>]) {
        for row in (0..self.time.len()).filter(|row| self.time.is_valid(*row)) {
            let time_ms = self.time.value(row);
            if !windows.iter().any(|window| window.contains(&time_ms)) {
                continue;
            }
            let Some((sign, service)) =
                text(self.message, row).and_then(|message| sign_of(beginning(message)))
            else {
                continue;
            };
            let function = text(self.function, row).or_else(|| text(self.log, row));
            for (evidence, window) in found.iter_mut().zip(windows) {
                if window.contains(&time_ms) {
                    evidence.add(sign, service, function.unwrap_or(UNKNOWN_FUNCTION), time_ms);
                }
            }
        }
    }
}

/// The part of a message that is searched.
fn beginning(message: &str) -> &str {
    &message[..message.floor_char_boundary(SEARCHED_BYTES)]
}

struct Requests<'a> {
    time: &'a TimestampMillisecondArray,
    request: &'a StringViewArray,
}

impl<'a> Requests<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let [time, request] = batch.columns() else {
            return None;
        };
        Some(Self {
            time: time.as_primitive_opt::<TimestampMillisecondType>()?,
            request: request.as_string_view_opt()?,
        })
    }

    fn add_to(&self, seen: &mut Vec<(i64, u64)>, wanted: &[Range<i64>]) {
        // The same key in every thread: what one has seen is compared with what the others have.
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        for row in (0..self.time.len()).filter(|row| self.time.is_valid(*row)) {
            let time_ms = self.time.value(row);
            if let Some(request) = text(self.request, row)
                && wanted.iter().any(|window| window.contains(&time_ms))
            {
                seen.push((time_ms, hasher.hash_one(request)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_are_requests_that_came_before() {
        let requests = [(0, 1), (500, 2), (1_000, 1), (1_100, 3), (1_200, 3), (5_000, 2)];
        assert_eq!(repeated(&requests, &(1_000..2_000), 1_000), 2);
        assert_eq!(repeated(&requests, &(5_000..6_000), 1_000), 0);
        assert_eq!(repeated(&[], &(0..1), 1_000), 0);
    }
}
