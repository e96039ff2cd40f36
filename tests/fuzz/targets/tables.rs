//! What the stages leave for one another: tables, activations, the manifest.

use super::{Target, sentence};
use crate::mutate::{json, parquet};
use crate::seeds::seeds;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use selectron_run::{Pipeline, RunDir, Stage};
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::rows::*;
use selectron_tables::table::read_table;
use selectron_tables::{Provenance, Row};
use selectron_tests::PIPELINE;
use std::path::Path;

/// Any table of rows.
pub(super) struct Table;

fn read_as<R: Row>(path: &Path) -> Result<(), String> {
    sentence(read_table::<R>(path, &Provenance::new("small"))).map(drop)
}

/// Reads a file as one of the tables.
type Reader = fn(&Path) -> Result<(), String>;

/// The readers of all tables, tried one after the other: a file without provenance might be any.
const READERS: [Reader; 17] = [
    read_as::<WordRow>,
    read_as::<TValueRow>,
    read_as::<BalanceRow>,
    read_as::<NullRow>,
    read_as::<ControlRow>,
    read_as::<LeaveOneOutRow>,
    read_as::<ReliabilityRow>,
    read_as::<PositionRow>,
    read_as::<TokenRow>,
    read_as::<TextWordRow>,
    read_as::<GeneralizationRow>,
    read_as::<UposMeanRow>,
    read_as::<PreferenceRow>,
    read_as::<TextNullRow>,
    read_as::<TransferRow>,
    read_as::<ExampleRow>,
    read_as::<ContextGapRow>,
];

fn names<R: Row>() -> Vec<String> {
    let fields = R::fields();
    fields.iter().map(|field| field.name().clone()).collect()
}

impl Target for Table {
    fn seeds(&self) -> Vec<Vec<u8>> {
        seeds("table", &[])
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        if rng.random_range(0..4) > 0 {
            return parquet::mutate(rng, seed);
        }
        let names = match rng.random_range(0..3) {
            0 => names::<WordRow>(),
            1 => names::<TokenRow>(),
            _ => names::<TValueRow>(),
        };
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        parquet::other_types(rng, &names)
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        let path = folder.join("any.parquet");
        std::fs::write(&path, input).unwrap();
        let outcomes: Vec<_> = READERS.iter().map(|read| read(&path)).collect();
        if outcomes.iter().any(Result::is_ok) {
            return Ok(());
        }
        let ours = |message: &&String| message.contains("internal error");
        let errors: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
        let first = errors.iter().find(ours).or(errors.first());
        Err(first.cloned().unwrap_or_default())
    }
}

/// A table of activations.
pub(super) struct Activations;

const SUBJECTS: [Subject; 5] = [
    Subject::Words,
    Subject::Positions,
    Subject::Presentations,
    Subject::Text,
    Subject::Shown,
];

fn read_activations(path: &Path, subject: Subject) -> Result<(), String> {
    let reader = sentence(ActivationReader::open(
        path,
        subject,
        &Provenance::new("small"),
    ))?;
    for place in reader.contents() {
        reader.rows(place);
        sentence(reader.neurons(place))?;
        let block = sentence(reader.read(place))?;
        assert_eq!(block.values.len(), block.rows() * block.width);
        sentence(reader.stream(place, |block| {
            assert_eq!(block.values.len(), block.rows() * block.width);
            Ok(())
        }))?;
    }
    Ok(())
}

impl Target for Activations {
    fn seeds(&self) -> Vec<Vec<u8>> {
        seeds("activations", &[])
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        if rng.random_range(0..4) > 0 {
            return parquet::mutate(rng, seed);
        }
        let subject = SUBJECTS[rng.random_range(0..SUBJECTS.len())];
        let others: &[&str] = match rng.random_range(0..3) {
            0 => &["site", "layer", "neurons", "activation"],
            _ => &["site", "layer", "activation"],
        };
        parquet::other_types(rng, &[subject.keys(), others].concat())
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        let path = folder.join("any.parquet");
        std::fs::write(&path, input).unwrap();
        let mut outcome = Ok(());
        for subject in SUBJECTS {
            match read_activations(&path, subject) {
                Ok(()) => return Ok(()),
                Err(message) => outcome = Err(message),
            }
        }
        outcome
    }
}

/// `manifest.json`.
pub(super) struct Manifest;

impl Target for Manifest {
    fn seeds(&self) -> Vec<Vec<u8>> {
        seeds("manifest", &[])
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        json::mutate(rng, seed)
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        std::fs::write(folder.join("manifest.json"), input).unwrap();
        let pipeline = Pipeline::parse(PIPELINE, &folder.join("pipeline.toml")).unwrap();
        let run = RunDir::new(folder);
        selectron_run::manifest::Manifest::digest(&run, Stage::Stats);
        let manifest = sentence(selectron_run::manifest::Manifest::load(&run, &pipeline))?;
        sentence(manifest.extracted(&run))?;
        sentence(manifest.tested(&run)).map(drop)
    }
}
