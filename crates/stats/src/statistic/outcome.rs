//! What a test says of a neuron, and what every test does.

use serde::{Deserialize, Serialize};

/// A test that is defined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// The test statistic; positive where A is higher, unless it has no sign.
    pub t: f64,
    /// Degrees of freedom; none where the statistic is standard normal.
    pub df: Option<f64>,
    /// Second degrees of freedom, of an F.
    pub df_within: Option<f64>,
    /// Natural logarithm of the two-sided p-value.
    pub ln_p: f64,
}

impl Test {
    /// The test, unless something in it is not a finite number.
    pub(super) fn if_finite(self) -> Option<Self> {
        let finite = [
            self.t,
            self.ln_p,
            self.df.unwrap_or(0.0),
            self.df_within.unwrap_or(0.0),
        ];
        finite.iter().all(|x| x.is_finite()).then_some(self)
    }

    /// The p-value; 0 where it is below the smallest double.
    pub fn p(&self) -> f64 {
        self.ln_p.exp()
    }
}

/// A logistic fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Change of the log odds of A for one standard deviation (n - 1, over A and B) more.
    pub slope: f64,
    /// Log odds of A at the mean activation.
    pub intercept: f64,
    /// Whether the categories separate, so that the fit is penalised.
    pub penalised: bool,
    /// Whether it converged.
    pub converged: bool,
    /// Share of words on the right side of the border.
    pub accuracy: f64,
    /// Share of words in the larger category.
    pub majority: f64,
}

/// What a test says about one neuron.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// The test, where it is defined.
    pub test: Option<Test>,
    /// The logistic fit behind it.
    pub fit: Option<Fit>,
}

/// A test of one neuron's activations.
pub(super) trait NeuronTest: Sync {
    /// `row` holds an activation for each word of the design.
    fn test(&self, row: &[f64]) -> Outcome;
}

/// The activations of some words.
pub(super) fn values<'a>(
    row: &'a [f64],
    words: &'a [usize],
) -> impl Iterator<Item = f64> + Clone + 'a {
    words.iter().map(|word| row[*word])
}
