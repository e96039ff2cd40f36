//! The small tables of a run directory: a struct per table, a field per column.
//!
//! Their names and columns are a contract: other programs read them.

mod extract;
mod located;
mod stats;
#[cfg(test)]
mod tests;
mod text;

pub use extract::*;
pub use located::{OfNeuron, OfPlace};
pub use stats::*;
pub use text::*;
