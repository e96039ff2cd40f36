//! Normalisations, compared with float64.

use super::reference::{BACKENDS, Reference, relative_error, tolerance};
use crate::ops::operations::Norm;
use burn::tensor::{Tensor, TensorData};

fn layer_norm_in_float64(x: &[f32], scale: &[f32], shift: &[f32], epsilon: f64) -> Vec<f32> {
    let mut out = Vec::new();
    for row in x.chunks(scale.len()) {
        let row: Vec<_> = row.iter().map(|x| f64::from(*x)).collect();
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / row.len() as f64;
        for (x, (scale, shift)) in row.iter().zip(scale.iter().zip(shift)) {
            let normed = (x - mean) / (variance + epsilon).sqrt();
            out.push((normed * f64::from(*scale) + f64::from(*shift)) as f32);
        }
    }
    out
}

fn rms_norm_in_float64(x: &[f32], scale: &[f32], epsilon: f64) -> Vec<f32> {
    let mut out = Vec::new();
    for row in x.chunks(scale.len()) {
        let square = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / row.len() as f64;
        let root = (square + epsilon).sqrt();
        let scaled = row.iter().zip(scale);
        out.extend(scaled.map(|(x, s)| (f64::from(*x) / root * f64::from(*s)) as f32));
    }
    out
}

#[test]
fn norms_agree_with_float64() {
    let reference = Reference::open("gpt_neo");
    let scale = reference.weight("transformer.ln_f.weight");
    let shift = reference.weight("transformer.ln_f.bias");
    let x: Vec<f32> = (0..320_i16).map(|i| f32::from(i % 23) - 3.0).collect();
    for backend in BACKENDS {
        let ops = crate::device::open(backend).unwrap().ops;
        let vector = |values: &[f32]| {
            let data = TensorData::new(values.to_vec(), [values.len()]);
            Tensor::<1>::from_data(data, ops.device())
        };
        let normed = |norm: &Norm| -> Vec<f32> {
            let x = TensorData::new(x.clone(), [1, 10, 32]);
            let x = Tensor::<3>::from_data(x, ops.device());
            norm.with_input(x).1.into_data().try_into_vec().unwrap()
        };
        let tolerance = tolerance(backend) / 10.0;

        let layer = ops.norm(vector(&scale), Some(vector(&shift)), 1e-5);
        let expected = layer_norm_in_float64(&x, &scale, &shift, 1e-5);
        assert!(relative_error(&normed(&layer), &expected) < tolerance);

        let rms = ops.norm(vector(&scale), None, 1e-5);
        let expected = rms_norm_in_float64(&x, &scale, 1e-5);
        assert!(relative_error(&normed(&rms), &expected) < tolerance);
    }
}
