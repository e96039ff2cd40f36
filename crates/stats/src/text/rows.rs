//! What was found of a layer, as rows and facts.

use super::layer::{Found, LayerWork, Shown};
use super::nulls::Null;
use super::score::Score;
use crate::distributions::LN_10;
use crate::error::Result;
use crate::results::Part;
use crate::rows::to_i32;
use crate::statistic::Test;
use selectron_run::manifest::{LayerGeneralization, ShownFacts};
use selectron_tables::rows::{GeneralizationRow, TextNullRow, TransferRow, UposMeanRow};

/// The rows of `generalization.parquet`.
pub(super) fn neuron_rows(
    work: &LayerWork<'_>,
    part: &Part,
    found: &Found,
) -> Result<Vec<GeneralizationRow>> {
    let words = work.words;
    let count = |wanted: usize, seen: bool| {
        to_i32(words.count(|category, was| category == Some(wanted) && was == seen))
    };
    let counts = GeneralizationRow {
        site: part.site.to_string(),
        layer: part.layer,
        n_a: count(0, false)?,
        n_b: count(1, false)?,
        n_other: to_i32(words.count(|category, seen| !seen && !matches!(category, Some(0 | 1))))?,
        n_a_seen: count(0, true)?,
        n_b_seen: count(1, true)?,
        ..GeneralizationRow::default()
    };
    let scores = found.scores.iter().zip(&found.random).enumerate();
    scores
        .map(|(neuron, (score, random))| {
            let shown = found.shown.iter().find(|(other, _)| *other == neuron);
            let row = GeneralizationRow {
                neuron: to_i32(neuron)?,
                auc_random: *random,
                auc_control: score.control.and_then(|sum| work.nulls.control_auc(sum)),
                p_shuffled: p(score, found.shuffled.as_ref()),
                p_control: p(score, found.control.as_ref()),
                shown: shown.is_some(),
                ..scored(score, counts.clone())
            };
            Ok(shown.map_or(row.clone(), |(_, shown)| with_shown(row, shown)))
        })
        .collect()
}

fn p(score: &Score, null: Option<&Null>) -> Option<f64> {
    score.ab.auc()?;
    let comparisons = score.ab.positives * score.ab.negatives;
    Some(null?.p(score.ab.excess(), comparisons))
}

fn scored(score: &Score, row: GeneralizationRow) -> GeneralizationRow {
    let (ab, a_rest, b_rest) = (&score.ab, &score.a_rest, &score.b_rest);
    let low = |interval: Option<(f64, f64)>| interval.map(|(low, _)| low);
    let high = |interval: Option<(f64, f64)>| interval.map(|(_, high)| high);
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
        ..row
    }
}

fn with_shown(row: GeneralizationRow, shown: &Shown) -> GeneralizationRow {
    let detection = shown.detection.map(|(_, detection)| detection);
    GeneralizationRow {
        auc_boot_low: shown.interval.map(|(low, _)| low),
        auc_boot_high: shown.interval.map(|(_, high)| high),
        threshold: shown.detection.map(|(threshold, _)| f64::from(threshold)),
        precision: detection.and_then(|one| one.precision()),
        recall: detection.and_then(|one| one.recall()),
        f1: detection.and_then(|one| one.f1()),
        mcc: detection.and_then(|one| one.mcc()),
        ..row
    }
}

/// The rows of `upos_means.parquet`.
pub(super) fn upos_rows(
    work: &LayerWork<'_>,
    part: &Part,
    scores: &[Score],
) -> Result<Vec<UposMeanRow>> {
    let mut rows = Vec::new();
    for (neuron, score) in scores.iter().enumerate() {
        for (upos, moments) in work.words.classes.iter().zip(&score.classes) {
            let Some(moments) = moments else { continue };
            rows.push(UposMeanRow {
                site: part.site.to_string(),
                layer: part.layer,
                neuron: to_i32(neuron)?,
                upos: upos.clone(),
                n: to_i32(moments.n)?,
                mean: moments.mean,
                sd: moments.variance().map(f64::sqrt),
            });
        }
    }
    Ok(rows)
}

/// The rows of `text_nulls.parquet`.
pub(super) fn null_rows(part: &Part, found: &Found) -> Result<Vec<TextNullRow>> {
    let mut rows = Vec::new();
    for (kind, null) in [("shuffled", &found.shuffled), ("control", &found.control)] {
        let Some(null) = null else { continue };
        for (draw, (highest, lowest)) in null.highest.iter().zip(&null.lowest).enumerate() {
            rows.push(TextNullRow {
                site: part.site.to_string(),
                layer: part.layer,
                kind: kind.to_owned(),
                draw: to_i32(draw)?,
                highest: *highest,
                lowest: *lowest,
            });
        }
    }
    Ok(rows)
}

/// Whether a neuron generalises; see [`LayerGeneralization`].
fn generalises(found: &Found, neuron: usize, row: &GeneralizationRow, alpha: f64) -> bool {
    let Some(in_words) = found.in_words.get(neuron).filter(|one| one.significant) else {
        return false;
    };
    let beyond = |end: Option<f64>| end.is_some_and(|end| in_words.agrees(end));
    beyond(row.auc_low) && beyond(row.auc_high) && row.p_control.is_some_and(|p| p <= alpha)
}

/// How the layer fares.
pub(super) fn summary(
    part: &Part,
    found: &Found,
    rows: &[GeneralizationRow],
    transfer: &TransferRow,
    alpha: f64,
) -> LayerGeneralization {
    let significant = found.in_words.iter().filter(|one| one.significant).count();
    let same_side = usize::try_from(transfer.same_sign).unwrap_or(0);
    let neurons = rows.iter().enumerate();
    let generalise = neurons.filter(|(neuron, row)| generalises(found, *neuron, row, alpha));
    let aucs = || rows.iter().filter_map(|row| row.auc);
    LayerGeneralization {
        site: part.site.to_string(),
        layer: part.layer,
        neurons: rows.len(),
        significant,
        same_side,
        generalise: generalise.count(),
        highest: aucs().reduce(f64::max),
        lowest: aucs().reduce(f64::min),
        shuffled_best: found.shuffled.as_ref().and_then(Null::best_of_most),
        control_best: found.control.as_ref().and_then(Null::best_of_most),
        transfer: transfer.correlation,
    }
}

/// Notes which of the layer's shown neurons generalise.
pub(super) fn note_generalising(
    part: &Part,
    found: &Found,
    rows: &[GeneralizationRow],
    shown: &mut [ShownFacts],
    alpha: f64,
) {
    let here =
        |facts: &&mut ShownFacts| facts.site == part.site.name() && facts.layer == part.layer;
    for facts in shown.iter_mut().filter(here) {
        let neuron = usize::try_from(facts.neuron).unwrap_or(usize::MAX);
        let row = rows.get(neuron);
        facts.generalises = row.is_some_and(|row| generalises(found, neuron, row, alpha));
    }
}
