//! The scored words of the text: which tokens they consist of, and what they belong to.

use crate::error::{Error, Result};
use selectron_run::Pipeline;
use selectron_tables::rows::{TextWordRow, TokenRow};
use std::collections::{BTreeMap, BTreeSet};

const RERUN: &str = "rerun the extract stage, which writes both tables together";

/// The text's tokens, and its scored words in order of their last tokens.
///
/// The lists of one entry a word are parallel; a word is known by its place in them.
#[derive(Debug)]
pub struct TextWords {
    /// All tokens, in the order in which they were recorded.
    pub tokens: Vec<TokenRow>,
    /// All words of the text, scored or not.
    rows: Vec<TextWordRow>,
    /// Index in `rows` of a word of a document.
    row_of: BTreeMap<(i32, i32), usize>,
    /// Index in `rows` of each scored word.
    scored: Vec<usize>,
    /// For each scored word, where its tokens end in `members`; they begin where those of the one
    /// before end.
    ends: Vec<usize>,
    /// Tokens of the scored words, as indices in `tokens`.
    members: Vec<usize>,
    /// Each word's category, as an index in the pipeline.
    pub category: Vec<Option<usize>>,
    /// Whether each word was a stimulus.
    pub seen: Vec<bool>,
    /// Each word's class for the means by part of speech, as an index in `classes`.
    pub class: Vec<Option<usize>>,
    /// The parts of speech; in plain text the categories.
    pub classes: Vec<String>,
    /// Each word's sentence, counted through the whole text.
    pub sentence: Vec<usize>,
    /// Sentences with scored words.
    pub sentences: usize,
    /// Whether each word is in the half of the text in which thresholds are scored rather than
    /// chosen.
    pub held_out: Vec<bool>,
}

impl TextWords {
    /// Brings tokens and words together.
    ///
    /// # Errors
    /// When the tables do not fit each other or the pipeline.
    pub fn new(pipeline: &Pipeline, tokens: Vec<TokenRow>, rows: Vec<TextWordRow>) -> Result<Self> {
        let row_of: BTreeMap<(i32, i32), usize> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| ((row.document, row.word), index))
            .collect();
        let mut scored: Vec<(usize, usize)> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if row.dropped.is_some() {
                continue;
            }
            match token_rows(row).max().filter(|last| *last < tokens.len()) {
                Some(last) => scored.push((last, index)),
                _ => {
                    let what = format!(
                        "the word `{}` (document {}, word {}) is scored, but its tokens are not in \
                         tokens.parquet",
                        row.form, row.document, row.word
                    );
                    return Err(Error::design("text_words.parquet", what, RERUN));
                }
            }
        }
        scored.sort_unstable();
        let scored: Vec<usize> = scored.into_iter().map(|(_, index)| index).collect();
        let of_scored = || scored.iter().filter_map(|index| rows.get(*index));
        let mut ends = Vec::with_capacity(scored.len());
        let mut all = Vec::new();
        for row in of_scored() {
            all.extend(token_rows(row));
            ends.push(all.len());
        }
        let category = of_scored()
            .map(|row| category(pipeline, row))
            .collect::<Result<_>>()?;
        let label = |row: &TextWordRow| row.upos.clone().or_else(|| row.category.clone());
        let classes: BTreeSet<String> = of_scored().filter_map(label).collect();
        let classes: Vec<String> = classes.into_iter().collect();
        let class = of_scored()
            .map(|row| classes.binary_search(&label(row)?).ok())
            .collect();
        let places = numbered(of_scored().map(|row| (row.document, row.sentence)));
        Ok(Self {
            seen: of_scored().map(|row| row.seen).collect(),
            category,
            class,
            sentences: places.iter().max().map_or(0, |last| last + 1),
            held_out: halves(of_scored(), &places),
            sentence: places,
            classes,
            tokens,
            row_of,
            ends,
            members: all,
            scored,
            rows,
        })
    }

    /// Number of scored words.
    pub fn len(&self) -> usize {
        self.scored.len()
    }

    /// Whether no word is scored.
    pub fn is_empty(&self) -> bool {
        self.scored.is_empty()
    }

    /// The tokens of a scored word, as indices in `tokens`, in order.
    pub fn tokens_of(&self, word: usize) -> &[usize] {
        let start = match word.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(word).copied().unwrap_or(start);
        self.members.get(start..end).unwrap_or(&[])
    }

    /// The scored words, as rows of their table.
    pub fn words(&self) -> impl Iterator<Item = &TextWordRow> {
        self.scored.iter().filter_map(|index| self.rows.get(*index))
    }

    /// The word that a token belongs to, scored or not.
    pub fn word_of(&self, token: &TokenRow) -> Option<&TextWordRow> {
        let index = self.row_of.get(&(token.document, token.word?))?;
        self.rows.get(*index)
    }

    /// For each scored word what `label` makes of its category and of whether it was a stimulus.
    pub fn labels(&self, label: impl Fn(Option<usize>, bool) -> u8) -> Vec<u8> {
        let words = self.category.iter().zip(&self.seen);
        words
            .map(|(category, seen)| label(*category, *seen))
            .collect()
    }

    /// How many scored words are so.
    pub fn count(&self, is: impl Fn(Option<usize>, bool) -> bool) -> usize {
        let words = self.category.iter().zip(&self.seen);
        words
            .filter(|(category, seen)| is(**category, **seen))
            .count()
    }
}

/// The tokens of a word, as rows of their table.
fn token_rows(row: &TextWordRow) -> impl Iterator<Item = usize> {
    let rows = row.token_rows.iter();
    rows.map(|row| usize::try_from(*row).unwrap_or(usize::MAX))
}

fn category(pipeline: &Pipeline, row: &TextWordRow) -> Result<Option<usize>> {
    let Some(name) = &row.category else {
        return Ok(None);
    };
    let place = pipeline.category.iter().position(|one| one.name == *name);
    place.map(Some).ok_or_else(|| {
        let what = format!(
            "the word `{}` is of the category `{name}`, which the pipeline does not have",
            row.form
        );
        Error::design("text_words.parquet", what, RERUN)
    })
}

/// Numbers keys from 0 in their order.
fn numbered<K: Ord + Copy>(keys: impl Iterator<Item = K> + Clone) -> Vec<usize> {
    let sorted: BTreeSet<K> = keys.clone().collect();
    let number: BTreeMap<K, usize> = sorted.into_iter().zip(0..).collect();
    keys.filter_map(|key| number.get(&key).copied()).collect()
}

/// Every second document with scored words; where there is only one, every second sentence.
fn halves<'a>(
    words: impl Iterator<Item = &'a TextWordRow> + Clone,
    sentences: &[usize],
) -> Vec<bool> {
    let documents = numbered(words.map(|row| row.document));
    let units = if documents.iter().any(|document| *document > 0) {
        documents.as_slice()
    } else {
        sentences
    };
    units.iter().map(|unit| unit % 2 == 1).collect()
}
