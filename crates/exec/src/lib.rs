//! Runs insq plans: columnar operators, partial and final states, memory budget, cancellation.
