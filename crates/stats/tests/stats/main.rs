//! The stats stage: its numbers compared with outside authorities, definitions and planted truths, and
//! the whole stage on small run directories.

// What serves several tests is no test itself, and the exception for tests does not reach it.
#![allow(clippy::unwrap_used)]

mod common;
mod corrections;
mod effects;
mod nist;
mod other_tests;
mod planted_truth;
mod scipy;
mod stage;
mod symmetries;
mod text_numbers;
mod text_run;
mod text_stage;
