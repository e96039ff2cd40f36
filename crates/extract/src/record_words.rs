//! Recording the activations of words.

use crate::error::{Error, Result};
use crate::present::Presented;
use crate::reduce::reduce;
use selectron_model::{Network, Recorded, Request, TokenBatch};
use selectron_schema::Site;
use selectron_schema::activations::Block;
use selectron_schema::pipeline::Reduce;
use std::collections::BTreeMap;

/// Tokens of one forward pass: enough for the matrix products to run at full speed, and few enough
/// for their results to stay in the cache.
pub const BATCH_TOKENS: usize = 2048;

/// Bytes of activations held until they are written. Words are computed in order of length but
/// written in order of item, so a whole chunk of items is collected first.
const CHUNK_BYTES: usize = 64 << 20;

/// Smallest chunk: below this, batches by length become too small to be quick.
const CHUNK_MINIMUM: usize = 256;

/// Records all words, a chunk of items at a time, and hands over a block a chunk, site and layer,
/// keyed by item.
///
/// # Errors
/// When the model or the disk refuses.
pub fn record_words(
    network: &Network,
    request: &Request,
    words: &[Presented],
    how: Reduce,
    keep: &mut dyn FnMut(Block) -> Result<()>,
    mut progress: impl FnMut(usize),
) -> Result<()> {
    let width = network.shape().hidden.max(network.shape().neurons);
    let bytes_a_word = request.len() * width * size_of::<f32>();
    let chunk = (CHUNK_BYTES / bytes_a_word.max(1)).max(CHUNK_MINIMUM);
    let mut first_item = 0;
    for words in words.chunks(chunk) {
        let mut collected = Collected {
            rows: words.len(),
            by_place: BTreeMap::new(),
        };
        for batch in batches_by_length(words) {
            record_batch(network, request, words, &batch, how, &mut collected)?;
            progress(batch.len());
        }
        collected.hand_over(first_item, keep)?;
        first_item += words.len();
    }
    Ok(())
}

/// Groups words of equal length, so that no padding is ever needed: a pad on the left would shift
/// learned positions silently.
fn batches_by_length(words: &[Presented]) -> Vec<Vec<usize>> {
    let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, word) in words.iter().enumerate() {
        by_length.entry(word.ids.len()).or_default().push(index);
    }
    by_length
        .into_iter()
        .flat_map(|(length, indices)| {
            let size = (BATCH_TOKENS / length.max(1)).max(1);
            indices
                .chunks(size)
                .map(<[usize]>::to_vec)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn record_batch(
    network: &Network,
    request: &Request,
    words: &[Presented],
    batch: &[usize],
    how: Reduce,
    collected: &mut Collected,
) -> Result<()> {
    let members: Vec<_> = batch
        .iter()
        .filter_map(|index| Some((*index, words.get(*index)?)))
        .collect();
    let sequences: Vec<_> = members
        .iter()
        .map(|(_, word)| word.ids.as_slice())
        .collect();
    let tokens = TokenBatch::new(&sequences)?;
    network.record(&tokens, request, &mut |recorded| {
        let place = collected.place(&recorded);
        for (sequence, (index, word)) in members.iter().enumerate() {
            let own: Vec<_> = word
                .own
                .clone()
                .map(|token| recorded.token(sequence, token))
                .collect();
            let start = index * recorded.width;
            if let Some(out) = place.values.get_mut(start..start + recorded.width) {
                reduce(how, &own, out);
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// The activations of a chunk of items, by layer and site.
struct Collected {
    rows: usize,
    by_place: BTreeMap<(usize, Site), Place>,
}

struct Place {
    width: usize,
    values: Vec<f32>,
}

impl Collected {
    fn place(&mut self, recorded: &Recorded) -> &mut Place {
        let Recorded { width, .. } = *recorded;
        let size = self.rows * width;
        self.by_place
            .entry((recorded.layer, recorded.site))
            .or_insert_with(|| Place {
                width,
                values: vec![0.0; size],
            })
    }

    fn hand_over(self, first_item: usize, keep: &mut dyn FnMut(Block) -> Result<()>) -> Result<()> {
        let number = |row: usize| {
            i32::try_from(first_item + row).map_err(|_| Error::bug("more words than an i32 counts"))
        };
        let items = (0..self.rows).map(number).collect::<Result<Vec<_>>>()?;
        for ((layer, site), Place { width, values }) in self.by_place {
            let keys = vec![items.clone()];
            keep(Block {
                site,
                layer: layer as i32,
                keys,
                width,
                values,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_words_of_one_length_and_lose_none() {
        let lengths = [2, 1, 2, 3, 1, 2];
        let words: Vec<_> = lengths
            .iter()
            .map(|length| Presented {
                ids: vec![0; *length],
                own: 0..1,
            })
            .collect();
        assert_eq!(
            batches_by_length(&words),
            [vec![1, 4], vec![0, 2, 5], vec![3]]
        );
    }
}
