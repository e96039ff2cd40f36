//! Tests of the extract stage as its users see it.

// What serves several tests is no test itself, and the exception for tests does not reach it.
#![allow(clippy::unwrap_used)]
// A single range is meant: the tokens of one row.
#![allow(clippy::single_range_in_vec_init)]

mod recording;
mod scratch;
mod simulated;
