//! What position alone does: the same token at the positions 0, 1 and 2.
//!
//! A sequence of one token three times over is the nearest a model comes to seeing nothing but
//! position: what precedes a token says only how many of the same there are.

use super::chunk::{Chunk, Sequence};
use selectron_items::present::Presented;
use selectron_items::selection::Stimulus;
use selectron_run::Sides;
use selectron_run::pipeline::Reduce;

/// Positions compared.
pub const POSITIONS: usize = 3;

/// Words of each category that lend a token; more would only cost time.
const WORDS_PER_CATEGORY: usize = 50;

/// The items whose first own token is placed, and that token: the most frequent words of A and B. None
/// where words have no tokens.
pub fn tokens(stimuli: &[Stimulus], words: &[Presented]) -> Vec<(usize, u32)> {
    let mut taken = Sides::<usize>::default();
    let mut tokens = Vec::new();
    for (item, (stimulus, word)) in stimuli.iter().zip(words).enumerate() {
        let Some(side) = stimulus.side() else {
            continue;
        };
        let taken = taken.get_mut(side);
        if *taken < WORDS_PER_CATEGORY && !word.ids.is_empty() {
            *taken += 1;
            tokens.push((item, word.ids[word.own.start]));
        }
    }
    tokens
}

/// Those tokens at each position, keyed by item and position.
pub fn chunk(tokens: &[(usize, u32)]) -> Chunk {
    let mut keys = vec![Vec::new(), Vec::new()];
    for (item, _) in tokens {
        for position in 0..POSITIONS {
            keys[0].push(*item);
            keys[1].push(position);
        }
    }
    let sequence = |(_, token): &(usize, u32)| Sequence {
        ids: vec![*token; POSITIONS],
        rows: (0..POSITIONS)
            .map(|position| position..position + 1)
            .collect(),
    };
    Chunk {
        keys,
        sequences: tokens.iter().map(sequence).collect(),
        reduce: Reduce::First,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_from_the_first_words_of_a_and_b() {
        let stimulus = |category| Stimulus {
            category,
            word: String::new(),
            rank: 0,
            pair: None,
        };
        let stimuli: Vec<_> = [0; 60]
            .into_iter()
            .chain([1; 3])
            .chain([2; 3])
            .map(stimulus)
            .collect();
        let word = |item: usize| Presented {
            ids: vec![0, item as u32],
            own: 1..2,
        };
        let words: Vec<_> = (0..stimuli.len()).map(word).collect();
        let tokens = tokens(&stimuli, &words);
        assert_eq!(tokens.len(), 53);
        assert_eq!(tokens[52], (62, 62));
        let chunk = chunk(&tokens[51..]);
        assert_eq!(chunk.keys, [[61, 61, 61, 62, 62, 62], [0, 1, 2, 0, 1, 2]]);
        assert_eq!(chunk.rows(), 6);
        assert_eq!(chunk.sequences[1].ids, [62; 3]);
    }
}
