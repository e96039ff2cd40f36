//! `manifest.json`: everything needed to repeat a run, and what came of it.
//!
//! It holds nothing that changes between two honest runs: no clock, no host, no absolute path.
//! Each stage writes its own section and leaves the earlier ones as they are.

mod generalization;

pub use generalization::{ConfusionFacts, GeneralizationFacts, LayerGeneralization, ShownFacts};

use crate::SCHEMA_VERSION;
use crate::error::{Error, Result};
use crate::files::{sha256, sha256_of_path, write_atomically};
use crate::pipeline::Pipeline;
use crate::run_dir::RunDir;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The manifest of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the layout of this file and of the tables.
    pub schema_version: u32,
    /// Version of the program.
    pub selectron: String,
    /// The experiment.
    pub pipeline: PipelineFacts,
    /// What the extract stage did.
    pub extract: Option<ExtractFacts>,
    /// What the stats stage found.
    pub stats: Option<StatsFacts>,
    /// What the render stage drew.
    pub render: Option<RenderFacts>,
}

/// What tells whether the rest can be understood.
#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    schema_version: Option<u64>,
}

/// The experiment as it was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PipelineFacts {
    /// The pipeline's name.
    pub name: String,
    /// SHA-256 of the pipeline file.
    pub sha256: String,
    /// The seed of every random draw.
    pub seed: u64,
    /// The model, after any `--model`.
    pub model: String,
    /// The layers, after any `--layers`.
    pub layers: String,
}

/// Files of a run by name, in order.
pub type Artifacts = BTreeMap<String, ArtifactFacts>;

/// A file of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactFacts {
    /// SHA-256 of its content.
    pub sha256: String,
    /// Rows, for a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
}

/// What the extract stage read and counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtractFacts {
    /// The model.
    pub model: ModelFacts,
    /// The compute backend.
    pub backend: BackendFacts,
    /// The recorded sites.
    pub sites: Vec<String>,
    /// The recorded layers.
    pub layers: Vec<i32>,
    /// How words were presented.
    pub presentation: String,
    /// How a word's tokens became one value.
    pub reduce: String,
    /// The categories, in the pipeline's order.
    pub categories: Vec<CategoryFacts>,
    /// Pairs of A and B.
    pub pairs: usize,
    /// Words that stand in more than one category.
    #[serde(default)]
    pub shared: Vec<String>,
    /// The text, if there is one.
    pub text: Option<TextFacts>,
    /// In which presentations `presentation_activations.parquet` holds the words: its column
    /// `presentation` counts through them.
    #[serde(default)]
    pub presentations: Vec<String>,
    /// The files written.
    pub artifacts: Artifacts,
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
    /// MLP neurons a block.
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
    pub rank: i32,
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
    /// What tells which category a word of the text belongs to: `parts of speech`, `word lists`, or
    /// both.
    pub labels: String,
    /// Of a large text the parts of `text_activations.parquet/` with the activations of all
    /// neurons, which live until the stats stage has scored them and leaves a file with the neurons
    /// that are shown. Null where the text is small enough for all of them to be kept.
    pub parts: Option<ArtifactFacts>,
}

/// What the stats stage found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatsFacts {
    /// Category A, whose neurons have t > 0.
    pub category_a: String,
    /// Category B, whose neurons have t < 0.
    pub category_b: String,
    /// The tests, in the pipeline's order; the first selects the neurons that are shown.
    pub statistics: Vec<String>,
    /// The level.
    pub alpha: f64,
    /// The correction.
    pub correction: String,
    /// Which tests were corrected together.
    pub family: String,
    /// Counts for each statistic, site and layer.
    pub layers: Vec<LayerCounts>,
    /// The neurons with the largest and the smallest t of the first statistic, a pair a site.
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
    /// How significant neurons fare against the control categories.
    #[serde(default)]
    pub controls: Vec<ControlFacts>,
    /// Properties of the words in which A and B differ.
    #[serde(default)]
    pub unbalanced: Vec<String>,
    /// How the neurons fare in the text, where there is one with words of A and B.
    #[serde(default)]
    pub generalization: Option<GeneralizationFacts>,
    /// The files written.
    pub artifacts: Artifacts,
}

/// Counts of one statistic at one site and layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerCounts {
    /// The test.
    pub statistic: String,
    /// The site.
    pub site: String,
    /// The layer.
    pub layer: i32,
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
    /// The category it stands for.
    pub category: String,
    /// The site.
    pub site: String,
    /// The layer.
    pub layer: i32,
    /// The neuron.
    pub neuron: i32,
    /// Its t.
    pub t: f64,
    /// Whether it is significant.
    pub significant: bool,
}

/// The permutations of one statistic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PermutationFacts {
    /// The test.
    pub statistic: String,
    /// `sign flips` of pairs or `label shuffles`.
    pub kind: String,
    /// How many there are besides the observed arrangement, or in all if complete.
    pub count: usize,
    /// Whether these are all that exist, the observed one among them.
    pub complete: bool,
}

/// The smallest effect that a test could have found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PowerFacts {
    /// The test.
    pub statistic: String,
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
    pub statistic: String,
    /// How the words were dealt out: `sign flips` of pairs or `label shuffles`.
    pub kind: String,
    /// How often.
    pub draws: usize,
    /// Significant neurons with the observed categories.
    pub observed: usize,
    /// Mean number of significant neurons over the random deals.
    pub mean: f64,
    /// The largest number in any of them.
    pub largest: usize,
    /// Random deals with at least one significant neuron.
    pub with_any: usize,
    /// Share of deals, the observed one counted, that find as many as the observed.
    pub p: f64,
    /// Mean share of neurons with an uncorrected p of at most alpha.
    pub uncorrected: f64,
}

/// How a selected neuron's t depends on single words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeaveOneOutFacts {
    /// The site.
    pub site: String,
    /// The layer.
    pub layer: i32,
    /// The neuron.
    pub neuron: i32,
    /// Its t with all words.
    pub t: f64,
    /// The smallest t without one word or pair.
    pub smallest: f64,
    /// The largest.
    pub largest: f64,
    /// The word, or pair of words, without which t is nearest to 0.
    pub hangs_on: String,
}

/// How significant neurons fare against one control category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlFacts {
    /// The test in which they are significant.
    pub statistic: String,
    /// The category they prefer.
    pub prefers: String,
    /// The control category.
    pub control: String,
    /// Significant neurons that prefer the category.
    pub neurons: usize,
    /// Those that are also higher than in the control, by Welch's t after Holm's correction.
    pub beat: usize,
}

/// What the render stage drew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderFacts {
    /// The files written.
    pub artifacts: Artifacts,
}

impl Manifest {
    /// A manifest of a pipeline that no stage has written to.
    pub fn new(pipeline: &Pipeline) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            selectron: env!("CARGO_PKG_VERSION").to_owned(),
            pipeline: PipelineFacts {
                name: pipeline.name.clone(),
                sha256: pipeline.sha256.clone(),
                seed: pipeline.seed,
                model: model_name(&pipeline.model.source),
                layers: pipeline.record.layers.to_string(),
            },
            extract: None,
            stats: None,
            render: None,
        }
    }

    /// Reads the manifest of a run.
    ///
    /// # Errors
    /// When it is missing, damaged, or of another schema version or pipeline.
    pub fn load(run: &RunDir, pipeline: &Pipeline) -> Result<Self> {
        let path = run.manifest();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::artifact(
                    &path,
                    "the manifest is missing",
                    "run `cargo xtask extract` for this pipeline first",
                ));
            }
            Err(source) => return Err(Error::io("read", &path, source)),
        };
        let damaged = |error: serde_json::Error| {
            let what = format!("not a readable manifest ({error})");
            Error::artifact(&path, what, "rerun with `cargo xtask run-all --force`")
        };
        // Parsed twice, and never into a tree: that would take many times the file's own size.
        let Version {
            schema_version: version,
        } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if version != Some(u64::from(SCHEMA_VERSION)) {
            let found = version.map_or_else(|| "unknown".to_owned(), |version| version.to_string());
            return Err(Error::artifact(
                &path,
                format!("schema version {found}, but this program reads {SCHEMA_VERSION}"),
                "rerun with `cargo xtask run-all --force`",
            ));
        }
        let manifest: Self = serde_json::from_slice(&bytes).map_err(damaged)?;
        if manifest.pipeline.name != pipeline.name {
            return Err(Error::artifact(
                &path,
                format!(
                    "belongs to the pipeline `{}`, not to `{}`",
                    manifest.pipeline.name, pipeline.name
                ),
                "choose another folder with --out",
            ));
        }
        Ok(manifest)
    }

    /// Writes the manifest.
    ///
    /// # Errors
    /// When the run directory cannot be written.
    pub fn save(&self, run: &RunDir) -> Result<()> {
        write_atomically(run.manifest(), self.to_text()?.as_bytes())
    }

    fn to_text(&self) -> Result<String> {
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::Bug(format!("manifest: {error}")))?;
        text.push('\n');
        Ok(text)
    }

    /// A digest of what a run's manifest says of a stage. None if the file is not, to the byte, what
    /// [`Manifest::save`] writes: then it has been touched since.
    ///
    /// The last stage also answers for what is said of the pipeline, which every change of the
    /// pipeline file alters, be it in a part that an earlier stage does not read.
    pub fn digest(run: &RunDir, stage: &str) -> Option<String> {
        let bytes = std::fs::read(run.manifest()).ok()?;
        let manifest = serde_json::from_slice::<Self>(&bytes).ok()?;
        if manifest.to_text().ok()?.as_bytes() != bytes {
            return None;
        }
        let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let pipeline = (stage == "render").then(|| value.get("pipeline"));
        let said = ["schema_version", "selectron", stage].map(|key| value.get(key));
        Some(sha256(format!("{said:?}{pipeline:?}").as_bytes()))
    }

    /// The extract stage's section.
    ///
    /// # Errors
    /// When that stage has not run.
    pub fn extracted(&self, run: &RunDir) -> Result<&ExtractFacts> {
        self.extract.as_ref().ok_or_else(|| not_run(run, "extract"))
    }

    /// The stats stage's section.
    ///
    /// # Errors
    /// When that stage has not run.
    pub fn tested(&self, run: &RunDir) -> Result<&StatsFacts> {
        self.stats.as_ref().ok_or_else(|| not_run(run, "stats"))
    }
}

fn not_run(run: &RunDir, stage: &str) -> Error {
    Error::artifact(
        run.manifest(),
        format!("the {stage} stage has not run"),
        format!("run `cargo xtask {stage}` for this pipeline first"),
    )
}

/// What a model is called in outputs: a directory by its last part, so that no absolute path
/// reaches a file; everything else as written.
pub fn model_name(source: &str) -> String {
    if source.starts_with("hub:") {
        return source.to_owned();
    }
    let mut parts = source
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".");
    parts.next_back().unwrap_or(source).to_owned()
}

/// Records a written file.
///
/// # Errors
/// When it cannot be read back.
pub fn artifact(run: &RunDir, name: &str, rows: Option<usize>) -> Result<(String, ArtifactFacts)> {
    let sha256 = sha256_of_path(run.file(name))?;
    Ok((name.to_owned(), ArtifactFacts { sha256, rows }))
}

#[cfg(test)]
mod tests {
    use super::model_name;

    #[test]
    fn no_absolute_path_becomes_a_models_name() {
        assert_eq!(model_name("/home/someone/models/tiny/"), "tiny");
        assert_eq!(model_name("neo-mini"), "neo-mini");
        assert_eq!(
            model_name("hub:EleutherAI/gpt-neo-125m"),
            "hub:EleutherAI/gpt-neo-125m"
        );
    }
}
