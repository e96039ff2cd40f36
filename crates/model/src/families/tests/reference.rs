//! Small random checkpoints, and what transformers computes with them.
//!
//! `tests/reference/models/make_reference.py` made both.

use crate::batch::TokenBatch;
use crate::checkpoint::Checkpoint;
use crate::config::Config;
use crate::device;
use crate::families::assembly::Assembly;
use crate::families::registry;
use crate::families::settings::Settings;
use crate::network::Network;
use crate::recorder::Recorded;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use selectron_run::Site;
use selectron_run::pipeline::Layers;
use std::path::{Path, PathBuf};

/// Relative error that float32 allows between two correct implementations.
pub(crate) const TOLERANCE: f64 = 1e-5;

/// The CPU backends share no kernel; each must agree with transformers by itself. So must the GPU's,
/// where it is compiled in: a machine without an adapter then fails the tests.
#[cfg(not(feature = "wgpu"))]
pub(crate) const BACKENDS: &[&str] = &["flex", "ndarray"];
#[cfg(feature = "wgpu")]
pub(crate) const BACKENDS: &[&str] = &["flex", "ndarray", "wgpu"];

/// Relative error that is allowed of a backend. A GPU's exponentials and reciprocals are rounded less
/// carefully than a CPU's.
pub(crate) fn tolerance(backend: &str) -> f64 {
    match backend {
        "wgpu" => 1e-4,
        _ => TOLERANCE,
    }
}

/// A reference checkpoint and what transformers made of it.
pub(crate) struct Reference {
    pub(crate) checkpoint: Checkpoint,
    expected: Vec<u8>,
}

impl Reference {
    /// Every reference, in order of name: a checkpoint of each family as it mostly is, and of the
    /// shapes that mostly go wrong.
    pub(crate) fn names() -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(Self::models())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().unwrap().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert!(names.len() >= registry::ALL.len());
        names
    }

    fn models() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/models")
    }

    pub(crate) fn folder(name: &str) -> PathBuf {
        Self::models().join(name)
    }

    pub(crate) fn open(name: &str) -> Self {
        let folder = Self::folder(name);
        let expected = std::fs::read(folder.join("expected.safetensors")).unwrap();
        Self {
            checkpoint: Checkpoint::open(folder).unwrap(),
            expected,
        }
    }

    pub(crate) fn network(&self, backend: &str) -> Network {
        Network::load(&self.checkpoint, device::open(backend).unwrap()).unwrap()
    }

    /// The model on flex, with settings changed by `change`.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Settings)) -> Network {
        let config = self.checkpoint.config();
        let family = registry::family(config).unwrap();
        let mut settings = (family.settings)(config).unwrap();
        change(&mut settings);
        let weights = self.checkpoint.weights().unwrap();
        let compute = device::open("flex").unwrap();
        let assembly = Assembly::new(family, settings, &weights, compute.ops.clone());
        Network::assemble(&assembly, compute).unwrap()
    }

    /// The parts of the model on flex, one by one.
    pub(super) fn assembly(&self) -> Assembly {
        registry::open(&self.checkpoint, device::open("flex").unwrap().ops).unwrap()
    }

    /// What the checkpoints of a language model of this family put before the names of tensors.
    pub(crate) fn prefix(&self) -> &'static str {
        registry::family(self.checkpoint.config()).unwrap().prefix
    }

    /// The configuration with keys changed by `change`.
    pub(crate) fn config(&self, change: impl FnOnce(&mut serde_json::Value)) -> Config {
        let text = std::fs::read_to_string(self.checkpoint.config().path()).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        change(&mut value);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, value.to_string()).unwrap();
        Config::load(path).unwrap()
    }

    /// The input sequences, in order.
    pub(crate) fn sequences(&self) -> Vec<Vec<u32>> {
        let expected = SafeTensors::deserialize(&self.expected).unwrap();
        (0..)
            .map_while(|index| expected.tensor(&format!("ids/{index}")).ok())
            .map(|view| {
                let (ids, _) = view.data().as_chunks::<8>();
                ids.iter()
                    .map(|bytes| u32::try_from(i64::from_le_bytes(*bytes)).unwrap())
                    .collect()
            })
            .collect()
    }

    /// A tensor of the checkpoint, under its name in the file.
    pub(crate) fn weight(&self, name: &str) -> Vec<f32> {
        let bytes = std::fs::read(self.checkpoint.folder().join("model.safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        values(&tensors.tensor(name).unwrap())
    }

    /// The sites that transformers recorded, in forward order.
    pub(crate) fn recorded_sites(&self) -> Vec<Site> {
        let expected = SafeTensors::deserialize(&self.expected).unwrap();
        let has = |site: &Site| expected.tensor(&Self::name(*site, 0, 0)).is_ok();
        Site::ALL.into_iter().filter(has).collect()
    }

    fn name(site: Site, layer: usize, sequence: usize) -> String {
        match site {
            Site::FinalNorm => format!("final_norm/{sequence}"),
            // What the embeddings add up to is what the first block receives.
            Site::Embed => format!("resid.pre/0/{sequence}"),
            _ => format!("{site}/{layer}/{sequence}"),
        }
    }

    /// What transformers recorded.
    fn expected(&self, site: Site, layer: usize, sequence: usize) -> Vec<f32> {
        let expected = SafeTensors::deserialize(&self.expected).unwrap();
        let name = Self::name(site, layer, sequence);
        values(&expected.tensor(&name).unwrap())
    }

    /// The largest relative error of a network over these sites, every layer and sequence.
    pub(crate) fn worst_error(&self, network: &Network, sites: &[Site]) -> f64 {
        let layers = network.shape().layers;
        let per_block = sites.iter().filter(|site| !site.is_global()).count();
        let mut worst = 0.0;
        for (index, ids) in self.sequences().iter().enumerate() {
            let all = record(network, &[ids], sites);
            assert_eq!(all.len(), per_block * (layers - 1) + sites.len());
            for recorded in all {
                assert_eq!(recorded.batch(), 1);
                let expected = self.expected(recorded.site, recorded.layer, index);
                assert_eq!(recorded.width, network.width(recorded.site).unwrap());
                worst = f64::max(worst, relative_error(&recorded.values, &expected));
            }
        }
        worst
    }
}

fn values(view: &TensorView<'_>) -> Vec<f32> {
    let (values, _) = view.data().as_chunks::<4>();
    let values = values.iter();
    values.map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// Every activation of these sites, all layers.
pub(crate) fn record(
    network: &Network,
    sequences: &[&[u32]],
    sites: &[Site],
) -> Vec<Recorded<'static>> {
    let request = network.request(sites, &Layers::All).unwrap();
    let mut all = Vec::new();
    let batch = TokenBatch::new(sequences).unwrap();
    network
        .record(&batch, &request, &mut |recorded| {
            all.push(recorded.into_owned());
            Ok(())
        })
        .unwrap();
    all
}

/// `||a - b|| / ||b||`
pub(crate) fn relative_error(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |x: f64| x * x;
    let difference: f64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| square(f64::from(*a) - f64::from(*b)))
        .sum();
    let size: f64 = b.iter().map(|b| square(f64::from(*b))).sum();
    (difference / size).sqrt()
}
