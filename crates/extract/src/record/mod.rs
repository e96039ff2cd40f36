//! Recording: which sequences go through a model together, and which rows are made of them.
//!
//! Words, words at several positions and windows of a text differ only in the [`Chunk`] that is made
//! of them; [`record_chunk`] is the same for all.

mod batches;
mod chunk;
pub mod positions;
mod rows;
pub mod text;
pub mod words;

pub use batches::{BATCH_TOKENS, record_chunk};
pub use chunk::{Chunk, Keep, Progress, Sequence};
