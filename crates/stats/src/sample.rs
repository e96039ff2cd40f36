//! The activations of one site and layer, neuron by neuron, in the order of the design.

use crate::design::Design;
use rayon::slice::ParallelSlice;
use selectron_run::Place;
use selectron_run::error::{Error, Result};
use selectron_tables::activations::Block;
use std::collections::BTreeMap;

/// One site and layer of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The site and layer.
    pub place: Place,
    words: usize,
    /// Neurons x words.
    values: Vec<f64>,
}

impl Sample {
    /// Brings a block's rows into the order of the design's words.
    ///
    /// # Errors
    /// When the block has not exactly one row for each word.
    pub fn new(design: &Design, block: &Block) -> Result<Self> {
        let place = block.place;
        let mismatch = |what: String| {
            Error::input(
                format_args!("activations.parquet, {place}"),
                what,
                "rerun the extract stage, which writes it together with words.parquet",
            )
        };
        let mut row_of: BTreeMap<usize, usize> = BTreeMap::new();
        for (row, item) in block.keys[0].iter().enumerate() {
            if row_of.insert(*item, row).is_some() {
                return Err(mismatch(format!("the item {item} has two rows")));
            }
        }
        let mut rows = Vec::with_capacity(design.words.len());
        for word in &design.words {
            match row_of.remove(&word.item) {
                Some(row) => rows.push(block.row(row)),
                None => {
                    return Err(mismatch(format!(
                        "the word `{}` (item {}) has no row",
                        word.word, word.item
                    )));
                }
            }
        }
        if let Some(item) = row_of.keys().next() {
            return Err(mismatch(format!("the item {item} is not in words.parquet")));
        }
        let mut values = Vec::with_capacity(rows.len() * block.width);
        for neuron in 0..block.width {
            values.extend(rows.iter().map(|row| f64::from(row[neuron])));
        }
        Ok(Self {
            place,
            words: rows.len(),
            values,
        })
    }

    /// Number of neurons.
    pub fn neurons(&self) -> usize {
        self.values.len() / self.words
    }

    /// Each neuron's activations, word by word.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.words)
    }

    /// The same, for working on them side by side.
    pub fn par_rows(&self) -> rayon::slice::ChunksExact<'_, f64> {
        self.values.par_chunks_exact(self.words)
    }

    /// One neuron's activations.
    ///
    /// # Panics
    /// When there is no such neuron.
    pub fn neuron(&self, neuron: usize) -> &[f64] {
        &self.values[neuron * self.words..(neuron + 1) * self.words]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::tests::{pipeline, word};
    use selectron_run::Site;

    fn design() -> Design {
        let rows = vec![word(0, "b", None), word(1, "a", None), word(2, "b", None)];
        Design::new(&pipeline(&["a", "b"]), rows).unwrap()
    }

    fn block(items: Vec<usize>) -> Block {
        let values = items
            .iter()
            .flat_map(|item| [*item as f32, 10.0 + *item as f32])
            .collect();
        Block {
            place: Place::new(Site::MlpPre, 2),
            keys: vec![items],
            width: 2,
            values,
        }
    }

    #[test]
    fn rows_follow_the_design() {
        let sample = Sample::new(&design(), &block(vec![2, 1, 0])).unwrap();
        assert_eq!(sample.neurons(), 2);
        assert_eq!(sample.neuron(0), [1.0, 0.0, 2.0]);
        assert_eq!(sample.neuron(1), [11.0, 10.0, 12.0]);
        assert_eq!(sample.rows().count(), 2);
    }

    #[test]
    fn words_and_activations_must_match() {
        let message = |items| {
            Sample::new(&design(), &block(items))
                .unwrap_err()
                .to_string()
        };
        let messages = [
            message(vec![0, 1]),
            message(vec![0, 1, 2, 2]),
            message(vec![0, 1, 2, 3]),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }
}
