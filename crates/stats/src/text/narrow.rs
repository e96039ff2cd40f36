//! Of a large text only the activations of the shown neurons are kept.
//!
//! The extract stage leaves a folder of parts with all neurons; once they are scored, a file with the
//! shown ones takes its place. That cannot be one step, so it is ordered such that a kill at any
//! moment leaves something to go on from:
//!
//! 1. The stage's state, if an earlier run left one, is removed, and the new file is written beside the
//!    folder under a name of its own. Killed within that: the stage has not finished, the folder is
//!    whole, and the next run scores the text again.
//! 2. The manifest and the stage's state are saved; both list the new file under its final name.
//!    Killed between them: as before, since there is no state.
//! 3. The folder is removed and the file takes its name. Killed within that: the state lists the file,
//!    so [`finish`], which every start of the stage calls first, does the rest of this step.

use super::traces::columns;
use super::words::TextWords;
use crate::error::Result;
use selectron_tables::activations::{ActivationReader, ActivationWriter, Block, Content, Subject};
use selectron_run::files::{remove_path, sha256_of_path};
use selectron_run::manifest::{ArtifactFacts, Artifacts, ExtractFacts};
use selectron_run::stage::State;
use selectron_tables::table::Provenance;
use selectron_run::{Error, RunDir, Site};
use std::path::PathBuf;

/// The new file until it takes the folder's place.
const PENDING: &str = ".text_activations.shown.parquet";

/// The table's file name.
pub const FILE: &str = "text_activations.parquet";

/// Some neurons of a site and layer, in order, and their activations over all tokens.
#[derive(Debug)]
pub struct Kept {
    /// The site.
    pub site: Site,
    /// The layer.
    pub layer: i32,
    /// The neurons.
    pub neurons: Vec<usize>,
    /// A list for each neuron.
    pub columns: Vec<Vec<f32>>,
}

impl Kept {
    /// Reads some neurons' activations.
    ///
    /// # Errors
    /// When the table does not fit the text.
    pub fn read(
        reader: &ActivationReader,
        words: &TextWords,
        (site, layer): (Site, i32),
        neurons: Vec<usize>,
    ) -> Result<Self> {
        let columns = columns(reader, words, (site, layer), &neurons)?;
        Ok(Self {
            site,
            layer,
            neurons,
            columns,
        })
    }
}

/// The parts with all neurons that the extract stage left to be replaced; none of a text that is kept
/// whole.
pub fn parts(extracted: &ExtractFacts) -> Option<&ArtifactFacts> {
    extracted.text.as_ref()?.parts.as_ref()
}

/// Whether the activations of all neurons are no longer there.
pub fn is_done(run: &RunDir, extracted: &ExtractFacts) -> bool {
    parts(extracted).is_some() && !run.file(FILE).is_dir()
}

/// The text's activations of all neurons have been removed, so it cannot be scored again.
pub fn gone(run: &RunDir) -> Error {
    Error::artifact(
        run.file(FILE),
        "the activations of all neurons were removed after scoring",
        "run `cargo xtask run-all` (which records the text again) or `cargo xtask extract --force`",
    )
}

/// Writes the new file under its passing name; the first step. Returns it as an artifact under its
/// final name.
///
/// # Errors
/// When the run directory cannot be written.
pub fn write(
    run: &RunDir,
    stage: &str,
    provenance: &Provenance,
    words: &TextWords,
    kept: &[Kept],
) -> Result<Artifacts> {
    State::forget(run, stage)?;
    let pending = pending(run);
    let mut writer = ActivationWriter::create(&pending, Subject::Text, provenance, Content::Some)?;
    let keys = || {
        let key = |of: fn(&selectron_tables::rows::TokenRow) -> i32| {
            words.tokens.iter().map(of).collect::<Vec<i32>>()
        };
        vec![
            key(|token| token.document),
            key(|token| token.window),
            key(|token| token.position),
        ]
    };
    for one in kept {
        let tokens = words.tokens.len();
        let value = |token: usize| {
            one.columns
                .iter()
                .filter_map(move |column| column.get(token))
        };
        let neurons: Vec<i32> = one
            .neurons
            .iter()
            .filter_map(|neuron| i32::try_from(*neuron).ok())
            .collect();
        let block = Block {
            site: one.site,
            layer: one.layer,
            keys: keys(),
            width: neurons.len(),
            values: (0..tokens).flat_map(value).copied().collect(),
        };
        writer.write_some(block, &neurons)?;
    }
    let rows = writer.close()?;
    let facts = ArtifactFacts {
        sha256: sha256_of_path(&pending)?,
        rows: Some(rows),
    };
    Ok([(FILE.to_owned(), facts)].into())
}

/// Puts the new file in the place of the folder, if a finished run of the stage has left it; the last
/// step. A new file that belongs to no finished run is left alone until it is written again.
///
/// # Errors
/// When the run directory cannot be written.
pub fn finish(run: &RunDir, stage: &'static str) -> Result<()> {
    let pending = pending(run);
    if !pending.exists() {
        return Ok(());
    }
    let sha256 = sha256_of_path(&pending)?;
    if State::output(run, stage, FILE).is_none_or(|facts| facts.sha256 != sha256) {
        return Ok(());
    }
    let path = run.file(FILE);
    if path.is_dir() {
        remove_path(&path)?;
    }
    std::fs::rename(&pending, &path).map_err(|source| Error::io("replace", &path, source))?;
    Ok(())
}

/// Whether an interrupted replacement may be waiting to be finished.
pub fn is_pending(run: &RunDir) -> bool {
    pending(run).exists()
}

fn pending(run: &RunDir) -> PathBuf {
    run.file(PENDING)
}
