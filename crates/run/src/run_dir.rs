//! The run directory and the names of what lies in it.

use crate::error::{Error, Result};
use crate::files::{create_folder, remove_leftovers, write_atomically};
use crate::stages::{Stage, Table};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The folder of a run directory for tables that can be made again.
pub const SCRATCH: &str = ".scratch";

/// The file that tells that a folder is a run of ours, in which stages may replace files.
const MARK: &str = ".selectron";

const MARK_TEXT: &[u8] =
    b"This folder is a run of Selectron: its stages replace the tables, figures \
and report in it.\n";

/// A run directory taken by this process, until dropped.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// The folder in which the stages of one run meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// The run directory at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Creates the folder where it is missing, and marks it as a run.
    ///
    /// # Errors
    /// When it holds files of others, or the operating system refuses.
    pub fn create(&self) -> Result<()> {
        create_folder(&self.path)?;
        let mark = self.file(MARK);
        if mark.is_file() {
            return Ok(());
        }
        if !self.is_empty()? && !self.has_a_manifest() {
            return Err(Error::artifact(
                &self.path,
                "the folder holds files, and they are not those of a run",
                "choose a new or empty folder with --out",
            ));
        }
        write_atomically(mark, MARK_TEXT)
    }

    fn is_empty(&self) -> Result<bool> {
        let failed = |source| Error::io("list", &self.path, source);
        Ok(std::fs::read_dir(&self.path)
            .map_err(failed)?
            .next()
            .is_none())
    }

    /// Whether there is a manifest of a run, if perhaps of another version: runs of other programs,
    /// and those made before folders were marked, have no more than that.
    fn has_a_manifest(&self) -> bool {
        #[derive(serde::Deserialize)]
        struct Manifest {
            #[serde(rename = "schema_version")]
            _version: u64,
            #[serde(rename = "pipeline")]
            _pipeline: serde::de::IgnoredAny,
        }
        std::fs::read(self.manifest())
            .is_ok_and(|bytes| serde_json::from_slice::<Manifest>(&bytes).is_ok())
    }

    /// Creates the folder where it is missing, and takes it for this process: another run on the
    /// same folder is refused while the lock lives. What killed runs left unfinished is removed.
    ///
    /// The operating system drops the lock of a process that dies.
    ///
    /// # Errors
    /// When another run has the folder, it holds files of others, or it cannot be written.
    pub fn lock(&self) -> Result<RunLock> {
        self.create()?;
        let path = self.file(".lock");
        let failed = |source| Error::io("write into", &self.path, source);
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::artifact(
                    &self.path,
                    "another run is using this folder",
                    "wait for it to end, or choose another folder with --out",
                ));
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        for folder in [self.path.clone(), self.figures(), self.stages()] {
            if folder.is_dir() {
                remove_leftovers(&folder)?;
            }
        }
        Ok(RunLock { _file: file })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it, by its name with `/` between folders.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// `<table>.parquet`
    pub fn table(&self, table: Table) -> PathBuf {
        self.file(&table.file_name())
    }

    /// `.scratch/`: tables that live until the run has ended, since they can be made again.
    pub fn scratch(&self) -> PathBuf {
        self.file(SCRATCH)
    }

    /// `.units/<stage>/`: what the units of work of a stage have left so far.
    pub fn units(&self, stage: Stage) -> PathBuf {
        self.file(".units").join(stage.name())
    }

    /// `.stages/`: what each finished stage was made from, and how long it took.
    pub fn stages(&self) -> PathBuf {
        self.file(".stages")
    }

    /// `manifest.json`
    pub fn manifest(&self) -> PathBuf {
        self.file("manifest.json")
    }

    /// `report.html`
    pub fn report(&self) -> PathBuf {
        self.file("report.html")
    }

    /// `figures/`
    pub fn figures(&self) -> PathBuf {
        self.file("figures")
    }
}

/// The workspace's own folder: the nearest one above the pipeline file, the working directory or
/// the running program that holds `artifacts/models`. Bundled models and run directories are there.
///
/// # Errors
/// When there is none.
pub fn find_home(pipeline: &Path) -> Result<PathBuf> {
    let starts = [
        std::path::absolute(pipeline).ok(),
        std::env::current_dir().ok(),
        std::env::current_exe().ok(),
    ];
    for start in starts.into_iter().flatten() {
        for folder in start.ancestors() {
            if folder.join("artifacts/models").is_dir() {
                return Ok(folder.to_owned());
            }
        }
    }
    Err(Error::input(
        pipeline.display(),
        "there is no folder `artifacts/models` above the pipeline, the working directory or the program",
        "run inside a checkout of Selectron, or give --out and a model directory",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::TEMPORARY_PREFIX;

    #[test]
    fn a_folder_has_one_run_at_a_time_and_leftovers_are_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path().join("run"));
        let lock = run.lock().unwrap();
        let message = run.lock().unwrap_err().to_string();
        assert!(
            message.contains("another run is using this folder; wait for it"),
            "{message}"
        );
        drop(lock);
        let leftover = run.file(&format!("{TEMPORARY_PREFIX}x"));
        let notes = run.file(".partial-notes");
        std::fs::write(&notes, "mine").unwrap();
        std::fs::write(&leftover, "half a table").unwrap();
        // A program that another test is just starting may hold a copy of the lock for a moment.
        let lock = (0..500).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            run.lock().ok()
        });
        assert!(lock.is_some() && !leftover.exists());
        assert!(notes.exists());
    }

    #[test]
    fn a_folder_with_files_of_others_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path());
        std::fs::write(run.manifest(), "mine").unwrap();
        let message = run.lock().unwrap_err().to_string();
        assert!(
            message.contains("choose a new or empty folder"),
            "{message}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        // A run of another program, or of a time before runs were marked.
        std::fs::write(run.manifest(), r#"{ "schema_version": 1, "pipeline": {} }"#).unwrap();
        assert!(run.create().is_ok());
        // Once marked, it stays ours whatever happens to the manifest.
        std::fs::write(run.manifest(), "damaged").unwrap();
        assert!(run.create().is_ok());
    }
}
