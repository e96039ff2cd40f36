//! Recording the activations of words.

use crate::error::Result;
use crate::int;
use crate::present::Presented;
use rayon::prelude::*;
use selectron_model::{Network, Request, TokenBatch};
use selectron_run::Site;
use selectron_tables::activations::Block;
use selectron_run::pipeline::Reduce;
use std::collections::BTreeMap;

/// Tokens of one forward pass: enough for the matrix products to run at full speed, and few enough
/// for their results to stay in the cache.
pub const BATCH_TOKENS: usize = 2048;

/// Bytes of activations held until they are written: a whole chunk of items is collected first, so
/// that a row group holds one site and layer.
const CHUNK_BYTES: usize = 160 << 20;

/// Smallest chunk: below this, batches become too small to be quick.
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
    let most = (CHUNK_BYTES / bytes_a_word.max(1)).max(CHUNK_MINIMUM);
    // Chunks of equal size, so that none is too small to be quick.
    let chunk = words
        .len()
        .div_ceil(words.len().div_ceil(most).max(1))
        .max(1);
    let mut first_item = 0;
    for words in words.chunks(chunk) {
        let mut collected = Collected {
            rows: words.len(),
            by_place: BTreeMap::new(),
        };
        let lengths: Vec<_> = words.iter().map(|word| word.ids.len()).collect();
        for batch in network.batches(&lengths, BATCH_TOKENS) {
            record_batch(network, request, words, &batch, how, &mut collected)?;
            progress(batch.len());
        }
        collected.hand_over(first_item, keep)?;
        first_item += words.len();
    }
    Ok(())
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
        let width = recorded.width;
        let place = collected.place(recorded.site, recorded.layer, width);
        let mut rows: Vec<_> = place.values.chunks_mut(width.max(1)).map(Some).collect();
        let tasks: Vec<_> = members
            .iter()
            .enumerate()
            .filter_map(|(sequence, (index, word))| {
                Some((sequence, *word, rows.get_mut(*index)?.take()?))
            })
            .collect();
        tasks.into_par_iter().for_each(|(sequence, word, out)| {
            let own = word.own.clone();
            how.apply(own.map(|token| recorded.token(sequence, token)), out);
        });
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
    fn place(&mut self, site: Site, layer: usize, width: usize) -> &mut Place {
        let size = self.rows * width;
        self.by_place.entry((layer, site)).or_insert_with(|| Place {
            width,
            values: vec![0.0; size],
        })
    }

    fn hand_over(self, first_item: usize, keep: &mut dyn FnMut(Block) -> Result<()>) -> Result<()> {
        let items = first_item..first_item + self.rows;
        let items = items.map(int).collect::<Result<Vec<_>>>()?;
        for ((layer, site), Place { width, values }) in self.by_place {
            let keys = vec![items.clone()];
            keep(Block {
                site,
                layer: int(layer)?,
                keys,
                width,
                values,
            })?;
        }
        Ok(())
    }
}
