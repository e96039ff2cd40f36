//! The machine's best matrix product, with which the models' speed is compared.

use burn::tensor::{Device, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use selectron_model::device;
use selectron_run::Result;
use serde_json::{Value, json};
use std::time::Instant;

/// Rows, inner dimension, columns: the MLP's products over a batch of 2,048 tokens, and squares.
const SHAPES: [[usize; 3]; 4] = [
    [2048, 768, 3072],
    [2048, 3072, 768],
    [1024, 1024, 1024],
    [2048, 2048, 2048],
];

/// Repetitions of each; the best counts, since disturbances can only slow it down.
const REPETITIONS: usize = 20;

/// The best float32 matrix product of a backend, in operations per second (2 `m` `k` `n` per product).
pub(crate) fn best(backend: &str) -> Result<Value> {
    let device = device::open(backend)?.device;
    let mut by_shape = Vec::new();
    let mut best = 0.0_f64;
    for [rows, inner, columns] in SHAPES {
        let left = random([rows, inner], &device);
        let right = random([inner, columns], &device);
        let operations = 2.0 * rows as f64 * inner as f64 * columns as f64;
        let mut fastest = 0.0_f64;
        for _ in 0..REPETITIONS {
            let started = Instant::now();
            let product = left.clone().matmul(right.clone());
            // Reading one value waits for the device.
            let _ = product.slice([0..1, 0..1]).into_data();
            fastest = fastest.max(operations / started.elapsed().as_secs_f64());
        }
        by_shape.push(json!({"shape": [rows, inner, columns], "flops": fastest}));
        best = best.max(fastest);
    }
    Ok(json!({"flops": best, "by_shape": by_shape}))
}

fn random(shape: [usize; 2], device: &Device) -> Tensor<2> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let values: Vec<f32> = (0..shape[0] * shape[1])
        .map(|_| rng.random::<f32>() - 0.5)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
