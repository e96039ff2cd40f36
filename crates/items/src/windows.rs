//! The windows that a document is cut into: what a model takes at a time.

use crate::document::Document;
use selectron_model::tokenizer::{Frame, Special, Token};

/// A token of a window, with the word it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The token; one that the model's frame adds has an empty span.
    pub token: Token,
    /// The name of a token that the frame adds: the beginning-of-sequence token, `[CLS]`, `[SEP]`.
    pub special: Option<String>,
    /// Index of its word in the document.
    pub word: Option<usize>,
    /// Whether the window only repeats it, as context for its first tokens.
    pub repeated: bool,
}

/// A window of a document of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Number of the document.
    pub document: usize,
    /// Number of the window in the document.
    pub window: usize,
    /// Its tokens.
    pub tokens: Vec<Placed>,
}

impl Window {
    /// The tokens that the window is the first to hold, with their positions.
    pub fn new_tokens(&self) -> impl Iterator<Item = (usize, &Placed)> {
        let tokens = self.tokens.iter().enumerate();
        tokens.filter(|(_, placed)| !placed.repeated)
    }
}

/// Cuts a document's tokens into windows of at most `context` tokens, each in the model's frame if
/// there is one, and gives each token the word it belongs to. Every window but the first begins by
/// repeating the last `overlap` tokens of the one before. A document without tokens has no window
/// unless there is a frame.
///
/// # Panics
/// When a window has no room for more than the frame and `overlap` tokens.
pub fn windows(
    document: &Document,
    tokens: Vec<Token>,
    context: usize,
    overlap: usize,
    frame: Option<&Frame>,
) -> Vec<Vec<Placed>> {
    let words = word_of_each(document, &tokens);
    let placed: Vec<_> = tokens
        .into_iter()
        .zip(words)
        .map(|(token, word)| Placed {
            token,
            special: None,
            word,
            repeated: false,
        })
        .collect();
    if placed.is_empty() && frame.is_none() {
        return Vec::new();
    }
    let around = frame.map_or(0, Frame::length);
    assert!(
        context > around + overlap,
        "a window of {context} tokens has no room for a new one"
    );
    let room = context - around;
    let stride = room - overlap;
    let new = placed.len().saturating_sub(overlap).max(1);
    (0..new.div_ceil(stride))
        .map(|window| {
            let from = window * stride;
            let chunk = &placed[from..placed.len().min(from + room)];
            // A text without tokens has a place too: its beginning.
            let start = chunk.first().map_or(0, |first| first.token.span.start);
            let end = chunk.last().map_or(0, |last| last.token.span.end);
            let before = frame.map(|frame| added(&frame.before, start));
            let after = frame.and_then(|frame| Some(added(frame.after.as_ref()?, end)));
            let repeated = if window == 0 { 0 } else { overlap };
            let inner = chunk.iter().enumerate().map(|(index, placed)| Placed {
                repeated: index < repeated,
                ..placed.clone()
            });
            before.into_iter().chain(inner).chain(after).collect()
        })
        .collect()
}

/// A token of the frame, which covers nothing at this character of the text.
fn added(special: &Special, character: usize) -> Placed {
    Placed {
        token: Token {
            id: special.id,
            span: character..character,
        },
        special: Some(special.name.clone()),
        word: None,
        repeated: false,
    }
}

/// The word of each token: the one that contains the token's first character that is not white
/// space. Tokens and words are both in order, so one walk over both finds them.
fn word_of_each(document: &Document, tokens: &[Token]) -> Vec<Option<usize>> {
    let is_space: Vec<bool> = document.text.chars().map(char::is_whitespace).collect();
    let mut next = 0;
    tokens
        .iter()
        .map(|token| {
            let solid = |at: &usize| !is_space[*at];
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
    use crate::document::Word;
    use proptest::prelude::*;
    use std::ops::Range;

    fn token(span: Range<usize>) -> Token {
        Token { id: 7, span }
    }

    fn document(text: &str, spans: &[Range<usize>]) -> Document {
        let mut document = Document::default();
        document.push(text);
        let word = |span: &Range<usize>| Word {
            span: span.clone(),
            form: String::new(),
            lemma: None,
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

    fn frame(with_end: bool) -> Frame {
        let special = |id, name: &str| Special {
            id,
            name: name.to_owned(),
        };
        Frame {
            before: special(0, "[CLS]"),
            after: with_end.then(|| special(1, "[SEP]")),
        }
    }

    #[test]
    fn every_window_is_in_a_frame_of_empty_spans() {
        let document = document("abcdef", &[]);
        let tokens: Vec<_> = (0..6).map(|i| token(i..i + 1)).collect();
        let framed = |with_end| windows(&document, tokens.clone(), 5, 0, Some(&frame(with_end)));
        let lengths = |with_end| framed(with_end).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(false), [5, 3]);
        assert_eq!(lengths(true), [5, 5]);
        for window in framed(true) {
            let (first, last) = (window.first().unwrap(), window.last().unwrap());
            assert_eq!(first.special.as_deref(), Some("[CLS]"));
            assert_eq!(last.special.as_deref(), Some("[SEP]"));
            assert!(first.token.span.is_empty() && last.token.span.is_empty());
        }
        assert_eq!(framed(true)[1][0].token.span, 3..3);
        assert_eq!(framed(true)[1][1].token.span, 3..4);
        assert_eq!(framed(true)[1][4].token.span, 6..6);
    }

    #[test]
    #[should_panic(expected = "no room for a new one")]
    fn a_window_without_room_is_refused() {
        windows(&document("a", &[]), vec![token(0..1)], 3, 3, None);
    }

    proptest! {
        #[test]
        fn windows_lose_no_token(
            count in 1_usize..100,
            context in 1_usize..20,
            overlap in 0_usize..20,
            framed: bool,
            with_end: bool,
        ) {
            let document = document(&"x".repeat(count), &[]);
            let tokens: Vec<_> = (0..count).map(|i| token(i..i + 1)).collect();
            let frame = frame(with_end);
            let frame = (framed && context > frame.length()).then_some(&frame);
            let room = context - frame.map_or(0, Frame::length);
            let overlap = overlap.min(room - 1);
            let windows = windows(&document, tokens.clone(), context, overlap, frame);
            prop_assert!(windows.iter().all(|window| window.len() <= context));
            let new = |placed: &&Placed| placed.special.is_none() && !placed.repeated;
            for (index, window) in windows.iter().enumerate() {
                prop_assert!(window.iter().filter(new).count() > 0);
                let own: Vec<_> = window.iter().filter(|p| p.special.is_none()).collect();
                let before = own.iter().position(|placed| !placed.repeated).unwrap();
                // A window's first new token has all the context that was asked for.
                prop_assert_eq!(before, if index == 0 { 0 } else { overlap });
                prop_assert!(own.windows(2).all(|w| w[0].token.span.end == w[1].token.span.start));
            }
            let all = windows.concat();
            let kept: Vec<_> = all.iter().filter(new).map(|placed| placed.token.clone()).collect();
            prop_assert_eq!(kept, tokens);
        }
    }
}
