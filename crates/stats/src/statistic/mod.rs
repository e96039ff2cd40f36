//! The tests, one file each: from a neuron's activations to a test statistic and its p-value.

mod anova;
mod exact_ranks;
mod kruskal;
pub mod logit;
mod paired_t;
mod rank_sum;
pub mod ranks;
mod signed_rank;
mod two_sample_t;

pub use rank_sum::RankSumNull;
pub use two_sample_t::welch;

use crate::arrangement::{Arrangement, Shape};
use crate::design::Design;
use crate::distributions::{gamma, student};
use crate::error::{Error, Result};
use crate::sample::Sample;
use rayon::prelude::*;
use selectron_run::pipeline::Statistic;

/// A test that is defined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// The test statistic; positive where A is higher, unless it has no sign.
    pub t: f64,
    /// Degrees of freedom; none where the statistic is standard normal.
    pub df: Option<f64>,
    /// Second degrees of freedom, of an F.
    pub df_within: Option<f64>,
    /// Natural logarithm of the two-sided p-value.
    pub ln_p: f64,
}

impl Test {
    /// The test, unless something in it is not a finite number.
    fn if_finite(self) -> Option<Self> {
        let finite = [
            self.t,
            self.ln_p,
            self.df.unwrap_or(0.0),
            self.df_within.unwrap_or(0.0),
        ];
        finite.iter().all(|x| x.is_finite()).then_some(self)
    }

    /// The p-value; 0 where it is below the smallest double.
    pub fn p(&self) -> f64 {
        self.ln_p.exp()
    }
}

/// What a test says about one neuron.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outcome {
    /// The test, where it is defined.
    pub test: Option<Test>,
    /// The logistic fit behind it.
    pub fit: Option<logit::Fit>,
}

/// A test of one neuron's activations.
trait NeuronTest: Sync {
    /// `row` holds an activation for each word of the design.
    fn test(&self, row: &[f64]) -> Outcome;
}

/// The activations of some words.
fn values<'a>(row: &'a [f64], words: &'a [usize]) -> impl Iterator<Item = f64> + Clone + 'a {
    words
        .iter()
        .map(|word| row.get(*word).copied().unwrap_or(f64::NAN))
}

/// A test and the words it compares.
#[derive(Debug, Clone)]
pub struct Tester {
    statistic: Statistic,
    arrangement: Arrangement,
}

impl Tester {
    /// Prepares a test of the design's words.
    ///
    /// # Errors
    /// When there are too few words for it.
    pub fn new(statistic: Statistic, design: &Design) -> Result<Self> {
        let arrangement = Arrangement::observed(design, statistic);
        let too_few = |what: String| {
            Error::design(
                "words.parquet",
                what,
                "give the categories longer lists, or drop fewer words",
            )
        };
        match arrangement.shape {
            Shape::Paired if arrangement.units() < 2 => {
                return Err(too_few(format!(
                    "{statistic} needs at least two pairs of words, and there are {}",
                    arrangement.units()
                )));
            }
            Shape::Paired => {}
            Shape::TwoSample | Shape::Several => {
                for (group, words) in design.groups.iter().zip(&arrangement.groups) {
                    if words.len() < 2 {
                        return Err(too_few(format!(
                            "{statistic} needs at least two words of each category, and `{}` has {}",
                            group.name,
                            words.len()
                        )));
                    }
                }
            }
        }
        Ok(Self {
            statistic,
            arrangement,
        })
    }

    /// The statistic.
    pub fn statistic(&self) -> Statistic {
        self.statistic
    }

    /// The words compared.
    pub fn arrangement(&self) -> &Arrangement {
        &self.arrangement
    }

    /// The same test of other words.
    #[must_use]
    pub fn on(&self, arrangement: Arrangement) -> Self {
        Self {
            statistic: self.statistic,
            arrangement,
        }
    }

    fn neuron_test(&self) -> Box<dyn NeuronTest + '_> {
        let words = &self.arrangement;
        match self.statistic {
            Statistic::PairedT => Box::new(paired_t::PairedT::new(words)),
            Statistic::StudentT => Box::new(two_sample_t::TwoSampleT::student(words)),
            Statistic::WelchT => Box::new(two_sample_t::TwoSampleT::welch(words)),
            Statistic::RankSum => Box::new(rank_sum::RankSum::new(words)),
            Statistic::SignedRank => Box::new(signed_rank::SignedRank::new(words)),
            Statistic::Logit => Box::new(logit::Logit::new(words)),
            Statistic::Anova => Box::new(anova::Anova::new(words)),
            Statistic::Kruskal => Box::new(kruskal::Kruskal::new(words)),
        }
    }

    /// Tests every neuron of a sample, in order.
    pub fn test(&self, sample: &Sample) -> Vec<Outcome> {
        let test = self.neuron_test();
        sample.par_rows().map(|row| test.test(row)).collect()
    }

    /// Tests one neuron.
    pub fn test_row(&self, row: &[f64]) -> Outcome {
        self.neuron_test().test(row)
    }

    /// The statistic whose two-sided p-value is `p`, where that is the same for every neuron.
    pub fn critical(&self, p: f64) -> Option<f64> {
        let n = self.arrangement.units() as f64;
        match self.statistic {
            Statistic::PairedT => Some(student::critical(p, n - 1.0)),
            Statistic::StudentT => Some(student::critical(p, n - 2.0)),
            Statistic::RankSum | Statistic::SignedRank
                if !exact_ranks::small(&self.arrangement) =>
            {
                Some(gamma::critical_normal(p))
            }
            Statistic::Logit => Some(gamma::critical_normal(p)),
            _ => None,
        }
    }
}
