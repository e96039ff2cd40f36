//! What a family is.

use super::loader::Loader;
use super::settings::Settings;
use crate::config::Config;
use crate::error::Result;
use crate::ops::operations::Norm;
use crate::parts::block::Block;
use crate::parts::embedding::Embedding;

/// A family: how to read its `config.json`, and how to load each part of what that describes.
#[derive(Debug)]
pub(super) struct Family {
    /// What its `config.json` gives as `model_type`.
    pub(super) model_type: &'static str,
    /// What the checkpoints of a language model put before the names of tensors, and those of a bare
    /// model do not.
    pub(super) prefix: &'static str,
    pub(super) settings: fn(&Config) -> Result<Settings>,
    /// From ids to the first stream.
    pub(super) embedding: fn(&Loader<'_>) -> Result<Embedding>,
    /// The block of a layer.
    pub(super) block: fn(&Loader<'_>, usize) -> Result<Block>,
    /// The normalisation of the last block's output; none where blocks end in one.
    pub(super) final_norm: Option<fn(&Loader<'_>) -> Result<Norm>>,
}
