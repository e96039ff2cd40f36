//! Normalisation.

use crate::checkpoint::Weights;
use crate::device::is_host;
use crate::error::Result;
use crate::host;
use burn::tensor::{Tensor, TensorData, module::layer_norm};

/// Normalisation of each token's vector, with learned scale and, in layer normalisation, shift.
#[derive(Debug, Clone)]
pub struct Norm {
    /// `[hidden]`
    scale: Tensor<1>,
    /// `[hidden]`; none in RMS normalisation, which does not subtract the mean either.
    shift: Option<Tensor<1>>,
    epsilon: f64,
}

impl Norm {
    /// Layer normalisation (Ba et al. 2016, arXiv:1607.06450) from `<name>.weight` and
    /// `<name>.bias`, which checkpoints converted from TensorFlow call `gamma` and `beta`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load_layer(
        weights: &Weights<'_>,
        name: &str,
        hidden: usize,
        epsilon: f64,
    ) -> Result<Self> {
        let old = format!("{name}.gamma");
        let (scale, shift) = if weights.has(&old) {
            (old, format!("{name}.beta"))
        } else {
            (format!("{name}.weight"), format!("{name}.bias"))
        };
        Ok(Self {
            scale: weights.tensor::<1>(&scale, [hidden])?,
            shift: Some(weights.tensor::<1>(&shift, [hidden])?),
            epsilon,
        })
    }

    /// Root-mean-square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467) from
    /// `<name>.weight`.
    ///
    /// # Errors
    /// When the tensor is missing or of another shape.
    pub fn load_rms(
        weights: &Weights<'_>,
        name: &str,
        hidden: usize,
        epsilon: f64,
    ) -> Result<Self> {
        Ok(Self {
            scale: weights.tensor::<1>(&format!("{name}.weight"), [hidden])?,
            shift: None,
            epsilon,
        })
    }

    /// # Shapes
    /// - `x` and result: `[batch, length, hidden]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.beside(x).1
    }

    /// The tensor as it is, and normalised.
    ///
    /// # Shapes
    /// - `x` and both results: `[batch, length, hidden]`
    pub fn beside(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
        if !is_host(&x.device()) {
            return (x.clone(), self.by_operations(x));
        }
        let (shape, device) = (x.dims(), x.device());
        let data = x.into_data();
        let normed = data
            .as_slice::<f32>()
            .ok()
            .and_then(|values| self.kernel(values))
            .map(|values| Tensor::from_data(TensorData::new(values, shape), &device));
        let x = Tensor::from_data(data, &device);
        match normed {
            Some(normed) => (x, normed),
            None => (x.clone(), self.by_operations(x)),
        }
    }

    /// The rows normalised by the fused kernel; none where the parameters' values cannot be had.
    fn kernel(&self, values: &[f32]) -> Option<Vec<f32>> {
        let scale = host::values(&self.scale)?;
        let epsilon = self.epsilon as f32;
        Some(match &self.shift {
            Some(shift) => host::layer_norm(values, &scale, &host::values(shift)?, epsilon),
            None => host::rms_norm(values, &scale, epsilon),
        })
    }

    fn by_operations(&self, x: Tensor<3>) -> Tensor<3> {
        match &self.shift {
            Some(shift) => layer_norm(x, self.scale.clone(), Some(shift.clone()), self.epsilon),
            None => {
                let mean_square = x.clone().square().mean_dim(2);
                let [hidden] = self.scale.dims();
                let root = mean_square.add_scalar(self.epsilon).sqrt();
                x / root * self.scale.clone().reshape([1, 1, hidden])
            }
        }
    }
}
