//! Fused arithmetic over tensors that lie in this process's memory.
//!
//! The matrix products of the fast CPU backend run near the machine's peak, but what lies between
//! them does not: an activation function as a chain of tensor operations reads and writes the
//! memory several times, with one value at a time through the C library's `tanh`. The kernels here
//! do each such step in one pass, over all threads, in plain loops that the compiler turns into
//! vector instructions; `pulp` chooses at run time those that the processor has. Every kernel has a
//! twin made of burn's operations in [`crate::parts`], which every other backend uses and which the
//! tests hold it against.
//!
//! Results depend neither on the number of threads nor on the width of the vectors: sums run over a
//! fixed number of lanes, and products are added with one rounding everywhere.

mod activation;

mod attention;
mod lanes;
mod norm;
mod pairwise;
mod product;
mod rotary;

pub(crate) use activation::activate;
pub(crate) use attention::{LONGEST_SHARING, attend};
pub(crate) use norm::{layer_norm, rms_norm};
pub(crate) use pairwise::{add, multiply};
pub(crate) use product::{Matrix, affine};
pub(crate) use rotary::rotate;

use burn::tensor::Tensor;

/// Values that one task of a kernel works on: enough to outweigh handing it to a thread, few enough
/// to stay in the cache.
const TASK: usize = 1 << 14;

/// Lets a kernel change a tensor's values in place.
///
/// The values are taken over without a copy if nothing else holds the tensor. Gives it back, and
/// whether it was changed: it stays as it was where its values cannot be had as `f32`.
pub(crate) fn change<const D: usize>(
    x: Tensor<D>,
    kernel: impl FnOnce(&mut [f32]),
) -> (Tensor<D>, bool) {
    let device = x.device();
    let mut data = x.into_data();
    let changed = data.as_mut_slice::<f32>().map(kernel).is_ok();
    (Tensor::from_data(data, &device), changed)
}

/// A copy of a small tensor's values; none where they are not `f32`.
pub(crate) fn values<const D: usize>(x: &Tensor<D>) -> Option<Vec<f32>> {
    x.to_data().try_into_vec().ok()
}

/// Runs a loop with the widest vector instructions that the processor has.
#[inline(always)]
fn vectorised<R>(kernel: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(kernel)
}

/// Values that differ, from -1 to 1.
#[cfg(test)]
fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count)
        .map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.5 - 1.0)
        .collect()
}
