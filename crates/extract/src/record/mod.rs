//! Recording: which sequences go through a model together, and which rows are made of them.
//!
//! Words, words at several positions and windows of a text differ only in the [`chunk::Chunk`] that is made
//! of them; [`batches::record_chunk`] is the same for all.

pub mod batches;
pub mod chunk;
pub mod positions;
mod rows;
pub mod text;
pub mod words;
