//! The rows of `words.parquet`.

use selectron_items::present::Presented;
use selectron_items::selection::Selection;
use selectron_run::Pipeline;
use selectron_tables::rows::WordRow;

/// The words that take part, as the model was given them.
pub(super) fn word_rows(
    pipeline: &Pipeline,
    selection: &Selection,
    words: &[Presented],
) -> Vec<WordRow> {
    assert_eq!(selection.stimuli.len(), words.len(), "words and items");
    let items = selection.stimuli.iter().zip(words).enumerate();
    items
        .map(|(item, (stimulus, word))| WordRow {
            item,
            category: pipeline.category[stimulus.category].name.clone(),
            word: stimulus.word.clone(),
            rank: stimulus.rank,
            pair: stimulus.pair,
            token_ids: word.ids.clone(),
            token_start: word.own.start,
            token_end: word.own.end,
        })
        .collect()
}
