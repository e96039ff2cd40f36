//! The operations that parts are written in.

use crate::checkpoint::weights::Stored;
use crate::spec::activation::Activation;
use crate::spec::heads::Heads;
use crate::spec::rotary::Rotary;
use crate::spec::sequences::Sequences;
use burn::tensor::{Device, Tensor, TensorData};
use std::fmt::Debug;

/// In which order a checkpoint keeps the weights of an affine map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `[outputs, inputs]`, as PyTorch's `Linear` does.
    OutputsFirst,
    /// `[inputs, outputs]`, as GPT-2's `Conv1D` does.
    InputsFirst,
}

impl Layout {
    /// The shape of the weights of a map.
    pub fn shape(self, inputs: usize, outputs: usize) -> [usize; 2] {
        match self {
            Self::OutputsFirst => [outputs, inputs],
            Self::InputsFirst => [inputs, outputs],
        }
    }

    /// Weights as `[inputs, outputs]`, as a view: a matrix product reads either layout.
    pub fn inputs_first(self, weight: Tensor<2>) -> Tensor<2> {
        match self {
            Self::OutputsFirst => weight.swap_dims(0, 1),
            Self::InputsFirst => weight,
        }
    }
}

/// What a model computes on a device, besides looking up embeddings.
///
/// A tensor that is given to an operation may be changed where it lies, if nothing else holds it; one
/// that is still needed comes back beside the result.
pub trait Ops: Debug + Send + Sync {
    /// The device that tensors live on.
    fn device(&self) -> &Device;

    /// Whether sequences of different lengths can go through together, as the rows of one batch of
    /// shape `[1, rows, width]`.
    fn mixes_lengths(&self) -> bool;

    /// How long sequences may be, in tokens, for a prefix that they share to be computed once; 0
    /// where it never is.
    fn longest_sharing(&self) -> usize;

    /// The values of a stored tensor as float32, ready to become a tensor on the device.
    fn values(&self, stored: &Stored) -> TensorData;

    /// Makes an affine map ready.
    ///
    /// # Shapes
    /// - `weight`: as `layout` says
    /// - `bias`: `[outputs]`
    fn linear(&self, weight: Tensor<2>, layout: Layout, bias: Option<Tensor<1>>) -> Linear;

    /// Makes a normalisation ready: layer normalisation (Ba et al. 2016, arXiv:1607.06450) with a
    /// `shift`, root-mean-square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467) without.
    /// `epsilon` is added to the variance or mean square.
    ///
    /// # Shapes
    /// - `scale`, `shift`: `[hidden]`
    fn norm(&self, scale: Tensor<1>, shift: Option<Tensor<1>>, epsilon: f64) -> Norm;

    /// Makes the rotation of these sequences' queries and keys ready.
    fn rotation(&self, rotary: &Rotary, sequences: &Sequences) -> Rotation;

    /// Lets each position attend to what it reaches.
    ///
    /// # Shapes
    /// - `q` and result: `[batch, length, query heads x width]`
    /// - `k`, `v`: `[batch, length, key heads x width]`
    fn attend(
        &self,
        q: Tensor<3>,
        k: Tensor<3>,
        v: Tensor<3>,
        heads: &Heads,
        sequences: &Sequences,
    ) -> Tensor<3>;

    /// Applies a nonlinearity to each value.
    fn activate(&self, x: Tensor<3>, activation: Activation) -> Tensor<3>;

    /// The sum of two tensors of one shape.
    fn add(&self, x: Tensor<3>, other: Tensor<3>) -> Tensor<3>;

    /// The product of two tensors of one shape, value by value.
    fn multiply(&self, x: Tensor<3>, other: Tensor<3>) -> Tensor<3>;

    /// Shows a tensor's values, row by row, to `observe`, and gives the tensor back.
    fn read(&self, x: Tensor<3>, observe: &mut dyn FnMut(&[f32])) -> Tensor<3>;
}

/// An affine map, `x W + b`.
pub type Linear = Box<dyn Affine>;

/// A normalisation of each token's vector.
pub type Norm = Box<dyn Normalise>;

/// The rotation of queries and keys by their positions.
pub type Rotation = Box<dyn Rotate>;

/// See [`Linear`].
pub trait Affine: Debug + Send + Sync {
    /// The tensor as it is, and what the map makes of it.
    ///
    /// # Shapes
    /// - `x` and first result: `[batch, length, inputs]`
    /// - second result: `[batch, length, outputs]`
    fn with_input(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<3>);
}

/// See [`Norm`].
pub trait Normalise: Debug + Send + Sync {
    /// The tensor as it is, and normalised.
    ///
    /// # Shapes
    /// - `x` and both results: `[batch, length, hidden]`
    fn with_input(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<3>);
}

/// See [`Rotation`].
pub trait Rotate: Debug + Send + Sync {
    /// Turns the i-th value of the rotated part of each head together with the one half the part's
    /// width further on, as transformers pairs them; leaves the rest of the head as it is.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, length, heads x head width]`
    fn rotate(&self, x: Tensor<3>, head_width: usize) -> Tensor<3>;
}
