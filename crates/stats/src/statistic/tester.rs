//! A statistic with the words that it compares.

use super::anova::Anova;
use super::exact_ranks::small;
use super::kruskal::Kruskal;
use super::logit::Logit;
use super::outcome::{NeuronTest, Outcome};
use super::paired_t::PairedT;
use super::rank_sum::RankSum;
use super::signed_rank::SignedRank;
use super::two_sample_t::TwoSampleT;
use crate::arrangement::{Arrangement, Shape};
use crate::design::Design;
use crate::distributions::{gamma, student};
use crate::sample::Sample;
use rayon::prelude::*;
use selectron_run::error::{Error, Result};
use selectron_run::pipeline::Statistic;

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
            Error::input(
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
            Statistic::PairedT => Box::new(PairedT::new(words)),
            Statistic::StudentT => Box::new(TwoSampleT::student(words)),
            Statistic::WelchT => Box::new(TwoSampleT::welch(words)),
            Statistic::RankSum => Box::new(RankSum::new(words)),
            Statistic::SignedRank => Box::new(SignedRank::new(words)),
            Statistic::Logit => Box::new(Logit::new(words)),
            Statistic::Anova => Box::new(Anova::new(words)),
            Statistic::Kruskal => Box::new(Kruskal::new(words)),
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
            Statistic::RankSum | Statistic::SignedRank if !small(&self.arrangement) => {
                Some(gamma::critical_normal(p))
            }
            Statistic::Logit => Some(gamma::critical_normal(p)),
            _ => None,
        }
    }
}
