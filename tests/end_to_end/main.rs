//! Whole runs of the real binaries.
#![allow(clippy::unwrap_used)] // A test that cannot go on says so and stops.
#![allow(clippy::semicolon_if_nothing_returned)] // One-line closures read better without.

mod bad_input;
mod browser;
mod bundled_model;
#[cfg(unix)]
mod faults;
mod house;
mod large_text;
mod stimuli;
mod transformers;
mod up_to_date;
