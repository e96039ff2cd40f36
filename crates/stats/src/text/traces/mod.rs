//! The text's activations of one site and layer, from tokens in rows to neurons in rows.
//!
//! The table holds a token's neurons side by side; scoring wants a neuron's words side by side. A
//! layer that fits the bound is transposed in memory as it is read. A larger one is read once and
//! scattered into an unlinked temporary file, block of neurons by block of neurons, and each block
//! is then read back alone: memory stays flat however long the text is.

mod columns;
mod in_order;
mod layer;
mod spill;

pub use columns::{columns, words_of};
pub use layer::{BOUND, Layer, Traces};
