//! The manifest as a whole.

use super::artifact::Artifacts;
use super::extract::ExtractFacts;
use super::stats::StatsFacts;
use crate::error::{Error, Result};
use crate::files::{sha256, write_atomically};
use crate::pipeline::{Layers, Pipeline};
use crate::run_dir::RunDir;
use crate::stages::Stage;
use crate::version::SCHEMA_VERSION;
use serde::{Deserialize, Serialize};

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

/// A stage's section of the manifest.
#[derive(Debug, Clone)]
pub enum Section {
    /// Of the extract stage.
    Extract(Box<ExtractFacts>),
    /// Of the stats stage.
    Stats(Box<StatsFacts>),
    /// Of the render stage.
    Render(RenderFacts),
}

/// A stage's section of the manifest, borrowed.
#[derive(Debug, Clone, Copy)]
pub enum SectionRef<'a> {
    /// The extract stage.
    Extract(&'a ExtractFacts),
    /// The stats stage.
    Stats(&'a StatsFacts),
    /// The render stage.
    Render(&'a RenderFacts),
}

impl Section {
    /// Whose it is.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Extract(_) => Stage::Extract,
            Self::Stats(_) => Stage::Stats,
            Self::Render(_) => Stage::Render,
        }
    }
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
    pub layers: Layers,
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
                layers: pipeline.record.layers.clone(),
            },
            extract: None,
            stats: None,
            render: None,
        }
    }

    /// Reads the manifest of a run, whatever its pipeline.
    ///
    /// # Errors
    /// When it is missing, damaged, or of another schema version.
    pub fn read(run: &RunDir) -> Result<Self> {
        let path = run.manifest();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::artifact(
                    &path,
                    "the manifest is missing",
                    Stage::Extract.remedy(),
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
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    /// Reads the manifest of a pipeline's run.
    ///
    /// # Errors
    /// As [`Manifest::read`], and when it is of another pipeline.
    pub fn load(run: &RunDir, pipeline: &Pipeline) -> Result<Self> {
        let manifest = Self::read(run)?;
        if manifest.pipeline.name != pipeline.name {
            return Err(Error::artifact(
                run.manifest(),
                format!(
                    "belongs to the pipeline `{}`, not to `{}`",
                    manifest.pipeline.name, pipeline.name
                ),
                "choose another folder with --out",
            ));
        }
        Ok(manifest)
    }

    /// What a stage has written down; none if it has not run.
    pub fn section(&self, stage: Stage) -> Option<SectionRef<'_>> {
        match stage {
            Stage::Extract => self.extract.as_ref().map(SectionRef::Extract),
            Stage::Stats => self.stats.as_ref().map(SectionRef::Stats),
            Stage::Render => self.render.as_ref().map(SectionRef::Render),
        }
    }

    /// Files that a stage has left in the run directory; none if it has not run.
    pub fn artifacts(&self, stage: Stage) -> Option<&Artifacts> {
        Some(match self.section(stage)? {
            SectionRef::Extract(facts) => &facts.artifacts,
            SectionRef::Stats(facts) => &facts.artifacts,
            SectionRef::Render(facts) => &facts.artifacts,
        })
    }

    /// Files that a stage has left in `.scratch/`, by their names in the run directory.
    pub fn scratch(&self, stage: Stage) -> &Artifacts {
        const NONE: &Artifacts = &Artifacts::new();
        match self.section(stage) {
            Some(SectionRef::Extract(facts)) => &facts.scratch,
            Some(SectionRef::Stats(_) | SectionRef::Render(_)) | None => NONE,
        }
    }

    /// Puts a stage's section in. The sections of later stages are removed, since what they say is
    /// of earlier numbers.
    pub fn put(&mut self, section: Section) {
        let stage = section.stage();
        for later in Stage::ALL.iter().filter(|later| later.comes_after(stage)) {
            match later {
                Stage::Extract => self.extract = None,
                Stage::Stats => self.stats = None,
                Stage::Render => self.render = None,
            }
        }
        match section {
            Section::Extract(facts) => self.extract = Some(*facts),
            Section::Stats(facts) => self.stats = Some(*facts),
            Section::Render(facts) => self.render = Some(facts),
        }
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
            .map_err(|error| Error::bug(format!("manifest: {error}")))?;
        text.push('\n');
        Ok(text)
    }

    /// A digest of what a run's manifest says of a stage. None if the file is not, to the byte,
    /// what [`Manifest::save`] writes: then it has been touched since.
    ///
    /// The last stage's digest includes the section on the pipeline. Every change of the pipeline
    /// file alters that section, even a change that no earlier stage reads.
    pub fn digest(run: &RunDir, stage: Stage) -> Option<String> {
        let bytes = std::fs::read(run.manifest()).ok()?;
        let manifest = serde_json::from_slice::<Self>(&bytes).ok()?;
        if manifest.to_text().ok()?.as_bytes() != bytes {
            return None;
        }
        let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let is_last = Stage::ALL.last() == Some(&stage);
        let pipeline = is_last.then(|| value.get("pipeline"));
        let said = ["schema_version", "selectron", stage.name()].map(|key| value.get(key));
        Some(sha256(format!("{said:?}{pipeline:?}").as_bytes()))
    }

    /// The extract stage's section.
    ///
    /// # Errors
    /// When that stage has not run.
    pub fn extracted(&self, run: &RunDir) -> Result<&ExtractFacts> {
        self.extract
            .as_ref()
            .ok_or_else(|| not_run(run, Stage::Extract))
    }

    /// The stats stage's section.
    ///
    /// # Errors
    /// When that stage has not run.
    pub fn tested(&self, run: &RunDir) -> Result<&StatsFacts> {
        self.stats
            .as_ref()
            .ok_or_else(|| not_run(run, Stage::Stats))
    }
}

fn not_run(run: &RunDir, stage: Stage) -> Error {
    let what = format!("{} has not run", stage.title());
    Error::artifact(run.manifest(), what, stage.remedy())
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
