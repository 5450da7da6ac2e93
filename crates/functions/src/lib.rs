//! The one table of scalar and aggregate functions of insq, and their only implementation, over Arrow arrays.
