//! What was measured.

/// What a case came to.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) name: String,
    pub(super) about: String,
    /// The sides, ours first, with the seconds of every run.
    pub(super) seconds: Vec<(String, Vec<f64>)>,
    /// Peak memory of each process, ours first.
    pub(super) peak_bytes: Vec<Option<u64>>,
    /// Operations of the matrix products, where these are what counts.
    pub(super) flops: Option<f64>,
    /// Relative difference of sampled activations between the sides.
    pub(super) difference: Option<f64>,
}

/// The middle of the runs.
pub(super) fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    if sorted.len().is_multiple_of(2) {
        (at(middle.saturating_sub(1)) + at(middle)) / 2.0
    } else {
        at(middle)
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_one_or_between_the_two_middle_ones() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }
}
