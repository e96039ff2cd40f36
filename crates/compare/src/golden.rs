//! A run against results that are kept in the repository.

use selectron_run::error::{Error, Result};
use selectron_run::files::{read_text, write_atomically};
use selectron_run::machine;
use selectron_run::manifest::{Manifest, SelectedNeuron};
use selectron_run::pipeline::Statistic;
use selectron_run::{NeuronId, Pipeline, RunDir, Stage, Table};
use selectron_tables::Provenance;
use selectron_tables::rows::{OfNeuron, TValueRow};
use selectron_tables::table::read_table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// How far t may lie from the golden one on another processor or backend, relative to
/// max(1, abs(t)): float32 activations agree to about 1e-6, and t inherits that.
const TOLERANCE: f64 = 1e-4;

/// How many t-values are kept, spread evenly over the table.
const SAMPLE: usize = 64;

/// What is kept of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// The pipeline's name.
    pub pipeline: String,
    /// The processor that made the hashes; see [`machine::description`].
    pub cpu: String,
    /// The backend that made the hashes.
    pub backend: String,
    /// SHA-256 of every artifact.
    pub artifacts: BTreeMap<String, String>,
    /// The neurons that are shown.
    pub selected: Vec<SelectedNeuron>,
    /// How far a t-value may be off elsewhere, relative to max(1, abs(t)).
    pub tolerance: f64,
    /// Some of the t-values.
    pub sample: Vec<SampledT>,
}

/// A neuron's t-value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampledT {
    /// The test.
    pub statistic: Statistic,
    /// The neuron.
    #[serde(flatten)]
    pub id: NeuronId,
    /// Its t, if defined.
    pub t: Option<f64>,
}

/// How a run compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// The machine computes as the one that made the golden results, and every hash is the same.
    SameBytes,
    /// Another machine or backend: the sample of t-values is within the tolerance, and the same
    /// neurons are selected.
    WithinTolerance,
}

impl Golden {
    /// What is kept of a run.
    ///
    /// # Errors
    /// When the run is not complete.
    pub fn of_run(run: &RunDir, pipeline: &Pipeline) -> Result<Self> {
        let manifest = Manifest::load(run, pipeline)?;
        let extract = manifest.extracted(run)?;
        let stats = manifest.tested(run)?;
        let artifacts = Stage::ALL
            .iter()
            .filter_map(|stage| manifest.artifacts(*stage));
        let rows: Vec<TValueRow> =
            read_table(run.table(Table::TValues), &Provenance::new(&pipeline.name))?;
        let step = rows.len().div_ceil(SAMPLE).max(1);
        Ok(Self {
            pipeline: pipeline.name.clone(),
            cpu: machine::description(),
            backend: extract.backend.name.clone(),
            artifacts: artifacts
                .flatten()
                .map(|(name, facts)| (name.clone(), facts.sha256.clone()))
                .collect(),
            selected: stats.selected.clone(),
            tolerance: TOLERANCE,
            sample: rows
                .iter()
                .step_by(step)
                .map(|row| SampledT {
                    statistic: row.statistic,
                    id: row.id(),
                    t: row.t,
                })
                .collect(),
        })
    }

    /// Reads the golden results of a pipeline.
    ///
    /// # Errors
    /// When there are none, or they cannot be read.
    pub fn load(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::input(
                path.display(),
                "there are no golden results for this pipeline",
                "write them with `cargo xtask verify --bless`",
            ));
        }
        let text = read_text(path)?;
        serde_json::from_str(&text).map_err(|error| {
            let what = format!("not readable ({error})");
            Error::input(
                path.display(),
                what,
                "write it with `cargo xtask verify --bless`",
            )
        })
    }

    /// Writes the golden results.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::bug(format!("golden results: {error}")))?;
        text.push('\n');
        write_atomically(path, text.as_bytes())
    }

    /// Compares another run with this one.
    ///
    /// # Errors
    /// When it differs by more than its machine explains; every difference is named.
    pub fn check(&self, other: &Self) -> Result<Agreement> {
        let same_machine = self.cpu == other.cpu && self.backend == other.backend;
        let mut differences = self.differing_neurons(other);
        differences.extend(self.differing_t(other));
        if same_machine {
            differences.extend(self.differing_hashes(other));
        }
        if differences.is_empty() {
            let agreement = if same_machine {
                Agreement::SameBytes
            } else {
                Agreement::WithinTolerance
            };
            return Ok(agreement);
        }
        Err(Error::new(
            differences.join("\n       "),
            "if the change is meant, bless it with `cargo xtask verify --bless` and commit the golden \
             file",
        ))
    }

    fn differing_neurons(&self, other: &Self) -> Vec<String> {
        let key = |neuron: &SelectedNeuron| format!("{} {}", neuron.category, shown(neuron.id));
        let (ours, theirs): (Vec<_>, Vec<_>) = (
            self.selected.iter().map(key).collect(),
            other.selected.iter().map(key).collect(),
        );
        if ours == theirs {
            return Vec::new();
        }
        vec![format!(
            "the selected neurons are {}, golden {}",
            theirs.join("; "),
            ours.join("; ")
        )]
    }

    fn differing_t(&self, other: &Self) -> Vec<String> {
        if self.sample.len() != other.sample.len() {
            let (ours, theirs) = (self.sample.len(), other.sample.len());
            return vec![format!("the sample holds {theirs} t-values, golden {ours}")];
        }
        let agrees = |golden: &SampledT, found: &SampledT| {
            let same_neuron = (golden.statistic, golden.id) == (found.statistic, found.id);
            let same_t = match (golden.t, found.t) {
                (Some(golden), Some(found)) => {
                    (golden - found).abs() <= self.tolerance * golden.abs().max(1.0)
                }
                (golden, found) => golden == found,
            };
            same_neuron && same_t
        };
        let pairs = self.sample.iter().zip(&other.sample);
        pairs
            .filter(|(golden, found)| !agrees(golden, found))
            .map(|(golden, found)| {
                format!(
                    "{} of {}: t = {:?}, golden {:?}",
                    found.statistic,
                    shown(found.id),
                    found.t,
                    golden.t
                )
            })
            .take(5)
            .collect()
    }

    fn differing_hashes(&self, other: &Self) -> Vec<String> {
        let names = self.artifacts.keys().chain(other.artifacts.keys());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .filter(|name| self.artifacts.get(*name) != other.artifacts.get(*name))
            .map(|name| format!("{name}: not the golden bytes"))
            .collect()
    }
}

/// `mlp.pre layer 1 neuron 905`
fn shown(id: NeuronId) -> String {
    let place = id.place;
    format!("{} layer {} neuron {}", place.site, place.layer, id.neuron)
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_run::Site;

    fn golden() -> Golden {
        let sample = |neuron| SampledT {
            statistic: Statistic::PairedT,
            id: NeuronId::new(Site::MlpPre, 1, neuron),
            t: (neuron > 0).then_some(10.0),
        };
        Golden {
            pipeline: "t".into(),
            cpu: "x86_64 avx2".into(),
            backend: "flex".into(),
            artifacts: [("tvalues.parquet".to_owned(), "abc".to_owned())].into(),
            selected: vec![SelectedNeuron {
                category: "noun".into(),
                id: NeuronId::new(Site::MlpPre, 1, 3),
                t: 10.0,
                significant: true,
            }],
            tolerance: TOLERANCE,
            sample: (0..3).map(sample).collect(),
        }
    }

    #[test]
    fn the_same_machine_must_give_the_same_bytes() {
        let (golden, mut run) = (golden(), golden());
        assert_eq!(golden.check(&run).unwrap(), Agreement::SameBytes);
        run.artifacts.insert("tvalues.parquet".into(), "abd".into());
        let message = golden.check(&run).unwrap_err().to_string();
        assert!(
            message.contains("tvalues.parquet: not the golden bytes"),
            "{message}"
        );
    }

    #[test]
    fn another_machine_must_come_close() {
        let (golden, mut run) = (golden(), golden());
        run.cpu = "aarch64".into();
        run.artifacts.insert("tvalues.parquet".into(), "abd".into());
        run.sample[1].t = Some(10.0005);
        assert_eq!(golden.check(&run).unwrap(), Agreement::WithinTolerance);
        run.sample[1].t = Some(10.01);
        assert!(golden.check(&run).is_err());
        run.sample[1].t = None;
        assert!(golden.check(&run).is_err());
    }

    #[test]
    fn another_selected_neuron_is_named() {
        let (golden, mut run) = (golden(), golden());
        run.cpu = "aarch64".into();
        run.selected[0].id.neuron = 4;
        let message = golden.check(&run).unwrap_err().to_string();
        assert!(
            message.contains("noun mlp.pre layer 1 neuron 4, golden noun mlp.pre layer 1 neuron 3"),
            "{message}"
        );
    }
}
