//! Intervals that respect sentences: whole sentences are drawn again, not single words.
//!
//! Words of one sentence are read in the same context, so they are not independent, and an interval
//! that takes them to be is too narrow. The cluster bootstrap (Field and Welsh 2007) draws as many
//! sentences as there are, with repetition, and takes the middle 95 % of what comes out.

use super::auc::{NEGATIVE, Order, POSITIVE};
use crate::effect::Interval;
use crate::random::{Purpose, stream};
use rand::RngExt;
use rayon::prelude::*;

/// A neuron's positive and negative words in order of activation: those of equal activation
/// together, each as its sentence and whether it is positive.
pub type Ranked = Vec<Vec<(usize, bool)>>;

/// The words of a comparison in a neuron's order.
pub fn ranked(order: &Order<'_>, labels: &[u8], sentence: &[usize]) -> Ranked {
    let mut ranked = Vec::new();
    for group in order.groups() {
        let words = group.filter_map(|word| {
            let label = labels[word];
            let takes_part = label == POSITIVE || label == NEGATIVE;
            takes_part.then(|| (sentence[word], label == POSITIVE))
        });
        let words: Vec<_> = words.collect();
        if !words.is_empty() {
            ranked.push(words);
        }
    }
    ranked
}

/// The 95 % percentile intervals of some neurons' AUC over resamples of `sentences` sentences. Every
/// neuron gets the same resamples.
pub fn intervals(
    neurons: &[Ranked],
    sentences: usize,
    resamples: usize,
    seed: u64,
) -> Vec<Option<Interval>> {
    if neurons.is_empty() || sentences == 0 {
        return vec![None; neurons.len()];
    }
    let areas: Vec<Vec<Option<f64>>> = (0..resamples)
        .into_par_iter()
        .map(|resample| {
            let mut rng = stream(seed, Purpose::Sentences, resample as u64);
            let mut times = vec![0_u64; sentences];
            for _ in 0..sentences {
                times[rng.random_range(0..sentences)] += 1;
            }
            neurons.iter().map(|ranked| area(ranked, &times)).collect()
        })
        .collect();
    let areas_of = |neuron: usize| areas.iter().filter_map(move |areas| areas[neuron]);
    (0..neurons.len())
        .map(|neuron| percentiles(areas_of(neuron).collect()))
        .collect()
}

/// The area where each sentence counts `times` times; none where one of the classes has no word.
fn area(ranked: &Ranked, times: &[u64]) -> Option<f64> {
    let (mut positives, mut negatives, mut wins) = (0_u64, 0_u64, 0_u64);
    for group in ranked {
        let (mut more, mut less) = (0, 0);
        for (sentence, positive) in group {
            let times = times[*sentence];
            more += if *positive { times } else { 0 };
            less += if *positive { 0 } else { times };
        }
        wins += more * (2 * negatives + less);
        positives += more;
        negatives += less;
    }
    let doubled = 2 * positives * negatives;
    (doubled > 0).then(|| wins as f64 / doubled as f64)
}

/// The middle 95 %, interpolated linearly between order statistics (Hyndman and Fan 1996, type 7).
fn percentiles(mut numbers: Vec<f64>) -> Option<Interval> {
    numbers.sort_unstable_by(f64::total_cmp);
    let last = numbers.len().checked_sub(1)?;
    let quantile = |share: f64| {
        let place = share * last as f64;
        let below = numbers[place.floor() as usize];
        let above = numbers[place.ceil() as usize];
        below + (place - place.floor()) * (above - below)
    };
    Some((quantile(0.025), quantile(0.975)))
}

#[cfg(test)]
mod tests {
    use super::super::auc::{Comparison, Sorter};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_are_interpolated() {
        let numbers = (0..=100).rev().map(f64::from).collect();
        assert_eq!(percentiles(numbers), Some((2.5, 97.5)));
        assert_eq!(percentiles(vec![1.0]), Some((1.0, 1.0)));
        assert_eq!(percentiles(Vec::new()), None);
    }

    /// Words that repeat within their sentences say nothing new: the interval of sentences is that
    /// of single words before the repetition, where DeLong's takes the copies for evidence.
    #[test]
    fn copies_within_a_sentence_do_not_narrow_the_interval() {
        let value = |word: usize| ((word as f32 * 12.9898).sin() * 43_758.547).fract();
        let width = |copies: usize| {
            let words = 120 * copies;
            let labels: Vec<u8> = (0..words).map(|w| 1 + (w / copies % 2) as u8).collect();
            let sentence: Vec<usize> = (0..words).map(|w| w / copies).collect();
            let values: Vec<f32> = (0..words)
                .map(|w| {
                    value(w / copies)
                        + if (w / copies).is_multiple_of(2) {
                            0.4
                        } else {
                            0.0
                        }
                })
                .collect();
            let mut sorter = Sorter::default();
            let order = sorter.sort(&values).unwrap();
            let ranked = ranked(&order, &labels, &sentence);
            let (low, high) = intervals(&[ranked], 120, 2000, 1)[0].unwrap();
            let (delong_low, delong_high) = Comparison::of(&order, &labels).interval().unwrap();
            (high - low, delong_high - delong_low)
        };
        let ((single, delong), (copied, delong_copied)) = (width(1), width(9));
        assert!((single / delong - 1.0).abs() < 0.1, "{single} {delong}");
        assert_eq!(copied, single);
        assert!((3.0 * delong_copied / delong - 1.0).abs() < 0.1);
    }

    proptest! {
        #[test]
        fn once_each_is_the_area_itself(
            words in proptest::collection::vec((0_u8..3, 0_i8..9, 0_usize..5), 2..40),
        ) {
            let labels: Vec<u8> = words.iter().map(|word| word.0).collect();
            let values: Vec<f32> = words.iter().map(|word| f32::from(word.1)).collect();
            let sentence: Vec<usize> = words.iter().map(|word| word.2).collect();
            let mut sorter = Sorter::default();
            let order = sorter.sort(&values).unwrap();
            let ranked = ranked(&order, &labels, &sentence);
            let expected = Comparison::of(&order, &labels).auc();
            prop_assert_eq!(area(&ranked, &[1; 5]), expected);
            prop_assert_eq!(area(&ranked, &[3; 5]), expected);
        }
    }
}
