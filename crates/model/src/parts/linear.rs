//! Affine maps.

use crate::checkpoint::Weights;
use crate::device::is_host;
use crate::error::Result;
use crate::host::{self, Matrix};
use burn::tensor::{Device, Tensor, TensorData, module::linear};
use std::sync::Arc;

/// `x W + b`.
#[derive(Debug, Clone)]
pub struct Linear(Parameters);

/// The values of a map, where its device reads them best.
#[derive(Debug, Clone)]
enum Parameters {
    /// In this process's memory, for the fused kernel.
    Host {
        /// As the checkpoint holds them.
        weight: Arc<TensorData>,
        /// Whether that is `[outputs, inputs]`.
        outputs_first: bool,
        bias: Option<Arc<TensorData>>,
    },
    /// On a device, for burn's operations.
    Device {
        /// `[inputs, outputs]`, possibly a transposed view of what the checkpoint holds.
        weight: Box<Tensor<2>>,
        /// `[outputs]`
        bias: Option<Box<Tensor<1>>>,
    },
}

/// What one map reads, or several.
#[derive(Debug)]
pub struct Input(Rows);

#[derive(Debug)]
enum Rows {
    /// Lent to the fused kernel, without a copy.
    Host(TensorData, [usize; 3], Device),
    Device(Tensor<3>),
}

impl Input {
    /// # Shapes
    /// - `x`: `[batch, length, inputs]`
    pub fn new(x: Tensor<3>) -> Self {
        let device = x.device();
        if !is_host(&device) {
            return Self(Rows::Device(x));
        }
        let shape = x.dims();
        Self(Rows::Host(x.into_data(), shape, device))
    }

    /// Gives the tensor back.
    pub fn into_tensor(self) -> Tensor<3> {
        match self.0 {
            Rows::Host(data, _, device) => Tensor::from_data(data, &device),
            Rows::Device(x) => x,
        }
    }

    fn tensor(&self) -> Tensor<3> {
        match &self.0 {
            Rows::Host(data, _, device) => Tensor::from_data(data.clone(), device),
            Rows::Device(x) => x.clone(),
        }
    }
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
        Ok(Loaded::linear(weights, name, inputs, outputs, bias)?.placed())
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
        Ok(Loaded::conv1d(weights, name, inputs, outputs)?.placed())
    }

    /// Loads what [`Linear::load`] does and cuts its `3 x hidden` outputs into three maps. They lie in
    /// `groups` groups, each with an equal share of the first map's outputs, then of the second's,
    /// then of the third's: GPT-NeoX keeps a head's queries, keys and values together (a group a
    /// head).
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load_three(
        weights: &Weights<'_>,
        name: &str,
        hidden: usize,
        bias: bool,
        groups: usize,
    ) -> Result<[Self; 3]> {
        let loaded = Loaded::linear(weights, name, hidden, 3 * hidden, bias)?;
        Ok(loaded.in_three(groups).map(Loaded::placed))
    }

    /// Loads what [`Linear::load_conv1d`] does and cuts its `3 x hidden` outputs into three maps:
    /// GPT-2 keeps all queries, then all keys, then all values.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load_conv1d_three(
        weights: &Weights<'_>,
        name: &str,
        hidden: usize,
    ) -> Result<[Self; 3]> {
        let loaded = Loaded::conv1d(weights, name, hidden, 3 * hidden)?;
        Ok(loaded.in_three(1).map(Loaded::placed))
    }

    /// # Shapes
    /// - `x`: `[batch, length, inputs]`
    /// - result: `[batch, length, outputs]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.of(&Input::new(x))
    }

    /// [`Linear::forward`] of what other maps read too.
    pub fn of(&self, x: &Input) -> Tensor<3> {
        self.on_host(x).unwrap_or_else(|| self.by_operations(x))
    }

    /// By the fused kernel, where it serves the device.
    fn on_host(&self, x: &Input) -> Option<Tensor<3>> {
        let Parameters::Host {
            weight,
            outputs_first,
            bias,
        } = &self.0
        else {
            return None;
        };
        let Rows::Host(data, [batch, length, _], device) = &x.0 else {
            return None;
        };
        let [first, second] = weight.shape().dims();
        let (inputs, outputs) = if *outputs_first {
            (second, first)
        } else {
            (first, second)
        };
        let matrix = Matrix {
            values: weight.as_slice().ok()?,
            inputs,
            outputs,
            columns: *outputs_first,
        };
        let bias = match bias {
            Some(bias) => Some(bias.as_slice().ok()?),
            None => None,
        };
        let y = host::affine(data.as_slice().ok()?, matrix, bias)?;
        let y = TensorData::new(y, [*batch, *length, outputs]);
        Some(Tensor::from_data(y, device))
    }

    fn by_operations(&self, x: &Input) -> Tensor<3> {
        let x = x.tensor();
        match &self.0 {
            Parameters::Device { weight, bias } => {
                linear(x, weight.as_ref().clone(), bias.as_deref().cloned())
            }
            Parameters::Host {
                weight,
                outputs_first,
                bias,
                ..
            } => {
                let device = x.device();
                let weight = Tensor::from_data(weight.as_ref().clone(), &device);
                let bias = bias
                    .as_deref()
                    .map(|bias| Tensor::from_data(bias.clone(), &device));
                linear(x, oriented(weight, *outputs_first), bias)
            }
        }
    }
}

/// `[inputs, outputs]`, as a view: the matrix product reads either layout.
fn oriented(weight: Tensor<2>, outputs_first: bool) -> Tensor<2> {
    if outputs_first {
        weight.swap_dims(0, 1)
    } else {
        weight
    }
}

/// A map as it comes out of the checkpoint.
struct Loaded {
    /// `[outputs, inputs]`, or the other way round.
    weight: Tensor<2>,
    outputs_first: bool,
    bias: Option<Tensor<1>>,
}

impl Loaded {
    fn linear(
        weights: &Weights<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
        bias: bool,
    ) -> Result<Self> {
        Ok(Self {
            weight: weights.tensor::<2>(&format!("{name}.weight"), [outputs, inputs])?,
            outputs_first: true,
            bias: load_bias(weights, name, outputs, bias)?,
        })
    }

    fn conv1d(weights: &Weights<'_>, name: &str, inputs: usize, outputs: usize) -> Result<Self> {
        Ok(Self {
            weight: weights.tensor::<2>(&format!("{name}.weight"), [inputs, outputs])?,
            outputs_first: false,
            bias: load_bias(weights, name, outputs, true)?,
        })
    }

    /// Cuts the outputs into three maps, see [`Linear::load_three`]. Each becomes a tensor of its own,
    /// so that its products run over memory without gaps.
    fn in_three(self, groups: usize) -> [Self; 3] {
        let weight = oriented(self.weight, self.outputs_first);
        let [inputs, outputs] = weight.dims();
        let share = outputs / groups / 3;
        let weight = weight.reshape([inputs, groups, 3, share]);
        let bias = self.bias.map(|bias| bias.reshape([groups, 3, share]));
        [0, 1, 2].map(|part| Self {
            weight: weight
                .clone()
                .narrow(2, part, 1)
                .reshape([inputs, groups * share]),
            outputs_first: false,
            bias: bias
                .clone()
                .map(|bias| bias.narrow(1, part, 1).reshape([groups * share])),
        })
    }

    /// The map with its values where its device reads them best.
    fn placed(self) -> Linear {
        let Self {
            weight,
            outputs_first,
            bias,
        } = self;
        if !is_host(&weight.device()) {
            return Linear(Parameters::Device {
                weight: Box::new(oriented(weight, outputs_first)),
                bias: bias.map(Box::new),
            });
        }
        Linear(Parameters::Host {
            weight: Arc::new(weight.into_data()),
            outputs_first,
            bias: bias.map(|bias| Arc::new(bias.into_data())),
        })
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
