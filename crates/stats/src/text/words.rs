//! The scored words of the text: which tokens they consist of, and what they belong to.

use selectron_run::error::{Error, Result};
use selectron_run::{Pipeline, Side};
use selectron_tables::rows::{TextWordRow, TokenRow};
use std::collections::{BTreeMap, BTreeSet};

const RERUN: &str = "rerun the extract stage, which writes both tables together";

/// What a scored word belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Its category, as an index in the pipeline.
    pub category: Option<usize>,
    /// Whether it was a stimulus.
    pub seen: bool,
}

impl Membership {
    /// The side of the contrast that it is of; none of a further category or of none.
    pub fn side(self) -> Option<Side> {
        self.category.and_then(Side::of_category)
    }

    /// The side that it is of, if it was never a stimulus.
    pub fn unseen_side(self) -> Option<Side> {
        if self.seen { None } else { self.side() }
    }
}

/// The text's tokens, and its scored words in order of their last tokens.
///
/// The lists of one entry per word are parallel; a word is known by its place in them.
#[derive(Debug)]
pub struct TextWords {
    /// All tokens, in the order in which they were recorded.
    pub tokens: Vec<TokenRow>,
    /// All words of the text, scored or not.
    rows: Vec<TextWordRow>,
    /// Index in `rows` of a word of a document.
    row_of: BTreeMap<(usize, usize), usize>,
    /// Index in `rows` of each scored word.
    scored: Vec<usize>,
    /// For each scored word, where its tokens end in `word_tokens`; they begin where those of the
    /// one before end.
    ends: Vec<usize>,
    /// Tokens of the scored words, as indices in `tokens`.
    word_tokens: Vec<usize>,
    /// What each word belongs to.
    pub membership: Vec<Membership>,
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
        let row_of: BTreeMap<(usize, usize), usize> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| ((row.document, row.word), index))
            .collect();
        let mut scored: Vec<(usize, usize)> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if row.dropped.is_some() {
                continue;
            }
            match row.token_rows.iter().max() {
                Some(last) if *last < tokens.len() => scored.push((*last, index)),
                _ => {
                    let what = format!(
                        "the word `{}` (document {}, word {}) is scored, but its tokens are not in \
                         tokens.parquet",
                        row.form, row.document, row.word
                    );
                    return Err(Error::input("text_words.parquet", what, RERUN));
                }
            }
        }
        scored.sort_unstable();
        let scored: Vec<usize> = scored.into_iter().map(|(_, index)| index).collect();
        let of_scored = || scored.iter().map(|index| &rows[*index]);
        let mut ends = Vec::with_capacity(scored.len());
        let mut word_tokens = Vec::new();
        for row in of_scored() {
            word_tokens.extend_from_slice(&row.token_rows);
            ends.push(word_tokens.len());
        }
        let membership = of_scored().map(|row| {
            let category = category(pipeline, row)?;
            let seen = row.seen;
            Ok(Membership { category, seen })
        });
        let membership = membership.collect::<Result<_>>()?;
        let label = |row: &TextWordRow| row.upos.clone().or_else(|| row.category.clone());
        let classes: BTreeSet<String> = of_scored().filter_map(label).collect();
        let number: BTreeMap<&String, usize> = classes.iter().zip(0..).collect();
        let class = of_scored().map(|row| label(row).map(|label| number[&label]));
        let class = class.collect();
        let sentence = numbered(of_scored().map(|row| (row.document, row.sentence)));
        Ok(Self {
            membership,
            class,
            sentences: sentence.iter().max().map_or(0, |last| last + 1),
            held_out: halves(of_scored(), &sentence),
            sentence,
            classes: classes.into_iter().collect(),
            tokens,
            row_of,
            ends,
            word_tokens,
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
            Some(before) => self.ends[before],
            None => 0,
        };
        &self.word_tokens[start..self.ends[word]]
    }

    /// The scored words, as rows of their table.
    pub fn words(&self) -> impl Iterator<Item = &TextWordRow> {
        self.scored.iter().map(|index| &self.rows[*index])
    }

    /// The word that a token belongs to, scored or not.
    pub fn word_of(&self, token: &TokenRow) -> Option<&TextWordRow> {
        let index = self.row_of.get(&(token.document, token.word?))?;
        Some(&self.rows[*index])
    }

    /// For each scored word what `label` makes of its membership.
    pub fn labels(&self, label: impl Fn(Membership) -> u8) -> Vec<u8> {
        self.membership.iter().map(|word| label(*word)).collect()
    }

    /// How many scored words have a property.
    pub fn count(&self, property: impl Fn(Membership) -> bool) -> usize {
        self.membership
            .iter()
            .filter(|word| property(**word))
            .count()
    }

    /// How many scored words are of a side, as stimuli or as words never seen.
    pub fn count_side(&self, side: Side, seen: bool) -> usize {
        self.count(|word| word.side() == Some(side) && word.seen == seen)
    }

    /// How many scored words never seen are of neither side.
    pub fn count_others(&self) -> usize {
        self.count(|word| word.side().is_none() && !word.seen)
    }

    /// The scored words that have a property, in order.
    pub fn with(&self, property: impl Fn(Membership) -> bool) -> Vec<usize> {
        let words = self.membership.iter().enumerate();
        words
            .filter(|(_, word)| property(**word))
            .map(|(word, _)| word)
            .collect()
    }
}

fn category(pipeline: &Pipeline, row: &TextWordRow) -> Result<Option<usize>> {
    let Some(name) = &row.category else {
        return Ok(None);
    };
    let place = pipeline
        .category
        .iter()
        .position(|category| category.name == *name);
    place.map(Some).ok_or_else(|| {
        let what = format!(
            "the word `{}` is of the category `{name}`, which the pipeline does not have",
            row.form
        );
        Error::input("text_words.parquet", what, RERUN)
    })
}

/// Numbers keys from 0 in their order.
fn numbered<K: Ord + Copy>(keys: impl Iterator<Item = K> + Clone) -> Vec<usize> {
    let sorted: BTreeSet<K> = keys.clone().collect();
    let number: BTreeMap<K, usize> = sorted.into_iter().zip(0..).collect();
    keys.map(|key| number[&key]).collect()
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
