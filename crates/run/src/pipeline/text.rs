//! `[text]`: the text over which neurons are shown and scored.

use super::documented::documented;
use super::names::Reduce;
use super::problem::Problem;
use crate::site::Site;
use serde::{Deserialize, Serialize};

documented! {
    /// `[text]`
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    pub struct TextSection {
        /// A `.conllu` file (tags in column 4) or plain `.txt`. The path is relative to the
        /// pipeline file.
        pub source: String,
        /// How many tokens of the document must come before a word for it to be scored. A document
        /// that is longer than the model's context is read in windows, which overlap by the same
        /// number.
        #[serde(default = "default_min_context")]
        pub min_context: usize,
        /// A word with a token at one of the first `drop_first` positions of a window is not
        /// scored.
        #[serde(default = "default_drop_first")]
        pub drop_first: usize,
        /// How the activations of a word's tokens become one value per neuron.
        #[serde(default = "default_text_reduce")]
        pub reduce: Reduce,
        /// Neurons to show in addition to those with the largest and the smallest t:
        /// `[{ layer = 3, neuron = 5 }]`, each with `site` if need be.
        #[serde(default)]
        pub neurons: Vec<ShownNeuron>,
        /// How many times labels are shuffled, and as many control tasks drawn, to see what chance
        /// alone finds. With 0 no neuron is said to generalise; any other number must let p reach
        /// `test.alpha`. Without it, 200, or more if p needs more to reach alpha; 0 if that would
        /// take more than 10,000.
        #[serde(default)]
        pub shuffles: Option<usize>,
        /// How many times whole sentences are resampled for the intervals of the shown neurons.
        #[serde(default = "default_resamples")]
        pub resamples: usize,
        /// Whether to record the words of the lists in every presentation, to compare these word by word.
        #[serde(default = "default_context_gap")]
        pub context_gap: bool,
        /// Whether `run-all` keeps the activations of all neurons over a large text, which it
        /// otherwise removes from `.scratch/` once they have been scored.
        #[serde(default)]
        pub keep: bool,
    }
}

documented! {
    /// A neuron that `text.neurons` names.
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    pub struct ShownNeuron {
        /// Its site. Without it, the first of `record.site`.
        #[serde(default)]
        pub site: Option<Site>,
        /// Its layer, from 0.
        pub layer: usize,
        /// Its number at that site and layer, from 0.
        pub neuron: usize,
    }
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

impl TextSection {
    /// How many shuffles to draw at a level: the number in the pipeline file. Without one, 200, or
    /// more if p needs more to reach the level; 0, which leaves open what generalises, if that
    /// would take more than 10,000.
    pub fn shuffles(&self, alpha: f64) -> usize {
        const USUAL: usize = 200;
        const MOST: usize = 10_000;
        let enough = (1.0 / alpha).ceil() - 1.0;
        self.shuffles.unwrap_or(match enough {
            enough if enough <= USUAL as f64 => USUAL,
            enough if enough <= MOST as f64 => enough as usize,
            _ => 0,
        })
    }

    /// The smallest p that `shuffles` control tasks can give is 1 / (1 + shuffles), for the
    /// observed labels count as one of them. Above alpha nothing could generalise, whatever the
    /// model does. None at all is a choice of its own: then no neuron is said to generalise or not
    /// to.
    pub(super) fn validate(&self, alpha: f64) -> Result<(), Problem> {
        let shuffles = self.shuffles(alpha);
        let smallest = 1.0 / (1.0 + shuffles as f64);
        if shuffles == 0 || smallest <= alpha {
            return Ok(());
        }
        let enough = (1.0 / alpha).ceil() - 1.0;
        Err(Problem::at(
            "text.shuffles",
            format!(
                "{shuffles} shuffles give no p below {smallest:.3}, so nothing could generalise at \
                 `test.alpha` = {alpha}"
            ),
            format!("choose {enough} or more, or 0 to leave the question open"),
        ))
    }
}

fn default_resamples() -> usize {
    1000
}

fn default_context_gap() -> bool {
    true
}
