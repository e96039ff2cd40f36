//! `[text]`: the text over which neurons are shown and scored.

use super::Reduce;
use crate::site::Site;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// `[text]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSection {
    /// A `.conllu` file (tags in column 4) or plain `.txt`; relative to the pipeline file.
    pub source: String,
    /// Tokens of the document that must stand before a word for it to be scored. Windows overlap by
    /// as many.
    #[serde(default = "default_min_context")]
    pub min_context: usize,
    /// A word with a token at one of the first so many positions of a window is not scored.
    #[serde(default = "default_drop_first")]
    pub drop_first: usize,
    /// How the activations of a word's tokens become one value.
    #[serde(default = "default_text_reduce")]
    pub reduce: Reduce,
    /// Neurons to show besides those with the largest and smallest t.
    #[serde(default)]
    pub neurons: Vec<ShownNeuron>,
    /// How many times labels are shuffled, and as many control tasks drawn, to see what chance
    /// alone finds. With 0 no neuron is said to generalise; any other number must let p reach
    /// `test.alpha`.
    #[serde(default = "default_shuffles")]
    pub shuffles: usize,
    /// How many times sentences are resampled for the intervals of the shown neurons.
    #[serde(default = "default_resamples")]
    pub resamples: usize,
    /// Whether to record the stimuli in every presentation, to compare them item by item.
    #[serde(default = "default_context_gap")]
    pub context_gap: bool,
}

/// A neuron that `text.neurons` names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownNeuron {
    /// The site; the first of `record.site` where it is not given.
    #[serde(default, deserialize_with = "site")]
    pub site: Option<Site>,
    /// The layer, from 0.
    pub layer: i32,
    /// The neuron, from 0.
    pub neuron: i32,
}

fn default_min_context() -> usize {
    4
}

fn default_drop_first() -> usize {
    1
}

fn default_text_reduce() -> Reduce {
    Reduce::Last
}

/// Stands for a number of shuffles that the pipeline file does not give.
const UNSET: usize = usize::MAX;

fn default_shuffles() -> usize {
    UNSET
}

impl TextSection {
    /// Settles how many shuffles to draw where the pipeline file does not say: 200, or as many as it
    /// takes for p to reach alpha; none, which leaves open what generalises, where that would be more
    /// than 10,000.
    pub(super) fn settle_shuffles(&mut self, alpha: f64) {
        const USUAL: usize = 200;
        const MOST: usize = 10_000;
        if self.shuffles == UNSET {
            let enough = (1.0 / alpha).ceil() - 1.0;
            self.shuffles = match enough {
                enough if enough <= USUAL as f64 => USUAL,
                enough if enough <= MOST as f64 => enough as usize,
                _ => 0,
            };
        }
    }
}

fn default_resamples() -> usize {
    1000
}

fn default_context_gap() -> bool {
    true
}

fn site<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Site>, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map(Some).map_err(D::Error::custom)
}
