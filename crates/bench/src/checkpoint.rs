//! A checkpoint of random weights: speed does not depend on their values, and nothing need be
//! downloaded.

use crate::files::file_error;
use crate::geometry::{CONTEXT, HIDDEN, LAYERS, NEURONS, VOCABULARY, config};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use selectron_run::Result;
use std::path::Path;

/// Standard deviation of weights, as GPT-Neo is initialised (`initializer_range`).
const DEVIATION: f64 = 0.02;

/// Writes `config.json` and `model.safetensors`, half a gigabyte of float32.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let tensors: Vec<_> = tensors()
        .into_iter()
        .enumerate()
        .map(|(number, (name, shape))| {
            let values = values(&name, number as u64, shape.iter().product());
            let bytes: Vec<u8> = values
                .into_iter()
                .flat_map(|value: f32| value.to_le_bytes())
                .collect();
            (name, shape, bytes)
        })
        .collect();
    let path = folder.join("model.safetensors");
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
            Ok((name, view.map_err(|error| file_error(&path, error))?))
        })
        .collect::<Result<Vec<_>>>()?;
    safetensors::serialize_to_file(views, None, &path).map_err(|error| file_error(&path, error))?;
    let path = folder.join("config.json");
    std::fs::write(&path, config().to_string()).map_err(|error| file_error(&path, error))
}

/// Name and shape of every tensor, as transformers names them.
fn tensors() -> Vec<(String, Vec<usize>)> {
    let mut tensors = vec![
        ("wte.weight".to_owned(), vec![VOCABULARY, HIDDEN]),
        ("wpe.weight".to_owned(), vec![CONTEXT, HIDDEN]),
    ];
    for layer in 0..LAYERS {
        let block: [(&str, Vec<usize>); 13] = [
            ("ln_1.weight", vec![HIDDEN]),
            ("ln_1.bias", vec![HIDDEN]),
            ("attn.attention.q_proj.weight", vec![HIDDEN, HIDDEN]),
            ("attn.attention.k_proj.weight", vec![HIDDEN, HIDDEN]),
            ("attn.attention.v_proj.weight", vec![HIDDEN, HIDDEN]),
            ("attn.attention.out_proj.weight", vec![HIDDEN, HIDDEN]),
            ("attn.attention.out_proj.bias", vec![HIDDEN]),
            ("ln_2.weight", vec![HIDDEN]),
            ("ln_2.bias", vec![HIDDEN]),
            ("mlp.c_fc.weight", vec![NEURONS, HIDDEN]),
            ("mlp.c_fc.bias", vec![NEURONS]),
            ("mlp.c_proj.weight", vec![HIDDEN, NEURONS]),
            ("mlp.c_proj.bias", vec![HIDDEN]),
        ];
        tensors.extend(block.map(|(name, shape)| (format!("h.{layer}.{name}"), shape)));
    }
    tensors.push(("ln_f.weight".to_owned(), vec![HIDDEN]));
    tensors.push(("ln_f.bias".to_owned(), vec![HIDDEN]));
    let prefixed = |(name, shape)| (format!("transformer.{name}"), shape);
    tensors.into_iter().map(prefixed).collect()
}

/// Normal numbers for maps and embeddings, a stream of random numbers per tensor; 1 for the scales of
/// normalisations, 0 for biases.
fn values(name: &str, stream: u64, count: usize) -> Vec<f32> {
    if name.ends_with("bias") {
        return vec![0.0; count];
    }
    if name.contains("ln_") {
        return vec![1.0; count];
    }
    let mut rng = ChaCha8Rng::seed_from_u64(125);
    rng.set_stream(stream);
    (0..count)
        .map(|_| (DEVIATION * normal(&mut rng)) as f32)
        .collect()
}

/// A standard normal number (Box and Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
