//! The text of a pipeline, as a model takes it.

use crate::document::Document;
use crate::label::Labels;
use crate::present::frame_of;
use crate::selection::Stimulus;
use crate::text_words::text_word_rows;
use crate::tokens::token_rows;
use crate::windows::{Window, windows};
use selectron_model::tokenizer::Tokenizer;
use selectron_run::Pipeline;
use selectron_run::error::{Error, Result};
use selectron_run::files::sha256_of_path;
use selectron_run::manifest::TextFacts;
use selectron_run::pipeline::TextSection;
use selectron_tables::rows::{TextWordRow, TokenRow};
use std::collections::BTreeMap;

/// A text, cut into windows, with its tokens and words listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// What the model takes, in order.
    pub windows: Vec<Window>,
    /// The rows of `tokens.parquet`.
    pub tokens: Vec<TokenRow>,
    /// The rows of `text_words.parquet`.
    pub words: Vec<TextWordRow>,
    /// What the manifest says of it.
    pub facts: TextFacts,
}

impl Text {
    /// Cuts the documents of a pipeline's text for a model whose sequences have at most `context`
    /// tokens. `stimuli` are the words that count as seen.
    ///
    /// # Errors
    /// When the tokenizer cannot represent the text or makes nothing of it, the model lacks the
    /// special tokens that the presentation wants, or a window has no room for what it repeats.
    pub fn new(
        pipeline: &Pipeline,
        section: &TextSection,
        documents: &[Document],
        stimuli: &[Stimulus],
        tokenizer: &Tokenizer,
        context: usize,
    ) -> Result<Self> {
        let windows = cut(pipeline, section, documents, tokenizer, context)?;
        let tokens = token_rows(documents, &windows);
        if tokens.is_empty() {
            return Err(Error::input(
                pipeline.resolve(&section.source).display(),
                "the tokenizer turns the text into nothing",
                "give a text with words that the model knows",
            ));
        }
        let all_words = documents.iter().flat_map(|document| &document.words);
        let tagged = all_words.clone().any(|word| word.upos.is_some());
        let labels = Labels::new(pipeline, stimuli, tagged)?;
        let words = text_word_rows(documents, &windows, &labels, section);
        let mut dropped = BTreeMap::new();
        for reason in words.iter().filter_map(|word| word.dropped.clone()) {
            *dropped.entry(reason).or_insert(0) += 1;
        }
        let count = |matches: fn(&TextWordRow) -> bool| {
            let matching = words.iter().filter(|word| matches(word));
            matching.count()
        };
        let facts = TextFacts {
            source: section.source.clone(),
            sha256: sha256_of_path(pipeline.resolve(&section.source))?,
            tagged,
            documents: documents.len(),
            sentences: documents.iter().map(|document| document.sentences).sum(),
            words: words.len(),
            tokens: tokens.len(),
            windows: windows.len(),
            unaligned_words: count(|word| word.token_rows.is_empty()),
            sharing_words: count(|word| word.tokens == 0 && !word.token_rows.is_empty()),
            scored: count(|word| word.dropped.is_none()),
            dropped,
            labels: labels.source(),
        };
        Ok(Self {
            windows,
            tokens,
            words,
            facts,
        })
    }
}

fn cut(
    pipeline: &Pipeline,
    section: &TextSection,
    documents: &[Document],
    tokenizer: &Tokenizer,
    context: usize,
) -> Result<Vec<Window>> {
    let frame = frame_of(&pipeline.record.presentation, tokenizer)?;
    let room = context.saturating_sub(frame.map_or(0, |frame| frame.length()));
    if section.min_context >= room {
        return Err(pipeline.key_error(
            "text.min_context",
            format!(
                "{} tokens before each word leave no room in a window of {room} tokens",
                section.min_context
            ),
            "choose fewer",
        ));
    }
    let mut all = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let tokens = tokenizer.encode(&document.text)?;
        let cut = windows(document, tokens, context, section.min_context, frame);
        let numbered = cut.into_iter().enumerate();
        all.extend(numbered.map(|(window, tokens)| Window {
            document: index,
            window,
            tokens,
        }));
    }
    Ok(all)
}
