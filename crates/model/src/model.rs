//! A loaded model: its network and its tokenizer.

use crate::checkpoint::Checkpoint;
use crate::device::compute::Compute;
use crate::error::Result;
use crate::network::Network;
use crate::tokenizer::Tokenizer;

/// A network and its tokenizer.
#[derive(Debug)]
pub struct Model {
    /// The weights, ready to record.
    pub network: Network,
    /// The tokenizer.
    pub tokenizer: Tokenizer,
}

impl Model {
    /// Loads weights and tokenizer.
    ///
    /// # Errors
    /// When a file of the checkpoint is missing or not right.
    pub fn load(checkpoint: &Checkpoint, compute: Compute) -> Result<Self> {
        // The tokenizer is the quicker of the two to be wrong.
        let tokenizer = checkpoint.tokenizer()?;
        Ok(Self {
            network: Network::load(checkpoint, compute)?,
            tokenizer,
        })
    }
}
