//! A text: a row per token, a window at a time.
//!
//! A text is recorded in chunks of neighbouring windows, which bound what is held in memory.

use super::batches::BATCH_TOKENS;
use super::chunk::{Chunk, Sequence};
use selectron_items::windows::Window;
use selectron_run::pipeline::Reduce;
use std::ops::Range;

/// Cuts windows into chunks of neighbours with at most `tokens` tokens, rounded up to whole batches,
/// unless a single window has more.
pub fn cut(windows: &[Window], tokens: usize) -> Vec<Range<usize>> {
    let most = tokens.max(1).next_multiple_of(BATCH_TOKENS);
    let mut chunks: Vec<Range<usize>> = Vec::new();
    let mut count = 0;
    for (index, window) in windows.iter().enumerate() {
        count += window.tokens.len();
        match chunks.last_mut() {
            Some(chunk) if count <= most => chunk.end = index + 1,
            _ => {
                chunks.push(index..index + 1);
                count = window.tokens.len();
            }
        }
    }
    chunks
}

/// The tokens of some windows, keyed by document, window and position; those that a window only repeats
/// are no rows.
pub fn chunk(windows: &[Window]) -> Chunk {
    let mut keys = vec![Vec::new(), Vec::new(), Vec::new()];
    let mut sequences = Vec::with_capacity(windows.len());
    for window in windows {
        let mut rows = Vec::with_capacity(window.tokens.len());
        for (position, _) in window.new_tokens() {
            keys[0].push(window.document);
            keys[1].push(window.window);
            keys[2].push(position);
            rows.push(position..position + 1);
        }
        let ids = window.tokens.iter().map(|placed| placed.token.id);
        sequences.push(Sequence {
            ids: ids.collect(),
            rows,
        });
    }
    Chunk {
        keys,
        sequences,
        reduce: Reduce::First,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use selectron_items::windows::Placed;
    use selectron_model::tokenizer::Token;

    fn window(length: usize, repeated: usize) -> Window {
        let placed = |index| Placed {
            token: Token {
                id: index as u32,
                span: index..index + 1,
            },
            special: None,
            word: None,
            repeated: index < repeated,
        };
        Window {
            document: 4,
            window: 7,
            tokens: (0..length).map(placed).collect(),
        }
    }

    #[test]
    fn repeated_tokens_are_read_but_are_no_rows() {
        let windows = [window(2, 0), window(4, 2)];
        let chunk = chunk(&windows);
        assert_eq!(chunk.keys, [[4; 4], [7; 4], [0, 1, 2, 3]]);
        assert_eq!(chunk.sequences[1].ids, [0, 1, 2, 3]);
        assert_eq!(chunk.sequences[1].rows, [2..3, 3..4]);
        assert!(!chunk.is_every_token());
    }

    proptest! {
        #[test]
        fn chunks_hold_every_window_once_in_order(
            lengths in proptest::collection::vec(1_usize..3000, 1..40),
            tokens in 1_usize..10_000,
        ) {
            let windows: Vec<_> = lengths.iter().map(|length| window(*length, 0)).collect();
            let chunks = cut(&windows, tokens);
            let all: Vec<_> = chunks.iter().cloned().flatten().collect();
            prop_assert_eq!(all, (0..windows.len()).collect::<Vec<_>>());
            let most = tokens.next_multiple_of(BATCH_TOKENS);
            let total = |range: Range<usize>| lengths[range].iter().sum::<usize>();
            for (index, range) in chunks.iter().enumerate() {
                prop_assert!(range.len() == 1 || total(range.clone()) <= most);
                // No chunk could have taken the next window too.
                if index + 1 < chunks.len() {
                    prop_assert!(total(range.start..range.end + 1) > most);
                }
            }
        }
    }
}
