//! Every number of every neuron of a layer, a block of neurons at a time.

use super::auc::{Comparison, NEGATIVE, NEITHER, Order, POSITIVE, Sorter};
use super::classes::Preferences;
use super::nulls::{Extremes, TextNulls};
use super::words::{Membership, TextWords};
use crate::design::Design;
use crate::moments::Moments;
use crate::permutation::sums::LANES;
use crate::statistic::{Test, welch};
use rayon::prelude::*;
use selectron_run::{Side, Sides};
use selectron_tables::rows::WordRow;
use std::collections::BTreeMap;

/// What is compared with what, as labels of the scored words.
#[derive(Debug)]
pub struct Contrasts {
    /// A against B, over words never seen.
    pub ab: Vec<u8>,
    /// A against every other word, never seen.
    a_rest: Vec<u8>,
    /// B against every other word, never seen.
    b_rest: Vec<u8>,
    /// A against B over stimuli.
    seen: Vec<u8>,
    /// A against B over all words.
    all: Vec<u8>,
}

impl Contrasts {
    /// The comparisons of a text.
    pub fn new(words: &TextWords) -> Self {
        let ab = |word: Membership| match word.side() {
            Some(Side::A) => POSITIVE,
            Some(Side::B) => NEGATIVE,
            None => NEITHER,
        };
        let only =
            |seen: bool| words.labels(|word| if word.seen == seen { ab(word) } else { NEITHER });
        Self {
            ab: only(false),
            a_rest: Self::against_rest(words, Side::A.index()),
            b_rest: Self::against_rest(words, Side::B.index()),
            seen: only(true),
            all: words.labels(ab),
        }
    }

    /// A category, as an index in the pipeline, against every other word, over words never seen.
    pub fn against_rest(words: &TextWords, wanted: usize) -> Vec<u8> {
        words.labels(|word| match word {
            Membership { seen: true, .. } => NEITHER,
            Membership { category, .. } if category == Some(wanted) => POSITIVE,
            Membership { .. } => NEGATIVE,
        })
    }
}

/// A neuron's numbers. Of one with an activation that is not finite nothing is defined.
#[derive(Debug, Clone, Default)]
pub struct Score {
    /// A against B over words never seen.
    pub ab: Comparison,
    /// A against every other word.
    pub a_rest: Comparison,
    /// B against every other word.
    pub b_rest: Comparison,
    /// AUC of A against B over stimuli.
    pub auc_seen: Option<f64>,
    /// AUC of A against B over all words.
    pub auc_all: Option<f64>,
    /// Mean over the words of A never seen.
    pub mean_a: Option<f64>,
    /// Mean over the words of B never seen.
    pub mean_b: Option<f64>,
    /// Welch's t-test of those.
    pub test: Option<Test>,
    /// Their standardised difference.
    pub d: Option<f64>,
    /// Share of words of the preferred category among the 1 % that drive the neuron most.
    pub top_share: Option<f64>,
    /// The category preferred to every other one, as an index in the pipeline.
    pub prefers: Option<usize>,
    /// 2 U - n m under the first control task; none where the neuron is undefined.
    pub control: Option<i64>,
    /// Of the words of each class (part of speech).
    pub classes: Vec<Option<Moments>>,
    /// Mean over the occurrences of each of the words asked for.
    pub occurrences: Vec<f64>,
}

/// Scores neurons on a text with words of A and B; the same for every layer.
#[derive(Debug)]
pub struct Scorer<'a> {
    /// The text.
    pub words: &'a TextWords,
    /// The comparisons.
    pub contrasts: Contrasts,
    /// Random labels.
    pub nulls: TextNulls,
    /// For each stimulus, in the design's order, the words of the text that are it.
    pub occurrences: Vec<Vec<usize>>,
    /// Words of A and of B never seen.
    unseen: Sides<Vec<usize>>,
    /// Whether each word is of a category: all comparisons but those with the rest are of these.
    categorised: Vec<bool>,
    /// The words of each class.
    classes: Vec<Vec<usize>>,
}

impl<'a> Scorer<'a> {
    /// For a text and the stimuli.
    pub fn new(words: &'a TextWords, nulls: TextNulls, design: &Design) -> Self {
        let class = |class: usize| {
            let in_class = |word: &usize| words.class[*word] == Some(class);
            (0..words.len()).filter(in_class).collect()
        };
        Self {
            words,
            contrasts: Contrasts::new(words),
            nulls,
            occurrences: occurrences(words, design),
            unseen: Sides::of(|side| words.with(|word| word.unseen_side() == Some(side))),
            categorised: words
                .membership
                .iter()
                .map(|word| word.category.is_some())
                .collect(),
            classes: (0..words.classes.len()).map(class).collect(),
        }
    }

    /// Scores the neurons of a block (neurons x words), and what the best of them reach under the
    /// random labels.
    pub fn score(&self, matrix: &[f32], preferences: &Preferences) -> (Vec<Score>, Extremes) {
        let words = self.words.len();
        let tiles: Vec<(Vec<Score>, Extremes)> = matrix
            .par_chunks(LANES * words)
            .map_init(Default::default, |(sorter, buffer), tile| {
                self.tile(tile, preferences, sorter, buffer)
            })
            .collect();
        let mut extremes = self.nulls.extremes();
        let mut scores = Vec::new();
        for (tile, reached) in tiles {
            scores.extend(tile);
            extremes.merge(&reached);
        }
        (scores, extremes)
    }

    fn tile(
        &self,
        tile: &[f32],
        preferences: &Preferences,
        sorter: &mut Sorter,
        buffer: &mut Vec<u64>,
    ) -> (Vec<Score>, Extremes) {
        let mut scores = Vec::with_capacity(LANES);
        let mut ranks = self.nulls.tile();
        let mut defined = [false; LANES];
        let rows = tile.chunks_exact(self.words.len());
        for (lane, (values, defined)) in rows.zip(&mut defined).enumerate() {
            let Some(order) = sorter.sort(values) else {
                scores.push(Score {
                    classes: vec![None; self.classes.len()],
                    occurrences: vec![f64::NAN; self.occurrences.len()],
                    ..Score::default()
                });
                continue;
            };
            *defined = true;
            let categorised = order.only(&self.categorised, buffer);
            self.nulls.rank(&categorised, lane, &mut ranks);
            scores.push(Score {
                prefers: preferences.preferred(&categorised),
                ..self.neuron(values, &order, &categorised)
            });
        }
        let mut extremes = self.nulls.extremes();
        let controls = self.nulls.fold(&ranks, defined, &mut extremes);
        for ((score, control), defined) in scores.iter_mut().zip(controls).zip(defined) {
            score.control = defined.then_some(control);
        }
        (scores, extremes)
    }

    fn neuron(&self, values: &[f32], order: &Order<'_>, categorised: &Order<'_>) -> Score {
        let ab = Comparison::of(categorised, &self.contrasts.ab);
        let auc = |labels: &[u8]| Comparison::of(categorised, labels).auc();
        let Sides { a, b } = &self.unseen;
        let (of_a, of_b) = (moments(values, a), moments(values, b));
        let moments_of_both = of_a.zip(of_b);
        let class = |words: &Vec<usize>| moments(values, words);
        let occurrences = self.occurrences.iter().map(|words| {
            let sum: f64 = words.iter().map(|word| f64::from(values[*word])).sum();
            sum / words.len() as f64
        });
        Score {
            ab,
            a_rest: Comparison::of(order, &self.contrasts.a_rest),
            b_rest: Comparison::of(order, &self.contrasts.b_rest),
            auc_seen: auc(&self.contrasts.seen),
            auc_all: auc(&self.contrasts.all),
            mean_a: of_a.map(|of_a| of_a.mean),
            mean_b: of_b.map(|of_b| of_b.mean),
            test: moments_of_both.and_then(|(a, b)| welch(&a, &b)),
            d: moments_of_both.and_then(|(a, b)| cohen_d(&a, &b)),
            top_share: self.top_share(order, ab.excess()),
            prefers: None,
            control: None,
            classes: self.classes.iter().map(class).collect(),
            occurrences: occurrences.collect(),
        }
    }

    /// The share of words of the side that `excess` points to among the 1 % of all words with the
    /// highest activation, at least one. Of words that tie for the last places each counts for its
    /// share of them.
    fn top_share(&self, order: &Order<'_>, excess: i64) -> Option<f64> {
        let side = match excess {
            0 => return None,
            1.. => Side::A,
            _ => Side::B,
        };
        let mut places = self.words.len().div_ceil(100);
        let all = places as f64;
        let mut found = 0.0;
        for group in order.groups().rev() {
            let size = group.len();
            let is_of_side = |word: &usize| self.words.membership[*word].side() == Some(side);
            let of_side = group.filter(is_of_side).count();
            if size >= places {
                found += of_side as f64 * places as f64 / size as f64;
                break;
            }
            found += of_side as f64;
            places -= size;
        }
        Some(found / all)
    }
}

/// Of some words; none where there are none.
fn moments(values: &[f32], words: &[usize]) -> Option<Moments> {
    let values = words.iter().map(|word| f64::from(values[*word]));
    (!words.is_empty()).then(|| Moments::of(values))
}

/// The difference of two means in pooled standard deviations.
fn cohen_d(a: &Moments, b: &Moments) -> Option<f64> {
    let df = (a.n + b.n).checked_sub(2).filter(|df| *df > 0)?;
    let d = a.minus(b) / ((a.squares + b.squares) / df as f64).sqrt();
    d.is_finite().then_some(d)
}

/// For each stimulus, in the design's order, the scored words that have its form, in lower case, and
/// its category.
fn occurrences(words: &TextWords, design: &Design) -> Vec<Vec<usize>> {
    let mut by_form: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
    for (word, row) in words.words().enumerate() {
        if let Some(category) = &row.category {
            let key = (row.form.to_lowercase(), category.as_str());
            by_form.entry(key).or_default().push(word);
        }
    }
    let occurrences_of = |stimulus: &WordRow| {
        let key = (stimulus.word.to_lowercase(), stimulus.category.as_str());
        by_form.get(&key).cloned().unwrap_or_default()
    };
    design.words.iter().map(occurrences_of).collect()
}
