//! The large tables: activations of words and of a text's tokens.
//!
//! A row holds one item (a word, or a token) at one site and layer, with the values of all its
//! neurons as a fixed-size list of `f32`. A row group holds one site and layer only, so that a
//! reader takes a layer at a time. Where the recorded sites differ in width the list is of variable
//! size, since one column has one size.

mod block;
mod decode;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use crate::packing::Packing;
pub use block::{Block, Subject};
pub use reader::ActivationReader;
pub use writer::{ActivationWriter, ShownWriter};
