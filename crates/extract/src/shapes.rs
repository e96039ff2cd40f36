//! The shapes of a run's batches.

use std::collections::BTreeMap;

/// Of sequences of these lengths, batched by length with up to `batch_tokens` tokens each, the batch
/// with the most tokens and the one with the longest sequences: sequences and tokens a sequence.
pub fn extremes(
    lengths: impl IntoIterator<Item = usize>,
    batch_tokens: usize,
) -> Vec<(usize, usize)> {
    let mut counts = BTreeMap::new();
    for length in lengths {
        *counts.entry(length.max(1)).or_insert(0_usize) += 1;
    }
    let shapes = counts
        .iter()
        .map(|(length, count)| ((*count).min((batch_tokens / length).max(1)), *length));
    let longest = shapes.clone().next_back();
    let largest = shapes.max_by_key(|(batch, length)| batch * length);
    let mut extremes: Vec<_> = largest.into_iter().chain(longest).collect();
    extremes.dedup();
    extremes
}

#[cfg(test)]
mod tests {
    use super::extremes;

    #[test]
    fn the_largest_and_the_longest_batch_are_found() {
        let words = std::iter::repeat_n(2, 900).chain([3, 3, 7]);
        assert_eq!(extremes(words, 1024), [(512, 2), (1, 7)]);
        assert_eq!(extremes([5000], 1024), [(1, 5000)]);
        assert!(extremes([], 1024).is_empty());
    }
}
