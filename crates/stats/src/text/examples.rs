//! The tokens in context that drive a shown neuron most and least, and some in between.

use super::auc::Sorter;
use super::words::TextWords;
use crate::permutation::draws::stream;
use rand::RngExt;
use selectron_run::Site;
use selectron_tables::rows::{ExampleRow, TokenRow};
use std::collections::BTreeMap;

/// Tokens of each kind.
const EACH: usize = 10;
/// Characters before and after a token.
const AROUND: usize = 60;

/// The text of each document, put together from its tokens.
#[derive(Debug)]
pub struct Documents {
    characters: BTreeMap<i32, Vec<char>>,
}

impl Documents {
    /// Puts the tokens together; what no token covers is a space.
    pub fn new(tokens: &[TokenRow]) -> Self {
        let mut characters: BTreeMap<i32, Vec<char>> = BTreeMap::new();
        for token in tokens {
            let text = characters.entry(token.document).or_default();
            let (start, end) = span(token);
            if text.len() < end {
                text.resize(end, ' ');
            }
            let places = text.get_mut(start..end).unwrap_or(&mut []);
            for (place, character) in places.iter_mut().zip(token.token.chars()) {
                *place = character;
            }
        }
        Self { characters }
    }

    /// What stands before and after a token.
    fn around(&self, token: &TokenRow) -> (String, String) {
        let text = self
            .characters
            .get(&token.document)
            .map_or(&[][..], Vec::as_slice);
        let (start, end) = span(token);
        let before = text.get(start.saturating_sub(AROUND)..start);
        let after = text.get(end..text.len().min(end + AROUND));
        let string = |part: Option<&[char]>| part.unwrap_or(&[]).iter().collect();
        (string(before), string(after))
    }
}

fn span(token: &TokenRow) -> (usize, usize) {
    let start = usize::try_from(token.char_start).unwrap_or(0);
    (
        start,
        usize::try_from(token.char_end).unwrap_or(0).max(start),
    )
}

/// Whose examples are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Neuron {
    /// The site.
    pub site: Site,
    /// The layer.
    pub layer: i32,
    /// The neuron.
    pub neuron: i32,
}

/// The examples of a neuron, from its activations over all tokens. `unit` numbers the random numbers
/// of this neuron among those of `purpose`. Tokens without text, such as beginnings of sequences, are
/// none.
pub fn examples(
    neuron: Neuron,
    values: &[f32],
    words: &TextWords,
    documents: &Documents,
    (seed, purpose, unit): (u64, u64, u64),
) -> Vec<ExampleRow> {
    let with_text = words.tokens.iter().enumerate();
    let candidates: Vec<(usize, f32)> = with_text
        .filter(|(_, token)| token.char_end > token.char_start)
        .filter_map(|(index, _)| Some((index, *values.get(index)?)))
        .collect();
    let activations: Vec<f32> = candidates.iter().map(|(_, value)| *value).collect();
    let mut sorter = Sorter::default();
    let Some(order) = sorter.sort(&activations) else {
        return Vec::new();
    };
    let mut order: Vec<usize> = order.words().collect();
    order.reverse();
    let each = EACH.min(order.len().div_ceil(3));
    let (most, rest) = order.split_at(each);
    let (middle, least) = rest.split_at(rest.len().saturating_sub(each));
    let mut rng = stream(seed, purpose, unit);
    let slices = EACH.min(middle.len());
    let between: Vec<usize> = (0..slices)
        .filter_map(|slice| {
            let of = |slice: usize| slice * middle.len() / slices;
            middle
                .get(rng.random_range(of(slice)..of(slice + 1)))
                .copied()
        })
        .collect();
    let least: Vec<usize> = least.iter().rev().copied().collect();
    let mut rows = Vec::new();
    for (kind, chosen) in [("most", most), ("least", &least), ("between", &between)] {
        for (rank, candidate) in (0..).zip(chosen) {
            let Some((index, value)) = candidates.get(*candidate) else {
                continue;
            };
            let Some(token) = words.tokens.get(*index) else {
                continue;
            };
            let (before, after) = documents.around(token);
            rows.push(ExampleRow {
                site: neuron.site.to_string(),
                layer: neuron.layer,
                neuron: neuron.neuron,
                kind: kind.to_owned(),
                rank,
                document: token.document,
                window: token.window,
                position: token.position,
                activation: f64::from(*value),
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
