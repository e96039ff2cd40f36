//! Parts out of a checkpoint's tensors, by their names.

use super::settings::Settings;
use crate::checkpoint::weights::Weights;
use crate::error::Result;
use crate::ops::operations::{Layout, Linear, Norm, Ops};
use burn::tensor::Tensor;
use std::fmt::Display;

/// Loads parts of a model from the tensors below a name.
#[derive(Debug)]
pub(super) struct Loader<'a> {
    /// How the model computes.
    pub(super) settings: &'a Settings,
    weights: Weights,
    ops: &'a dyn Ops,
}

impl<'a> Loader<'a> {
    pub(super) fn new(settings: &'a Settings, weights: Weights, ops: &'a dyn Ops) -> Self {
        Self {
            settings,
            weights,
            ops,
        }
    }

    /// The tensors below a name: `under("h.0").layer_norm("ln_1")` loads `h.0.ln_1.weight` and
    /// `h.0.ln_1.bias`.
    pub(super) fn under(&self, name: impl Display) -> Self {
        Self {
            weights: self.weights.under(name),
            ..*self
        }
    }

    /// A tensor of this name and shape, as float32 on the device.
    pub(super) fn tensor<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
    ) -> Result<Tensor<D>> {
        let stored = self.weights.stored(name, &shape)?;
        let values = self.ops.values(&stored);
        Ok(Tensor::from_data(values, self.ops.device()))
    }

    /// The vectors of all token ids: `[vocabulary, hidden]`.
    pub(super) fn token_vectors(&self, name: &str) -> Result<Tensor<2>> {
        let shape = &self.settings.shape;
        self.tensor(name, [shape.vocabulary, shape.hidden])
    }

    /// The vectors of all positions: `[context, hidden]`.
    pub(super) fn position_vectors(&self, name: &str) -> Result<Tensor<2>> {
        let shape = &self.settings.shape;
        self.tensor(name, [shape.context, shape.hidden])
    }

    /// `<name>.weight`, stored `[outputs, inputs]`, and `<name>.bias` if `bias`.
    pub(super) fn linear(
        &self,
        name: &str,
        inputs: usize,
        outputs: usize,
        bias: bool,
    ) -> Result<Linear> {
        let map = Map::load(self, name, Layout::OutputsFirst, [inputs, outputs], bias)?;
        Ok(map.ready(self.ops))
    }

    /// `<name>.weight`, stored `[inputs, outputs]`, and `<name>.bias`.
    pub(super) fn conv1d(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear> {
        let map = Map::load(self, name, Layout::InputsFirst, [inputs, outputs], true)?;
        Ok(map.ready(self.ops))
    }

    /// Several maps that a checkpoint keeps as one, cut apart: what [`Loader::linear`] loads, or where
    /// the `layout` is the other one [`Loader::conv1d`].
    ///
    /// The n-th map has `outputs[n]` outputs. All of them lie in `groups` groups, each with an equal
    /// share of the first map's outputs, then of the second's, and so on: GPT-2 keeps all queries,
    /// then all keys, then all values (one group); GPT-NeoX keeps each head's together (a group per
    /// head).
    pub(super) fn fused<const N: usize>(
        &self,
        name: &str,
        layout: Layout,
        inputs: usize,
        outputs: [usize; N],
        groups: usize,
        bias: bool,
    ) -> Result<[Linear; N]> {
        let whole = outputs.iter().sum();
        let map = Map::load(self, name, layout, [inputs, whole], bias)?;
        Ok(map.cut(outputs, groups).map(|map| map.ready(self.ops)))
    }

    /// Layer normalisation of the stream, from `<name>.weight` and `<name>.bias`, which checkpoints
    /// converted from TensorFlow call `gamma` and `beta`.
    pub(super) fn layer_norm(&self, name: &str) -> Result<Norm> {
        let hidden = self.settings.shape.hidden;
        let old = format!("{name}.gamma");
        let (scale, shift) = if self.weights.has(&old) {
            (old, format!("{name}.beta"))
        } else {
            (format!("{name}.weight"), format!("{name}.bias"))
        };
        let scale = self.tensor(&scale, [hidden])?;
        let shift = self.tensor(&shift, [hidden])?;
        Ok(self.ops.norm(scale, Some(shift), self.settings.epsilon))
    }

    /// Root-mean-square normalisation of the stream, from `<name>.weight`.
    pub(super) fn rms_norm(&self, name: &str) -> Result<Norm> {
        let hidden = self.settings.shape.hidden;
        let scale = self.tensor(&format!("{name}.weight"), [hidden])?;
        Ok(self.ops.norm(scale, None, self.settings.epsilon))
    }
}

/// An affine map as it comes out of the checkpoint.
struct Map {
    weight: Tensor<2>,
    layout: Layout,
    bias: Option<Tensor<1>>,
}

impl Map {
    fn load(
        loader: &Loader<'_>,
        name: &str,
        layout: Layout,
        [inputs, outputs]: [usize; 2],
        bias: bool,
    ) -> Result<Self> {
        let weight = loader.tensor(&format!("{name}.weight"), layout.shape(inputs, outputs))?;
        let bias = match bias {
            true => Some(loader.tensor(&format!("{name}.bias"), [outputs])?),
            false => None,
        };
        Ok(Self {
            weight,
            layout,
            bias,
        })
    }

    /// Cuts the outputs, see [`Loader::fused`]. Each part becomes a tensor of its own, so that its
    /// products run over memory without gaps.
    fn cut<const N: usize>(self, outputs: [usize; N], groups: usize) -> [Self; N] {
        let weight = self.layout.inputs_first(self.weight);
        let [inputs, whole] = weight.dims();
        let weight = weight.reshape([inputs, groups, whole / groups]);
        let bias = self.bias.map(|bias| bias.reshape([groups, whole / groups]));
        let mut from = 0;
        outputs.map(|outputs| {
            let (start, share) = (from, outputs / groups);
            from += share;
            let weight = weight.clone().narrow(2, start, share);
            let bias = bias.clone().map(|bias| bias.narrow(1, start, share));
            Self {
                weight: weight.reshape([inputs, outputs]),
                layout: Layout::InputsFirst,
                bias: bias.map(|bias| bias.reshape([outputs])),
            }
        })
    }

    fn ready(self, ops: &dyn Ops) -> Linear {
        ops.linear(self.weight, self.layout, self.bias)
    }
}
