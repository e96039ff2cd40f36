//! The tables of the text.

use super::nulls::TextNulls;
use super::score::Scorer;
use super::traces::{BOUND, Traces};
use super::words::TextWords;
use crate::design::Design;
use selectron_run::error::{Error, Result};
use selectron_run::manifest::ExtractFacts;
use selectron_run::pipeline::TextSection;
use selectron_run::run_dir::SCRATCH;
use selectron_run::{Pipeline, RunDir, Side, Table};
use selectron_tables::Provenance;
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::table::read_table;
use std::path::{Path, PathBuf};

/// The text of a run, and where its activations are.
#[derive(Debug)]
pub struct Text<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// Its section `[text]`.
    pub section: &'a TextSection,
    /// The stimuli.
    pub design: &'a Design,
    /// Tokens and scored words.
    pub words: TextWords,
    /// The activations of all neurons.
    pub activations: ActivationReader,
    /// The stimuli in several presentations, and the names of these; none where they were not
    /// recorded.
    pub presentations: Option<(ActivationReader, Vec<String>)>,
    /// The run directory.
    folder: &'a Path,
}

impl<'a> Text<'a> {
    /// Opens the tables of the text; none where the run has no text.
    ///
    /// # Errors
    /// When a table is missing, damaged, or does not fit the others or the pipeline.
    pub fn open(
        pipeline: &'a Pipeline,
        run: &'a RunDir,
        extracted: &ExtractFacts,
        design: &'a Design,
        provenance: &Provenance,
    ) -> Result<Option<Self>> {
        let (Some(section), Some(_)) = (&pipeline.text, &extracted.text) else {
            return Ok(None);
        };
        let path = activations_path(run, extracted)?;
        let tokens = read_table(run.table(Table::Tokens), provenance)?;
        let words = read_table(run.table(Table::TextWords), provenance)?;
        let presentations = if extracted.presentations.is_empty() {
            None
        } else {
            let path = run.table(Table::PresentationActivations);
            let reader = ActivationReader::open(path, Subject::Presentations, provenance)?;
            let names = extracted.presentations.iter().map(ToString::to_string);
            Some((reader, names.collect()))
        };
        Ok(Some(Self {
            pipeline,
            section,
            design,
            words: TextWords::new(pipeline, tokens, words)?,
            activations: ActivationReader::open(path, Subject::Text, provenance)?,
            presentations,
            folder: run.path(),
        }))
    }

    /// Whether neurons can be scored on it: whether it has words of A and of B.
    pub fn is_scored(&self) -> bool {
        Side::BOTH.iter().all(|side| self.count(*side) > 0)
    }

    /// Scored words of a side.
    pub fn count(&self, side: Side) -> usize {
        self.words.count(|word| word.side() == Some(side))
    }

    /// What scores neurons on it, unless it lacks words of A or B.
    pub fn scorer(&self) -> Option<Scorer<'_>> {
        let Pipeline { seed, test, .. } = self.pipeline;
        self.is_scored().then(|| {
            let shuffles = self.section.shuffles(test.alpha);
            let nulls = TextNulls::new(&self.words, shuffles, *seed);
            Scorer::new(&self.words, nulls, self.design)
        })
    }

    /// Its activations, word by word.
    pub fn traces(&self) -> Traces<'_> {
        Traces {
            reader: &self.activations,
            words: &self.words,
            reduce: self.section.reduce,
            folder: self.folder,
            bound: BOUND,
        }
    }
}

/// Where the activations of all neurons are: beside the other tables, or, of a large text, in
/// `.scratch/`, from where they are removed once they have been scored.
fn activations_path(run: &RunDir, extracted: &ExtractFacts) -> Result<PathBuf> {
    let scratch = format!("{SCRATCH}/{}", Table::TextActivations.file_name());
    if !extracted.scratch.contains_key(&scratch) {
        return Ok(run.table(Table::TextActivations));
    }
    let path = run.file(&scratch);
    if path.exists() {
        return Ok(path);
    }
    Err(Error::artifact(
        path,
        "the activations of all neurons were removed after scoring",
        "run `cargo xtask run-all` (which records the text again) or `cargo xtask extract`",
    ))
}
