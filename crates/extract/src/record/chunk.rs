//! What is recorded together.

use selectron_run::error::Result;
use selectron_run::pipeline::Reduce;
use selectron_tables::activations::Block;
use std::ops::Range;

/// Receives the activations of a chunk, a block per place, in forward order.
pub type Keep<'a> = dyn FnMut(Block) -> Result<()> + 'a;

/// Hears how many more sequences have been recorded.
pub type Progress<'a> = dyn FnMut(usize) + 'a;

/// Sequences that are recorded together, and the rows that are made of them: at each place they become
/// one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The key columns of the rows, in order.
    pub keys: Vec<Vec<usize>>,
    /// The sequences, whose rows follow each other.
    pub sequences: Vec<Sequence>,
    /// How the tokens of a row become one value per neuron.
    pub reduce: Reduce,
}

/// A sequence, and the rows that are made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// What the model is given.
    pub ids: Vec<u32>,
    /// The tokens of each row.
    pub rows: Vec<Range<usize>>,
}

impl Chunk {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.sequences
            .iter()
            .map(|sequence| sequence.rows.len())
            .sum()
    }

    /// Whether each token of each sequence is a row of its own, in order.
    pub(super) fn is_every_token(&self) -> bool {
        self.sequences.iter().all(|sequence| {
            let tokens = (0..sequence.ids.len()).map(|token| token..token + 1);
            sequence.rows.iter().cloned().eq(tokens)
        })
    }
}
