//! What is measured, written down once in `cases.json`, so that every side of a comparison reads the
//! same ids.

use crate::files::file_error;
use crate::geometry::{CONTEXT, LAYERS, NEURONS, VOCABULARY};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use selectron_run::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file's name, in the checkpoint's folder.
pub(crate) const FILE: &str = "cases.json";

/// The layer of the cases that record a single one: the original experiment's.
const ONE_LAYER: usize = 8;

/// What a case does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Load the model, and put one token through it, so that every weight has been read.
    Load,
    /// Record words, the mean over each one's tokens, and keep all of them.
    Words,
    /// Record every token of a text, and keep a batch.
    Text,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Case {
    /// How it is called.
    pub(crate) name: String,
    /// One line about it.
    pub(crate) about: String,
    /// What it does.
    pub(crate) kind: Kind,
    /// Whether it is measured unless others are named.
    pub(crate) by_default: bool,
    /// The layers to record `mlp.pre` of.
    pub(crate) layers: Vec<usize>,
    /// The sequences.
    pub(crate) ids: Vec<Vec<u32>>,
    /// Activations to compare: sequence and token (for words the sequence counts alone).
    pub(crate) sample_rows: Vec<(usize, usize)>,
    /// Layers of these activations.
    pub(crate) sample_layers: Vec<usize>,
    /// Neurons of these activations.
    pub(crate) sample_neurons: Vec<usize>,
}

/// Writes all cases.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let path = folder.join(FILE);
    let text = serde_json::to_string(&all()).map_err(|error| file_error(&path, error))?;
    std::fs::write(&path, text).map_err(|error| file_error(&path, error))
}

/// Reads one case.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Case> {
    let path = folder.join(FILE);
    let text = std::fs::read_to_string(&path).map_err(|error| file_error(&path, error))?;
    let cases: Vec<Case> = serde_json::from_str(&text).map_err(|error| file_error(&path, error))?;
    let names: Vec<_> = cases.iter().map(|case| case.name.clone()).collect();
    let found = cases.into_iter().find(|case| case.name == name);
    found.ok_or_else(|| {
        Error::new(
            format!("there is no case `{name}`"),
            format!("choose among {}", names.join(", ")),
        )
    })
}

fn all() -> Vec<Case> {
    let everywhere: Vec<_> = (0..LAYERS).collect();
    let one = vec![ONE_LAYER];
    let case = |name: &str, about: &str, kind, layers: &[usize], ids: Vec<Vec<u32>>| Case {
        name: name.to_owned(),
        about: about.to_owned(),
        kind,
        by_default: true,
        layers: layers.to_vec(),
        sample_rows: sample_rows(&ids),
        sample_layers: [layers.first(), layers.last()]
            .into_iter()
            .flatten()
            .copied()
            .collect(),
        sample_neurons: (0..NEURONS).step_by(64).collect(),
        ids,
    };
    // One or two tokens, as a bare word of the original's lists has.
    let words = sequences(1, 200, |rng| rng.random_range(1..=2));
    let many = sequences(2, 2000, |_| 2);
    let text = sequences(3, 8, |_| 512);
    let document = sequences(4, 16, |_| CONTEXT);
    let long = sequences(5, 128, |_| CONTEXT);
    let (words_kind, text_kind) = (Kind::Words, Kind::Text);
    vec![
        case(
            "load",
            "model load and one token, file in the cache",
            Kind::Load,
            &everywhere,
            vec![vec![1000]],
        ),
        case(
            "words-200-layer-8",
            "200 words, layer 8",
            words_kind,
            &one,
            words.clone(),
        ),
        case(
            "words-200",
            "200 words, all layers",
            words_kind,
            &everywhere,
            words,
        ),
        case(
            "words-2000-layer-8",
            "2,000 words, layer 8",
            words_kind,
            &one,
            many.clone(),
        ),
        case(
            "words-2000",
            "2,000 words, all layers",
            words_kind,
            &everywhere,
            many,
        ),
        case(
            "text-4096",
            "4,096 tokens as 8 x 512, all layers",
            text_kind,
            &everywhere,
            text,
        ),
        case(
            "document-32768",
            "a document of 32,768 tokens, all layers",
            text_kind,
            &everywhere,
            document,
        ),
        Case {
            by_default: false,
            ..case(
                "document-262144",
                "a document of 262,144 tokens, all layers",
                text_kind,
                &everywhere,
                long,
            )
        },
    ]
}

/// Random ids, `count` sequences whose lengths `length` draws.
fn sequences(
    stream: u64,
    count: usize,
    length: impl Fn(&mut ChaCha8Rng) -> usize,
) -> Vec<Vec<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    rng.set_stream(stream);
    (0..count)
        .map(|_| {
            let length = length(&mut rng);
            (0..length)
                .map(|_| rng.random_range(0..VOCABULARY as u32))
                .collect()
        })
        .collect()
}

/// The last token of the first and of the last sequence: what is past every window, and what a
/// batch holds at its end.
fn sample_rows(ids: &[Vec<u32>]) -> Vec<(usize, usize)> {
    let last = ids.len().saturating_sub(1);
    [0, last]
        .into_iter()
        .filter_map(|index| Some((index, ids.get(index)?.len().checked_sub(1)?)))
        .collect()
}
