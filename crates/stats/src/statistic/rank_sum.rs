//! Mann and Whitney's test, which is Wilcoxon's rank-sum test.

use super::exact_ranks::{Exact, small};
use super::ranks::rank;
use super::{NeuronTest, Outcome, Test, values};
use crate::arrangement::Arrangement;
use crate::distributions::gamma;

/// The test of A against B by ranks.
#[derive(Debug)]
pub(super) struct RankSum<'a> {
    words: &'a Arrangement,
    exact: Option<Exact>,
}

impl<'a> RankSum<'a> {
    pub(super) fn new(words: &'a Arrangement) -> Self {
        let exact = || Exact::rank_sum(words.a().len(), words.b().len());
        Self {
            words,
            exact: small(words).then(exact),
        }
    }

    /// z from U with the variance corrected for ties and half a step towards the mean for
    /// continuity; Lehmann (1975), section 1.4. In small samples without ties p is exact.
    fn compare(&self, row: &[f64]) -> Option<Test> {
        let (a, b) = (self.words.a(), self.words.b());
        let numbers: Vec<f64> = values(row, a).chain(values(row, b)).collect();
        let ranked = rank(&numbers)?;
        let (n_a, n_b) = (a.len() as f64, b.len() as f64);
        let n = n_a + n_b;
        let sum: f64 = ranked.ranks.iter().take(a.len()).sum();
        let u = sum - 0.5 * n_a * (n_a + 1.0);
        let variance = n_a * n_b / 12.0 * (n + 1.0 - ranked.ties / (n * (n - 1.0)));
        if variance <= 0.0 {
            return None;
        }
        let off = u - 0.5 * n_a * n_b;
        let z = (off.abs() - 0.5).max(0.0).copysign(off) / variance.sqrt();
        let ln_p = match &self.exact {
            Some(exact) if ranked.ties == 0.0 => exact.ln_two_sided(u),
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

impl NeuronTest for RankSum<'_> {
    fn test(&self, row: &[f64]) -> Outcome {
        Outcome {
            test: self.compare(row),
            fit: None,
        }
    }
}
