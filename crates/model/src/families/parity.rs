//! What transformers computes with small random checkpoints, held against what we compute: every
//! site, every layer, every sequence.
//!
//! `tests/reference/models/make_reference.py` made the checkpoints and the expected activations.

use super::Family;
use crate::checkpoint::Checkpoint;
use crate::device::{self, Compute};
use crate::model::{Network, TokenBatch};
use crate::recorder::Recorded;
use proptest::prelude::*;
use safetensors::SafeTensors;
use selectron_schema::Site;
use selectron_schema::pipeline::Layers;
use std::path::Path;

/// Relative error that float32 allows between two correct implementations.
const TOLERANCE: f64 = 1e-5;

/// The CPU backends share no kernel; each must agree with transformers by itself.
const BACKENDS: [&str; 2] = ["flex", "ndarray"];

/// A reference checkpoint and what transformers made of it.
pub(super) struct Reference {
    pub(super) checkpoint: Checkpoint,
    expected: Vec<u8>,
}

impl Reference {
    pub(super) fn open(family: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/models");
        let folder = folder.join(family);
        let expected = std::fs::read(folder.join("expected.safetensors")).unwrap();
        Self {
            checkpoint: Checkpoint::open(folder).unwrap(),
            expected,
        }
    }

    fn network(&self, backend: &str) -> Network {
        Network::load(&self.checkpoint, device::open(backend).unwrap()).unwrap()
    }

    /// The input sequences, in order.
    fn sequences(&self) -> Vec<Vec<u32>> {
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

    /// What transformers recorded; none at sites it was not asked for.
    fn expected(&self, site: Site, layer: usize, sequence: usize) -> Option<Vec<f32>> {
        let name = match site {
            Site::FinalNorm => format!("final_norm/{sequence}"),
            _ => format!("{site}/{layer}/{sequence}"),
        };
        let expected = SafeTensors::deserialize(&self.expected).unwrap();
        let view = expected.tensor(&name).ok()?;
        let (values, _) = view.data().as_chunks::<4>();
        Some(
            values
                .iter()
                .map(|bytes| f32::from_le_bytes(*bytes))
                .collect(),
        )
    }
}

fn record(network: &Network, sequences: &[&[u32]], sites: &[Site]) -> Vec<Recorded> {
    let request = network.request(sites, &Layers::All).unwrap();
    let mut all = Vec::new();
    let batch = TokenBatch::new(sequences).unwrap();
    network
        .record(&batch, &request, &mut |recorded| {
            all.push(recorded);
            Ok(())
        })
        .unwrap();
    all
}

/// `||a - b|| / ||b||`
fn relative_error(a: &[f32], b: &[f32]) -> f64 {
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

/// The largest relative error of a network over every site, layer and sequence.
pub(super) fn worst_error(reference: &Reference, family: Box<dyn Family>, compute: Compute) -> f64 {
    compare(reference, &Network::new(family, compute))
}

fn compare(reference: &Reference, network: &Network) -> f64 {
    let mut worst = 0.0;
    let mut compared = 0;
    for (index, ids) in reference.sequences().iter().enumerate() {
        for recorded in record(network, &[ids], &Site::ALL) {
            assert_eq!((recorded.batch, recorded.length), (1, ids.len()));
            let Some(expected) = reference.expected(recorded.site, recorded.layer, index) else {
                // transformers has no module whose output is the embeddings' sum alone; the first
                // block's resid.pre is the same tensor.
                assert_eq!(recorded.site, Site::Embed);
                continue;
            };
            compared += 1;
            worst = f64::max(worst, relative_error(&recorded.values, &expected));
        }
    }
    // 6 sequences x (4 layers x 10 sites + final_norm).
    assert_eq!(compared, 6 * 41);
    worst
}

#[test]
fn every_site_layer_and_sequence_agrees_with_transformers() {
    for backend in BACKENDS {
        let reference = Reference::open("gpt_neo");
        let longest = reference.sequences().iter().map(Vec::len).max();
        assert!(
            longest > Some(3 * 8),
            "the sequences must reach past the window of 8"
        );
        let error = compare(&reference, &reference.network(backend));
        assert!(error < TOLERANCE, "{backend}: {error:e}");
    }
}

#[test]
fn the_residual_stream_adds_up() {
    let reference = Reference::open("gpt_neo");
    let sequences = reference.sequences();
    let ids = sequences.last().unwrap();
    let all = record(&reference.network("flex"), &[ids], &Site::ALL);
    let at = |site: Site, layer: usize| {
        let found = all
            .iter()
            .find(|recorded| (recorded.site, recorded.layer) == (site, layer));
        &found.unwrap().values
    };
    let add = |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| a + b).collect() };
    assert_eq!(at(Site::Embed, 0), at(Site::ResidPre, 0));
    for layer in 0..4 {
        let mid = add(at(Site::ResidPre, layer), at(Site::AttnOut, layer));
        assert_eq!(at(Site::ResidMid, layer), &mid);
        let post = add(at(Site::ResidMid, layer), at(Site::MlpOut, layer));
        assert_eq!(at(Site::ResidPost, layer), &post);
        if layer > 0 {
            assert_eq!(at(Site::ResidPost, layer - 1), at(Site::ResidPre, layer));
        }
    }
    let normed = layer_norm_in_float64(&reference, at(Site::ResidPost, 3));
    assert!(relative_error(at(Site::FinalNorm, 3), &normed) < 1e-6);
}

/// The final norm of `[tokens, 32]` values, computed in float64 from the checkpoint's own weights.
fn layer_norm_in_float64(reference: &Reference, x: &[f32]) -> Vec<f32> {
    let bytes = std::fs::read(reference.checkpoint.folder().join("model.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let read = |name: &str| -> Vec<f64> {
        let view = tensors.tensor(name).unwrap();
        let (values, _) = view.data().as_chunks::<4>();
        values
            .iter()
            .map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
            .collect()
    };
    let (scale, shift) = (
        read("transformer.ln_f.weight"),
        read("transformer.ln_f.bias"),
    );
    x.chunks(scale.len())
        .flat_map(|row| {
            let n = row.len() as f64;
            let mean = row.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
            let variance = row
                .iter()
                .map(|x| (f64::from(*x) - mean).powi(2))
                .sum::<f64>()
                / n;
            let normed = row
                .iter()
                .map(move |x| (f64::from(*x) - mean) / (variance + 1e-5).sqrt());
            let parts = normed.zip(scale.iter().zip(&shift));
            parts
                .map(|(x, (scale, shift))| (x * scale + shift) as f32)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_pass_stops_when_it_has_what_was_asked_for() {
    let reference = Reference::open("gpt_neo");
    let network = reference.network("flex");
    let request = network
        .request(&[Site::MlpPre], &"1".parse().unwrap())
        .unwrap();
    let mut seen = Vec::new();
    let batch = TokenBatch::new(&[&[1, 2, 3]]).unwrap();
    network
        .record(&batch, &request, &mut |recorded| {
            seen.push((recorded.site, recorded.layer));
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, [(Site::MlpPre, 1)]);
}

#[test]
fn what_a_model_cannot_do_is_refused() {
    let network = Reference::open("gpt_neo").network("flex");
    let layers = network
        .request(&[Site::MlpPre], &"4".parse().unwrap())
        .unwrap_err()
        .to_string();
    assert!(
        layers.contains("layer 4 does not exist: the model has 4 layers"),
        "{layers}"
    );
    let request = network.request(&[Site::Embed], &Layers::All).unwrap();
    let run = |ids: &[u32]| {
        let batch = TokenBatch::new(&[ids]).unwrap();
        network
            .record(&batch, &request, &mut |_| Ok(()))
            .unwrap_err()
            .to_string()
    };
    assert!(run(&[512]).contains("id 512, but the model knows 512 tokens"));
    assert!(run(&[1; 65]).contains("longer than the model's context of 64"));
    assert!(TokenBatch::new(&[&[1, 2], &[1]]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn a_sequence_alone_and_in_any_batch_gives_the_same(
        length in 1_usize..20,
        companions in 1_usize..24,
        place in 0_usize..24,
        seed in 0_u32..512,
    ) {
        for backend in BACKENDS {
            let network = Reference::open("gpt_neo").network(backend);
            let ids = |s: usize| -> Vec<u32> {
                (0..length).map(|i| (seed + 7 * s as u32 + 13 * i as u32) % 512).collect()
            };
            let sequences: Vec<_> = (0..=companions).map(ids).collect();
            let batch: Vec<_> = sequences.iter().map(Vec::as_slice).collect();
            let place = place % batch.len();
            let alone = record(&network, &[batch[place]], &Site::ALL);
            let together = record(&network, &batch, &Site::ALL);
            for (alone, together) in alone.iter().zip(&together) {
                let size = length * together.width;
                let ours = &together.values[place * size..(place + 1) * size];
                prop_assert!(relative_error(ours, &alone.values) < TOLERANCE);
            }
        }
    }
}
