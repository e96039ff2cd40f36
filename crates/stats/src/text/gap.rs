//! The same words in different presentations and in the text, compared item by item.

use crate::design::Design;
use crate::moments::{Moments, correlation};
use crate::statistic::{Test, welch};
use rayon::prelude::*;
use selectron_run::error::{Error, Result};
use selectron_run::{Place, Side, Sides};
use selectron_tables::activations::Block;
use selectron_tables::rows::ContextGapRow;

/// The name of the text among the presentations.
const TEXT: &str = "text";

/// The activations of the design's words in one presentation; none of a word that it lacks.
#[derive(Debug)]
pub struct Presented {
    name: String,
    /// Whether it has each of the design's words.
    has: Vec<bool>,
    /// Neurons x words of the design.
    values: Vec<f64>,
}

impl Presented {
    /// The presentations of a block of `presentation_activations.parquet`. Rows of words or
    /// presentations that the run does not have are left out: the table may come from another program.
    ///
    /// # Errors
    /// When the block's keys are not two.
    pub fn all(block: &Block, names: &[String], design: &Design) -> Result<Vec<Self>> {
        let [presentations, items] = block.keys.as_slice() else {
            return Err(Error::bug("presentations have two keys"));
        };
        let words = design.words.len();
        let mut all: Vec<Self> = names
            .iter()
            .map(|name| Self {
                name: name.clone(),
                has: vec![false; words],
                values: vec![0.0; words * block.width],
            })
            .collect();
        for (row, (presentation, item)) in presentations.iter().zip(items).enumerate() {
            let place = design.words.iter().position(|word| word.item == *item);
            let (Some(place), Some(presented)) = (place, all.get_mut(*presentation)) else {
                continue;
            };
            for (neuron, value) in block.row(row).iter().enumerate() {
                presented.values[neuron * words + place] = f64::from(*value);
            }
            presented.has[place] = true;
        }
        Ok(all)
    }

    /// The text: each word's mean over its occurrences, neuron by neuron.
    pub fn in_text<'a>(has: Vec<bool>, neurons: impl Iterator<Item = &'a [f64]>) -> Self {
        Self {
            name: TEXT.to_owned(),
            has,
            values: neurons.flatten().copied().collect(),
        }
    }

    fn row(&self, neuron: usize) -> &[f64] {
        let words = self.has.len();
        &self.values[neuron * words..(neuron + 1) * words]
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
pub fn gaps(
    place: Place,
    presented: &[Presented],
    design: &Design,
    neurons: usize,
    alpha: f64,
) -> Vec<ContextGapRow> {
    let ln_level = (alpha / neurons.max(1) as f64).ln();
    let mut rows = Vec::new();
    for (index, from) in presented.iter().enumerate() {
        for to in presented.iter().skip(index + 1) {
            let in_both = from.has.iter().zip(&to.has);
            let items = Items::new(in_both.map(|(from, to)| *from && *to), design);
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
                site: place.site,
                layer: place.layer,
                from: from.name.clone(),
                to: to.name.clone(),
                items: items.all.len(),
                correlation: mean(correlations.collect()),
                mean_shift: mean(shifts().collect()),
                mean_abs_shift: mean(shifts().map(f64::abs).collect()),
                significant: changes.iter().filter(|change| change.significant).count(),
                kept: changes.iter().filter(|change| change.kept).count(),
            });
        }
    }
    rows
}

/// The words that two presentations have, as indices in the design.
struct Items {
    all: Vec<usize>,
    sides: Sides<Vec<usize>>,
}

impl Items {
    fn new(in_both: impl Iterator<Item = bool>, design: &Design) -> Self {
        let words = in_both.enumerate().filter(|(_, in_both)| *in_both);
        let all: Vec<usize> = words.map(|(word, _)| word).collect();
        let sides = Sides::of(|side: Side| {
            let range = design.side(side);
            let words = all.iter().copied();
            words.filter(|word| range.contains(word)).collect()
        });
        Self { all, sides }
    }

    fn change(&self, from: &[f64], to: &[f64], ln_level: f64) -> Change {
        let words = self.all.iter();
        let pairs: Vec<(f64, f64)> = words.map(|word| (from[*word], to[*word])).collect();
        let before = Moments::of(pairs.iter().map(|(from, _)| *from));
        let after = Moments::of(pairs.iter().map(|(_, to)| *to));
        let spread = before.variance().map_or(0.0, f64::sqrt);
        let shift = after.minus(&before) / spread;
        let test = |row: &[f64]| -> Option<Test> {
            let moments = |words: &[usize]| {
                let values: Vec<f64> = words.iter().map(|word| row[*word]).collect();
                Moments::of(values.into_iter())
            };
            let Sides { a, b } = &self.sides;
            welch(&moments(a), &moments(b)).filter(|test| test.ln_p <= ln_level)
        };
        let (before_test, after_test) = (test(from), test(to));
        Change {
            correlation: correlation(&pairs).filter(|r| r.is_finite()),
            shift: shift.is_finite().then_some(shift),
            significant: before_test.is_some(),
            kept: before_test
                .zip(after_test)
                .is_some_and(|(before, after)| before.t * after.t > 0.0),
        }
    }
}
