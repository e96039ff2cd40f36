//! Where units of work leave their results until they are collected.
//!
//! In the run directory, `.units/<stage>/<digest of the inputs>/` holds, for each unit that has
//! been done, its files (`00017.<name>`) and then, as the last, its receipt (`00017.json`). A unit
//! without a receipt, or with a file that is not as the receipt says, has not been done.

use crate::error::{Error, Result};
use crate::files::{AtomicFile, create_folder, remove_leftovers, remove_path, sha256_of_path};
use crate::machine;
use crate::manifest::{ArtifactFacts, Artifacts};
use crate::run_dir::RunDir;
use crate::stage::Inputs;
use crate::stages::Stage;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The results of a stage's units, as far as they have been done.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What a unit has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Receipt {
    /// The type of the machine that did it.
    machine: String,
    /// Its files, by their names without the unit's number.
    files: Artifacts,
}

/// The files of one unit, while it is being done.
#[derive(Debug)]
pub struct UnitFiles<'a> {
    store: &'a Store,
    number: usize,
    files: Artifacts,
}

impl Store {
    /// The store of a stage with these inputs; what earlier processes with other inputs have left
    /// is removed. The caller has locked the run directory.
    ///
    /// # Errors
    /// When the run directory cannot be read or written.
    pub fn open(run: &RunDir, stage: Stage, inputs: &Inputs) -> Result<Self> {
        let all = run.units(stage);
        let folder = all.join(inputs.digest());
        create_folder(&folder)?;
        remove_leftovers(&folder)?;
        let failed = |source| Error::io("list", &all, source);
        for entry in std::fs::read_dir(&all).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path != folder {
                remove_path(path)?;
            }
        }
        Ok(Self { folder })
    }

    /// Removes the results of all units.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn clear(&self) -> Result<()> {
        remove_path(&self.folder)?;
        create_folder(&self.folder)
    }

    /// The units that have not been done, whose results are not as their receipts say, or which another
    /// type of machine has done.
    pub fn missing(&self, units: usize) -> Vec<usize> {
        (0..units).filter(|unit| !self.is_whole(*unit)).collect()
    }

    fn is_whole(&self, unit: usize) -> bool {
        let Ok(receipt) = self.receipt(unit) else {
            return false;
        };
        // Another type of machine may give other last bits: one run has results of one alone.
        if receipt.machine != machine::description() {
            return false;
        }
        let mut files = receipt.files.iter();
        files.all(|(name, facts)| {
            sha256_of_path(self.file(unit, name)).is_ok_and(|found| found == facts.sha256)
        })
    }

    fn receipt(&self, unit: usize) -> Result<Receipt> {
        let path = self.receipt_path(unit);
        let bytes = std::fs::read(&path).map_err(|source| Error::io("read", &path, source))?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let what = format!("not a readable receipt ({error})");
            Error::artifact(&path, what, "rerun the stage, which does the unit again")
        })
    }

    fn receipt_path(&self, unit: usize) -> PathBuf {
        self.folder.join(format!("{unit:05}.json"))
    }

    /// Where a file of a unit is.
    pub fn file(&self, unit: usize, name: &str) -> PathBuf {
        self.folder.join(format!("{unit:05}.{name}"))
    }

    /// Begins a unit, or begins it again.
    ///
    /// # Errors
    /// When an earlier receipt of it cannot be removed.
    pub fn begin(&self, unit: usize) -> Result<UnitFiles<'_>> {
        remove_path(self.receipt_path(unit))?;
        Ok(UnitFiles {
            store: self,
            number: unit,
            files: Artifacts::new(),
        })
    }

    /// What the receipt of a unit says of one of its files; none if the unit has left no such file.
    ///
    /// # Errors
    /// When the unit has no receipt that can be read.
    pub fn facts(&self, unit: usize, name: &str) -> Result<Option<ArtifactFacts>> {
        Ok(self.receipt(unit)?.files.get(name).cloned())
    }

    /// Reads a value that a unit has left with [`UnitFiles::put`].
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get<T: for<'de> Deserialize<'de>>(&self, unit: usize, name: &str) -> Result<T> {
        let path = self.file(unit, name);
        let bytes = std::fs::read(&path).map_err(|source| Error::io("read", &path, source))?;
        postcard::from_bytes(&bytes).map_err(|error| {
            let what = format!("not a readable result of a unit of work ({error})");
            Error::artifact(&path, what, "rerun the stage with --force")
        })
    }

    /// Gives a file of a unit its place in the run directory, where it replaces an earlier file or
    /// folder of parts. The unit keeps its own.
    ///
    /// # Errors
    /// When the unit has left no such file, or the run directory cannot be written.
    pub fn publish(&self, unit: usize, name: &str, destination: &Path) -> Result<ArtifactFacts> {
        let Some(facts) = self.facts(unit, name)? else {
            return Err(Error::bug(format!("unit {unit} has left no {name}")));
        };
        if destination.is_dir() {
            remove_path(destination)?;
        }
        if let Some(folder) = destination.parent() {
            create_folder(folder)?;
        }
        let source = self.file(unit, name);
        // A second name for the same content; a copy where the file system has no hard links.
        let temporary = destination.with_file_name(format!(
            "{}unit-{unit:05}-{name}",
            crate::files::TEMPORARY_PREFIX
        ));
        remove_path(&temporary)?;
        if std::fs::hard_link(&source, &temporary).is_err() {
            std::fs::copy(&source, &temporary)
                .map_err(|source| Error::io("write", &temporary, source))?;
        }
        std::fs::rename(&temporary, destination)
            .map_err(|source| Error::io("replace", destination, source))?;
        // Where both names already were of one content, the system leaves both.
        remove_path(&temporary)?;
        Ok(facts)
    }

    /// Removes all results, once the stage has noted that it has finished.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn remove(self) -> Result<()> {
        remove_path(&self.folder)?;
        // The folders above are ours, and gone if nothing else is in them.
        for folder in self.folder.ancestors().skip(1).take(2) {
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

impl UnitFiles<'_> {
    /// Where to write a file of this unit; [`UnitFiles::wrote`] then notes it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.store.file(self.number, name)
    }

    /// Notes that a file of this unit has been written, with its number of rows if it is a table.
    ///
    /// # Errors
    /// When it cannot be read back.
    pub fn wrote(&mut self, name: &str, rows: Option<usize>) -> Result<()> {
        let sha256 = sha256_of_path(self.path(name))?;
        self.files
            .insert(name.to_owned(), ArtifactFacts { sha256, rows });
        Ok(())
    }

    /// Leaves a file with this content.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, name: &str, content: &[u8]) -> Result<()> {
        write_unsynced(&self.path(name), content)?;
        self.wrote(name, None)
    }

    /// Leaves a value; [`Store::get`] gives back the very same.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put<T: Serialize>(&mut self, name: &str, value: &T) -> Result<()> {
        let bytes = postcard::to_stdvec(value)
            .map_err(|error| Error::bug(format!("result of a unit: {error}")))?;
        self.write(name, &bytes)
    }

    /// Ends the unit: from now on its results count.
    ///
    /// # Errors
    /// When the receipt cannot be written.
    pub fn finish(self) -> Result<()> {
        let receipt = Receipt {
            machine: machine::description(),
            files: self.files,
        };
        let text = serde_json::to_string_pretty(&receipt)
            .map_err(|error| Error::bug(format!("receipt: {error}")))?;
        write_unsynced(&self.store.receipt_path(self.number), text.as_bytes())
    }
}

/// Writes a file whose hash tells whether it is whole: without waiting for the disk.
fn write_unsynced(path: &Path, content: &[u8]) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(content)
        .map_err(|source| Error::io("write", path, source))?;
    file.commit_unsynced()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(value: &str) -> Inputs {
        let mut inputs = Inputs::default();
        inputs.value("text", value);
        inputs
    }

    fn work(store: &Store, unit: usize, value: f64) {
        let mut files = store.begin(unit).unwrap();
        files.put("value", &value).unwrap();
        std::fs::write(files.path("text"), format!("{value}")).unwrap();
        files.wrote("text", Some(1)).unwrap();
        files.finish().unwrap();
    }

    #[test]
    fn what_is_whole_is_kept_and_the_rest_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path());
        let open = |value: &str| Store::open(&run, Stage::Stats, &inputs(value)).unwrap();
        let store = open("one");
        assert_eq!(store.missing(3), [0, 1, 2]);
        work(&store, 1, f64::NAN);
        work(&store, 2, 0.1);
        let store = open("one");
        assert_eq!(store.missing(3), [0]);
        assert_eq!(store.get::<f64>(2, "value").unwrap(), 0.1);
        assert!(store.get::<f64>(1, "value").unwrap().is_nan());
        assert_eq!(store.facts(2, "text").unwrap().unwrap().rows, Some(1));

        // A file that is not as its receipt says.
        std::fs::write(store.file(2, "text"), "0.2").unwrap();
        assert_eq!(store.missing(3), [0, 2]);
        // A unit that was killed while it was done again.
        let files = store.begin(1).unwrap();
        std::fs::write(files.path("text"), "NaN").unwrap();
        drop(files);
        assert_eq!(store.missing(3), [0, 1, 2]);
        // A result of another type of machine.
        work(&store, 0, 1.0);
        let receipt = store.receipt_path(0);
        let text = std::fs::read_to_string(&receipt).unwrap();
        let elsewhere = text.replace(&machine::description(), "another machine");
        assert_ne!(elsewhere, text);
        std::fs::write(&receipt, elsewhere).unwrap();
        assert_eq!(store.missing(3), [0, 1, 2]);
        // Other inputs.
        work(&store, 0, 1.0);
        assert_eq!(open("two").missing(1), [0]);
        assert_eq!(open("one").missing(1), [0]);
    }

    #[test]
    fn a_published_file_replaces_what_was_there_and_outlives_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path());
        let store = Store::open(&run, Stage::Stats, &inputs("one")).unwrap();
        work(&store, 0, 0.5);
        let destination = run.file("table");
        std::fs::create_dir_all(destination.join("part")).unwrap();
        store.publish(0, "text", &destination).unwrap();
        // Again, as after an interruption.
        let facts = store.publish(0, "text", &destination).unwrap();
        let names = std::fs::read_dir(run.path()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert!(
            names.iter().all(|name| name == "table" || name == ".units"),
            "{names:?}"
        );
        assert_eq!(facts.sha256, sha256_of_path(&destination).unwrap());
        store.remove().unwrap();
        assert_eq!(std::fs::read_to_string(&destination).unwrap(), "0.5");
        assert!(!run.file(".units").exists());
    }
}
