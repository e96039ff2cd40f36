//! Tests of the extract stage as its users see it.

mod recording;
mod scratch;
mod simulated;
