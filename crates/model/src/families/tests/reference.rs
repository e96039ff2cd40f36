//! Small random checkpoints, and what transformers computes with them.
//!
//! `tests/reference/models/make_reference.py` made both.

use super::settings::Settings;
use crate::checkpoint::{Checkpoint, Config, Weights};
use crate::device;
use crate::model::{Network, TokenBatch};
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

/// Every reference: a checkpoint of each family as it mostly is, then the shapes that mostly go
/// wrong.
pub(crate) const REFERENCES: [&str; 13] = [
    "bert",
    "gpt2",
    "gpt_neo",
    "gpt_neox",
    "llama",
    "mistral",
    "qwen2",
    "bert-odd",
    "gpt2-inner",
    "gpt_neo-three-layers",
    "gpt_neox-sequential",
    "llama-head-dim",
    "qwen2-windows",
];

/// A reference checkpoint and what transformers made of it.
pub(crate) struct Reference {
    pub(crate) checkpoint: Checkpoint,
    expected: Vec<u8>,
}

impl Reference {
    pub(crate) fn folder(name: &str) -> PathBuf {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/models");
        models.join(name)
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
        let family = super::family(config).unwrap();
        let mut settings = (family.settings)(config).unwrap();
        change(&mut settings);
        let open = self.checkpoint.open_weights().unwrap();
        let compute = device::open("flex").unwrap();
        let weights = Weights::new(&open, &compute.device).unwrap();
        Network::new((family.load)(&settings, &weights).unwrap(), compute)
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

    /// What transformers recorded.
    pub(crate) fn expected(&self, site: Site, layer: usize, sequence: usize) -> Vec<f32> {
        let name = match site {
            Site::FinalNorm => format!("final_norm/{sequence}"),
            // What the embeddings add up to is what the first block receives.
            Site::Embed => format!("resid.pre/0/{sequence}"),
            _ => format!("{site}/{layer}/{sequence}"),
        };
        let expected = SafeTensors::deserialize(&self.expected).unwrap();
        values(&expected.tensor(&name).unwrap())
    }

    /// The largest relative error of a network over every site, layer and sequence.
    pub(crate) fn worst_error(&self, network: &Network) -> f64 {
        let sites: Vec<_> = network.sites().collect();
        let layers = network.shape().layers;
        let per_block = sites.iter().filter(|site| !site.is_global()).count();
        let mut worst = 0.0;
        for (index, ids) in self.sequences().iter().enumerate() {
            let all = record(network, &[ids], &sites);
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
