//! Whether t repeats: over the neurons of a layer, how well do the t of one half of the words agree
//! with those of the other?

use crate::arrangement::{Arrangement, Shape};
use crate::moments;
use crate::random::{Purpose, stream};
use crate::sample::Sample;
use crate::statistic::{Outcome, Tester};
use rand::seq::SliceRandom;
use selectron_run::pipeline::Statistic;
use selectron_tables::rows::ReliabilityRow;

/// Random splits; the mean over that many has a negligible spread.
const SPLITS: usize = 20;
/// A logistic fit takes some hundred times as long as a t.
const SPLITS_OF_LOGIT: usize = 4;

/// Splits the words of a test at random in halves, and correlates the halves' t over the neurons.
pub fn split_half(tester: &Tester, sample: &Sample, seed: u64) -> ReliabilityRow {
    let splits = match tester.statistic() {
        Statistic::Logit => SPLITS_OF_LOGIT,
        _ => SPLITS,
    };
    let mut correlations = Vec::new();
    for split in 0..splits {
        let Some((first, second)) = halves(tester.arrangement(), seed, split) else {
            break;
        };
        let first = tester.on(first).test(sample);
        let second = tester.on(second).test(sample);
        correlations.extend(correlation(&first, &second));
    }
    let mean = (!correlations.is_empty())
        .then(|| correlations.iter().sum::<f64>() / correlations.len() as f64);
    ReliabilityRow {
        statistic: tester.statistic(),
        site: sample.place.site,
        layer: sample.place.layer,
        splits: correlations.len(),
        correlation: mean,
        lowest: correlations.iter().copied().reduce(f64::min),
        highest: correlations.iter().copied().reduce(f64::max),
        reliability: mean.map(|r| 2.0 * r / (1.0 + r)).filter(|r| r.is_finite()),
    }
}

/// Two halves of each category, or of the pairs; none where a half would have fewer than two.
fn halves(words: &Arrangement, seed: u64, split: usize) -> Option<(Arrangement, Arrangement)> {
    let mut rng = stream(seed, Purpose::Splits, split as u64);
    let sizes: Vec<usize> = match words.shape {
        Shape::Paired => vec![words.units()],
        _ => words.groups.iter().map(Vec::len).collect(),
    };
    let mut chosen = Vec::new();
    for size in sizes {
        if size < 4 {
            return None;
        }
        let mut half = vec![false; size / 2];
        half.resize(size, true);
        half.shuffle(&mut rng);
        chosen.extend(half);
    }
    let rest: Vec<bool> = chosen.iter().map(|chosen| !chosen).collect();
    Some((words.part(&chosen), words.part(&rest)))
}

/// Pearson's correlation over the neurons that are defined in both; none where one does not vary.
fn correlation(first: &[Outcome], second: &[Outcome]) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = first
        .iter()
        .zip(second)
        .filter_map(|(first, second)| Some((first.test?.t, second.test?.t)))
        .collect();
    moments::correlation(&pairs)
}
