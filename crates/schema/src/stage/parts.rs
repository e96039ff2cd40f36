//! A table written in parts, which an interrupted run goes on with.
//!
//! Each part is written to its end and noted, with its hash, in `.stages/<table>.parts.json`
//! before the next begins. A run with the same inputs keeps the parts that are noted and whole, and
//! makes the rest, so that it ends with the same bytes as one that was never interrupted.

use crate::error::{Error, Result};
use crate::files::{
    create_folder, folder_entries, remove_leftovers, remove_path, sha256_of_parts, sha256_of_path,
    write_atomically,
};
use crate::manifest::ArtifactFacts;
use crate::run_dir::RunDir;
use crate::stage::Inputs;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The parts of a table, as far as they have been written.
#[derive(Debug)]
pub struct Parts {
    folder: PathBuf,
    log: PathBuf,
    noted: Noted,
}

#[derive(Debug, Serialize, Deserialize)]
struct Noted {
    inputs: String,
    parts: Vec<ArtifactFacts>,
}

impl Parts {
    /// Takes up the parts of `table` where a run with the same inputs left them. Whatever else has
    /// the table's name is removed.
    ///
    /// # Errors
    /// When the run directory cannot be read or written.
    pub fn resume(run: &RunDir, table: &str, inputs: &Inputs) -> Result<Self> {
        let folder = run.table(table);
        let log = log_of(run, table);
        let digest = inputs.digest();
        let noted = std::fs::read(&log)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Noted>(&bytes).ok())
            .filter(|noted| noted.inputs == digest && folder.is_dir());
        let mut parts = Self {
            folder,
            log,
            noted: noted.unwrap_or(Noted {
                inputs: digest,
                parts: Vec::new(),
            }),
        };
        if parts.noted.parts.is_empty() {
            remove_path(&parts.folder)?;
        }
        create_folder(&parts.folder)?;
        parts.drop_what_is_not_whole()?;
        Ok(parts)
    }

    /// How many parts there are.
    pub fn count(&self) -> usize {
        self.noted.parts.len()
    }

    /// Where to write the next part.
    pub fn next(&self) -> PathBuf {
        self.folder.join(part_name(self.count()))
    }

    /// Notes that the next part has been written and has so many rows.
    ///
    /// # Errors
    /// When it cannot be read back, or the note cannot be written.
    pub fn add(&mut self, rows: usize) -> Result<()> {
        self.noted.parts.push(ArtifactFacts {
            sha256: sha256_of_path(self.next())?,
            rows: Some(rows),
        });
        if let Some(folder) = self.log.parent() {
            create_folder(folder)?;
        }
        let text = serde_json::to_string_pretty(&self.noted)
            .map_err(|error| Error::Bug(format!("parts of a table: {error}")))?;
        write_atomically(&self.log, text.as_bytes())
    }

    /// The whole table, as the manifest notes it.
    pub fn facts(&self) -> ArtifactFacts {
        let parts = self.noted.parts.iter().enumerate();
        let named: Vec<_> = parts
            .map(|(index, part)| (part_name(index), part.sha256.clone()))
            .collect();
        ArtifactFacts {
            sha256: sha256_of_parts(&named),
            rows: self.noted.parts.iter().map(|part| part.rows).sum(),
        }
    }

    /// Removes the note, once the stage itself has noted that it is finished.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn forget(run: &RunDir, table: &str) -> Result<()> {
        remove_path(log_of(run, table))
    }

    fn drop_what_is_not_whole(&mut self) -> Result<()> {
        let whole = self
            .noted
            .parts
            .iter()
            .enumerate()
            .take_while(|(index, part)| {
                sha256_of_path(self.folder.join(part_name(*index)))
                    .is_ok_and(|sha256| sha256 == part.sha256)
            });
        let whole = whole.count();
        self.noted.parts.truncate(whole);
        let kept: Vec<_> = (0..whole).map(part_name).collect();
        remove_leftovers(&self.folder)?;
        for entry in folder_entries(&self.folder)? {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if !kept.contains(&name.into_owned()) {
                remove_path(&entry)?;
            }
        }
        Ok(())
    }
}

fn part_name(index: usize) -> String {
    format!("part-{index:05}.parquet")
}

fn log_of(run: &RunDir, table: &str) -> PathBuf {
    run.file(".stages").join(format!("{table}.parts.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(value: &str) -> Inputs {
        let mut inputs = Inputs::default();
        inputs.value("text", value);
        inputs
    }

    fn write(parts: &mut Parts, content: &str) {
        std::fs::write(parts.next(), content).unwrap();
        parts.add(content.len()).unwrap();
    }

    #[test]
    fn whole_parts_of_the_same_inputs_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path());
        let resume = |value: &str| Parts::resume(&run, "text", &inputs(value)).unwrap();
        let mut parts = resume("one");
        write(&mut parts, "first");
        write(&mut parts, "second");
        let undisturbed = parts.facts();
        assert_eq!(undisturbed.rows, Some(11));
        assert_eq!(
            undisturbed.sha256,
            sha256_of_path(run.table("text")).unwrap()
        );

        // Killed in the middle of a part, whose file is there but not noted.
        std::fs::write(parts.next(), "thi").unwrap();
        let parts = resume("one");
        assert_eq!(parts.count(), 2);
        assert!(!parts.next().exists());
        assert_eq!(parts.facts(), undisturbed);

        // A part that is not as it was noted is made again, with all that follow.
        std::fs::write(run.table("text").join("part-00000.parquet"), "First").unwrap();
        let mut parts = resume("one");
        assert_eq!(parts.count(), 0);
        write(&mut parts, "first");
        write(&mut parts, "second");
        assert_eq!(parts.facts(), undisturbed);

        assert_eq!(resume("two").count(), 0);
        assert_eq!(std::fs::read_dir(run.table("text")).unwrap().count(), 0);
    }

    #[test]
    fn a_file_of_the_tables_name_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path());
        std::fs::write(run.table("text"), "whole").unwrap();
        let parts = Parts::resume(&run, "text", &inputs("one")).unwrap();
        assert!(run.table("text").is_dir());
        assert_eq!(parts.count(), 0);
    }
}
