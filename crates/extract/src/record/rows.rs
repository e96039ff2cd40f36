//! The rows of a chunk, while its batches are computed.

use super::chunk::Chunk;
use rayon::prelude::*;
use selectron_model::Recorded;
use selectron_run::Place;
use selectron_tables::activations::Block;
use selectron_tables::reduce::reduce;
use std::collections::BTreeMap;

/// The activations of a chunk, as far as they have been recorded.
pub(super) struct Rows<'a> {
    chunk: &'a Chunk,
    /// The first row of each sequence, and past the last one's last.
    starts: Vec<usize>,
    is_every_token: bool,
    values: BTreeMap<Place, Vec<f32>>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(chunk: &'a Chunk) -> Self {
        let mut starts = vec![0];
        let mut next = 0;
        for sequence in &chunk.sequences {
            next += sequence.rows.len();
            starts.push(next);
        }
        Self {
            chunk,
            starts,
            is_every_token: chunk.is_every_token(),
            values: BTreeMap::new(),
        }
    }

    /// Puts the activations of a batch at a place into the rows of its sequences, which `batch` names
    /// in ascending order. After the last batch the rows are complete, and returned.
    pub(super) fn take(
        &mut self,
        recorded: Recorded<'_>,
        batch: &[usize],
        is_last: bool,
    ) -> Option<Block> {
        let (place, width) = (recorded.place(), recorded.width);
        // A batch that is all there is, each of whose tokens is a row, already is the block.
        let is_whole = self.is_every_token && batch.len() == self.chunk.sequences.len();
        let recorded = if is_whole {
            match recorded.into_rows() {
                Ok(values) => return Some(self.block(place, width, values)),
                Err(recorded) => recorded,
            }
        } else {
            recorded
        };
        let earlier = self.values.remove(&place);
        let mut values = earlier.unwrap_or_else(|| vec![0.0; self.chunk.rows() * width]);
        fill(self.chunk, &self.starts, batch, &recorded, &mut values);
        if is_last {
            return Some(self.block(place, width, values));
        }
        self.values.insert(place, values);
        None
    }

    fn block(&self, place: Place, width: usize, values: Vec<f32>) -> Block {
        assert_eq!(values.len(), self.chunk.rows() * width, "{place}");
        Block {
            place,
            keys: self.chunk.keys.clone(),
            width,
            values,
        }
    }
}

/// Reduces the tokens of every row of a batch's sequences into its place among `values`.
fn fill(
    chunk: &Chunk,
    starts: &[usize],
    batch: &[usize],
    recorded: &Recorded<'_>,
    values: &mut [f32],
) {
    let width = recorded.width;
    let mut tasks = Vec::with_capacity(batch.len());
    let mut rest = values;
    let mut passed = 0;
    for (number, index) in batch.iter().enumerate() {
        let (start, end) = (starts[*index], starts[*index + 1]);
        let (_, from_start) = rest.split_at_mut((start - passed) * width);
        let (own, after) = from_start.split_at_mut((end - start) * width);
        tasks.push((number, &chunk.sequences[*index], own));
        (rest, passed) = (after, end);
    }
    tasks.into_par_iter().for_each(|(number, sequence, own)| {
        for (row, out) in sequence.rows.iter().zip(own.chunks_exact_mut(width)) {
            let tokens = row.clone().map(|token| recorded.token(number, token));
            reduce(chunk.reduce, tokens, out);
        }
    });
}
