//! Canonical text of every node; reading it again gives the same nodes, apart from their places.

mod command;
mod expr;
mod literal;
mod series;
mod source;
mod tables;
