//! What the manifest says of the stats stage.

use super::artifact::Artifacts;
use super::text::GeneralizationFacts;
use crate::pipeline::{Correction, Family, Statistic};
use crate::place::{NeuronId, Place, Side};
use crate::vocabulary::Rearrangement;
use serde::{Deserialize, Serialize};

/// What the stats stage found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatsFacts {
    /// Category A, whose neurons have t > 0.
    pub category_a: String,
    /// Category B, whose neurons have t < 0.
    pub category_b: String,
    /// The tests, in the pipeline's order; the first selects the neurons that are shown.
    pub statistics: Vec<Statistic>,
    /// The level.
    pub alpha: f64,
    /// The correction.
    pub correction: Correction,
    /// Which tests were corrected together.
    pub family: Family,
    /// Counts for each statistic, site and layer.
    pub layers: Vec<LayerCounts>,
    /// The neurons with the largest and the smallest t of the first statistic: two per site.
    pub selected: Vec<SelectedNeuron>,
    /// How the permutations of max-T were drawn, for each statistic that has them.
    #[serde(default)]
    pub permutations: Vec<PermutationFacts>,
    /// The smallest effects that the tests could have found.
    #[serde(default)]
    pub power: Vec<PowerFacts>,
    /// What chance alone finds, for the first statistic.
    #[serde(default)]
    pub nulls: Option<NullFacts>,
    /// How the selected neurons' t depends on single words.
    #[serde(default)]
    pub leave_one_out: Vec<LeaveOneOutFacts>,
    /// How many significant neurons beat the control categories.
    #[serde(default)]
    pub controls: Vec<ControlFacts>,
    /// Properties of the words in which A and B differ.
    #[serde(default)]
    pub unbalanced: Vec<String>,
    /// How the neurons perform in the text, where there is one with words of A and B.
    #[serde(default)]
    pub generalization: Option<GeneralizationFacts>,
    /// The files written.
    pub artifacts: Artifacts,
}

/// Counts of one statistic at one site and layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerCounts {
    /// The test.
    pub statistic: Statistic,
    /// The site and layer.
    #[serde(flatten)]
    pub place: Place,
    /// Neurons tested.
    pub tests: usize,
    /// Significant with the higher mean in A.
    pub a: usize,
    /// Significant with the higher mean in B.
    pub b: usize,
    /// Not significant.
    pub neither: usize,
    /// Significant with the highest mean in a further category; only where a test compares all.
    #[serde(default)]
    pub other: usize,
    /// With an undefined t.
    pub undefined: usize,
    /// abs(t) from which a neuron is significant; null where that depends on the neuron or where
    /// none is.
    pub critical_t: Option<f64>,
}

/// A neuron that is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectedNeuron {
    /// The category it was selected for.
    pub category: String,
    /// The neuron.
    #[serde(flatten)]
    pub id: NeuronId,
    /// Its t.
    pub t: f64,
    /// Whether it is significant.
    pub significant: bool,
}

/// The permutations of one statistic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PermutationFacts {
    /// The test.
    pub statistic: Statistic,
    /// How they rearrange the words.
    pub kind: Rearrangement,
    /// How many there are besides the observed arrangement, or in all if complete.
    pub count: usize,
    /// Whether these are all that exist, the observed one among them.
    pub complete: bool,
}

/// The smallest effect that a test could have found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PowerFacts {
    /// The test.
    pub statistic: Statistic,
    /// Tests corrected together, at most.
    pub tests: usize,
    /// The level of a single test: alpha over the number of tests, or alpha where the correction is
    /// none. Step procedures do no worse than that.
    pub level: f64,
    /// The chance of finding the effect.
    pub power: f64,
    /// The effect: d_z of a paired test, d of an unpaired one.
    pub effect: f64,
}

/// What chance alone finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NullFacts {
    /// The test.
    pub statistic: Statistic,
    /// How the words were rearranged.
    pub kind: Rearrangement,
    /// How often.
    pub draws: usize,
    /// Significant neurons with the observed categories.
    pub observed: usize,
    /// Mean number of significant neurons over the random rearrangements.
    pub mean: f64,
    /// The largest number in any of them.
    pub largest: usize,
    /// Random rearrangements with at least one significant neuron.
    pub with_any: usize,
    /// Share of rearrangements, the observed one counted, that find as many as the observed.
    pub p: f64,
    /// Mean share of neurons with an uncorrected p of at most alpha.
    pub uncorrected: f64,
}

/// How a selected neuron's t depends on single words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeaveOneOutFacts {
    /// The neuron.
    #[serde(flatten)]
    pub id: NeuronId,
    /// Its t with all words.
    pub t: f64,
    /// The smallest t without one word or pair.
    pub smallest: f64,
    /// The largest.
    pub largest: f64,
    /// The word, or pair of words, without which t is nearest to 0.
    pub hangs_on: String,
}

/// How many significant neurons beat one control category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlFacts {
    /// The test in which they are significant.
    pub statistic: Statistic,
    /// The category they prefer.
    pub prefers: String,
    /// The control category.
    pub control: String,
    /// Significant neurons that prefer the category.
    pub neurons: usize,
    /// Those that are also higher than in the control, by Welch's t after Holm's correction.
    pub beat: usize,
}

impl StatsFacts {
    /// The name of a side's category.
    pub fn category(&self, side: Side) -> &str {
        match side {
            Side::A => &self.category_a,
            Side::B => &self.category_b,
        }
    }

    /// The test that selects the neurons that are shown.
    pub fn first_statistic(&self) -> Option<Statistic> {
        self.statistics.first().copied()
    }
}

impl LayerCounts {
    /// Significant neurons that prefer a side.
    pub fn preferring(&self, side: Side) -> usize {
        match side {
            Side::A => self.a,
            Side::B => self.b,
        }
    }
}
