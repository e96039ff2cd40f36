//! What the manifest says of the extract stage.

use super::artifact::Artifacts;
use crate::pipeline::{Presentation, Reduce};
use crate::site::Site;
use crate::vocabulary::LabelSource;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the extract stage read and counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtractFacts {
    /// The model.
    pub model: ModelFacts,
    /// The compute backend.
    pub backend: BackendFacts,
    /// The recorded sites.
    pub sites: Vec<Site>,
    /// The recorded layers.
    pub layers: Vec<usize>,
    /// How words were presented.
    pub presentation: Presentation,
    /// How a word's tokens became one value.
    pub reduce: Reduce,
    /// The categories, in the pipeline's order.
    pub categories: Vec<CategoryFacts>,
    /// Pairs of A and B.
    pub pairs: usize,
    /// Words that are in more than one category.
    #[serde(default)]
    pub shared: Vec<String>,
    /// The text, if there is one.
    pub text: Option<TextFacts>,
    /// In which presentations `presentation_activations.parquet` holds the words: its column
    /// `presentation` counts through them.
    #[serde(default)]
    pub presentations: Vec<Presentation>,
    /// The files written.
    pub artifacts: Artifacts,
    /// Tables that live in `.scratch/` until the run has ended, by their names in the run
    /// directory: of a large text the activations of all neurons.
    #[serde(default, skip_serializing_if = "Artifacts::is_empty")]
    pub scratch: Artifacts,
}

/// A model and the files it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// The model's name: the last part of its source.
    pub name: String,
    /// The family, such as `gpt_neo`.
    pub family: String,
    /// Number of blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// MLP neurons per block.
    pub neurons: usize,
    /// Longest sequence.
    pub context: usize,
    /// The commit, for a model of the Hugging Face Hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// SHA-256 of each file that was read.
    pub files: BTreeMap<String, String>,
}

/// Where the tensors were computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendFacts {
    /// The backend's name.
    pub name: String,
    /// The GPU adapter, if any.
    pub adapter: Option<String>,
}

/// A category's word list and what became of its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryFacts {
    /// The category's name.
    pub name: String,
    /// The list, as the pipeline names it.
    pub list: String,
    /// SHA-256 of the list.
    pub sha256: String,
    /// Words in the list.
    pub listed: usize,
    /// Words within the limit.
    pub considered: usize,
    /// Words put before the model.
    pub used: usize,
    /// Words among the used ones that split into several tokens.
    pub split: usize,
    /// Words left out, and why.
    pub dropped: Vec<DroppedWord>,
}

/// A word that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DroppedWord {
    /// The word.
    pub word: String,
    /// Its line in its list, from 0.
    pub rank: usize,
    /// Why.
    pub reason: String,
}

/// The text and how it was cut up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextFacts {
    /// The file, as the pipeline names it.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Whether the text carries parts of speech.
    pub tagged: bool,
    /// Documents.
    pub documents: usize,
    /// Sentences, where the text marks them.
    pub sentences: usize,
    /// Words.
    pub words: usize,
    /// Tokens, beginning-of-sequence tokens included.
    pub tokens: usize,
    /// Windows of the model's context.
    pub windows: usize,
    /// Words that no token covers.
    pub unaligned_words: usize,
    /// Words that share the token of the word before, having none of their own.
    pub sharing_words: usize,
    /// Words that are scored.
    pub scored: usize,
    /// Words that are not, by reason.
    pub dropped: BTreeMap<String, usize>,
    /// What tells which category a word of the text belongs to.
    pub labels: LabelSource,
}
