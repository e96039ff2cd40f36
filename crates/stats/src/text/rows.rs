//! What was found of a layer, as rows and facts.

use super::alone::Alone;
use super::nulls::{Null, TextNulls};
use super::score::Score;
use super::transfer::InWords;
use super::words::TextWords;
use crate::distributions::LN_10;
use crate::effect::Interval;
use crate::statistic::Test;
use selectron_run::vocabulary::TextNull;
use selectron_run::{Pipeline, Place, Side};
use selectron_tables::rows::{GeneralizationRow, PreferenceRow, TextNullRow, UposMeanRow};

/// What the text says of the neurons of a site and layer.
#[derive(Debug)]
pub struct Layer {
    /// The site and layer.
    pub place: Place,
    /// The neurons.
    pub scores: Vec<Score>,
    /// The best under shuffled labels.
    pub shuffled: Option<Null>,
    /// The best in control tasks.
    pub control: Option<Null>,
    /// For each neuron the AUC of another one drawn at random.
    pub random: Vec<Option<f64>>,
}

/// The rows of `generalization.parquet`, without what only a shown neuron has.
pub fn neuron_rows(layer: &Layer, words: &TextWords, nulls: &TextNulls) -> Vec<GeneralizationRow> {
    let counts = GeneralizationRow {
        site: layer.place.site,
        layer: layer.place.layer,
        n_a: words.count_side(Side::A, false),
        n_b: words.count_side(Side::B, false),
        n_other: words.count_others(),
        n_a_seen: words.count_side(Side::A, true),
        n_b_seen: words.count_side(Side::B, true),
        ..GeneralizationRow::default()
    };
    let scores = layer.scores.iter().zip(&layer.random).enumerate();
    scores
        .map(|(neuron, (score, random))| GeneralizationRow {
            neuron,
            auc_random: *random,
            auc_control: score.control.and_then(|sum| nulls.control_auc(sum)),
            p_shuffled: p(score, layer.shuffled.as_ref()),
            p_control: p(score, layer.control.as_ref()),
            shown: false,
            ..scored(score, &counts)
        })
        .collect()
}

fn p(score: &Score, null: Option<&Null>) -> Option<f64> {
    score.ab.auc()?;
    let comparisons = score.ab.positives * score.ab.negatives;
    Some(null?.p(score.ab.excess(), comparisons))
}

fn low(interval: Option<Interval>) -> Option<f64> {
    interval.map(|(low, _)| low)
}

fn high(interval: Option<Interval>) -> Option<f64> {
    interval.map(|(_, high)| high)
}

fn scored(score: &Score, counts: &GeneralizationRow) -> GeneralizationRow {
    let (ab, a_rest, b_rest) = (&score.ab, &score.a_rest, &score.b_rest);
    let [of_ab, of_a, of_b] = [ab.interval(), a_rest.interval(), b_rest.interval()];
    GeneralizationRow {
        auc: ab.auc(),
        auc_low: low(of_ab),
        auc_high: high(of_ab),
        auc_a_rest: a_rest.auc(),
        auc_a_rest_low: low(of_a),
        auc_a_rest_high: high(of_a),
        auc_b_rest: b_rest.auc(),
        auc_b_rest_low: low(of_b),
        auc_b_rest_high: high(of_b),
        auc_seen: score.auc_seen,
        auc_all: score.auc_all,
        mean_a: score.mean_a,
        mean_b: score.mean_b,
        t: score.test.map(|test| test.t),
        df: score.test.and_then(|test| test.df),
        p: score.test.as_ref().map(Test::p),
        log10_p: score.test.map(|test| test.ln_p / LN_10),
        cohen_d: score.d,
        top_share: score.top_share,
        ..counts.clone()
    }
}

/// Puts what only a shown neuron has into its row.
pub fn note_shown(row: &mut GeneralizationRow, alone: &Alone) {
    let detection = alone.detection.map(|(_, detection)| detection);
    row.shown = true;
    row.auc_boot_low = low(alone.interval);
    row.auc_boot_high = high(alone.interval);
    row.threshold = alone.detection.map(|(threshold, _)| f64::from(threshold));
    row.precision = detection.and_then(|detection| detection.precision());
    row.recall = detection.and_then(|detection| detection.recall());
    row.f1 = detection.and_then(|detection| detection.f1());
    row.mcc = detection.and_then(|detection| detection.mcc());
}

/// The rows of `upos_means.parquet`.
pub fn upos_rows(layer: &Layer, words: &TextWords) -> Vec<UposMeanRow> {
    let mut rows = Vec::new();
    for (neuron, score) in layer.scores.iter().enumerate() {
        for (upos, moments) in words.classes.iter().zip(&score.classes) {
            let Some(moments) = moments else { continue };
            rows.push(UposMeanRow {
                site: layer.place.site,
                layer: layer.place.layer,
                neuron,
                upos: upos.clone(),
                n: moments.n,
                mean: moments.mean,
                sd: moments.variance().map(f64::sqrt),
            });
        }
    }
    rows
}

/// The rows of `preferences.parquet`. `in_words` is what each neuron prefers in isolated words.
pub fn preference_rows(
    layer: &Layer,
    in_words: &[Option<usize>],
    pipeline: &Pipeline,
) -> Vec<PreferenceRow> {
    let name =
        |category: Option<usize>| category.map(|index| pipeline.category[index].name.clone());
    let neurons = layer.scores.iter().zip(in_words).enumerate();
    neurons
        .map(|(neuron, (score, in_words))| PreferenceRow {
            site: layer.place.site,
            layer: layer.place.layer,
            neuron,
            in_words: name(*in_words),
            in_text: name(score.prefers),
        })
        .collect()
}

/// The rows of `text_nulls.parquet`.
pub fn null_rows(layer: &Layer) -> Vec<TextNullRow> {
    let mut rows = Vec::new();
    for (kind, null) in [
        (TextNull::Shuffled, &layer.shuffled),
        (TextNull::Control, &layer.control),
    ] {
        let Some(null) = null else { continue };
        for (draw, (highest, lowest)) in null.highest.iter().zip(&null.lowest).enumerate() {
            rows.push(TextNullRow {
                site: layer.place.site,
                layer: layer.place.layer,
                kind,
                draw,
                highest: *highest,
                lowest: *lowest,
            });
        }
    }
    rows
}

/// Whether a neuron generalises; see
/// [`LayerGeneralization`](selectron_run::manifest::LayerGeneralization).
pub fn generalises(in_words: &InWords, row: &GeneralizationRow, alpha: f64) -> bool {
    let beyond = |end: Option<f64>| end.is_some_and(|end| in_words.agrees(end));
    in_words.significant
        && beyond(row.auc_low)
        && beyond(row.auc_high)
        && row.p_control.is_some_and(|p| p <= alpha)
}
