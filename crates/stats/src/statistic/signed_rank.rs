//! Wilcoxon's signed-rank test of paired words.

use super::exact_ranks::{Exact, small};
use super::outcome::{NeuronTest, Outcome, Test, values};
use super::ranks::rank;
use crate::arrangement::Arrangement;
use crate::distributions::gamma;

/// The test of pairs by the ranks of their differences.
#[derive(Debug)]
pub(super) struct SignedRank<'a> {
    words: &'a Arrangement,
    exact: Option<Exact>,
}

impl<'a> SignedRank<'a> {
    pub(super) fn new(words: &'a Arrangement) -> Self {
        Self {
            words,
            exact: small(words).then(|| Exact::signed_rank(words.units())),
        }
    }

    /// z from the sum of the positive differences' ranks, with the variance corrected for ties and
    /// half a step towards the mean for continuity; Lehmann (1975), section 3.2. Pairs without a
    /// difference are left out (Wilcoxon 1945). In small samples without ties or such pairs p is
    /// exact.
    fn compare(&self, row: &[f64]) -> Option<Test> {
        let pairs = values(row, self.words.a()).zip(values(row, self.words.b()));
        let differences: Vec<f64> = pairs.map(|(a, b)| a - b).filter(|d| *d != 0.0).collect();
        let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
        let ranked = rank(&sizes)?;
        let signed = differences.iter().zip(&ranked.ranks);
        let positive: f64 = signed
            .filter(|(d, _)| **d > 0.0)
            .map(|(_, rank)| rank)
            .sum();
        let total: f64 = ranked.ranks.iter().sum();
        let variance = 0.25 * ranked.ranks.iter().map(|rank| rank * rank).sum::<f64>();
        if variance <= 0.0 {
            return None;
        }
        let off = positive - 0.5 * total;
        let z = (off.abs() - 0.5).max(0.0).copysign(off) / variance.sqrt();
        let untied = ranked.ties == 0.0 && differences.len() == self.words.units();
        let ln_p = match &self.exact {
            Some(exact) if untied => exact.ln_two_sided(positive),
            _ => gamma::ln_normal_two_sided(z),
        };
        Test {
            t: z,
            df: None,
            df_within: None,
            ln_p,
        }
        .if_finite()
    }
}

impl NeuronTest for SignedRank<'_> {
    fn test(&self, row: &[f64]) -> Outcome {
        Outcome {
            test: self.compare(row),
            fit: None,
        }
    }
}
