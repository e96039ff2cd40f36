//! Normalisation.

use crate::checkpoint::Weights;
use crate::error::Result;
use burn::tensor::{Tensor, module::layer_norm};

/// Layer normalisation (Ba et al. 2016, arXiv:1607.06450) with scale and shift.
#[derive(Debug, Clone)]
pub struct LayerNorm {
    /// `[hidden]`
    scale: Tensor<1>,
    /// `[hidden]`
    shift: Tensor<1>,
    epsilon: f64,
}

impl LayerNorm {
    /// Loads `<name>.weight` and `<name>.bias`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights<'_>, name: &str, hidden: usize, epsilon: f64) -> Result<Self> {
        Ok(Self {
            scale: weights.tensor::<1>(&format!("{name}.weight"), [hidden])?,
            shift: weights.tensor::<1>(&format!("{name}.bias"), [hidden])?,
            epsilon,
        })
    }

    /// Normalises each token's vector.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, length, hidden]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        layer_norm(
            x,
            self.scale.clone(),
            Some(self.shift.clone()),
            self.epsilon,
        )
    }
}
