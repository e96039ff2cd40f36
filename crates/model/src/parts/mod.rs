//! The parts that transformers of every family are made of.

mod activation;
mod attention;
mod linear;
mod mlp;
mod norm;

pub use activation::Activation;
pub use attention::{Attention, Heads};
pub use linear::Linear;
pub use mlp::Mlp;
pub use norm::LayerNorm;
