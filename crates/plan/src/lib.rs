//! Binds an insq query to columns and types, optimises it, and explains it.
