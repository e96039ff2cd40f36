//! The two-sample t-tests: Student's, with a pooled variance, and Welch's, without.

use super::outcome::{NeuronTest, Outcome, Test, values};
use crate::arrangement::Arrangement;
use crate::distributions::student;
use crate::moments::{Moments, welch_df};

/// A t-test of the words of A against those of B.
#[derive(Debug)]
pub(super) struct TwoSampleT<'a> {
    words: &'a Arrangement,
    pooled: bool,
}

impl<'a> TwoSampleT<'a> {
    pub(super) fn student(words: &'a Arrangement) -> Self {
        Self {
            words,
            pooled: true,
        }
    }

    pub(super) fn welch(words: &'a Arrangement) -> Self {
        Self {
            words,
            pooled: false,
        }
    }
}

impl NeuronTest for TwoSampleT<'_> {
    fn test(&self, row: &[f64]) -> Outcome {
        let a = Moments::of(values(row, self.words.a()));
        let b = Moments::of(values(row, self.words.b()));
        let test = if self.pooled {
            student(&a, &b)
        } else {
            welch(&a, &b)
        };
        Outcome { test, fit: None }
    }
}

fn student(a: &Moments, b: &Moments) -> Option<Test> {
    let (n_a, n_b) = (a.n as f64, b.n as f64);
    let df = n_a + n_b - 2.0;
    let variance = (a.squares + b.squares) / df;
    t_test(a.minus(b), variance * (1.0 / n_a + 1.0 / n_b), df)
}

/// Welch's t-test of two samples by their moments.
pub fn welch(a: &Moments, b: &Moments) -> Option<Test> {
    let (n_a, n_b) = (a.n as f64, b.n as f64);
    let (of_a, of_b) = (a.variance()? / n_a, b.variance()? / n_b);
    t_test(a.minus(b), of_a + of_b, welch_df(of_a, n_a, of_b, n_b))
}

fn t_test(difference: f64, squared_error: f64, df: f64) -> Option<Test> {
    if squared_error > 0.0 {
        let t = difference / squared_error.sqrt();
        let ln_p = student::ln_two_sided(t, df);
        Test {
            t,
            df: Some(df),
            df_within: None,
            ln_p,
        }
        .if_finite()
    } else {
        None
    }
}
