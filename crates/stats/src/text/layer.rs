//! The text's numbers of one site and layer, as far as they depend on no other.

use super::classes::Preferences;
use super::gap::{Presented, gaps};
use super::inputs::Text;
use super::nulls::Null;
use super::rows::{Layer, neuron_rows, null_rows, preference_rows, upos_rows};
use super::score::{Score, Scorer};
use crate::random::{Purpose, number_of, stream};
use rand::RngExt;
use selectron_run::Place;
use selectron_run::error::{Error, Result};
use selectron_tables::rows::{
    ContextGapRow, GeneralizationRow, PreferenceRow, TextNullRow, UposMeanRow,
};
use serde::{Deserialize, Serialize};

/// The rows of one site and layer. Which neurons are shown is not known yet.
#[derive(Debug, Serialize, Deserialize)]
pub struct TextRows {
    /// For each neuron, without what only a shown one has.
    pub neurons: Vec<GeneralizationRow>,
    /// Means by part of speech.
    pub upos: Vec<UposMeanRow>,
    /// What each neuron prefers.
    pub preferences: Vec<PreferenceRow>,
    /// What the best neuron reaches by chance.
    pub nulls: Vec<TextNullRow>,
    /// The presentations, compared.
    pub gaps: Vec<ContextGapRow>,
    /// The distance of the best neuron's AUC from 1/2 that at most 5 % of the shuffles exceed.
    pub shuffled_best: Option<f64>,
    /// The same of the control tasks.
    pub control_best: Option<f64>,
}

/// Scores the neurons of a site and layer. `in_words` is what each prefers in isolated words, as an
/// index in the pipeline.
///
/// # Errors
/// When the tables do not fit each other, or a file cannot be read or written.
pub fn score(
    text: &Text<'_>,
    scorer: &Scorer<'_>,
    place: Place,
    in_words: &[Option<usize>],
) -> Result<TextRows> {
    let Scorer { words, nulls, .. } = scorer;
    let pipeline = text.pipeline;
    let mut layer = text.traces().read(place)?;
    check_width(
        "text_activations.parquet",
        place,
        layer.width,
        in_words.len(),
    )?;
    let unseen = words.membership.iter();
    let unseen: Vec<Option<usize>> = unseen
        .map(|word| if word.seen { None } else { word.category })
        .collect();
    let (categories, alpha) = (pipeline.category.len(), pipeline.test.alpha);
    let preferences = Preferences::new(&unseen, categories, layer.width, alpha);
    let mut scores = Vec::new();
    let mut extremes = nulls.extremes();
    layer.blocks(|_, matrix| {
        let (some, reached) = scorer.score(matrix, &preferences);
        scores.extend(some);
        extremes.merge(&reached);
        Ok(())
    })?;
    drop(layer);
    let layer = Layer {
        place,
        random: random(place, &scores, pipeline.seed),
        scores,
        shuffled: nulls.shuffled(&extremes),
        control: nulls.control(&extremes),
    };
    Ok(TextRows {
        neurons: neuron_rows(&layer, words, nulls),
        upos: upos_rows(&layer, words),
        preferences: preference_rows(&layer, in_words, pipeline),
        nulls: null_rows(&layer),
        gaps: context_gaps(text, scorer, &layer)?,
        shuffled_best: layer.shuffled.as_ref().and_then(Null::best_of_most),
        control_best: layer.control.as_ref().and_then(Null::best_of_most),
    })
}

/// Refuses a table whose rows at a place are not as wide as those of `activations.parquet`.
fn check_width(table: &str, place: Place, width: usize, neurons: usize) -> Result<()> {
    if width == neurons {
        return Ok(());
    }
    Err(Error::input(
        format_args!("{table}, {place}"),
        format!("its rows have {width} neurons, but those of activations.parquet have {neurons}"),
        "rerun the extract stage, which writes both tables together",
    ))
}

/// For each neuron the AUC of another one of the layer, drawn at random.
fn random(place: Place, scores: &[Score], seed: u64) -> Vec<Option<f64>> {
    let mut rng = stream(seed, Purpose::RandomNeurons, number_of(place.neuron(0)));
    let others = scores.len().saturating_sub(1);
    (0..scores.len())
        .map(|neuron| {
            if others == 0 {
                return None;
            }
            let drawn = rng.random_range(0..others);
            let other = if drawn < neuron { drawn } else { drawn + 1 };
            scores[other].ab.auc()
        })
        .collect()
}

fn context_gaps(text: &Text<'_>, scorer: &Scorer<'_>, layer: &Layer) -> Result<Vec<ContextGapRow>> {
    let Some((reader, names)) = &text.presentations else {
        return Ok(Vec::new());
    };
    let block = reader.read(layer.place)?;
    let neurons = layer.scores.len();
    let table = "presentation_activations.parquet";
    check_width(table, layer.place, block.width, neurons)?;
    let mut presented = Presented::all(&block, names, text.design)?;
    drop(block);
    let occurs = scorer.occurrences.iter().map(|words| !words.is_empty());
    let means = layer
        .scores
        .iter()
        .map(|score| score.occurrences.as_slice());
    presented.push(Presented::in_text(occurs.collect(), means));
    let alpha = text.pipeline.test.alpha;
    Ok(gaps(layer.place, &presented, text.design, neurons, alpha))
}
