//! Whether a stage is up to date: what it was made from, and whether its outputs are as it left
//! them.
//!
//! The state lies beside the results in `.stages/`, not in the manifest: it contains the hash of
//! the program, which differs between honest runs on two machines.

use crate::error::{Error, Result};
use crate::files::{create_folder, sha256, sha256_of_path, write_atomically};
use crate::manifest::Artifacts;
use crate::run_dir::RunDir;
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

    fn digest(&self) -> String {
        sha256(self.listing.as_bytes())
    }
}

/// What a finished stage was made from, and what it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    inputs: String,
    outputs: Artifacts,
}

impl State {
    /// Whether a stage with these inputs has finished, and its outputs are untouched.
    pub fn is_current(run: &RunDir, stage: &str, inputs: &Inputs) -> bool {
        let Ok(bytes) = std::fs::read(path(run, stage)) else {
            return false;
        };
        let Ok(state) = serde_json::from_slice::<Self>(&bytes) else {
            return false;
        };
        state.inputs == inputs.digest()
            && state.outputs.iter().all(|(name, facts)| {
                sha256_of_path(run.file(name)).is_ok_and(|found| found == facts.sha256)
            })
    }

    /// Notes that a stage has finished.
    ///
    /// # Errors
    /// When the run directory cannot be written.
    pub fn save(run: &RunDir, stage: &str, inputs: &Inputs, outputs: &Artifacts) -> Result<()> {
        let path = path(run, stage);
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let state = Self {
            inputs: inputs.digest(),
            outputs: outputs.clone(),
        };
        let text = serde_json::to_string_pretty(&state)
            .map_err(|error| Error::Bug(format!("stage state: {error}")))?;
        write_atomically(path, text.as_bytes())
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
        let mut inputs = Inputs::default();
        inputs.value("alpha", 0.05);
        assert!(!State::is_current(&run, "stats", &inputs));
        let outputs = [artifact(&run, "table", None).unwrap()].into();
        State::save(&run, "stats", &inputs, &outputs).unwrap();
        assert!(State::is_current(&run, "stats", &inputs));
        let mut other = Inputs::default();
        other.value("alpha", 0.01);
        assert!(!State::is_current(&run, "stats", &other));
        std::fs::write(run.file("table"), "Content").unwrap();
        assert!(!State::is_current(&run, "stats", &inputs));
    }
}
