//! The tokens of a text, as they are listed.

use crate::document::Document;
use crate::windows::Window;
use selectron_tables::rows::TokenRow;

/// The rows of `tokens.parquet`: the new tokens of all windows, in order.
pub fn token_rows(documents: &[Document], windows: &[Window]) -> Vec<TokenRow> {
    let mut rows = Vec::new();
    for windows in windows.chunk_by(|a, b| a.document == b.document) {
        let document = &documents[windows[0].document];
        let characters: Vec<char> = document.text.chars().collect();
        for window in windows {
            for (position, placed) in window.new_tokens() {
                let span = &placed.token.span;
                let word = placed.word.map(|word| &document.words[word]);
                rows.push(TokenRow {
                    document: window.document,
                    window: window.window,
                    position,
                    token: match &placed.special {
                        Some(name) => name.clone(),
                        None => characters[span.clone()].iter().collect(),
                    },
                    token_id: placed.token.id,
                    char_start: span.start,
                    char_end: span.end,
                    word: placed.word,
                    upos: word.and_then(|word| word.upos.clone()),
                });
            }
        }
    }
    rows
}
