//! The paired t-test: a one-sample t-test of the differences of paired words against 0.

use super::outcome::{NeuronTest, Outcome, Test, values};
use crate::arrangement::Arrangement;
use crate::distributions::student;
use crate::moments::Moments;

/// A paired t-test over some pairs.
#[derive(Debug)]
pub(super) struct PairedT<'a> {
    words: &'a Arrangement,
}

impl<'a> PairedT<'a> {
    pub(super) fn new(words: &'a Arrangement) -> Self {
        Self { words }
    }
}

impl NeuronTest for PairedT<'_> {
    fn test(&self, row: &[f64]) -> Outcome {
        let pairs = values(row, self.words.a()).zip(values(row, self.words.b()));
        let differences = Moments::of(pairs.map(|(a, b)| a - b));
        let n = differences.n as f64;
        let test = differences
            .variance()
            .filter(|variance| *variance > 0.0)
            .and_then(|variance| {
                let t = differences.mean / (variance / n).sqrt();
                let ln_p = student::ln_two_sided(t, n - 1.0);
                Test {
                    t,
                    df: Some(n - 1.0),
                    df_within: None,
                    ln_p,
                }
                .if_finite()
            });
        Outcome { test, fit: None }
    }
}
