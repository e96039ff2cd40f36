//! The parts that transformers of every family are made of.
//!
//! A [`Transformer`] is an [`Embedding`], [`Block`]s of one [`Attention`] and one [`Mlp`] each, and a
//! final [`Norm`]. What sets the families apart is which of these parts' choices they take, where
//! they keep them in `config.json`, and what they call their tensors.

mod activation;
mod attention;
mod block;
mod embedding;
mod linear;
mod mlp;
mod norm;
mod pairwise;
mod rotary;
mod sequences;
mod transformer;

pub use activation::Activation;
pub use attention::{Attention, HeadCounts, Heads};
pub use block::{Block, Order};
pub use embedding::Embedding;
pub use linear::{Input, Linear};
pub use mlp::Mlp;
pub use norm::Norm;
pub use rotary::{Angles, Rotary, Stretch};
pub use sequences::Sequences;
pub use transformer::Transformer;
