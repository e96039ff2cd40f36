//! The run directory and the names of what lies in it.

use crate::error::{Error, Result};
use crate::files::create_folder;
use std::path::{Path, PathBuf};

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

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it, by its name with `/` between folders.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// `<table>.parquet`
    pub fn table(&self, table: &str) -> PathBuf {
        self.path.join(format!("{table}.parquet"))
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
