//! What position alone does: the same token at the positions 0, 1 and 2.
//!
//! A sequence of one token three times over is the nearest a model comes to seeing nothing but
//! position: what precedes a token says only how many of the same there are.

use crate::error::Result;
use crate::int;
use crate::present::Presented;
use crate::word_list::Stimulus;
use selectron_model::{Network, Recorded, Request, TokenBatch};
use selectron_tables::activations::{ActivationWriter, Block};

/// Positions compared.
pub const POSITIONS: usize = 3;

/// Words of each category that lend a token; more would only cost time.
const WORDS_A_CATEGORY: usize = 50;

/// The items whose first own token is placed, and that token: the most frequent words of A and B.
pub fn tokens(stimuli: &[Stimulus], words: &[Presented]) -> Vec<(usize, u32)> {
    let mut taken = [0; 2];
    let mut tokens = Vec::new();
    for (item, (stimulus, word)) in stimuli.iter().zip(words).enumerate() {
        if let Some(taken) = taken.get_mut(stimulus.category)
            && *taken < WORDS_A_CATEGORY
            && let Some(token) = word.ids.get(word.own.start)
        {
            *taken += 1;
            tokens.push((item, *token));
        }
    }
    tokens
}

/// Records those tokens at each position, a row group a site and layer.
///
/// # Errors
/// When the model or the disk refuses.
pub fn record_positions(
    network: &Network,
    request: &Request,
    tokens: &[(usize, u32)],
    writer: &mut ActivationWriter,
) -> Result<()> {
    let mut keys = vec![Vec::new(), Vec::new()];
    for (item, _) in tokens {
        for position in 0..POSITIONS {
            for (column, value) in keys.iter_mut().zip([*item, position]) {
                column.push(int(value)?);
            }
        }
    }
    let ids: Vec<[u32; POSITIONS]> = tokens
        .iter()
        .map(|(_, token)| [*token; POSITIONS])
        .collect();
    let sequences: Vec<&[u32]> = ids.iter().map(<[u32; POSITIONS]>::as_slice).collect();
    let batch = TokenBatch::new(&sequences)?;
    let mut outcome = Ok(());
    network.record(&batch, request, &mut |recorded: Recorded<'_>| {
        let (site, layer, width) = (recorded.site, recorded.layer, recorded.width);
        let values = recorded.into_rows().unwrap_or_else(|recorded| {
            let tokens = (0..recorded.batch())
                .flat_map(|sequence| (0..POSITIONS).map(move |position| (sequence, position)));
            let rows = tokens.map(|(sequence, position)| recorded.token(sequence, position));
            rows.flatten().copied().collect()
        });
        if outcome.is_ok() {
            let layer = layer as i32;
            outcome = writer.write(Block {
                site,
                layer,
                keys: keys.clone(),
                width,
                values,
            });
        }
        Ok(())
    })?;
    Ok(outcome?)
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
    }
}
