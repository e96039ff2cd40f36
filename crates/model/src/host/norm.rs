//! Normalisation of rows.

use super::lanes::sum;
use super::tasks::{TASK, vectorised};
use rayon::prelude::*;

/// Layer normalisation of each row: `(x - mean) / sqrt(variance + epsilon) * scale + shift`.
pub(crate) fn layer_norm(values: &[f32], scale: &[f32], shift: &[f32], epsilon: f32) -> Vec<f32> {
    rows(
        values,
        scale.len(),
        #[inline(always)]
        |row, out| {
            let count = row.len() as f32;
            let mean = sum(row, |x| x) / count;
            let variance = sum(row, |x| (x - mean) * (x - mean)) / count;
            let factor = 1.0 / (variance + epsilon).sqrt();
            let parameters = scale.iter().zip(shift);
            for ((out, value), (scale, shift)) in out.iter_mut().zip(row).zip(parameters) {
                *out = ((value - mean) * factor).mul_add(*scale, *shift);
            }
        },
    )
}

/// Root-mean-square normalisation of each row: `x / sqrt(mean(x^2) + epsilon) * scale`.
pub(crate) fn rms_norm(values: &[f32], scale: &[f32], epsilon: f32) -> Vec<f32> {
    rows(
        values,
        scale.len(),
        #[inline(always)]
        |row, out| {
            let square = sum(row, |x| x * x) / row.len() as f32;
            let factor = 1.0 / (square + epsilon).sqrt();
            for ((out, value), scale) in out.iter_mut().zip(row).zip(scale) {
                *out = value * factor * scale;
            }
        },
    )
}

#[inline(always)]
fn rows(values: &[f32], width: usize, kernel: impl Fn(&[f32], &mut [f32]) + Sync) -> Vec<f32> {
    let count = (TASK / width).max(1);
    let mut out = vec![0.0; values.len()];
    let tasks = out.par_chunks_mut(count * width);
    tasks
        .zip(values.par_chunks(count * width))
        .for_each(|(out, rows)| {
            vectorised(
                #[inline(always)]
                || {
                    for (row, out) in rows.chunks(width).zip(out.chunks_mut(width)) {
                        kernel(row, out);
                    }
                },
            );
        });
    out
}
