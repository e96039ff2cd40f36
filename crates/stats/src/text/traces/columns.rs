//! Some neurons' activations over all tokens.

use super::in_order::InOrder;
use crate::text::words::TextWords;
use selectron_run::Place;
use selectron_run::error::{Error, Result};
use selectron_run::pipeline::Reduce;
use selectron_tables::activations::{ActivationReader, Block};
use selectron_tables::reduce::reduce;

/// The activations of some neurons of a site and layer over all tokens, one list per neuron.
///
/// # Errors
/// When the table's rows are not the tokens of the text, it lacks a neuron, or it cannot be read.
pub fn columns(
    reader: &ActivationReader,
    words: &TextWords,
    place: Place,
    neurons: &[usize],
) -> Result<Vec<Vec<f32>>> {
    let mut in_order = InOrder::new(words, place);
    let mut columns = vec![Vec::with_capacity(words.tokens.len()); neurons.len()];
    reader.stream(place, |block: Block| {
        in_order.take(&block)?;
        for (neuron, column) in neurons.iter().zip(&mut columns) {
            if *neuron >= block.width {
                let what = format!("{place} has no neuron {neuron}");
                let remedy = "rerun the extract stage for this pipeline";
                return Err(Error::input("text_activations.parquet", what, remedy));
            }
            column.extend(
                block
                    .values
                    .chunks_exact(block.width)
                    .map(|row| row[*neuron]),
            );
        }
        Ok(())
    })?;
    in_order.finish()?;
    Ok(columns)
}

/// A neuron's values over the scored words, from its activations over all tokens.
pub fn words_of(column: &[f32], words: &TextWords, how: Reduce) -> Vec<f32> {
    let value = |word: usize| {
        let tokens = words.tokens_of(word).iter();
        let mut value = [0.0];
        reduce(
            how,
            tokens.map(|token| &column[*token..=*token]),
            &mut value,
        );
        value[0]
    };
    (0..words.len()).map(value).collect()
}
