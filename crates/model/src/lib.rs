//! Transformer language models in burn, read from Hugging Face directories, with a recorder for
//! the activations at every site.
//!
//! - [`source`] finds a model's files; [`checkpoint`] reads `config.json` and the weights;
//!   [`tokenizer`] turns text into ids and tells which characters each token covers.
//! - [`families`] holds one file a model family, which maps that family's names and configuration
//!   onto the shared [`parts`]; [`parts::Transformer`] is the forward pass of all of them.
//! - `host` holds fused kernels for what lies between the matrix products on the fast CPU backend.
//! - [`recorder`] says which sites and layers are wanted; the forward pass stops once it has them.
//! - [`device`] is the only place that knows a compute backend by name; [`self_check`] holds a GPU
//!   against the CPU before a run trusts it.
//!
//! A forward pass never computes the language-model head: nothing here predicts words.

pub mod checkpoint;
pub mod device;
pub mod error;
pub mod families;
mod host;
pub mod model;
pub mod parts;
pub mod recorder;
pub mod self_check;
pub mod source;
pub mod tokenizer;

pub use error::{Error, Result};
pub use model::{Model, Network, Shape, TokenBatch};
pub use recorder::{Recorded, Request};
