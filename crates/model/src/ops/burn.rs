//! The operations by burn's own, on any device.

use super::operations::{Affine, Layout, Linear, Norm, Normalise, Ops, Rotate, Rotation};
use crate::checkpoint::weights::Stored;
use crate::spec::activation::Activation;
use crate::spec::heads::{HeadCounts, Heads};
use crate::spec::rotary::Rotary;
use crate::spec::sequences::Sequences;
use burn::tensor::module::{attention, layer_norm, linear};
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Bool, DType, Device, Int, Tensor, TensorData, activation};

/// Operations that leave to burn where and how they are computed.
#[derive(Debug)]
pub struct Burn {
    device: Device,
}

impl Burn {
    /// The operations on a device.
    pub fn new(device: Device) -> Self {
        Self { device }
    }
}

impl Ops for Burn {
    fn device(&self) -> &Device {
        &self.device
    }

    fn mixes_lengths(&self) -> bool {
        false
    }

    fn longest_sharing(&self) -> usize {
        0
    }

    fn values(&self, stored: &Stored) -> TensorData {
        TensorData::new(stored.to_f32(), stored.shape())
    }

    fn linear(&self, weight: Tensor<2>, layout: Layout, bias: Option<Tensor<1>>) -> Linear {
        Box::new(BurnLinear {
            weight: layout.inputs_first(weight),
            bias,
        })
    }

    fn norm(&self, scale: Tensor<1>, shift: Option<Tensor<1>>, epsilon: f64) -> Norm {
        Box::new(BurnNorm {
            scale,
            shift,
            epsilon,
        })
    }

    fn rotation(&self, rotary: &Rotary, sequences: &Sequences) -> Rotation {
        let angles = rotary.angles(sequences.longest());
        let table = |values: Vec<f32>| {
            let length = values.len() / angles.half;
            let data = TensorData::new(values, [1, length, 1, angles.half]);
            Tensor::from_data(data, &self.device)
        };
        Box::new(BurnRotation {
            cos: table(angles.cos),
            sin: table(angles.sin),
        })
    }

    fn attend(
        &self,
        q: Tensor<3>,
        k: Tensor<3>,
        v: Tensor<3>,
        heads: &Heads,
        _: &Sequences,
    ) -> Tensor<3> {
        let [batch, length, _] = q.dims();
        let device = q.device();
        let HeadCounts {
            query, key_value, ..
        } = heads.counts;
        let mixed = attention(
            split(q, query),
            repeated(split(k, key_value), query),
            repeated(split(v, key_value), query),
            mask(heads, batch, length, &device),
            None,
            AttentionModuleOptions {
                scale: Some(heads.scale),
                softcap: None,
                is_causal: heads.causal,
            },
        );
        let width = heads.counts.query_width();
        mixed.swap_dims(1, 2).reshape([batch, length, width])
    }

    fn activate(&self, x: Tensor<3>, activation: Activation) -> Tensor<3> {
        match activation {
            Activation::GeluTanh => activation::gelu_approximate(x),
            Activation::Gelu => activation::gelu(x),
            Activation::QuickGelu => x.clone() * activation::sigmoid(x.mul_scalar(1.702)),
            Activation::Relu => activation::relu(x),
            Activation::Silu => activation::silu(x),
        }
    }

    fn add(&self, x: Tensor<3>, other: Tensor<3>) -> Tensor<3> {
        x + other
    }

    fn multiply(&self, x: Tensor<3>, other: Tensor<3>) -> Tensor<3> {
        x * other
    }

    fn read(&self, x: Tensor<3>, observe: &mut dyn FnMut(&[f32])) -> Tensor<3> {
        let data = x.clone().into_data_dtype(DType::F32);
        match data.as_slice::<f32>() {
            Ok(values) => observe(values),
            Err(error) => panic!("activations that are not float32: {error:?}"),
        }
        x
    }
}

#[derive(Debug)]
struct BurnLinear {
    /// `[inputs, outputs]`, possibly a transposed view of what the checkpoint holds.
    weight: Tensor<2>,
    /// `[outputs]`
    bias: Option<Tensor<1>>,
}

impl Affine for BurnLinear {
    fn with_input(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
        let y = linear(x.clone(), self.weight.clone(), self.bias.clone());
        (x, y)
    }
}

#[derive(Debug)]
struct BurnNorm {
    /// `[hidden]`
    scale: Tensor<1>,
    /// `[hidden]`
    shift: Option<Tensor<1>>,
    epsilon: f64,
}

impl Normalise for BurnNorm {
    fn with_input(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
        let normed = match &self.shift {
            Some(shift) => {
                let (scale, shift) = (self.scale.clone(), shift.clone());
                layer_norm(x.clone(), scale, Some(shift), self.epsilon)
            }
            None => {
                let mean_square = x.clone().square().mean_dim(2);
                let [hidden] = self.scale.dims();
                let root = mean_square.add_scalar(self.epsilon).sqrt();
                x.clone() / root * self.scale.clone().reshape([1, 1, hidden])
            }
        };
        (x, normed)
    }
}

/// Cosines and sines of a sequence's positions.
#[derive(Debug)]
struct BurnRotation {
    /// `[1, length, 1, half]`
    cos: Tensor<4>,
    /// `[1, length, 1, half]`
    sin: Tensor<4>,
}

impl Rotate for BurnRotation {
    fn rotate(&self, x: Tensor<3>, head_width: usize) -> Tensor<3> {
        let [batch, length, row] = x.dims();
        let [.., half] = self.cos.dims();
        let x = x.reshape([batch, length, row / head_width, head_width]);
        let a = x.clone().narrow(3, 0, half);
        let b = x.clone().narrow(3, half, half);
        let (cos, sin) = (self.cos.clone(), self.sin.clone());
        let mut parts = vec![
            a.clone() * cos.clone() - b.clone() * sin.clone(),
            b * cos + a * sin,
        ];
        if head_width > 2 * half {
            parts.push(x.narrow(3, 2 * half, head_width - 2 * half));
        }
        Tensor::cat(parts, 3).reshape([batch, length, row])
    }
}

/// `[batch, length, heads x width]` to `[batch, heads, length, width]`.
fn split(x: Tensor<3>, heads: usize) -> Tensor<4> {
    let [batch, length, width] = x.dims();
    x.reshape([batch, length, heads, width / heads])
        .swap_dims(1, 2)
}

/// Gives every head of queries its head of keys or values: `[batch, key_value, length, width]` to
/// `[batch, query, length, width]`, each head `query / key_value` times in a row.
fn repeated(x: Tensor<4>, query: usize) -> Tensor<4> {
    let [batch, heads, length, width] = x.dims();
    if heads == query {
        return x;
    }
    x.reshape([batch, heads, 1, length, width])
        .expand([batch, heads, query / heads, length, width])
        .reshape([batch, query, length, width])
}

/// What lies out of reach besides the future: for a window of `w` positions, everything at or before
/// the position minus `w`. `true` hides. None where the window holds the whole sequence.
fn mask(heads: &Heads, batch: usize, length: usize, device: &Device) -> Option<Tensor<4, Bool>> {
    let window = match heads.window {
        Some(window) if window < length => window,
        _ => return None,
    };
    let positions = Tensor::<1, Int>::arange(0..length as i64, device);
    let from = positions.clone().reshape([length, 1]);
    let to = positions.reshape([1, length]);
    let hidden = (from - to).greater_equal_scalar(window as i64);
    Some(
        hidden
            .reshape([1, 1, length, length])
            .expand([batch, heads.counts.query, length, length]),
    )
}
