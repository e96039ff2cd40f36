//! Whether a stage is up to date: what it was made from, and whether its outputs are as it left
//! them.
//!
//! The state lies beside the results in `.stages/`, not in the manifest: it contains the hash of
//! the program, which differs between honest runs on two machines.

use crate::error::{Error, Result};
use crate::files::{create_folder, remove_path, sha256, sha256_of_path, write_atomically};
use crate::manifest::{ArtifactFacts, Artifacts, Manifest};
use crate::run_dir::RunDir;
use crate::stage::Console;
use crate::table::{Provenance, check_table};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Write};
use std::path::{Path, PathBuf};

/// What a stage is made from, as a digest of named inputs.
#[derive(Debug, Default)]
pub struct Inputs {
    listing: String,
}

impl Inputs {
    /// Begins with the running program itself: a rebuilt stage is another stage.
    ///
    /// # Errors
    /// When the program's file cannot be read.
    pub fn of_this_program() -> Result<Self> {
        let program = std::env::current_exe()
            .map_err(|source| Error::io("find", "the running program", source))?;
        let mut inputs = Self::default();
        inputs.value("program", sha256_of_path(program)?);
        Ok(inputs)
    }

    /// Adds a setting.
    pub fn value(&mut self, name: &str, value: impl Display) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.listing, "{name}\t{value}");
    }

    /// Adds a file by its content.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn file(&mut self, name: &str, path: &Path) -> Result<()> {
        self.value(name, sha256_of_path(path)?);
        Ok(())
    }

    /// Adds a table that an earlier stage wrote, which must be as that stage left it. A missing one
    /// is noted as such: reading it says what to do.
    ///
    /// # Errors
    /// When its content is not what the manifest says.
    pub fn table(
        &mut self,
        run: &RunDir,
        table: &str,
        written: &Artifacts,
        provenance: &Provenance,
    ) -> Result<()> {
        let path = run.table(table);
        if !path.exists() {
            self.value(table, "missing");
            return Ok(());
        }
        let found = sha256_of_path(&path)?;
        let expected = written.get(&format!("{table}.parquet"));
        if expected.is_some_and(|facts| facts.sha256 != found) {
            // Where it comes from says more than that it is another.
            check_table(&path, table, provenance)?;
            return Err(Error::artifact(
                path,
                "the file has changed since its stage wrote it",
                "run `cargo xtask run-all`, which rebuilds what is damaged",
            ));
        }
        self.value(table, found);
        Ok(())
    }

    pub(super) fn digest(&self) -> String {
        sha256(self.listing.as_bytes())
    }
}

/// What a stage leaves.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'a> {
    /// Files that stay as they are.
    pub kept: &'a Artifacts,
    /// Folders of parts that a later stage replaces or removes when it has read them. While one is
    /// there it must be as it was left.
    pub passing: &'a Artifacts,
}

/// What a finished stage was made from, and what it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    inputs: String,
    outputs: Artifacts,
    #[serde(default)]
    passing: Artifacts,
    /// Digest of what the manifest says of the stage.
    manifest: String,
}

impl<'a> Outputs<'a> {
    /// Files that stay as they are, and nothing else.
    pub fn kept(kept: &'a Artifacts) -> Self {
        const NONE: &Artifacts = &Artifacts::new();
        Self {
            kept,
            passing: NONE,
        }
    }
}

impl State {
    /// Whether a stage with these inputs has finished, and its outputs are untouched. An output that
    /// is not as the stage left it is named.
    pub fn is_current(run: &RunDir, stage: &'static str, inputs: &Inputs) -> bool {
        let Ok(bytes) = std::fs::read(path(run, stage)) else {
            return false;
        };
        let Ok(state) = serde_json::from_slice::<Self>(&bytes) else {
            return false;
        };
        if state.inputs != inputs.digest() {
            return false;
        }
        let there = state
            .passing
            .iter()
            .filter(|(name, _)| run.file(name).is_dir());
        let mut damaged = state.outputs.iter().chain(there).filter(|(name, facts)| {
            sha256_of_path(run.file(name)).map_or(true, |found| found != facts.sha256)
        });
        let manifest_is_sound = Manifest::digest(run, stage) == Some(state.manifest);
        let damaged = damaged
            .next()
            .map(|(name, _)| name.as_str())
            .or((!manifest_is_sound).then_some("manifest.json"));
        if let Some(name) = damaged {
            Console::new(stage).warn(format_args!(
                "{name} is missing or has changed since it was written; it is made again"
            ));
        }
        damaged.is_none()
    }

    /// A file that a finished stage has left, by its name. None if the stage has not finished or has
    /// left no such file.
    pub fn output(run: &RunDir, stage: &str, name: &str) -> Option<ArtifactFacts> {
        let bytes = std::fs::read(path(run, stage)).ok()?;
        let state = serde_json::from_slice::<Self>(&bytes).ok()?;
        state.outputs.get(name).cloned()
    }

    /// Forgets that a stage has finished.
    ///
    /// # Errors
    /// When the run directory cannot be written.
    pub fn forget(run: &RunDir, stage: &str) -> Result<()> {
        remove_path(path(run, stage))
    }

    /// Notes that a stage has finished; its section of the manifest has been written.
    ///
    /// # Errors
    /// When the run directory cannot be written.
    pub fn save(run: &RunDir, stage: &str, inputs: &Inputs, outputs: Outputs<'_>) -> Result<()> {
        let path = path(run, stage);
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let manifest = Manifest::digest(run, stage)
            .ok_or_else(|| Error::Bug(format!("stage {stage} ends without a sound manifest")))?;
        let state = Self {
            inputs: inputs.digest(),
            outputs: outputs.kept.clone(),
            passing: outputs.passing.clone(),
            manifest,
        };
        let text = serde_json::to_string_pretty(&state)
            .map_err(|error| Error::Bug(format!("stage state: {error}")))?;
        write_atomically(path, text.as_bytes())?;
        super::wall_times::note(run, stage);
        Ok(())
    }
}

fn path(run: &RunDir, stage: &str) -> PathBuf {
    run.file(".stages").join(format!("{stage}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::artifact;

    #[test]
    fn a_changed_input_or_a_damaged_output_makes_a_stage_stale() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path());
        std::fs::write(run.file("table"), "content").unwrap();
        let pipeline = "name = \"t\"\n[model]\nsource = \"m\"\n\
                        [[category]]\nname = \"a\"\nwords = \"a.txt\"\n\
                        [[category]]\nname = \"b\"\nwords = \"b.txt\"\n";
        let pipeline = crate::Pipeline::parse(pipeline, Path::new("t.toml")).unwrap();
        Manifest::new(&pipeline).save(&run).unwrap();
        let mut inputs = Inputs::default();
        inputs.value("alpha", 0.05);
        assert!(!State::is_current(&run, "stats", &inputs));
        std::fs::create_dir(run.file("parts")).unwrap();
        std::fs::write(run.file("parts/part"), "content").unwrap();
        let outputs = Outputs {
            kept: &[artifact(&run, "table", None).unwrap()].into(),
            passing: &[artifact(&run, "parts", None).unwrap()].into(),
        };
        State::save(&run, "stats", &inputs, outputs).unwrap();
        assert!(State::is_current(&run, "stats", &inputs));
        // Parts may go when they have been read, but not change.
        std::fs::write(run.file("parts/part"), "Content").unwrap();
        assert!(!State::is_current(&run, "stats", &inputs));
        std::fs::remove_dir_all(run.file("parts")).unwrap();
        assert!(State::is_current(&run, "stats", &inputs));
        let mut other = Inputs::default();
        other.value("alpha", 0.01);
        assert!(!State::is_current(&run, "stats", &other));
        std::fs::write(run.file("table"), "Content").unwrap();
        assert!(!State::is_current(&run, "stats", &inputs));
        std::fs::write(run.file("table"), "content").unwrap();
        assert!(State::is_current(&run, "stats", &inputs));
        let manifest = std::fs::read_to_string(run.manifest()).unwrap();
        std::fs::write(run.manifest(), manifest.replace(": {", ":  {")).unwrap();
        assert!(!State::is_current(&run, "stats", &inputs));
    }
}
