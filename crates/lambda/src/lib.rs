//! Analyses of AWS Lambda logs: ready-made queries and exact concurrency.
