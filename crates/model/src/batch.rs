//! Sequences of token ids that go through a model together.

use crate::error::{Error, Result};

/// Sequences of token ids that go through the model together.
///
/// A published version of the experiment fed one-dimensional ids, which a framework silently read
/// as a batch of single tokens; what belongs to which sequence is therefore part of the type, and
/// every recorded activation is found by sequence and token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBatch {
    ids: Vec<u32>,
    lengths: Vec<usize>,
}

impl TokenBatch {
    /// Makes a batch of sequences, none of them empty. `Network::batches` says which sequences can
    /// go together.
    ///
    /// # Errors
    /// When there is no sequence, or an empty one.
    pub fn new(sequences: &[&[u32]]) -> Result<Self> {
        if sequences.is_empty() || sequences.iter().any(|sequence| sequence.is_empty()) {
            return Err(Error::bug("a batch needs sequences with tokens".to_owned()));
        }
        Ok(Self {
            ids: sequences.concat(),
            lengths: sequences.iter().map(|sequence| sequence.len()).collect(),
        })
    }

    /// Number of sequences.
    pub fn batch(&self) -> usize {
        self.lengths.len()
    }

    /// The ids of all sequences, one after the other.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Tokens of each sequence.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Tokens of the longest sequence.
    pub fn longest(&self) -> usize {
        self.lengths
            .iter()
            .fold(0, |longest, next| longest.max(*next))
    }

    /// Each sequence's ids.
    pub fn sequences(&self) -> impl Iterator<Item = &[u32]> {
        let mut rest = self.ids.as_slice();
        self.lengths.iter().map(move |length| {
            let (sequence, others) = rest.split_at(*length);
            rest = others;
            sequence
        })
    }

    /// How many tokens all sequences begin with, if each has more.
    pub fn shared(&self) -> usize {
        let first = &self.ids[..self.lengths[0]];
        let mut shared = first.len() - 1;
        for sequence in self.sequences() {
            let alike = sequence.iter().zip(first).take_while(|(a, b)| a == b);
            shared = shared.min(alike.count()).min(sequence.len() - 1);
        }
        shared
    }
}
