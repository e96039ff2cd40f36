//! The smallest effect that a test could have found with these words and this correction.

use crate::arrangement::Shape;
use crate::distributions::noncentral_t::NoncentralT;
use crate::distributions::student;
use crate::results::Results;
use selectron_run::manifest::PowerFacts;
use selectron_run::pipeline::{Correction, Statistic, TestSection};

/// The chance of finding the effect that counts as good enough; Cohen (1988).
pub const POWER: f64 = 0.8;

/// For each t-test of the run the smallest detectable effect.
///
/// The level is that of one test after Bonferroni's correction, whatever the correction (unless it is
/// none): the others reject whatever Bonferroni does, or nearly so.
pub fn smallest_effects(results: &Results<'_>, test: &TestSection) -> Vec<PowerFacts> {
    let mut facts = Vec::new();
    for (index, study) in results.studies.iter().enumerate() {
        let statistic = study.tester.statistic();
        let is_t = matches!(
            statistic,
            Statistic::PairedT | Statistic::StudentT | Statistic::WelchT
        );
        let Some(tests) = results.of_study(index).map(|tests| tests.family_size).max() else {
            continue;
        };
        if !is_t || tests == 0 {
            continue;
        }
        let level = match test.correction {
            Correction::None => test.alpha,
            _ => test.alpha / tests as f64,
        };
        let words = study.tester.arrangement();
        let (n_a, n_b) = (words.a().len() as f64, words.b().len() as f64);
        if let Some(effect) = smallest_effect(words.shape, n_a, n_b, level) {
            facts.push(PowerFacts {
                statistic,
                tests,
                level,
                power: POWER,
                effect,
            });
        }
    }
    facts
}

/// The standardised mean difference that a two-sided t-test at `level` finds with probability
/// [`POWER`]: d_z for pairs, d otherwise. For Welch's test it supposes equal variances.
pub fn smallest_effect(shape: Shape, n_a: f64, n_b: f64, level: f64) -> Option<f64> {
    let (df, scale) = match shape {
        Shape::Paired => (n_a - 1.0, n_a.sqrt()),
        _ => (n_a + n_b - 2.0, (n_a * n_b / (n_a + n_b)).sqrt()),
    };
    let critical = student::critical(level, df);
    let noncentrality = NoncentralT::new(df).noncentrality_for_power(critical, POWER)?;
    Some(noncentrality / scale)
}
