//! The tables that the stage leaves in the run directory.

use selectron_run::error::Result;
use selectron_run::files::remove_path;
use selectron_run::manifest::{Artifacts, artifact};
use selectron_run::stage::Console;
use selectron_run::{RunDir, Stage, Table};
use selectron_tables::Provenance;
use selectron_tables::row::Row;
use selectron_tables::table::{TableWriter, write_table};

/// Writes tables and notes them as artifacts.
#[derive(Debug)]
pub struct Outputs<'a> {
    /// The run directory.
    pub run: &'a RunDir,
    /// Which run the tables belong to.
    pub provenance: &'a Provenance,
    console: &'a Console,
    artifacts: Artifacts,
}

impl<'a> Outputs<'a> {
    /// Nothing is written yet.
    pub fn new(run: &'a RunDir, provenance: &'a Provenance, console: &'a Console) -> Self {
        Self {
            run,
            provenance,
            console,
            artifacts: Artifacts::new(),
        }
    }

    /// Writes a whole table.
    ///
    /// # Errors
    /// When the run directory cannot be written.
    pub fn write<R: Row>(&mut self, rows: &[R]) -> Result<()> {
        write_table(self.run.table(R::TABLE), self.provenance, rows)?;
        self.note(R::TABLE, rows.len())
    }

    /// Starts a table that is written in several steps; [`Outputs::note`] then notes it.
    ///
    /// # Errors
    /// When the run directory cannot be written.
    pub fn writer<R: Row>(&self) -> Result<TableWriter<R>> {
        TableWriter::create(self.run.table(R::TABLE), self.provenance)
    }

    /// Notes that a table has been written.
    ///
    /// # Errors
    /// When it cannot be read back.
    pub fn note(&mut self, table: Table, rows: usize) -> Result<()> {
        let name = table.file_name();
        self.console.wrote(format_args!("{name}: {rows} rows"));
        self.artifacts
            .extend([artifact(self.run, &name, Some(rows))?]);
        Ok(())
    }

    /// What has been written. The stage's other tables, which an earlier run with other choices may
    /// have left, are removed: the manifest may no longer list them.
    ///
    /// # Errors
    /// When such a table cannot be removed.
    pub fn finish(self) -> Result<Artifacts> {
        for table in Stage::Stats.writes() {
            if !self.artifacts.contains_key(&table.file_name()) {
                remove_path(self.run.table(table))?;
            }
        }
        Ok(self.artifacts)
    }
}
