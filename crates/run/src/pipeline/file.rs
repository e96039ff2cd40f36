//! The pipeline file as a whole.

use super::category::{CategorySection, validate_categories};
use super::documented::{Documented, Key, Value, documented};
use super::keys;
use super::model::ModelSection;
use super::overrides::Overrides;
use super::problem::Problem;
use super::record::RecordSection;
use super::render::{Palette, RenderSection};
use super::simulate::SimulateSection;
use super::test::TestSection;
use super::text::{ShownNeuron, TextSection};
use super::words::WordsSection;
use crate::error::{Error, Result};
use crate::files::{read_text, sha256};
use crate::place::Side;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

documented! {
    /// One experiment.
    #[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    pub struct Pipeline {
        /// The name of the experiment and of its run directory, `artifacts/runs/<name>`: lower-case
        /// letters, digits and hyphens.
        pub name: String,
        /// The seed of every random draw.
        #[serde(default)]
        pub seed: u64,
        /// The model whose activations are recorded.
        pub model: ModelSection,
        /// Which activations are recorded, and how words are put before the model.
        #[serde(default)]
        pub record: RecordSection,
        /// The categories of words; at least two. The first is A, whose neurons have t > 0, the second
        /// B, whose neurons have t < 0. Any further ones are controls.
        #[serde(default)]
        pub category: Vec<CategorySection>,
        /// Which words of the lists take part.
        #[serde(default)]
        pub words: WordsSection,
        /// The test of each neuron, and the correction for testing many.
        #[serde(default)]
        pub test: TestSection,
        /// The text over which neurons are shown and scored; without it there is none.
        pub text: Option<TextSection>,
        /// How figures look.
        #[serde(default)]
        pub render: RenderSection,
        /// What `model.source = "simulate"` draws at random in place of a model's activations: values
        /// with known effects, to see what the tests make of them.
        #[serde(default)]
        pub simulate: SimulateSection,
        ---
        /// The file this was read from.
        #[serde(skip)]
        pub path: PathBuf,
        /// SHA-256 of that file.
        #[serde(skip)]
        pub sha256: String,
    }
}

/// The sections of the file by their names, with their keys; the first is the top of the file.
pub const SECTIONS: &[(&str, &[Key])] = &[
    ("", Pipeline::KEYS),
    ("model", ModelSection::KEYS),
    ("record", RecordSection::KEYS),
    ("record.presentation", CARRIER),
    ("category", CategorySection::KEYS),
    ("words", WordsSection::KEYS),
    ("test", TestSection::KEYS),
    ("text", TextSection::KEYS),
    ("text.neurons", ShownNeuron::KEYS),
    ("render", RenderSection::KEYS),
    ("render.palette", Palette::KEYS),
    ("simulate", SimulateSection::KEYS),
];

const CARRIER: &[Key] = &[Key {
    name: "carrier",
    doc: " A sentence in which `{word}` is replaced by the word; no beginning-of-sequence token.\n",
    value: Value::Text,
}];

impl Pipeline {
    /// Reads and checks a pipeline file.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, has an unknown key, or a value makes no sense;
    /// the message names the line or the key.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = read_text(path)?;
        Self::parse(&text, path)
    }

    /// Reads a pipeline from `text`; `path` is for messages and for resolving relative paths.
    ///
    /// # Errors
    /// As [`Pipeline::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        keys::check(text, path, SECTIONS)?;
        let mut pipeline: Self =
            toml::from_str(text).map_err(|error| keys::syntax_error(&error, text, path))?;
        pipeline.path = path.to_owned();
        pipeline.sha256 = sha256(text.as_bytes());
        pipeline.validate()?;
        Ok(pipeline)
    }

    /// Replaces the file's choices by those of the command line.
    #[must_use]
    pub fn apply(mut self, overrides: &Overrides) -> Self {
        if let Some(model) = &overrides.model {
            self.model.source.clone_from(model);
        }
        if let Some(layers) = &overrides.layers {
            self.record.layers = layers.clone();
        }
        self
    }

    /// A path of the pipeline file, resolved against its folder.
    pub fn resolve(&self, relative: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(relative)
    }

    /// The name of a side's category: neurons of A have t > 0, neurons of B t < 0.
    pub fn category(&self, side: Side) -> &str {
        // A pipeline with fewer than two categories is refused when it is read.
        &self.category[side.index()].name
    }

    /// An input error placed at a key of this file.
    pub fn key_error(
        &self,
        key: &str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Error {
        Error::input(
            format_args!("{}, `{key}`", self.path.display()),
            what,
            remedy,
        )
    }

    fn validate(&self) -> Result<()> {
        let sections = || -> Result<(), Problem> {
            validate_name(&self.name)?;
            validate_categories(&self.category)?;
            self.test.validate()?;
            if let Some(text) = &self.text {
                text.validate(self.test.alpha)?;
            }
            self.simulate.validate()
        };
        sections().map_err(|Problem { key, what, remedy }| self.key_error(key, what, remedy))
    }
}

fn validate_name(name: &str) -> Result<(), Problem> {
    let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(is_good) {
        return Err(Problem::at(
            "name",
            format!("`{name}` cannot name a run"),
            "use lower-case letters, digits and hyphens",
        ));
    }
    Ok(())
}
