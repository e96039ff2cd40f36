//! One-way analysis of variance over all categories.

use super::outcome::{NeuronTest, Outcome, Test, values};
use crate::arrangement::Arrangement;
use crate::distributions::fisher;
use crate::moments::Moments;

/// The analysis of variance of some categories.
#[derive(Debug)]
pub(super) struct Anova<'a> {
    words: &'a Arrangement,
}

impl<'a> Anova<'a> {
    pub(super) fn new(words: &'a Arrangement) -> Self {
        Self { words }
    }
}

impl NeuronTest for Anova<'_> {
    fn test(&self, row: &[f64]) -> Outcome {
        let groups: Vec<_> = self
            .words
            .groups
            .iter()
            .map(|words| Moments::of(values(row, words)))
            .collect();
        Outcome {
            test: compare(&groups),
            fit: None,
        }
    }
}

fn compare(groups: &[Moments]) -> Option<Test> {
    let n: f64 = groups.iter().map(|group| group.n as f64).sum();
    let df = groups.len() as f64 - 1.0;
    let df_within = n - groups.len() as f64;
    let within: f64 = groups.iter().map(|group| group.squares).sum();
    if within > 0.0 {
        let f = (between(groups) / df) / (within / df_within);
        let ln_p = fisher::ln_upper(f, df, df_within);
        Test {
            t: f,
            df: Some(df),
            df_within: Some(df_within),
            ln_p,
        }
        .if_finite()
    } else {
        None
    }
}

/// Sum of squares between the categories: of the deviations of their means from the mean of all.
fn between(groups: &[Moments]) -> f64 {
    let n: f64 = groups.iter().map(|group| group.n as f64).sum();
    // Deviations from the first mean keep their digits where all means are far from 0.
    let origin = &groups[0];
    let sums = groups
        .iter()
        .map(|group| group.n as f64 * group.minus(origin));
    let shift = sums.sum::<f64>() / n;
    let square = |group: &Moments| {
        let deviation = group.minus(origin) - shift;
        group.n as f64 * deviation * deviation
    };
    groups.iter().map(square).sum()
}
