//! The stage over small run directories, written through the same tables that other stages write.

#![allow(
    clippy::unwrap_used,
    reason = "clippy knows test functions, not their helpers"
)]

mod fixture;
mod hostile;
mod in_text;
mod shapes;
mod stage;
mod trust;
