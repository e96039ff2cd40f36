//! Normalisation of rows, in place.

use super::lanes::sum;
use super::{TASK, vectorised};
use rayon::prelude::*;

/// Layer normalisation of each row: `(x - mean) / sqrt(variance + epsilon) * scale + shift`.
pub(crate) fn layer_norm(values: &mut [f32], scale: &[f32], shift: &[f32], epsilon: f32) {
    rows(
        values,
        scale.len(),
        #[inline(always)]
        |row| {
            let count = row.len() as f32;
            let mean = sum(row, |x| x) / count;
            let variance = sum(row, |x| (x - mean) * (x - mean)) / count;
            let factor = 1.0 / (variance + epsilon).sqrt();
            for ((value, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
                *value = ((*value - mean) * factor).mul_add(*scale, *shift);
            }
        },
    );
}

/// Root-mean-square normalisation of each row: `x / sqrt(mean(x^2) + epsilon) * scale`.
pub(crate) fn rms_norm(values: &mut [f32], scale: &[f32], epsilon: f32) {
    rows(
        values,
        scale.len(),
        #[inline(always)]
        |row| {
            let square = sum(row, |x| x * x) / row.len() as f32;
            let factor = 1.0 / (square + epsilon).sqrt();
            for (value, scale) in row.iter_mut().zip(scale) {
                *value = *value * factor * scale;
            }
        },
    );
}

#[inline(always)]
fn rows(values: &mut [f32], width: usize, kernel: impl Fn(&mut [f32]) + Sync) {
    let width = width.max(1);
    let count = (TASK / width).max(1);
    values.par_chunks_mut(count * width).for_each(|rows| {
        vectorised(
            #[inline(always)]
            || {
                for row in rows.chunks_mut(width) {
                    kernel(row);
                }
            },
        );
    });
}
