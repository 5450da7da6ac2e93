//! `--html`: an analysis as one page for a browser.

use std::io::Write;
use std::path::Path;

use insq::{Concurrency, ConcurrencyOptions, Overview, Spike, SpikesOptions};
use insq_report::{PAGE_COLUMNS, PageContent, ZOOM_COLUMNS, ZOOM_MARGIN_US, ZOOMS_MAX, page};

use super::analysis::Session;
use super::concurrency::nothing;
use crate::failure::Failure;

/// Peaks that a page tells minute by minute.
const HUNTS: usize = 3;

/// Writes the page of the session's invocations.
pub(super) fn write(session: &Session<'_>, file: &Path) -> Result<(), Failure> {
    let text = match made(session)? {
        Some(text) => text,
        None => format!(
            "<!doctype html>\n<html lang=\"en\"><title>insq</title><p>{}</p></html>\n",
            nothing(session)
        ),
    };
    let mut output = session.open_file(file)?;
    let written = output.write_all(text.as_bytes()).and_then(|()| output.complete());
    written.map_err(|cause| Failure::Output {
        file: Some(file.to_owned()),
        cause: cause.into(),
    })
}

fn made(session: &Session<'_>) -> Result<Option<String>, Failure> {
    let (engine, load) = (&session.engine, &session.read.load);
    let span = load.span_us().map(|(first, last)| first..last);
    let Some(window) = session.window_us().or(span) else {
        return Ok(None);
    };
    let options = ConcurrencyOptions {
        window_us: session.window_us(),
        quotas: session.quotas.clone(),
        ..ConcurrencyOptions::default()
    };
    let mut overview = Overview::new(window, PAGE_COLUMNS, options.bin_ms);
    let Some(concurrency) = engine.concurrency(load, &options, |slice| overview.add(slice)) else {
        return Ok(None);
    };
    let spikes = engine.spikes(
        load,
        &SpikesOptions {
            window_us: session.window_us(),
            quotas: session.quotas.clone(),
            ..SpikesOptions::default()
        },
        |_| {},
    );
    let evidence = session.evidence(&spikes)?;
    let zooms = zooms(session, &concurrency, &spikes);
    let hunts = engine.hunt(load, session.window_us(), HUNTS);
    Ok(Some(page(&PageContent {
        load,
        concurrency: &concurrency,
        overview: &overview,
        spikes: &spikes,
        zooms: &zooms,
        evidence: &evidence,
        hunts: &hunts,
    })))
}

/// Pictures of the highest spikes, in the order of time.
fn zooms(session: &Session<'_>, concurrency: &Concurrency, spikes: &[Spike]) -> Vec<(usize, Overview)> {
    let mut order: Vec<usize> = (0..spikes.len()).collect();
    order.sort_by_key(|idx| std::cmp::Reverse(spikes[*idx].peak));
    order.truncate(ZOOMS_MAX);
    order.sort_unstable();
    let zoom = |idx: usize| {
        let (spike, window) = (&spikes[idx], &concurrency.window_us);
        let from = (spike.onset_us - ZOOM_MARGIN_US).max(window.start);
        let shown = from..(spike.end_us + ZOOM_MARGIN_US).min(window.end);
        let options = ConcurrencyOptions {
            window_us: Some(shown.clone()),
            ..ConcurrencyOptions::default()
        };
        let mut overview = Overview::new(shown, ZOOM_COLUMNS, options.bin_ms);
        session
            .engine
            .concurrency(&session.read.load, &options, |slice| overview.add(slice));
        (idx, overview)
    };
    order.into_iter().map(zoom).collect()
}
