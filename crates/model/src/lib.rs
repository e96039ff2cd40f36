//! Transformer language models in burn, read from Hugging Face directories, with a hook at every
//! site of the forward pass.
//!
//! - [`source`] finds a model's files; [`checkpoint`] maps the weights; [`config`] reads `config.json`
//!   and its kin; [`tokenizer`] turns text into ids and tells which characters each token covers.
//! - `spec` says what a model computes, in plain values without tensors.
//! - [`ops`] computes it: one trait of operations, with an implementation by burn and one by the fused
//!   kernels of `host`, which fill the gaps between matrix products on the fast CPU backend.
//! - [`parts`] are made of operations, and `families` holds one file for each model family, which
//!   maps that family's names and configuration onto the parts.
//! - [`network`] is a model with all its parts loaded. Its forward pass shows everything on its way to
//!   a [`hook`]; the [`recorder`] is the one that takes out the sites and layers of a [`request`], and
//!   ends the pass once it has them.
//! - [`device`] is the only place that knows a compute backend by name; [`self_check`] compares a GPU
//!   with the CPU before a run trusts it.
//!
//! A forward pass never computes the language-model head: nothing here predicts words.

pub mod batch;
pub mod checkpoint;
pub mod config;
pub mod device;
pub mod error;
mod families;
pub mod hook;
mod host;
pub mod model;
pub mod network;
pub mod ops;
pub mod parts;
pub mod recorder;
pub mod request;
pub mod self_check;
pub mod source;
pub mod spec;
pub mod tokenizer;

pub use batch::TokenBatch;
pub use error::{Error, Result};
pub use model::Model;
pub use network::Network;
pub use recorder::Recorded;
pub use request::Request;
pub use spec::shape::Shape;
