//! The tokens in context that drive a shown neuron most and least, and some in between.

use super::auc::Sorter;
use super::words::TextWords;
use crate::random::{Purpose, number_of, stream};
use rand::RngExt;
use selectron_run::NeuronId;
use selectron_run::vocabulary::ExampleKind;
use selectron_tables::rows::{ExampleRow, TokenRow};
use std::collections::BTreeMap;

/// Tokens of each kind.
const EACH: usize = 10;
/// Characters before and after a token.
const AROUND: usize = 60;

/// The text of each document, put together from its tokens.
#[derive(Debug)]
pub struct Documents {
    characters: BTreeMap<usize, Vec<char>>,
}

impl Documents {
    /// Puts the tokens together; what no token covers is a space.
    pub fn new(tokens: &[TokenRow]) -> Self {
        let mut characters: BTreeMap<usize, Vec<char>> = BTreeMap::new();
        for token in tokens {
            let text = characters.entry(token.document).or_default();
            let (start, end) = span(token);
            if text.len() < end {
                text.resize(end, ' ');
            }
            for (place, character) in text[start..end].iter_mut().zip(token.token.chars()) {
                *place = character;
            }
        }
        Self { characters }
    }

    /// What is before and after a token.
    fn around(&self, token: &TokenRow) -> (String, String) {
        let text = &self.characters[&token.document];
        let (start, end) = span(token);
        let before = &text[start.saturating_sub(AROUND)..start];
        let after = &text[end..text.len().min(end + AROUND)];
        (before.iter().collect(), after.iter().collect())
    }
}

/// The characters that a token covers; the table may come from another program.
fn span(token: &TokenRow) -> (usize, usize) {
    (token.char_start, token.char_end.max(token.char_start))
}

/// The examples of a neuron, from its activations over all tokens. Tokens without text, such as
/// beginnings of sequences, are none.
pub fn examples(
    id: NeuronId,
    values: &[f32],
    words: &TextWords,
    documents: &Documents,
    seed: u64,
) -> Vec<ExampleRow> {
    let candidates: Vec<usize> = (0..words.tokens.len())
        .filter(|index| words.tokens[*index].char_end > words.tokens[*index].char_start)
        .collect();
    let activations: Vec<f32> = candidates.iter().map(|index| values[*index]).collect();
    let mut sorter = Sorter::default();
    let Some(order) = sorter.sort(&activations) else {
        return Vec::new();
    };
    let mut order: Vec<usize> = order.words().collect();
    order.reverse();
    let each = EACH.min(order.len().div_ceil(3));
    let (most, rest) = order.split_at(each);
    let (middle, least) = rest.split_at(rest.len().saturating_sub(each));
    let mut rng = stream(seed, Purpose::Examples, number_of(id));
    let slices = EACH.min(middle.len());
    let between: Vec<usize> = (0..slices)
        .map(|slice| {
            let start = |slice: usize| slice * middle.len() / slices;
            middle[rng.random_range(start(slice)..start(slice + 1))]
        })
        .collect();
    let least: Vec<usize> = least.iter().rev().copied().collect();
    let mut rows = Vec::new();
    for (kind, chosen) in [
        (ExampleKind::Most, most),
        (ExampleKind::Least, &least),
        (ExampleKind::Between, &between),
    ] {
        for (rank, candidate) in chosen.iter().enumerate() {
            let token = &words.tokens[candidates[*candidate]];
            let (before, after) = documents.around(token);
            rows.push(ExampleRow {
                site: id.place.site,
                layer: id.place.layer,
                neuron: id.neuron,
                kind,
                rank,
                document: token.document,
                window: token.window,
                position: token.position,
                activation: f64::from(activations[*candidate]),
                before,
                token: token.token.clone(),
                after,
                upos: token.upos.clone(),
                category: words.word_of(token).and_then(|word| word.category.clone()),
            });
        }
    }
    rows
}
