//! Mann and Whitney's test, which is Wilcoxon's rank-sum test.

use super::exact_ranks::{Exact, SMALL};
use super::outcome::{NeuronTest, Outcome, Test, values};
use super::ranks::rank;
use crate::arrangement::Arrangement;
use crate::distributions::gamma;

/// The distribution of Mann and Whitney's U where nothing tells A from B.
#[derive(Debug)]
pub struct RankSumNull {
    n_a: f64,
    n_b: f64,
    /// In small samples.
    exact: Option<Exact>,
}

impl RankSumNull {
    /// For these numbers of words of A and of B.
    pub fn new(n_a: usize, n_b: usize) -> Self {
        let small = n_a < SMALL && n_b < SMALL;
        Self {
            n_a: n_a as f64,
            n_b: n_b as f64,
            exact: small.then(|| Exact::rank_sum(n_a, n_b)),
        }
    }

    /// z from U, the comparisons that A wins, with the variance corrected for ties and half a step
    /// towards the mean for continuity; Lehmann (1975), section 1.4. `ties` is the sum over groups of
    /// equal numbers of size^3 - size. In small samples without ties p is exact. None where all
    /// numbers are equal.
    pub fn test(&self, u: f64, ties: f64) -> Option<Test> {
        let (n_a, n_b) = (self.n_a, self.n_b);
        let n = n_a + n_b;
        let variance = n_a * n_b / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
        if variance <= 0.0 {
            return None;
        }
        let off = u - 0.5 * n_a * n_b;
        let z = (off.abs() - 0.5).max(0.0).copysign(off) / variance.sqrt();
        let ln_p = match &self.exact {
            Some(exact) if ties == 0.0 => exact.ln_two_sided(u),
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

/// The test of A against B by ranks.
#[derive(Debug)]
pub(super) struct RankSum<'a> {
    words: &'a Arrangement,
    null: RankSumNull,
}

impl<'a> RankSum<'a> {
    pub(super) fn new(words: &'a Arrangement) -> Self {
        Self {
            words,
            null: RankSumNull::new(words.a().len(), words.b().len()),
        }
    }

    fn compare(&self, row: &[f64]) -> Option<Test> {
        let (a, b) = (self.words.a(), self.words.b());
        let numbers: Vec<f64> = values(row, a).chain(values(row, b)).collect();
        let ranked = rank(&numbers)?;
        let n_a = a.len() as f64;
        let sum: f64 = ranked.ranks.iter().take(a.len()).sum();
        self.null.test(sum - 0.5 * n_a * (n_a + 1.0), ranked.ties)
    }
}

impl NeuronTest for RankSum<'_> {
    fn test(&self, row: &[f64]) -> Outcome {
        Outcome {
            test: self.compare(row),
            fit: None,
        }
    }
}
