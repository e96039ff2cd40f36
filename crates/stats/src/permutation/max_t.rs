//! Max-T: p-values corrected by the permutation distribution of a family's largest statistic;
//! Westfall and Young (1993), single step.
//!
//! Under a rearrangement every neuron's statistic is a growing function, the same for all neurons, of
//! some *height*: the absolute sum of its unit-norm scores for the t-tests and the rank tests (their
//! sum of squares does not change), the sum of squares between categories for several of them, and
//! for Welch's t its square. So heights are compared, and no t is computed.

use super::draws::{Draws, UNITS_A_CODE};
use super::sums::{LANES, Lanes, Sums, quanta, quantise};
use crate::arrangement::{Arrangement, Shape};
use crate::random::Purpose;
use crate::sample::Sample;
use crate::statistic::outcome::Outcome;
use crate::statistic::ranks::rank;
use rayon::prelude::*;
use selectron_run::pipeline::Statistic;
use selectron_run::vocabulary::Rearrangement;
use serde::{Deserialize, Serialize};

/// How far apart equal squared heights may be computed, relative to their size.
const SLACK: f64 = 1e-5;

/// A neuron's activations, and whether its test is defined.
type Row<'a> = (&'a [f64], bool);

/// The rearrangements of one statistic.
#[derive(Debug)]
pub struct MaxT {
    statistic: Statistic,
    words: Arrangement,
    draws: Draws,
}

/// What the neurons of one site and layer reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heights {
    /// Each neuron's height as observed, less the slack granted to rounding; none where its test is
    /// undefined.
    pub observed: Vec<Option<f64>>,
    /// The largest height of any neuron under each rearrangement.
    pub largest: Vec<f64>,
}

impl Heights {
    /// Adds the neurons of another layer of the same family of tests.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.largest.len(), other.largest.len(), "rearrangements");
        self.observed.extend_from_slice(&other.observed);
        for (mine, other) in self.largest.iter_mut().zip(&other.largest) {
            *mine = mine.max(*other);
        }
    }
}

impl MaxT {
    /// The rearrangements for a statistic; none for `logit`, whose fits no sum replaces.
    pub fn new(
        statistic: Statistic,
        words: &Arrangement,
        permutations: usize,
        seed: u64,
    ) -> Option<Self> {
        (statistic != Statistic::Logit).then(|| Self {
            statistic,
            words: words.clone(),
            draws: words.draws(permutations, seed, Purpose::MaxT),
        })
    }

    /// The rearrangements.
    pub fn draws(&self) -> &Draws {
        &self.draws
    }

    /// The heights of a sample's neurons. Neurons with an undefined test take no part.
    ///
    /// # Panics
    /// When there is not an outcome for each neuron.
    pub fn heights(&self, sample: &Sample, outcomes: &[Outcome]) -> Heights {
        assert_eq!(sample.neurons(), outcomes.len(), "outcomes of a layer");
        let rows: Vec<Row<'_>> = sample
            .rows()
            .zip(outcomes)
            .map(|(row, outcome)| (row, outcome.test.is_some()))
            .collect();
        match self.statistic {
            Statistic::WelchT | Statistic::Anova | Statistic::Kruskal => self.squared(&rows),
            _ => self.absolute(&rows),
        }
    }

    fn scores(&self, row: &[f64], defined: bool) -> Option<Vec<f64>> {
        defined
            .then(|| scores(self.statistic, &self.words, row))
            .flatten()
    }

    /// Heights that are absolute sums, in quanta.
    fn absolute(&self, rows: &[Row<'_>]) -> Heights {
        let units = self.draws.units();
        let first = self.words.a().len();
        let tile = |scores: &[Option<Vec<f64>>], largest: &mut [i32]| {
            let tile = quantise(scores, units, quanta(units));
            Sums::new(&tile, self.draws.kind()).fold_largest(&self.draws, largest);
            // The observed sum: every pair as it is, or the words of A.
            let mut observed = [0.0; LANES];
            for row in tile.iter().take(first) {
                for (sum, value) in observed.iter_mut().zip(row) {
                    *sum += f64::from(*value);
                }
            }
            observed.map(|sum| sum.abs() - units as f64)
        };
        let (observed, largest) = self.fold_tiles(rows, 0_i32, tile);
        Heights {
            observed,
            largest: largest.into_iter().map(f64::from).collect(),
        }
    }

    /// Heights that are made of several sums.
    fn squared(&self, rows: &[Row<'_>]) -> Heights {
        let sizes: Vec<usize> = self.words.groups.iter().map(Vec::len).collect();
        let observed = Draws::observed_labels(&sizes);
        let tile = |scores: &[Option<Vec<f64>>], largest: &mut [f64]| {
            let heights = Squared::new(self.statistic, &sizes, scores);
            for (codes, largest) in self.draws.iter().zip(largest) {
                *largest = heights
                    .of(codes)
                    .iter()
                    .fold(*largest, |most, height| most.max(*height));
            }
            let mut of_observed = [0.0; LANES];
            for codes in observed.iter() {
                of_observed = heights.of(codes);
            }
            of_observed.map(|height| height * (1.0 - SLACK))
        };
        let (observed, largest) = self.fold_tiles(rows, 0.0_f64, tile);
        Heights { observed, largest }
    }

    /// Works through the neurons a tile at a time, on all cores. `tile` folds a tile's heights into
    /// the largest under each rearrangement, and returns the observed ones.
    ///
    /// Each thread folds the tiles it meets: maxima may be merged in any order, and the observed
    /// heights are put in order by their tile's number.
    fn fold_tiles<T: Copy + PartialOrd + Send + Sync>(
        &self,
        rows: &[Row<'_>],
        least: T,
        tile: impl Fn(&[Option<Vec<f64>>], &mut [T]) -> [f64; LANES] + Sync,
    ) -> (Vec<Option<f64>>, Vec<T>) {
        let nothing = || (Vec::new(), vec![least; self.draws.count()]);
        let (mut observed, largest) = rows
            .par_chunks(LANES)
            .enumerate()
            .fold(nothing, |(mut observed, mut largest), (number, rows)| {
                let scores: Vec<_> = rows
                    .iter()
                    .map(|(row, defined)| self.scores(row, *defined))
                    .collect();
                let heights = tile(&scores, &mut largest);
                let defined = scores.iter().zip(heights);
                let defined = defined.map(|(scores, height)| scores.as_ref().map(|_| height));
                observed.push((number, defined.collect::<Vec<_>>()));
                (observed, largest)
            })
            .reduce(
                nothing,
                |(mut observed, mut largest), (others, other_largest)| {
                    observed.extend(others);
                    for (mine, other) in largest.iter_mut().zip(other_largest) {
                        if other > *mine {
                            *mine = other;
                        }
                    }
                    (observed, largest)
                },
            );
        observed.sort_unstable_by_key(|(number, _)| *number);
        (
            observed
                .into_iter()
                .flat_map(|(_, heights)| heights)
                .collect(),
            largest,
        )
    }

    /// The corrected p-values of a family.
    pub fn p_values(&self, family: &Heights) -> Vec<Option<f64>> {
        let mut largest = family.largest.clone();
        largest.sort_unstable_by(f64::total_cmp);
        let p = |height: f64| {
            let below = largest.partition_point(|other| *other < height);
            self.draws.p(largest.len() - below)
        };
        family.observed.iter().map(|height| height.map(p)).collect()
    }

    /// abs(t) from which a neuron of the family is significant, where the height gives the t.
    pub fn critical(&self, family: &Heights, alpha: f64) -> Option<f64> {
        let mut largest = family.largest.clone();
        largest.sort_unstable_by(|x, y| y.total_cmp(x));
        let units = self.draws.units() as f64;
        // The height must be above the next largest.
        let height = largest.get(self.draws.most_exceeding(alpha)?)? + units;
        let n_a = self.words.a().len() as f64;
        let n_b = self.words.b().len() as f64;
        // The correlation of scores and signs, or of scores and membership.
        let (norm, df) = match self.statistic {
            Statistic::PairedT => (units.sqrt(), units - 1.0),
            Statistic::StudentT => ((n_a * n_b / units).sqrt(), units - 2.0),
            _ => return None,
        };
        let r = height / quanta(self.draws.units()) / norm;
        (r < 1.0).then(|| r * (df / (1.0 - r * r)).sqrt())
    }
}

/// A neuron's scores, one per unit, of mean square 1 / units: differences of pairs or their signed
/// ranks, deviations of words from their mean or of their ranks.
fn scores(statistic: Statistic, words: &Arrangement, row: &[f64]) -> Option<Vec<f64>> {
    let value = |word: &usize| row[*word];
    let raw: Vec<f64> = match words.shape {
        Shape::Paired => words
            .a()
            .iter()
            .zip(words.b())
            .map(|(a, b)| value(a) - value(b))
            .collect(),
        _ => words.groups.iter().flatten().map(value).collect(),
    };
    let mut scores = match statistic {
        Statistic::SignedRank => {
            let sizes: Vec<f64> = raw
                .iter()
                .copied()
                .filter(|d| *d != 0.0)
                .map(f64::abs)
                .collect();
            let ranks = rank(&sizes)?.ranks;
            let mut next = 0;
            let signed = |d: &f64| {
                if *d == 0.0 {
                    return 0.0;
                }
                next += 1;
                d.signum() * ranks[next - 1]
            };
            raw.iter().map(signed).collect()
        }
        Statistic::RankSum | Statistic::Kruskal => rank(&raw)?.ranks,
        _ => raw,
    };
    if words.shape != Shape::Paired {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        scores.iter_mut().for_each(|score| *score -= mean);
    }
    // By the largest first, so that the squares of tiny or huge scores stay within range.
    let largest = scores
        .iter()
        .fold(0.0, |most: f64, score| most.max(score.abs()));
    scores.iter_mut().for_each(|score| *score /= largest);
    let norm = scores.iter().map(|score| score * score).sum::<f64>().sqrt();
    scores.iter_mut().for_each(|score| *score /= norm);
    scores
        .iter()
        .all(|score| score.is_finite())
        .then_some(scores)
}

/// Heights of a tile that are made of several sums.
struct Squared {
    welch: bool,
    sizes: Vec<f64>,
    scores: Sums,
    total: [f64; LANES],
    quantum: f64,
    /// Of the squared scores, for Welch's t.
    squares: Option<(Sums, [f64; LANES])>,
    width: usize,
}

/// Quanta of a squared score of unit norm: the squares sum to 1.
const SQUARE_QUANTA: f64 = (1_i32 << 30) as f64;

impl Squared {
    fn new(statistic: Statistic, sizes: &[usize], scores: &[Option<Vec<f64>>]) -> Self {
        let units: usize = sizes.iter().sum();
        let tile = quantise(scores, units, quanta(units));
        let welch = statistic == Statistic::WelchT;
        let squares = welch.then(|| {
            let square = |scores: &Vec<f64>| scores.iter().map(|score| score * score).collect();
            let squares: Vec<_> = scores
                .iter()
                .map(|scores| scores.as_ref().map(square))
                .collect();
            let tile = quantise(&squares, units, SQUARE_QUANTA);
            (
                Sums::new(&tile, Rearrangement::LabelShuffles),
                totals(&tile, SQUARE_QUANTA),
            )
        });
        Self {
            welch,
            sizes: sizes.iter().map(|size| *size as f64).collect(),
            total: totals(&tile, quanta(units)),
            scores: Sums::new(&tile, Rearrangement::LabelShuffles),
            quantum: 1.0 / quanta(units),
            squares,
            width: units.div_ceil(UNITS_A_CODE),
        }
    }

    fn of(&self, codes: &[u8]) -> [f64; LANES] {
        if self.welch {
            self.welch(codes)
        } else {
            self.between(codes)
        }
    }

    /// Sum of squares between the categories, each from the sum of its scores.
    fn between(&self, codes: &[u8]) -> [f64; LANES] {
        let mut height = [0.0; LANES];
        let mut rest = self.total;
        for (codes, size) in codes.chunks(self.width).zip(&self.sizes) {
            let sums = self.scores.of(codes);
            for ((height, rest), sum) in height.iter_mut().zip(&mut rest).zip(sums) {
                let sum = f64::from(sum) * self.quantum;
                *rest -= sum;
                *height += sum * sum / size;
            }
        }
        let last = self.sizes[self.sizes.len() - 1];
        for (height, rest) in height.iter_mut().zip(rest) {
            *height += rest * rest / last;
        }
        height
    }

    /// The square of Welch's t.
    fn welch(&self, codes: &[u8]) -> [f64; LANES] {
        let (Some((squares, total_squares)), [n_a, n_b]) = (&self.squares, self.sizes.as_slice())
        else {
            return [0.0; LANES];
        };
        let (sums, squares) = (self.scores.of(codes), squares.of(codes));
        let mut height = [0.0; LANES];
        let lanes = sums
            .iter()
            .zip(squares)
            .zip(self.total.iter().zip(total_squares));
        for (height, ((sum, square), (total, total_square))) in height.iter_mut().zip(lanes) {
            let (sum, square) = (
                f64::from(*sum) * self.quantum,
                f64::from(square) / SQUARE_QUANTA,
            );
            let (rest, rest_square) = (total - sum, total_square - square);
            let (mean_a, mean_b) = (sum / n_a, rest / n_b);
            let of_a = (square - sum * mean_a) / (n_a * (n_a - 1.0));
            let of_b = (rest_square - rest * mean_b) / (n_b * (n_b - 1.0));
            let difference = mean_a - mean_b;
            // A variance within rounding of 0 must not make t negative or infinite.
            *height = difference * difference / (of_a + of_b).max(1e-12);
        }
        height
    }
}

fn totals(tile: &[Lanes], quanta: f64) -> [f64; LANES] {
    let mut totals = [0.0; LANES];
    for row in tile {
        for (total, value) in totals.iter_mut().zip(row) {
            *total += f64::from(*value) / quanta;
        }
    }
    totals
}
