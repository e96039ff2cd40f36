//! What a stage is made from.

use crate::error::{Error, Result};
use crate::files::{sha256, sha256_of_path};
use crate::manifest::Manifest;
use crate::pipeline::Pipeline;
use crate::run_dir::RunDir;
use crate::stages::{Stage, Table};
use std::fmt::{Display, Write};
use std::path::{Path, PathBuf};

/// What a stage is made from, as a digest of named inputs.
#[derive(Debug, Default)]
pub struct Inputs {
    listing: String,
}

impl Inputs {
    /// Begins with the stage's own program (a rebuilt stage is another stage), and every key of the
    /// pipeline that the stage reads.
    ///
    /// # Errors
    /// When the program's file cannot be read.
    pub fn of_stage(stage: Stage, pipeline: &Pipeline) -> Result<Self> {
        let mut inputs = Self::default();
        inputs.value("program", sha256_of_path(program(stage)?)?);
        for setting in pipeline.settings() {
            if setting.read_by.contains(&stage) {
                inputs.value(&setting.key, &setting.value);
            }
        }
        Ok(inputs)
    }

    /// What a stage that reads nothing but tables is made from: its program, its keys, and the
    /// tables that earlier stages have left. A table that the run does not have is noted as such:
    /// reading it says what to do. Of a table that is not as its stage left it, `explain` may say
    /// more first.
    ///
    /// # Errors
    /// When a table is not as the manifest says its stage left it, or cannot be read.
    pub fn of_tables(
        stage: Stage,
        pipeline: &Pipeline,
        run: &RunDir,
        manifest: &Manifest,
        explain: impl Fn(&Path, Table) -> Result<()>,
    ) -> Result<Self> {
        let mut inputs = Self::of_stage(stage, pipeline)?;
        for table in stage.reads() {
            let name = table.file_name();
            let written = manifest
                .artifacts(table.stage())
                .and_then(|all| all.get(&name));
            let (path, expected) = match written {
                Some(facts) => (run.table(*table), facts),
                None => {
                    let scratch = format!("{}/{name}", crate::run_dir::SCRATCH);
                    let scratch_files = manifest.scratch(table.stage());
                    match scratch_files.get(&scratch) {
                        Some(facts) if run.file(&scratch).exists() => (run.file(&scratch), facts),
                        // It has served its purpose; what it held is known by its hash.
                        Some(facts) => {
                            inputs.value(&name, &facts.sha256);
                            continue;
                        }
                        None => {
                            inputs.value(&name, "missing");
                            continue;
                        }
                    }
                }
            };
            if !path.exists() {
                inputs.value(&name, "missing");
                continue;
            }
            let found = sha256_of_path(&path)?;
            if found != expected.sha256 {
                explain(&path, *table)?;
                return Err(Error::artifact(
                    path,
                    "the file has changed since its stage wrote it",
                    "run `cargo xtask run-all`, which rebuilds what is damaged",
                ));
            }
            inputs.value(&name, found);
        }
        for before in stage.after() {
            inputs.value(
                before.name(),
                Manifest::digest(run, *before).unwrap_or_default(),
            );
        }
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

    /// SHA-256 of the inputs.
    pub fn digest(&self) -> String {
        sha256(self.listing.as_bytes())
    }
}

/// Where a stage's program is: this one, if it is that stage's, else the one beside it; where there
/// is none, as in a test that calls a stage, this one.
fn program(stage: Stage) -> Result<PathBuf> {
    let this = std::env::current_exe()
        .map_err(|source| Error::io("find", "the running program", source))?;
    let beside = this.with_file_name(stage.program());
    Ok(if beside.is_file() { beside } else { this })
}
