//! Reads Lambda logs from files and streams: containers, compression, REPORT lines, JSON fields.
