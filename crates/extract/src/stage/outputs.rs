//! The stage's outputs: lists of words and tokens, and what the units have recorded.

use super::prepared::Prepared;
use super::unit::PlannedUnit;
use super::word_rows::word_rows;
use selectron_run::error::{Error, Result};
use selectron_run::files::{create_folder, remove_path, sha256_of_parts};
use selectron_run::manifest::{ArtifactFacts, Artifacts, artifact};
use selectron_run::run_dir::SCRATCH;
use selectron_run::stage::Console;
use selectron_run::units::Store;
use selectron_run::{Pipeline, RunDir};
use selectron_tables::table::write_table;
use selectron_tables::{Packing, Provenance, Row};

/// Writes the outputs, and notes what they are.
pub(super) struct Outputs<'a> {
    run: &'a RunDir,
    console: &'a Console,
    provenance: Provenance,
    /// The files that are kept.
    pub(super) artifacts: Artifacts,
    /// The tables that live until the run has ended.
    pub(super) scratch: Artifacts,
}

impl<'a> Outputs<'a> {
    pub(super) fn new(run: &'a RunDir, console: &'a Console, provenance: Provenance) -> Self {
        Self {
            run,
            console,
            provenance,
            artifacts: Artifacts::new(),
            scratch: Artifacts::new(),
        }
    }

    /// Writes the tables of words and, if there is a text, of its tokens and words.
    pub(super) fn write_lists(&mut self, pipeline: &Pipeline, prepared: &Prepared) -> Result<()> {
        self.write(&word_rows(pipeline, &prepared.selection, &prepared.words))?;
        if let Some(text) = &prepared.text {
            self.write(&text.tokens)?;
            self.write(&text.words)?;
        }
        Ok(())
    }

    fn write<R: Row>(&mut self, rows: &[R]) -> Result<()> {
        let path = self.run.table(R::TABLE);
        if path.is_dir() {
            remove_path(&path)?;
        }
        write_table(path, &self.provenance, rows)?;
        let name = R::TABLE.file_name();
        let (name, facts) = artifact(self.run, &name, Some(rows.len()))?;
        self.console
            .wrote(format_args!("{name}: {} rows", rows.len()));
        self.artifacts.insert(name, facts);
        Ok(())
    }

    /// Gives the tables that the units have left their places: as a file where a table is of one unit,
    /// else as a folder of parts.
    pub(super) fn publish(&mut self, units: &[PlannedUnit], store: &Store) -> Result<()> {
        let mut first = 0;
        for units in units.chunk_by(|a, b| a.subject == b.subject) {
            let numbers = first..first + units.len();
            first = numbers.end;
            let file = units[0].subject.table().file_name();
            let is_kept = units[0].packing == Packing::Small;
            let name = match is_kept {
                true => file.clone(),
                false => format!("{SCRATCH}/{file}"),
            };
            let facts = match units {
                [_] => store.publish(numbers.start, &file, &self.run.file(&name))?,
                _ => self.publish_parts(numbers, &file, &name, store)?,
            };
            self.say(&name, &facts, units.len(), is_kept)?;
            match is_kept {
                true => self.artifacts.insert(name, facts),
                false => self.scratch.insert(name, facts),
            };
        }
        Ok(())
    }

    /// Fills a folder with the parts of a table, and with nothing else.
    fn publish_parts(
        &self,
        numbers: std::ops::Range<usize>,
        file: &str,
        name: &str,
        store: &Store,
    ) -> Result<ArtifactFacts> {
        let folder = self.run.file(name);
        remove_path(&folder)?;
        create_folder(&folder)?;
        let mut parts = Vec::new();
        let mut rows = 0;
        for (index, number) in numbers.enumerate() {
            let part = format!("part-{index:05}.parquet");
            let facts = store.publish(number, file, &folder.join(&part))?;
            rows += counted(&part, &facts)?;
            parts.push((part, facts.sha256));
        }
        Ok(ArtifactFacts {
            sha256: sha256_of_parts(&parts),
            rows: Some(rows),
        })
    }

    fn say(&self, name: &str, facts: &ArtifactFacts, units: usize, is_kept: bool) -> Result<()> {
        let rows = counted(name, facts)?;
        let mut line = format!("{name}: {rows} rows");
        if units > 1 {
            line += &format!(" in {units} parts");
        }
        if !is_kept {
            line += ", until the neurons have been scored";
        }
        self.console.wrote(line);
        Ok(())
    }
}

fn counted(name: &str, facts: &ArtifactFacts) -> Result<usize> {
    facts
        .rows
        .ok_or_else(|| Error::bug(format!("{name} without a number of rows")))
}
