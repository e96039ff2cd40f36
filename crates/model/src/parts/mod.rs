//! The parts that transformers of every family are made of.
//!
//! A [`Transformer`](transformer::Transformer) is an [`Embedding`](embedding::Embedding),
//! [`Block`](block::Block)s of one [`Attention`](attention::Attention) and one [`Mlp`](mlp::Mlp) each,
//! and a final normalisation. What sets the families apart is which of these parts' choices they
//! take, where they keep them in `config.json`, and what they call their tensors.
//!
//! What parts compute they leave to the operations of [`crate::ops`], and to everything that they
//! pass on the way they show a [`Hook`](crate::hook::Hook).

pub mod attention;
pub mod block;
pub mod embedding;
pub mod mlp;
pub mod pass;
pub mod sublayer;
pub mod transformer;
