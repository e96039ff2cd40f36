//! `[simulate]`: activations with known effects, in place of a model's.

use super::documented::documented;
use super::problem::Problem;
use serde::{Deserialize, Serialize};

documented! {
    /// `[simulate]`: what the source `simulate` simulates.
    #[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct SimulateSection {
        /// How many layers there are.
        pub layers: usize,
        /// Neurons per layer.
        pub neurons: usize,
        /// Share of the neurons that get an effect. The first half of them prefers A, the second
        /// half B.
        pub share: f64,
        /// The size of the effect: the difference of the categories' means, in standard deviations.
        pub effect: f64,
    }
}

impl Default for SimulateSection {
    fn default() -> Self {
        Self {
            layers: 2,
            neurons: 1000,
            share: 0.1,
            effect: 1.0,
        }
    }
}

impl SimulateSection {
    pub(super) fn validate(&self) -> Result<(), Problem> {
        if !(0.0..=1.0).contains(&self.share) || !self.effect.is_finite() {
            return Err(Problem::at(
                "simulate",
                format!(
                    "a share of {} with effect {} makes no sense",
                    self.share, self.effect
                ),
                "choose a share between 0 and 1, and an effect in standard deviations",
            ));
        }
        if !(1..=1000).contains(&self.layers) || !(1..=1_000_000).contains(&self.neurons) {
            return Err(Problem::at(
                "simulate",
                format!(
                    "{} layers of {} neurons cannot be simulated",
                    self.layers, self.neurons
                ),
                "choose 1 to 1,000 layers of 1 to 1,000,000 neurons",
            ));
        }
        Ok(())
    }
}
