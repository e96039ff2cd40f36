//! What is computed of a shown neuron alone.

use super::auc::{NEITHER, Sorter};
use super::bootstrap::{self, Ranked};
use super::inputs::Text;
use super::score::{Contrasts, Scorer};
use super::threshold::{self, Detection};
use super::traces::words_of;
use crate::effect::Interval;

/// What is known of a shown neuron alone.
#[derive(Debug, Clone, Default)]
pub struct Alone {
    /// Interval of the AUC from resampling sentences.
    pub interval: Option<Interval>,
    /// The threshold and what it does in the other half of the text.
    pub detection: Option<(f32, Detection)>,
}

/// Looks at some neurons of a site and layer: for each its activations over all tokens, and the
/// category that it is shown for, as an index in the pipeline.
pub fn alone(text: &Text<'_>, scorer: &Scorer<'_>, neurons: &[(&[f32], usize)]) -> Vec<Alone> {
    let mut ranked = Vec::new();
    let mut detections = Vec::new();
    for (column, category) in neurons {
        let values = words_of(column, &text.words, text.section.reduce);
        let (in_order, detection) = look(text, scorer, &values, *category);
        ranked.push(in_order);
        detections.push(detection);
    }
    let (sentences, resamples) = (text.words.sentences, text.section.resamples);
    let intervals = bootstrap::intervals(&ranked, sentences, resamples, text.pipeline.seed);
    let pairs = intervals.into_iter().zip(detections);
    pairs
        .map(|(interval, detection)| Alone {
            interval,
            detection,
        })
        .collect()
}

/// A neuron's words in order for the bootstrap, and its threshold.
fn look(
    text: &Text<'_>,
    scorer: &Scorer<'_>,
    values: &[f32],
    category: usize,
) -> (Ranked, Option<(f32, Detection)>) {
    let words = &text.words;
    let mut sorter = Sorter::default();
    let Some(order) = sorter.sort(values) else {
        return (Ranked::new(), None);
    };
    let ranked = bootstrap::ranked(&order, &scorer.contrasts.ab, &words.sentence);
    let labels = Contrasts::against_rest(words, category);
    let half = |held_out: bool| -> Vec<u8> {
        let words = labels.iter().zip(&words.held_out);
        words
            .map(|(label, out)| if *out == held_out { *label } else { NEITHER })
            .collect()
    };
    let threshold = threshold::best(&order, values, &half(false));
    let detection =
        threshold.map(|threshold| (threshold, Detection::of(values, &half(true), threshold)));
    (ranked, detection)
}
