//! Development only: seeded log generator, golden-case runner and reference interpreter for insq.
