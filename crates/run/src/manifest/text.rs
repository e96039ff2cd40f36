//! What the manifest says of the neurons in the text.

use crate::place::{NeuronId, Place};
use crate::site::Site;
use serde::{Deserialize, Serialize};

/// How the neurons perform in the text. Counts of words are of scored words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeneralizationFacts {
    /// Words of A never seen as stimuli.
    pub n_a: usize,
    /// Words of B never seen.
    pub n_b: usize,
    /// All other words never seen.
    pub n_other: usize,
    /// Stimuli of A in the text.
    pub n_a_seen: usize,
    /// Stimuli of B in the text.
    pub n_b_seen: usize,
    /// Different words of A or B never seen, in lower case.
    pub types: usize,
    /// Sentences with scored words.
    pub sentences: usize,
    /// Shuffles of labels, and as many control tasks.
    pub shuffles: usize,
    /// Resamples of sentences.
    pub resamples: usize,
    /// Counts by site and layer.
    pub layers: Vec<LayerGeneralization>,
    /// The neurons that are shown: the selected ones, then those that the pipeline names.
    pub shown: Vec<ShownFacts>,
    /// How many neurons prefer which category in words and in text.
    pub confusion: Vec<ConfusionFacts>,
}

impl GeneralizationFacts {
    /// Whether the text cannot tell if anything generalises: a category has no word that was never a
    /// stimulus, or no control task could be drawn.
    pub fn is_open(&self) -> bool {
        self.n_a == 0 || self.n_b == 0 || self.shuffles == 0 || self.types < 2
    }
}

/// How the neurons of one layer perform in the text.
///
/// A neuron that is significant in isolated words generalises if, over words never seen, the 95 %
/// interval of its AUC lies on the side of 1/2 that its t promises, and at most a share alpha of the
/// control tasks have a neuron in the layer that does as well by chance (`p_control`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerGeneralization {
    /// The site and layer.
    #[serde(flatten)]
    pub place: Place,
    /// Neurons scored.
    pub neurons: usize,
    /// Neurons significant in isolated words, by the first statistic.
    pub significant: usize,
    /// Those of them whose AUC lies on the side of 1/2 that their t promises.
    pub same_side: usize,
    /// Those of them that generalise.
    pub generalise: usize,
    /// The largest AUC of any neuron.
    pub highest: Option<f64>,
    /// The smallest.
    pub lowest: Option<f64>,
    /// abs(AUC - 1/2) that the best neuron exceeds in at most 5 % of the shuffles of labels.
    pub shuffled_best: Option<f64>,
    /// The same of the control tasks.
    pub control_best: Option<f64>,
    /// Pearson's correlation over neurons of t in isolated words with AUC in text.
    pub transfer: Option<f64>,
}

/// A neuron that is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownFacts {
    /// The neuron.
    #[serde(flatten)]
    pub id: NeuronId,
    /// The category that it is shown for: of a selected neuron the one it was selected for, of a named one
    /// that of A and B which the sign of its t points to.
    pub category: String,
    /// Its t in isolated words.
    pub t: Option<f64>,
    /// Whether it is significant in isolated words.
    pub significant: bool,
    /// Whether it was selected by its t rather than named in the pipeline.
    pub selected: bool,
    /// Whether it generalises, see [`LayerGeneralization`].
    pub generalises: bool,
}

/// How many neurons of a site prefer one category in isolated words and another in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionFacts {
    /// The site.
    pub site: Site,
    /// What they prefer in isolated words; null where nothing.
    pub in_words: Option<String>,
    /// What they prefer in the text; null where nothing.
    pub in_text: Option<String>,
    /// How many they are, over all layers.
    pub neurons: usize,
}
