//! Writes the page about made invocations, or about the logs of a folder: `page OUT.html [PATH [QUOTA]]`.

mod made;

use std::error::Error;

use insq::{
    Concurrency, ConcurrencyOptions, Engine, Load, LoadOptions, Overview, Quotas, RunControl, Spike,
    SpikesOptions,
};
use insq_report::{PAGE_COLUMNS, PageContent, ZOOM_COLUMNS, ZOOM_MARGIN_US, ZOOMS_MAX, page};

/// Peaks told minute by minute.
const HUNTS: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("page OUT.html [PATH [QUOTA]]")?;
    let path = args.next();
    let quota = args.next().map_or(Ok(1_000), |quota| quota.parse())?;
    let (engine, load) = match path {
        Some(path) => {
            let engine = Engine::builder().path(path).build()?;
            let read = engine.load(&LoadOptions::default(), &RunControl::default())?;
            (engine, read.load)
        }
        None => {
            let nothing = std::io::Cursor::new(Vec::new());
            (
                Engine::builder().reader("nothing", nothing).build()?,
                made::load(),
            )
        }
    };
    std::fs::write(out, text(&engine, &load, Quotas::new(quota, Vec::new())?)?)?;
    Ok(())
}

fn text(engine: &Engine, load: &Load, quotas: Quotas) -> Result<String, Box<dyn Error>> {
    let (first, last) = load.span_us().ok_or("no invocations")?;
    let options = ConcurrencyOptions {
        quotas: quotas.clone(),
        ..ConcurrencyOptions::default()
    };
    let mut overview = Overview::new(first..last, PAGE_COLUMNS, options.bin_ms);
    let found = engine.concurrency(load, &options, |slice| overview.add(slice));
    let concurrency = found.ok_or("no invocations")?;
    let spikes = engine.spikes(
        load,
        &SpikesOptions {
            quotas,
            ..SpikesOptions::default()
        },
        |_| {},
    );
    let zooms: Vec<(usize, Overview)> = spikes
        .iter()
        .take(ZOOMS_MAX)
        .enumerate()
        .map(|(idx, spike)| (idx, zoom(engine, load, &concurrency, spike)))
        .collect();
    Ok(page(&PageContent {
        load,
        concurrency: &concurrency,
        overview: &overview,
        spikes: &spikes,
        zooms: &zooms,
        evidence: &[],
        hunts: &engine.hunt(load, None, HUNTS),
    }))
}

/// A spike second by second.
fn zoom(engine: &Engine, load: &Load, found: &Concurrency, spike: &Spike) -> Overview {
    let from = (spike.onset_us - ZOOM_MARGIN_US).max(found.window_us.start);
    let shown = from..(spike.end_us + ZOOM_MARGIN_US).min(found.window_us.end);
    let options = ConcurrencyOptions {
        window_us: Some(shown.clone()),
        ..ConcurrencyOptions::default()
    };
    let mut overview = Overview::new(shown, ZOOM_COLUMNS, options.bin_ms);
    engine.concurrency(load, &options, |slice| overview.add(slice));
    overview
}
