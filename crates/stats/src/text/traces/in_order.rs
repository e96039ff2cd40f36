//! Whether the rows of a table of the text are the tokens of the text.

use crate::text::words::TextWords;
use selectron_run::Place;
use selectron_run::error::{Error, Result};
use selectron_tables::activations::Block;

/// Checks the rows of a site and layer block by block.
#[derive(Debug)]
pub(super) struct InOrder<'a> {
    words: &'a TextWords,
    place: Place,
    /// Tokens read.
    tokens: usize,
}

impl<'a> InOrder<'a> {
    pub(super) fn new(words: &'a TextWords, place: Place) -> Self {
        Self {
            words,
            place,
            tokens: 0,
        }
    }

    /// Tokens read so far.
    pub(super) fn tokens(&self) -> usize {
        self.tokens
    }

    /// Checks that a block's rows are the tokens that follow those read before.
    pub(super) fn take(&mut self, block: &Block) -> Result<()> {
        let [documents, windows, positions] = block.keys.as_slice() else {
            return Err(Error::bug("text activations have three keys"));
        };
        let tokens = &self.words.tokens[self.tokens..];
        let keys = documents.iter().zip(windows).zip(positions);
        let same = tokens.len() >= block.rows()
            && tokens
                .iter()
                .zip(keys)
                .all(|(token, ((document, window), position))| {
                    (token.document, token.window, token.position)
                        == (*document, *window, *position)
                });
        if !same {
            return Err(self.mismatch());
        }
        self.tokens += block.rows();
        Ok(())
    }

    /// Checks that no token is missing.
    pub(super) fn finish(&self) -> Result<()> {
        if self.tokens == self.words.tokens.len() {
            Ok(())
        } else {
            Err(self.mismatch())
        }
    }

    fn mismatch(&self) -> Error {
        Error::input(
            format_args!("text_activations.parquet, {}", self.place),
            "its rows are not the tokens of tokens.parquet",
            "rerun the extract stage, which writes both tables together",
        )
    }
}
