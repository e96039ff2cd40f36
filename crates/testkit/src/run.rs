//! A run directory in a temporary folder.

use clap::Parser;
use selectron_run::files::{folder_entries, sha256_of_path};
use selectron_run::manifest::{Manifest, artifact};
use selectron_run::stage::{StageArgs, Task};
use selectron_run::{Pipeline, RunDir, Stage, Table};
use selectron_tables::table::{read_table, write_table};
use selectron_tables::{Provenance, Row};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tempfile::TempDir;

/// A run directory and its pipeline file, until dropped.
#[derive(Debug)]
pub struct TestRun {
    folder: TempDir,
    task: Task,
}

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    args: StageArgs,
}

impl TestRun {
    /// An empty run directory of a pipeline.
    pub(crate) fn begin(pipeline: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("pipeline.toml");
        std::fs::write(&path, pipeline).expect("a written pipeline");
        let run = RunDir::new(folder.path().join("run"));
        run.create().expect("a run directory");
        let task = Task {
            pipeline: Pipeline::load(&path).unwrap_or_else(|error| panic!("{error}")),
            run,
            home: None,
            force: false,
        };
        Self { folder, task }
    }

    /// What to give to a stage. A test may clone and change it.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The pipeline.
    pub fn pipeline(&self) -> &Pipeline {
        &self.task.pipeline
    }

    /// The run directory.
    pub fn run(&self) -> &RunDir {
        &self.task.run
    }

    /// The pipeline file.
    pub fn pipeline_path(&self) -> PathBuf {
        self.folder.path().join("pipeline.toml")
    }

    /// Puts another pipeline in place of the run's, which the run directory does not know of.
    ///
    /// # Panics
    /// When it is not a pipeline.
    pub fn set_pipeline(&mut self, text: &str) {
        std::fs::write(self.pipeline_path(), text).expect("a written pipeline");
        let pipeline = Pipeline::load(self.pipeline_path());
        self.task.pipeline = pipeline.unwrap_or_else(|error| panic!("{error}"));
    }

    /// The flags with which a stage's program would get this run, followed by further ones.
    ///
    /// # Panics
    /// When a further flag is none of a stage's.
    pub fn args(&self, further: &[&str]) -> StageArgs {
        let mut flags = vec!["selectron-stage".into(), self.pipeline_path().into()];
        flags.extend(["--out".into(), self.run().path().as_os_str().to_owned()]);
        flags.extend(further.iter().map(|flag| (*flag).into()));
        let flags = Flags::try_parse_from(flags);
        flags.unwrap_or_else(|error| panic!("{error}")).args
    }

    /// What its tables say of where they belong.
    pub fn provenance(&self) -> Provenance {
        Provenance::new(&self.pipeline().name)
    }

    /// Its manifest.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn manifest(&self) -> Manifest {
        let manifest = Manifest::load(self.run(), self.pipeline());
        manifest.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Changes its manifest.
    ///
    /// # Panics
    /// When it cannot be read or written.
    pub fn change(&self, change: impl FnOnce(&mut Manifest)) {
        let mut manifest = self.manifest();
        change(&mut manifest);
        manifest.save(self.run()).expect("a written manifest");
    }

    /// The rows of one of its tables.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn table<R: Row>(&self) -> Vec<R> {
        let rows = read_table(self.run().table(R::TABLE), &self.provenance());
        rows.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Writes one of its tables, and notes it in the manifest if its stage has a section there.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn put<R: Row>(&self, rows: &[R]) {
        let path = self.run().table(R::TABLE);
        write_table(path, &self.provenance(), rows).expect("a written table");
        self.note(R::TABLE, Some(rows.len()));
    }

    /// Notes a table that has been written anew in the manifest, if its stage has a section there.
    ///
    /// # Panics
    /// When the table or the manifest cannot be read.
    pub fn note(&self, table: Table, rows: Option<usize>) {
        let entry = artifact(self.run(), &table.file_name(), rows).expect("a written table");
        self.change(|manifest| {
            let artifacts = match table.stage() {
                Stage::Extract => manifest.extract.as_mut().map(|facts| &mut facts.artifacts),
                Stage::Stats => manifest.stats.as_mut().map(|facts| &mut facts.artifacts),
                Stage::Render => manifest.render.as_mut().map(|facts| &mut facts.artifacts),
            };
            if let Some(artifacts) = artifacts {
                artifacts.extend([entry]);
            }
        });
    }

    /// A text file of the run directory.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> String {
        let path = self.run().file(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of its figures, in order.
    ///
    /// # Panics
    /// When there is no folder of figures.
    pub fn figures(&self) -> Vec<String> {
        let paths = folder_entries(&self.run().figures()).expect("a folder of figures");
        let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into());
        paths.iter().filter_map(name).collect()
    }

    /// The hash of every file and every folder of its run directory, hidden ones aside.
    ///
    /// # Panics
    /// When one cannot be read.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        hashes(self.run())
    }
}

/// The hash of every file and every folder of a run directory, hidden ones aside.
///
/// # Panics
/// When one cannot be read.
pub fn hashes(run: &RunDir) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(run.path()).expect("a run directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let named = paths.filter_map(|path| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name, path))
    });
    named
        .filter(|(name, _)| !name.starts_with('.'))
        .map(|(name, path)| (name, sha256_of_path(path).expect("a hash")))
        .collect()
}
