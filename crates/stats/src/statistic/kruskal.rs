//! Kruskal and Wallis's test over all categories.

use super::outcome::{NeuronTest, Outcome, Test, values};
use super::ranks::rank;
use crate::arrangement::Arrangement;
use crate::distributions::gamma;

/// The comparison of some categories by ranks.
#[derive(Debug)]
pub(super) struct Kruskal<'a> {
    words: &'a Arrangement,
}

impl<'a> Kruskal<'a> {
    pub(super) fn new(words: &'a Arrangement) -> Self {
        Self { words }
    }

    /// H, corrected for ties, with its chi-squared approximation; Kruskal and Wallis (1952).
    fn compare(&self, row: &[f64]) -> Option<Test> {
        let groups = &self.words.groups;
        let numbers: Vec<f64> = groups.iter().flat_map(|words| values(row, words)).collect();
        let ranked = rank(&numbers)?;
        let n = numbers.len() as f64;
        let middle = 0.5 * (n + 1.0);
        let mut rest = ranked.ranks.iter();
        let mut sum = 0.0;
        for group in groups {
            let off: f64 = rest
                .by_ref()
                .take(group.len())
                .map(|rank| rank - middle)
                .sum();
            sum += off * off / group.len() as f64;
        }
        let untied = 1.0 - ranked.ties / (n * n * n - n);
        if untied <= 0.0 {
            return None;
        }
        let h = 12.0 / (n * (n + 1.0)) * sum / untied;
        let df = groups.len() as f64 - 1.0;
        let ln_p = gamma::ln_chi_squared_upper(h, df);
        Test {
            t: h,
            df: Some(df),
            df_within: None,
            ln_p,
        }
        .if_finite()
    }
}

impl NeuronTest for Kruskal<'_> {
    fn test(&self, row: &[f64]) -> Outcome {
        Outcome {
            test: self.compare(row),
            fit: None,
        }
    }
}
