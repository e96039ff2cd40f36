//! The category that a neuron prefers to every other one.

use super::auc::{Comparison, NEGATIVE, NEITHER, Order, POSITIVE, Sorter};
use crate::design::Design;
use crate::sample::Sample;
use crate::statistic::RankSumNull;
use rayon::prelude::*;
use selectron_run::manifest::ConfusionFacts;
use selectron_tables::rows::PreferenceRow;

/// Every two categories that have words, compared.
#[derive(Debug)]
pub struct Preferences {
    pairs: Vec<Pair>,
    /// Categories that have words, as indices in the pipeline.
    present: Vec<usize>,
    /// ln of the largest two-sided p with which a category counts as preferred to another.
    ln_level: f64,
}

#[derive(Debug)]
struct Pair {
    first: usize,
    second: usize,
    labels: Vec<u8>,
    null: RankSumNull,
}

impl Preferences {
    /// For words with these categories, of which there are `categories`; a word of none takes no
    /// part. The one-sided p of Mann and Whitney's test is to be at most `alpha` over the number of
    /// `neurons`.
    pub fn new(category: &[Option<usize>], categories: usize, neurons: usize, alpha: f64) -> Self {
        let size = |index: usize| category.iter().filter(|word| **word == Some(index)).count();
        let present: Vec<usize> = (0..categories).filter(|index| size(*index) > 0).collect();
        let mut pairs = Vec::new();
        for (place, first) in present.iter().enumerate() {
            for second in present.iter().skip(place + 1) {
                let label = |word: &Option<usize>| match word {
                    Some(index) if index == first => POSITIVE,
                    Some(index) if index == second => NEGATIVE,
                    _ => NEITHER,
                };
                pairs.push(Pair {
                    first: *first,
                    second: *second,
                    labels: category.iter().map(label).collect(),
                    null: RankSumNull::new(size(*first), size(*second)),
                });
            }
        }
        Self {
            pairs,
            present,
            // Of a symmetric distribution the one-sided p is half the two-sided one.
            ln_level: (2.0 * alpha / neurons.max(1) as f64).ln(),
        }
    }

    /// What a neuron prefers, as an index in the pipeline.
    pub fn preferred(&self, order: &Order<'_>) -> Option<usize> {
        let won: Vec<(usize, usize)> = self
            .pairs
            .iter()
            .filter_map(|pair| self.winner(pair, &Comparison::of(order, &pair.labels)))
            .collect();
        let beats = |winner: usize, loser: usize| won.contains(&(winner, loser));
        let mut best = self.present.iter().copied().filter(|category| {
            let mut others = self.present.iter().filter(|other| *other != category);
            self.present.len() > 1 && others.all(|other| beats(*category, *other))
        });
        best.next()
    }

    /// The winner and the loser of a pair, where there are such.
    fn winner(&self, pair: &Pair, found: &Comparison) -> Option<(usize, usize)> {
        let test = pair.null.test(0.5 * found.wins as f64, found.ties as f64)?;
        if test.ln_p > self.ln_level {
            return None;
        }
        match found.excess() {
            0 => None,
            1.. => Some((pair.first, pair.second)),
            _ => Some((pair.second, pair.first)),
        }
    }
}

/// What each neuron prefers in isolated words, as an index in the pipeline.
pub fn in_words(sample: &Sample, design: &Design, alpha: f64) -> Vec<Option<usize>> {
    let groups = design.groups.iter().enumerate();
    let categories: Vec<Option<usize>> = groups
        .flat_map(|(index, group)| group.range.clone().map(move |_| Some(index)))
        .collect();
    let preferences = Preferences::new(&categories, design.groups.len(), sample.neurons(), alpha);
    sample
        .par_rows()
        .map_init(Sorter::default, |sorter, row| {
            // They were float32 before.
            let values: Vec<f32> = row.iter().map(|value| *value as f32).collect();
            preferences.preferred(&sorter.sort(&values)?)
        })
        .collect()
}

/// How many neurons of each site prefer which category in words and in text, for every combination
/// of the categories and of none.
#[derive(Debug)]
pub struct Confusion {
    names: Vec<Option<String>>,
    facts: Vec<ConfusionFacts>,
}

impl Confusion {
    /// Counts nothing yet.
    pub fn new(categories: impl Iterator<Item = String>) -> Self {
        let names = categories.map(Some).chain([None]).collect();
        Self {
            names,
            facts: Vec::new(),
        }
    }

    /// Counts a layer's neurons; the layers of a site come one after the other.
    pub fn count(&mut self, rows: &[PreferenceRow]) {
        for row in rows {
            if self.facts.last().is_none_or(|last| last.site != row.site) {
                let pairs = self.names.iter().flat_map(|words| {
                    self.names
                        .iter()
                        .map(move |text| (words.clone(), text.clone()))
                });
                let empty = pairs.map(|(in_words, in_text)| ConfusionFacts {
                    site: row.site,
                    in_words,
                    in_text,
                    neurons: 0,
                });
                self.facts.extend(empty);
            }
            let combination = self.facts.iter().rposition(|facts| {
                (facts.site, &facts.in_words, &facts.in_text)
                    == (row.site, &row.in_words, &row.in_text)
            });
            let Some(combination) = combination else {
                panic!("{row:?} is of categories that the pipeline does not have");
            };
            self.facts[combination].neurons += 1;
        }
    }

    /// The counts.
    pub fn finish(self) -> Vec<ConfusionFacts> {
        self.facts
    }
}
