//! Whether a stage is up to date: what it was made from, and whether its outputs are as it left
//! them.
//!
//! The state is kept beside the results in `.stages/`, not in the manifest: it contains the hash of
//! the program, which differs between honest runs on two machines.

use super::inputs::Inputs;
use super::wall_times;
use crate::error::{Error, Result};
use crate::files::{create_folder, sha256_of_path, write_atomically};
use crate::manifest::{Artifacts, Manifest};
use crate::run_dir::RunDir;
use crate::stages::Stage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What a finished stage was made from, and what it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    inputs: String,
    outputs: Artifacts,
    #[serde(default)]
    scratch: Artifacts,
    /// Digest of what the manifest says of the stage.
    manifest: String,
}

/// Whether a stage has to do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Currency {
    /// It has finished with these inputs, and its outputs are as it left them.
    Current,
    /// The same, but what it left in `.scratch/` is no longer there: it has to run again as soon as a
    /// stage that reads it does.
    WithoutScratch,
    /// It has not finished, or its inputs have changed.
    Stale,
    /// It has finished with these inputs, but a file is missing or has changed since.
    Damaged(String),
}

impl State {
    /// Whether a stage with these inputs has to do its work.
    pub fn currency(run: &RunDir, stage: Stage, inputs: &Inputs) -> Currency {
        let Some(state) = Self::load(run, stage).filter(|state| state.inputs == inputs.digest())
        else {
            return Currency::Stale;
        };
        let is_whole = |name: &str, sha256: &str| {
            sha256_of_path(run.file(name)).is_ok_and(|found| found == sha256)
        };
        let outputs = state.outputs.iter();
        let scratch = state.scratch.iter();
        let scratch_there = scratch.clone().filter(|(name, _)| run.file(name).exists());
        let mut damaged = outputs
            .chain(scratch_there)
            .filter(|(name, facts)| !is_whole(name, &facts.sha256));
        if let Some((name, _)) = damaged.next() {
            return Currency::Damaged(name.clone());
        }
        if Manifest::digest(run, stage) != Some(state.manifest) {
            return Currency::Damaged("manifest.json".to_owned());
        }
        if scratch.clone().all(|(name, _)| run.file(name).exists()) {
            Currency::Current
        } else {
            Currency::WithoutScratch
        }
    }

    /// The files that a stage left when it last finished, by their names in the run directory, those in
    /// `.scratch/` included; none if it has not.
    pub fn files(run: &RunDir, stage: Stage) -> BTreeSet<String> {
        let state = Self::load(run, stage).into_iter();
        let all =
            state.flat_map(|state| state.outputs.into_keys().chain(state.scratch.into_keys()));
        all.collect()
    }

    fn load(run: &RunDir, stage: Stage) -> Option<Self> {
        let bytes = std::fs::read(path(run, stage)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Notes that a stage has finished; its section of the manifest has been written.
    ///
    /// # Errors
    /// When the run directory cannot be written.
    pub fn save(run: &RunDir, stage: Stage, inputs: &Inputs) -> Result<()> {
        create_folder(run.stages())?;
        let manifest = Manifest::read(run)?;
        let digest = Manifest::digest(run, stage);
        let (Some(outputs), Some(digest)) = (manifest.artifacts(stage), digest) else {
            let what = format!("{} ends without a sound manifest", stage.title());
            return Err(Error::bug(what));
        };
        let state = Self {
            inputs: inputs.digest(),
            outputs: outputs.clone(),
            scratch: manifest.scratch(stage).clone(),
            manifest: digest,
        };
        let text = serde_json::to_string_pretty(&state)
            .map_err(|error| Error::bug(format!("stage state: {error}")))?;
        write_atomically(path(run, stage), text.as_bytes())?;
        wall_times::note(run, stage);
        Ok(())
    }
}

fn path(run: &RunDir, stage: Stage) -> PathBuf {
    run.stages().join(format!("{stage}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{RenderFacts, Section, artifact};
    use std::path::Path;

    #[test]
    fn a_changed_input_or_a_damaged_output_makes_a_stage_stale() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path());
        std::fs::write(run.file("table"), "content").unwrap();
        let pipeline = "name = \"t\"\n[model]\nsource = \"m\"\n\
                        [[category]]\nname = \"a\"\nwords = \"a.txt\"\n\
                        [[category]]\nname = \"b\"\nwords = \"b.txt\"\n";
        let pipeline = crate::Pipeline::parse(pipeline, Path::new("t.toml")).unwrap();
        let mut manifest = Manifest::new(&pipeline);
        manifest.put(Section::Render(RenderFacts {
            artifacts: [artifact(&run, "table", None).unwrap()].into(),
        }));
        manifest.save(&run).unwrap();
        let mut inputs = Inputs::default();
        inputs.value("alpha", 0.05);
        let currency = |inputs: &Inputs| State::currency(&run, Stage::Render, inputs);
        assert_eq!(currency(&inputs), Currency::Stale);
        State::save(&run, Stage::Render, &inputs).unwrap();
        assert_eq!(currency(&inputs), Currency::Current);
        let mut other = Inputs::default();
        other.value("alpha", 0.01);
        assert_eq!(currency(&other), Currency::Stale);
        std::fs::write(run.file("table"), "Content").unwrap();
        assert_eq!(currency(&inputs), Currency::Damaged("table".to_owned()));
        std::fs::write(run.file("table"), "content").unwrap();
        assert_eq!(currency(&inputs), Currency::Current);
        let manifest = std::fs::read_to_string(run.manifest()).unwrap();
        std::fs::write(run.manifest(), manifest.replace(": {", ":  {")).unwrap();
        assert_eq!(
            currency(&inputs),
            Currency::Damaged("manifest.json".to_owned())
        );
    }

    #[test]
    fn scratch_may_go_but_not_change() {
        let state = State {
            inputs: String::new(),
            outputs: Artifacts::new(),
            scratch: Artifacts::new(),
            manifest: String::new(),
        };
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
    }
}
