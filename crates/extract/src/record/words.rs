//! Words: one row each, of the word's own tokens.

use super::chunk::{Chunk, Sequence};
use selectron_items::present::Presented;
use selectron_run::pipeline::Reduce;
use std::ops::Range;

/// Bytes of activations held until they are written: a whole chunk of items is collected first, so
/// that a row group holds one site and layer.
const CHUNK_BYTES: usize = 160 << 20;

/// Smallest chunk: below this, batches become too small to be quick.
const CHUNK_MINIMUM: usize = 256;

/// Cuts words into chunks of equal size, so that none is too small to be quick. Each word has at most
/// `bytes_per_word` of activations.
pub fn cut(words: usize, bytes_per_word: usize) -> Vec<Range<usize>> {
    let most = (CHUNK_BYTES / bytes_per_word.max(1)).max(CHUNK_MINIMUM);
    let size = words.div_ceil(words.div_ceil(most).max(1)).max(1);
    let starts = (0..words).step_by(size);
    starts.map(|start| start..words.min(start + size)).collect()
}

/// Some of a run's words, keyed by item.
pub fn chunk(words: &[Presented], items: Range<usize>, reduce: Reduce) -> Chunk {
    let sequence = |word: &Presented| Sequence {
        ids: word.ids.clone(),
        rows: vec![word.own.clone()],
    };
    Chunk {
        sequences: words[items.clone()].iter().map(sequence).collect(),
        keys: vec![items.collect()],
        reduce,
    }
}

/// Some of a run's words in one of several presentations, keyed by its number and item.
pub fn chunk_of_presentation(
    number: usize,
    words: &[Presented],
    items: Range<usize>,
    reduce: Reduce,
) -> Chunk {
    let mut chunk = chunk(words, items, reduce);
    chunk.keys.insert(0, vec![number; chunk.sequences.len()]);
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_hold_every_word_once_in_order(words in 0_usize..5000, bytes in 0_usize..1 << 20) {
            let chunks = cut(words, bytes);
            let all: Vec<_> = chunks.iter().cloned().flatten().collect();
            prop_assert_eq!(all, (0..words).collect::<Vec<_>>());
            let most = (CHUNK_BYTES / bytes.max(1)).max(CHUNK_MINIMUM);
            prop_assert!(chunks.iter().all(|chunk| chunk.len() <= most));
        }
    }
}
