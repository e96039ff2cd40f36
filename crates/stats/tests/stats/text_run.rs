//! A run directory with a text, as the extract stage leaves it.
//!
//! Two layers of 24 neurons. The first hardly varies, the second does not, the third tells A from B
//! in isolated words and in text, the fourth in isolated words only; the others are noise.

use crate::common::words;
use selectron_run::NeuronId;
use selectron_run::pipeline::Presentation;
use selectron_tables::rows::TextWordRow;
use selectron_testkit::{RunBuilder, TestRun, Text, noise, pipeline_of};

pub(crate) const NEURONS: usize = 24;
pub(crate) const LAYERS: usize = 2;

/// Stimuli of each category.
const STIMULI: usize = 20;

/// What a text is to be like.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Categories.
    pub(crate) categories: usize,
    /// Words of the text in each document; there are four documents.
    pub(crate) words: usize,
    /// Tokens in a part; none for one file.
    pub(crate) part: Option<usize>,
    /// Whether words have their category at random, whatever their activations.
    pub(crate) shuffled: bool,
    /// Keys of `[text]`.
    pub(crate) text: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            categories: 2,
            words: 120,
            part: None,
            shuffled: false,
            text: "shuffles = 60\nresamples = 100\n".to_owned(),
        }
    }
}

/// The activation of something of a category.
fn activation(item: usize, id: NeuronId, category: Option<usize>, isolated: bool) -> f32 {
    let is_a = category == Some(0);
    match id.neuron {
        0 => 1.0 + 1e-6 * noise(item, id),
        1 => 0.1,
        2 => noise(item, id) + if is_a { 1.5 } else { 0.0 },
        3 => noise(item, id) + if is_a && isolated { 3.0 } else { 0.0 },
        _ => noise(item, id),
    }
}

/// Documents of sentences of ten words, of one or two tokens, with a beginning-of-sequence token at
/// the start of each. Every third word is of no category; every twentieth is a stimulus. For each
/// word the category that its activations know of is returned too.
fn text(plan: &Plan) -> (Text, Vec<Option<usize>>) {
    let mut text = Text::new();
    let mut kinds = Vec::new();
    for document in 0..4 {
        text.document();
        for word in 0..plan.words {
            if word % 10 == 0 {
                text.sentence();
            }
            let number = document * plan.words + word;
            let kind = match number % 3 {
                2 => None,
                kind => Some((kind + number / 30 * (plan.categories - 2)) % plan.categories),
            };
            // Gives the categories to other words, in a pattern that the noise does not follow.
            let named = match kind {
                Some(_) if plan.shuffled => Some(number * 7 / 5 % 2),
                kind => kind,
            };
            let seen = number % 20 < 3;
            let form = match (named, seen) {
                (Some(category), true) => format!("w{category}x{}", number % 7),
                (Some(category), false) => format!("N{category}y{}", number % 37),
                (None, _) => ",".to_owned(),
            };
            let halves = form.split_at(form.len() / 2);
            let pieces = match number % 4 {
                0 if !halves.0.is_empty() => vec![halves.0, halves.1],
                _ => vec![form.as_str()],
            };
            let row = TextWordRow {
                form: form.clone(),
                upos: Some(match named {
                    Some(category) => format!("UPOS{category}"),
                    None => "PUNCT".to_owned(),
                }),
                category: named.map(|category| format!("c{category}")),
                seen: seen && named.is_some(),
                dropped: (word == 0).then(|| "little context".to_owned()),
                ..TextWordRow::default()
            };
            text.word(row, &pieces);
            kinds.push(kind);
        }
    }
    (text, kinds)
}

/// Writes the run directory. In the text only a word's last token knows its category. Of the three
/// presentations the second is the first, every neuron shifted by one of its standard deviations or
/// so; the third lacks a word.
pub(crate) fn text_run(plan: &Plan) -> TestRun {
    let (text, kinds) = text(plan);
    let mut kind_of_token = vec![None; text.tokens.len()];
    for (word, kind) in text.words.iter().zip(kinds) {
        kind_of_token[*word.token_rows.last().unwrap()] = kind;
    }
    let isolated = words(&vec![STIMULI; plan.categories]);
    let rows: Vec<(usize, usize)> = (0..3)
        .flat_map(|presentation| {
            let first = usize::from(presentation == 2);
            (first..isolated.len()).map(move |item| (presentation, item))
        })
        .collect();
    let in_words = |item: usize, id| activation(item, id, Some(item / STIMULI), true);
    let further = format!(
        "[test]\nnulls = 0\n[text]\nsource = \"t.conllu\"\n{}",
        plan.text
    );
    let mut builder = RunBuilder::new(&pipeline_of(plan.categories, &further))
        .neurons(NEURONS)
        .words(isolated)
        .activations(in_words)
        .presentations(
            &[
                Presentation::Bare,
                Presentation::Space,
                Presentation::BosSpace,
            ],
            &rows,
            |row, id| in_words(rows[row].1, id) + rows[row].0 as f32,
        )
        .text(text)
        .text_activations(|row, id| activation(1000 + row, id, kind_of_token[row], false));
    if let Some(tokens) = plan.part {
        builder = builder.in_scratch(tokens);
    }
    builder.write()
}
