//! Results to tables, CSV, JSON and Markdown; the only door to a terminal.
