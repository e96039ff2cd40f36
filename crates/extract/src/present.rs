//! Putting words before the model: the ids it is given, and which of them are the word's own.

use crate::error::Result;
use crate::word_list::Stimulus;
use selectron_model::Error as ModelError;
use selectron_model::tokenizer::Tokenizer;
use selectron_schema::pipeline::Presentation;
use std::ops::Range;

/// A word as the model is given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// All ids, a beginning-of-sequence token or carrier included.
    pub ids: Vec<u32>,
    /// Which of them are the word's own tokens: those that cover any of its characters, by the
    /// tokenizer's offsets.
    pub own: Range<usize>,
}

/// Presents a word.
///
/// # Errors
/// When the model has no beginning-of-sequence token and the presentation wants one, or the
/// tokenizer makes nothing of the word.
pub fn present(
    word: &str,
    presentation: &Presentation,
    tokenizer: &Tokenizer,
) -> Result<Presented> {
    let (text, span) = presentation.present(word);
    let tokens = tokenizer.encode(&text)?;
    let mut ids = Vec::with_capacity(tokens.len() + 1);
    if presentation.has_bos() {
        ids.push(tokenizer.bos()?.id);
    }
    let before = ids.len();
    ids.extend(tokens.iter().map(|token| token.id));
    let covers = |token: &selectron_model::tokenizer::Token| token.overlaps(&span);
    let first = tokens.iter().position(covers);
    let last = tokens.iter().rposition(covers);
    match (first, last) {
        (Some(first), Some(last)) => Ok(Presented {
            ids,
            own: before + first..before + last + 1,
        }),
        _ => Err(ModelError::request(
            format!("the tokenizer turns the word `{word}` into nothing"),
            "remove it from the word list",
        )
        .into()),
    }
}

/// Presents all words, in order.
///
/// # Errors
/// As [`present`], and when a word is longer than the model's context.
pub fn present_all(
    stimuli: &[Stimulus],
    presentation: &Presentation,
    tokenizer: &Tokenizer,
    context: usize,
) -> Result<Vec<Presented>> {
    stimuli
        .iter()
        .map(|stimulus| {
            let presented = present(&stimulus.word, presentation, tokenizer)?;
            if presented.ids.len() > context {
                let start: String = stimulus.word.chars().take(40).collect();
                return Err(ModelError::request(
                    format!(
                        "the word `{start}` makes {} tokens, more than the model's context of \
                         {context}",
                        presented.ids.len()
                    ),
                    "remove it from the word list",
                )
                .into());
            }
            Ok(presented)
        })
        .collect()
}
