//! Sums and products of two tensors, in place.

use super::tasks::{TASK, vectorised};
use rayon::prelude::*;

/// Adds as many values.
pub(crate) fn add(values: &mut [f32], others: &[f32]) {
    combine(values, others, |value, other| *value += other);
}

/// Multiplies by as many values.
pub(crate) fn multiply(values: &mut [f32], others: &[f32]) {
    combine(values, others, |value, other| *value *= other);
}

fn combine(values: &mut [f32], others: &[f32], step: impl Fn(&mut f32, f32) + Copy + Sync) {
    let tasks = values.par_chunks_mut(TASK).zip(others.par_chunks(TASK));
    tasks.for_each(|(values, others)| {
        vectorised(
            #[inline(always)]
            || {
                for (value, other) in values.iter_mut().zip(others) {
                    step(value, *other);
                }
            },
        );
    });
}
