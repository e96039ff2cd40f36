//! Sums and products of two tensors, value by value.

use crate::device::is_host;
use crate::host;
use burn::tensor::Tensor;

/// The sum of a stream and what a part adds to it.
///
/// # Shapes
/// - `x`, `part` and result: `[batch, length, hidden]`
pub(super) fn add(x: Tensor<3>, part: Tensor<3>) -> Tensor<3> {
    combined(x, part, host::add, |x, part| x + part)
}

/// The product of two tensors.
///
/// # Shapes
/// - `x`, `factor` and result: `[batch, length, width]`
pub(super) fn multiply(x: Tensor<3>, factor: Tensor<3>) -> Tensor<3> {
    combined(x, factor, host::multiply, |x, factor| x * factor)
}

fn combined(
    x: Tensor<3>,
    other: Tensor<3>,
    kernel: impl FnOnce(&mut [f32], &[f32]),
    by_operations: impl FnOnce(Tensor<3>, Tensor<3>) -> Tensor<3>,
) -> Tensor<3> {
    let device = x.device();
    if !is_host(&device) {
        return by_operations(x, other);
    }
    let other = other.into_data();
    let combined = match other.as_slice::<f32>() {
        Ok(values) => host::change(x, |x| kernel(x, values)),
        Err(_) => (x, false),
    };
    match combined {
        (x, true) => x,
        (x, false) => by_operations(x, Tensor::from_data(other, &device)),
    }
}
