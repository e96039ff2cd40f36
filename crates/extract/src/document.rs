//! A text as the model will read it: documents, the words in them, and the windows they are cut
//! into.

use crate::conllu;
use crate::error::{Error, Result};
use selectron_model::tokenizer::{Bos, Token};
use selectron_schema::files::read_text;
use std::ops::Range;
use std::path::Path;

/// A word of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The characters of the document's text that it covers.
    pub span: Range<usize>,
    /// Its universal part of speech.
    pub upos: Option<String>,
    /// The sentence it stands in, from 0 within the document.
    pub sentence: usize,
}

/// A document of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its running text.
    pub text: String,
    /// Length of the text in characters.
    pub length: usize,
    /// Its words in order; none in plain text.
    pub words: Vec<Word>,
    /// Number of sentences; 0 in plain text.
    pub sentences: usize,
    /// Whether the last token wants no space after it.
    pub(crate) ends_glued: bool,
}

impl Document {
    /// Appends text.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += text.chars().count();
    }

    /// Drops white space at the end.
    pub(crate) fn trim_end(&mut self) {
        let kept = self.text.trim_end().len();
        self.text.truncate(kept);
        self.length = self.text.chars().count();
    }
}

/// Reads a text: `.conllu` as such, anything else as one plain document.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, is empty, or is not valid CoNLL-U.
pub fn read(path: &Path) -> Result<Vec<Document>> {
    let text = read_text(path)?;
    if path
        .extension()
        .is_some_and(|extension| extension == "conllu")
    {
        return conllu::read(&text, path);
    }
    if text.trim().is_empty() {
        return Err(Error::input(
            path.display(),
            "the text is empty",
            "give a text with words",
        ));
    }
    let mut document = Document::default();
    document.push(&text);
    Ok(vec![document])
}

/// A token of a window, with the word it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The token; a beginning-of-sequence token has an empty span.
    pub token: Token,
    /// Whether it is a beginning-of-sequence token.
    pub is_bos: bool,
    /// Index of its word in the document.
    pub word: Option<usize>,
}

/// Cuts a document's tokens into windows of at most `context` tokens, each begun by `bos` if there
/// is one, and gives each token the word it belongs to.
pub fn windows(
    document: &Document,
    tokens: Vec<Token>,
    context: usize,
    bos: Option<&Bos>,
) -> Vec<Vec<Placed>> {
    let words = word_of_each(document, &tokens);
    let placed: Vec<_> = tokens
        .into_iter()
        .zip(words)
        .map(|(token, word)| Placed {
            token,
            is_bos: false,
            word,
        })
        .collect();
    let room = context.saturating_sub(usize::from(bos.is_some())).max(1);
    placed
        .chunks(room)
        .map(|chunk| {
            let start = chunk.first().map_or(0, |first| first.token.span.start);
            let bos = bos.map(|bos| Placed {
                token: Token {
                    id: bos.id,
                    span: start..start,
                },
                is_bos: true,
                word: None,
            });
            bos.into_iter().chain(chunk.iter().cloned()).collect()
        })
        .collect()
}

/// The word of each token: the one that contains the token's first character that is not white
/// space. Tokens and words are both in order, so one walk over both finds them.
fn word_of_each(document: &Document, tokens: &[Token]) -> Vec<Option<usize>> {
    let is_space: Vec<bool> = document.text.chars().map(char::is_whitespace).collect();
    let mut next = 0;
    tokens
        .iter()
        .map(|token| {
            let solid = |at: &usize| is_space.get(*at).is_some_and(|space| !space);
            let first = token.span.clone().find(solid)?;
            while document
                .words
                .get(next)
                .is_some_and(|word| word.span.end <= first)
            {
                next += 1;
            }
            document
                .words
                .get(next)
                .filter(|word| word.span.contains(&first))
                .map(|_| next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(span: Range<usize>) -> Token {
        Token { id: 7, span }
    }

    fn document(text: &str, spans: &[Range<usize>]) -> Document {
        let mut document = Document::default();
        document.push(text);
        let word = |span: &Range<usize>| Word {
            span: span.clone(),
            upos: None,
            sentence: 0,
        };
        document.words = spans.iter().map(word).collect();
        document
    }

    #[test]
    fn tokens_find_their_words_whether_or_not_they_include_the_space() {
        let document = document("It doesn't, so", &[0..2, 3..7, 7..10, 10..11, 12..14]);
        let tokens = [0..2, 2..6, 6..8, 8..10, 10..11, 11..12, 12..14].map(token);
        let words = word_of_each(&document, &tokens);
        // The token that spans `s` and `n` belongs to the word it begins in; a lone space to none.
        assert_eq!(
            words,
            [Some(0), Some(1), Some(1), Some(2), Some(3), None, Some(4)]
        );
    }

    #[test]
    fn every_window_begins_with_a_bos_of_empty_span() {
        let document = document("abcdef", &[]);
        let tokens = (0..6).map(|i| token(i..i + 1)).collect();
        let bos = Bos {
            id: 0,
            name: "<s>".to_owned(),
        };
        let windows = windows(&document, tokens, 4, Some(&bos));
        let lengths: Vec<_> = windows.iter().map(Vec::len).collect();
        assert_eq!(lengths, [4, 4]);
        assert!(
            windows
                .iter()
                .all(|window| window[0].is_bos && window[0].token.span.is_empty())
        );
        assert_eq!(windows[1][1].token.span, 3..4);
    }

    proptest! {
        #[test]
        fn windows_lose_no_token(count in 1_usize..100, context in 1_usize..20, with_bos: bool) {
            let document = document(&"x".repeat(count), &[]);
            let tokens: Vec<_> = (0..count).map(|i| token(i..i + 1)).collect();
            let bos = Bos { id: 0, name: "<s>".to_owned() };
            let bos = (with_bos && context > 1).then_some(&bos);
            let windows = windows(&document, tokens.clone(), context, bos);
            prop_assert!(windows.iter().all(|window| window.len() <= context));
            let kept: Vec<_> = windows.concat().into_iter().filter(|p| !p.is_bos).collect();
            prop_assert_eq!(kept.iter().map(|p| p.token.clone()).collect::<Vec<_>>(), tokens);
        }
    }
}
