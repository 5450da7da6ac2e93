//! Concurrency, spikes and hunts for people: sentences first, then tables and charts, all in UTC.
//!
//! Names of functions come from logs; nothing here makes them safe for a terminal, which is the business of whoever
//! writes there.

mod chart;
mod concurrency;
mod hunt;
mod page;
mod spikes;
mod table;
mod words;

pub use chart::chart_columns;
pub use concurrency::concurrency_report;
pub use hunt::hunt_report;
pub use page::{PAGE_COLUMNS, PageContent, ZOOM_COLUMNS, ZOOM_MARGIN_US, ZOOMS_MAX, page};
pub use spikes::SpikesReport;
