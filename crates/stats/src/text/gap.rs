//! The same words in different presentations and in the text, compared item by item.

use crate::design::Design;
use crate::error::{Error, Result};
use crate::moments::{Moments, correlation};
use crate::rows::to_i32;
use crate::statistic::{Test, welch};
use rayon::prelude::*;
use selectron_tables::activations::Block;
use selectron_tables::rows::ContextGapRow;

/// The name of the text among the presentations.
const TEXT: &str = "text";

/// The activations of the design's words in one presentation; none of a word that it lacks.
#[derive(Debug)]
pub struct Presented {
    name: String,
    /// Whether each of the design's words is there.
    there: Vec<bool>,
    /// Neurons x words of the design.
    values: Vec<f64>,
}

impl Presented {
    /// The presentations of a block of `presentation_activations.parquet`.
    ///
    /// # Errors
    /// When the block's keys are not two.
    pub fn all(block: &Block, names: &[String], design: &Design) -> Result<Vec<Self>> {
        let [presentations, items] = block.keys.as_slice() else {
            return Err(Error::Bug("presentations have two keys".to_owned()));
        };
        let words = design.words.len();
        let mut all: Vec<Self> = names
            .iter()
            .map(|name| Self {
                name: name.clone(),
                there: vec![false; words],
                values: vec![0.0; words * block.width],
            })
            .collect();
        for (row, (presentation, item)) in presentations.iter().zip(items).enumerate() {
            let place = design.words.iter().position(|word| word.item == *item);
            let presentation = usize::try_from(*presentation).ok();
            let presented = presentation.and_then(|index| all.get_mut(index));
            let (Some(place), Some(presented)) = (place, presented) else {
                continue;
            };
            for (neuron, value) in block.row(row).iter().enumerate() {
                if let Some(here) = presented.values.get_mut(neuron * words + place) {
                    *here = f64::from(*value);
                }
            }
            if let Some(there) = presented.there.get_mut(place) {
                *there = true;
            }
        }
        Ok(all)
    }

    /// The text: each word's mean over its occurrences, neuron by neuron.
    pub fn in_text<'a>(there: Vec<bool>, neurons: impl Iterator<Item = &'a [f64]>) -> Self {
        Self {
            name: TEXT.to_owned(),
            there,
            values: neurons.flatten().copied().collect(),
        }
    }

    fn row(&self, neuron: usize) -> &[f64] {
        let words = self.there.len();
        self.values
            .get(neuron * words..(neuron + 1) * words)
            .unwrap_or(&[])
    }
}

/// What one neuron does between two presentations.
#[derive(Debug, Clone, Copy)]
struct Change {
    correlation: Option<f64>,
    shift: Option<f64>,
    significant: bool,
    kept: bool,
}

/// Compares every two presentations at one site and layer, each two once.
///
/// # Errors
/// When a count is too large for its column, which cannot happen.
pub fn gaps(
    (site, layer): (&str, i32),
    presented: &[Presented],
    design: &Design,
    neurons: usize,
    alpha: f64,
) -> Result<Vec<ContextGapRow>> {
    let ln_level = (alpha / neurons.max(1) as f64).ln();
    let mut rows = Vec::new();
    for (index, from) in presented.iter().enumerate() {
        for to in presented.iter().skip(index + 1) {
            let both = from
                .there
                .iter()
                .zip(&to.there)
                .map(|(one, other)| *one && *other);
            let items = Items::new(both, design);
            let changes: Vec<Change> = (0..neurons)
                .into_par_iter()
                .map(|neuron| items.change(from.row(neuron), to.row(neuron), ln_level))
                .collect();
            let mean = |values: Vec<f64>| {
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            };
            let shifts = || changes.iter().filter_map(|change| change.shift);
            let correlations = changes.iter().filter_map(|change| change.correlation);
            rows.push(ContextGapRow {
                site: site.to_owned(),
                layer,
                from: from.name.clone(),
                to: to.name.clone(),
                items: to_i32(items.all.len())?,
                correlation: mean(correlations.collect()),
                mean_shift: mean(shifts().collect()),
                mean_abs_shift: mean(shifts().map(f64::abs).collect()),
                significant: to_i32(changes.iter().filter(|one| one.significant).count())?,
                kept: to_i32(changes.iter().filter(|one| one.kept).count())?,
            });
        }
    }
    Ok(rows)
}

/// The words that are there in two presentations, as indices in the design.
struct Items {
    all: Vec<usize>,
    a: Vec<usize>,
    b: Vec<usize>,
}

impl Items {
    fn new(both: impl Iterator<Item = bool>, design: &Design) -> Self {
        let there = both.enumerate().filter(|(_, both)| *both);
        let all: Vec<usize> = there.map(|(word, _)| word).collect();
        let of = |range: std::ops::Range<usize>| {
            all.iter()
                .copied()
                .filter(|word| range.contains(word))
                .collect()
        };
        Self {
            a: of(design.a()),
            b: of(design.b()),
            all,
        }
    }

    fn change(&self, from: &[f64], to: &[f64], ln_level: f64) -> Change {
        let value = |row: &[f64], word: &usize| row.get(*word).copied().unwrap_or(f64::NAN);
        let pairs: Vec<(f64, f64)> = self
            .all
            .iter()
            .map(|word| (value(from, word), value(to, word)))
            .collect();
        let before = Moments::of(pairs.iter().map(|(from, _)| *from));
        let after = Moments::of(pairs.iter().map(|(_, to)| *to));
        let spread = before.variance().map_or(0.0, f64::sqrt);
        let shift = after.minus(&before) / spread;
        let test = |row: &[f64]| -> Option<Test> {
            let of = |words: &[usize]| {
                let values: Vec<f64> = words.iter().map(|word| value(row, word)).collect();
                Moments::of(values.into_iter())
            };
            welch(&of(&self.a), &of(&self.b)).filter(|test| test.ln_p <= ln_level)
        };
        let (was, is) = (test(from), test(to));
        Change {
            correlation: correlation(&pairs).filter(|r| r.is_finite()),
            shift: shift.is_finite().then_some(shift),
            significant: was.is_some(),
            kept: was.zip(is).is_some_and(|(was, is)| was.t * is.t > 0.0),
        }
    }
}
