//! The run directory and the names of what lies in it.

use crate::error::{Error, Result};
use crate::files::{create_folder, remove_leftovers};
use crate::stages::{Stage, Table};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The folder of a run directory for tables that can be made again.
pub const SCRATCH: &str = ".scratch";

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

    /// Creates the folder where it is missing.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn create(&self) -> Result<()> {
        create_folder(&self.path)
    }

    /// Creates the folder where it is missing, and takes it for this process: another run on the
    /// same folder is refused while the lock lives. What killed runs left unfinished is removed.
    ///
    /// The operating system drops the lock of a process that dies.
    ///
    /// # Errors
    /// When another run has the folder, or it cannot be written.
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
        let leftover = run.file(".partial-x");
        std::fs::write(&leftover, "half a table").unwrap();
        // A program that another test is just starting may hold a copy of the lock for a moment.
        let lock = (0..500).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            run.lock().ok()
        });
        assert!(lock.is_some() && !leftover.exists());
    }
}
