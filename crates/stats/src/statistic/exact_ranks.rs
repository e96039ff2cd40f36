//! Exact distributions of the rank statistics in small samples without ties.
//!
//! From [`SMALL`] units on, and with ties, the normal approximation takes over, as in R's
//! `wilcox.test`.

use crate::arrangement::{Arrangement, Shape};

/// The sample size at which the normal approximation begins.
pub(super) const SMALL: usize = 50;

/// Whether the exact distribution is used, ties aside: fewer than 50 pairs, or words of each.
pub(super) fn small(words: &Arrangement) -> bool {
    match words.shape {
        Shape::Paired => words.units() < SMALL,
        _ => words.groups.iter().all(|group| group.len() < SMALL),
    }
}

/// The distribution of a whole number from 0.
#[derive(Debug)]
pub(super) struct Exact {
    /// Probability of each value or a smaller one.
    cumulative: Vec<f64>,
}

impl Exact {
    /// Of the sum of the ranks of `pairs` differences that are positive.
    pub(super) fn signed_rank(pairs: usize) -> Self {
        // Each rank is in the sum or not.
        let mut ways = vec![1.0];
        for rank in 1..=pairs {
            let mut next = vec![0.0; ways.len() + rank];
            for (sum, ways) in ways.iter().enumerate() {
                next[sum] += ways;
                next[sum + rank] += ways;
            }
            ways = next;
        }
        Self::from_ways(&ways)
    }

    /// Of Mann and Whitney's U: of how many of the n_a x n_b comparisons A wins.
    ///
    /// Its generating function is the Gaussian binomial coefficient; Mann and Whitney (1947).
    pub(super) fn rank_sum(n_a: usize, n_b: usize) -> Self {
        let mut ways = vec![0.0; n_a * n_b + 1];
        ways[0] = 1.0;
        for k in 1..=n_a {
            // Times 1 - q^(n_b + k), from above; then over 1 - q^k, from below.
            for sum in (n_b + k..ways.len()).rev() {
                ways[sum] -= ways[sum - n_b - k];
            }
            for sum in k..ways.len() {
                ways[sum] += ways[sum - k];
            }
        }
        Self::from_ways(&ways)
    }

    fn from_ways(ways: &[f64]) -> Self {
        let total: f64 = ways.iter().sum();
        let mut sum = 0.0;
        let cumulative = ways
            .iter()
            .map(|ways| {
                sum += ways;
                sum / total
            })
            .collect();
        Self { cumulative }
    }

    /// ln of the two-sided p-value of a value: twice the smaller tail, at most 1. The distribution
    /// is symmetric.
    pub(super) fn ln_two_sided(&self, value: f64) -> f64 {
        let most = self.cumulative.len() - 1;
        let value = value.round() as usize;
        let tail = self.cumulative[value.min(most - value)];
        (2.0 * tail).min(1.0).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_distributions_are_the_counted_ones() {
        // Three pairs: sums 0 to 6 in 1, 1, 1, 2, 1, 1, 1 of 8 ways.
        let signed = Exact::signed_rank(3);
        assert_eq!(
            signed.cumulative,
            [0.125, 0.25, 0.375, 0.625, 0.75, 0.875, 1.0]
        );
        // Two of four: U = 0 to 4 in 1, 1, 2, 1, 1 of 6 ways.
        let sums = Exact::rank_sum(2, 2);
        let expected = [1.0, 2.0, 4.0, 5.0, 6.0].map(|ways| ways / 6.0);
        assert_eq!(sums.cumulative, expected);
        assert_eq!(sums.ln_two_sided(2.0), 0.0);
    }
}
