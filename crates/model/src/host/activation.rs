//! Activation functions, in place.

use super::lanes::{erf, sigmoid};
use super::tasks::{TASK, vectorised};
use crate::spec::activation::Activation;
use rayon::prelude::*;

/// Applies an activation function to each value.
pub(crate) fn activate(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::GeluTanh => each(values, gelu_tanh),
        Activation::Gelu => each(values, gelu),
        Activation::QuickGelu => each(values, |x| x * sigmoid(1.702 * x)),
        Activation::Relu => each(values, |x| x.max(0.0)),
        Activation::Silu => each(values, |x| x * sigmoid(x)),
    }
}

/// `0.5 (1 + tanh u)` is the logistic function of `2u`.
#[inline(always)]
fn gelu_tanh(x: f32) -> f32 {
    /// 2 sqrt(2 / pi)
    const SCALE: f32 = std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::SQRT_2;
    let u = SCALE * (0.044_715 * x * x).mul_add(x, x);
    x * sigmoid(u)
}

#[inline(always)]
fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

#[inline(always)]
fn each(values: &mut [f32], f: impl Fn(f32) -> f32 + Sync) {
    values.par_chunks_mut(TASK).for_each(|chunk| {
        vectorised(
            #[inline(always)]
            || {
                for value in chunk {
                    *value = f(*value);
                }
            },
        );
    });
}
