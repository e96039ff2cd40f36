//! Additions, in place.

use super::{TASK, vectorised};
use rayon::prelude::*;

/// Adds `bias` to each row of its length.
pub(crate) fn add_bias(values: &mut [f32], bias: &[f32]) {
    let width = bias.len().max(1);
    let rows = (TASK / width).max(1);
    values.par_chunks_mut(rows * width).for_each(|rows| {
        vectorised(
            #[inline(always)]
            || {
                for row in rows.chunks_mut(width) {
                    for (value, bias) in row.iter_mut().zip(bias) {
                        *value += bias;
                    }
                }
            },
        );
    });
}

/// Adds as many values.
pub(crate) fn add(values: &mut [f32], others: &[f32]) {
    let tasks = values.par_chunks_mut(TASK).zip(others.par_chunks(TASK));
    tasks.for_each(|(values, others)| {
        vectorised(
            #[inline(always)]
            || {
                for (value, other) in values.iter_mut().zip(others) {
                    *value += other;
                }
            },
        );
    });
}
