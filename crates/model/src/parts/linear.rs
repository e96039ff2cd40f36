//! Affine maps.

use crate::checkpoint::Weights;
use crate::device::is_host;
use crate::error::Result;
use crate::host;
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
        Ok(Self {
            // A view: the matrix product reads either layout at the same speed.
            weight: weight.swap_dims(0, 1),
            bias: load_bias(weights, name, outputs, bias)?,
        })
    }

    /// Loads `<name>.weight`, stored as GPT-2's `Conv1D` stores it, `[inputs, outputs]`, and
    /// `<name>.bias`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load_conv1d(
        weights: &Weights<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self> {
        Ok(Self {
            weight: weights.tensor::<2>(&format!("{name}.weight"), [inputs, outputs])?,
            bias: load_bias(weights, name, outputs, true)?,
        })
    }

    /// Cuts the outputs into three maps. They lie in `groups` groups, each with an equal share of the
    /// first map's outputs, then of the second's, then of the third's: GPT-2 keeps all queries, then
    /// all keys, then all values (one group); GPT-NeoX keeps a head's queries, keys and values
    /// together (a group a head).
    #[must_use]
    pub fn in_three(self, groups: usize) -> [Self; 3] {
        let [inputs, outputs] = self.weight.dims();
        let share = outputs / groups / 3;
        // Queries, keys and values become tensors of their own, so that each product runs over
        // memory without gaps.
        let weight = self.weight.reshape([inputs, groups, 3, share]);
        let bias = self.bias.map(|bias| bias.reshape([groups, 3, share]));
        [0, 1, 2].map(|part| Self {
            weight: weight
                .clone()
                .narrow(2, part, 1)
                .reshape([inputs, groups * share]),
            bias: bias
                .clone()
                .map(|bias| bias.narrow(1, part, 1).reshape([groups * share])),
        })
    }

    /// # Shapes
    /// - `x`: `[batch, length, inputs]`
    /// - result: `[batch, length, outputs]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        if is_host(&x.device()) {
            return self.on_host(x);
        }
        linear(x, self.weight.clone(), self.bias.clone())
    }

    /// One plain matrix product, and the bias added where its result lies.
    fn on_host(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, length, inputs] = x.dims();
        let [_, outputs] = self.weight.dims();
        let rows = x.reshape([batch * length, inputs]);
        let product = rows
            .matmul(self.weight.clone())
            .reshape([batch, length, outputs]);
        let Some(bias) = &self.bias else {
            return product;
        };
        let Some(values) = host::values(bias) else {
            return product + bias.clone().reshape([1, 1, outputs]);
        };
        match host::change(product, |product| host::add_bias(product, &values)) {
            (sum, true) => sum,
            (product, false) => product + bias.clone().reshape([1, 1, outputs]),
        }
    }
}

fn load_bias(
    weights: &Weights<'_>,
    name: &str,
    outputs: usize,
    bias: bool,
) -> Result<Option<Tensor<1>>> {
    bias.then(|| weights.tensor::<1>(&format!("{name}.bias"), [outputs]))
        .transpose()
}
