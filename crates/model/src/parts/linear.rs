//! Affine maps.

use crate::checkpoint::Weights;
use crate::error::Result;
use burn::tensor::{Tensor, module::linear};

/// `x W + b`.
#[derive(Debug, Clone)]
pub struct Linear {
    /// `[inputs, outputs]`, possibly a transposed view of what the checkpoint holds.
    weight: Tensor<2>,
    /// `[outputs]`
    bias: Option<Tensor<1>>,
}

impl Linear {
    /// Loads `<name>.weight`, stored as PyTorch's `Linear` stores it, `[outputs, inputs]`, and
    /// `<name>.bias` if `bias`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(
        weights: &Weights<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
        bias: bool,
    ) -> Result<Self> {
        let weight = weights.tensor::<2>(&format!("{name}.weight"), [outputs, inputs])?;
        let bias = if bias {
            Some(weights.tensor::<1>(&format!("{name}.bias"), [outputs])?)
        } else {
            None
        };
        // A view: the matrix product reads either layout at the same speed.
        Ok(Self {
            weight: weight.swap_dims(0, 1),
            bias,
        })
    }

    /// # Shapes
    /// - `x`: `[batch, length, inputs]`
    /// - result: `[batch, length, outputs]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        linear(x, self.weight.clone(), self.bias.clone())
    }
}
