//! The operations by the fused kernels of `host`, in this process's memory.
//!
//! A tensor's values are taken over without a copy if nothing else holds the tensor, and become a
//! tensor again when a kernel is done with them.

use super::operations::{Affine, Layout, Linear, Norm, Normalise, Ops, Rotate, Rotation};
use crate::checkpoint::weights::Stored;
use crate::host;
use crate::host::product::Matrix;
use crate::spec::activation::Activation;
use crate::spec::heads::Heads;
use crate::spec::rotary::{Angles, Rotary};
use crate::spec::sequences::Sequences;
use burn::tensor::{Device, Tensor, TensorData};

/// Operations on a CPU backend whose tensors lie in this process's memory.
#[derive(Debug)]
pub struct Host {
    device: Device,
}

impl Host {
    /// The operations on a device, whose tensors must be float32 values in this process's memory.
    pub fn new(device: Device) -> Self {
        Self { device }
    }
}

impl Ops for Host {
    fn device(&self) -> &Device {
        &self.device
    }

    fn mixes_lengths(&self) -> bool {
        true
    }

    fn longest_sharing(&self) -> usize {
        host::attention::LONGEST_SHARING
    }

    fn values(&self, stored: &Stored) -> TensorData {
        match stored.in_place() {
            Some(mapped) => mapped,
            None => TensorData::new(stored.to_f32(), stored.shape()),
        }
    }

    fn linear(&self, weight: Tensor<2>, layout: Layout, bias: Option<Tensor<1>>) -> Linear {
        Box::new(HostLinear {
            weight: weight.into_data(),
            layout,
            bias: bias.map(Tensor::into_data),
        })
    }

    fn norm(&self, scale: Tensor<1>, shift: Option<Tensor<1>>, epsilon: f64) -> Norm {
        Box::new(HostNorm {
            scale: scale.into_data(),
            shift: shift.map(Tensor::into_data),
            epsilon: epsilon as f32,
        })
    }

    fn rotation(&self, rotary: &Rotary, sequences: &Sequences) -> Rotation {
        Box::new(HostRotation {
            angles: rotary.angles(sequences.longest()),
            positions: sequences.positions().collect(),
        })
    }

    fn attend(
        &self,
        q: Tensor<3>,
        k: Tensor<3>,
        v: Tensor<3>,
        heads: &Heads,
        sequences: &Sequences,
    ) -> Tensor<3> {
        let shape = q.dims();
        let [q, k, v] = [q, k, v].map(Tensor::into_data);
        let [q, k, v] = [&q, &k, &v].map(values);
        let mixed = host::attention::attend(heads, sequences, q, k, v);
        Tensor::from_data(TensorData::new(mixed, shape), &self.device)
    }

    fn activate(&self, x: Tensor<3>, activation: Activation) -> Tensor<3> {
        change(x, |values| host::activation::activate(activation, values))
    }

    fn add(&self, x: Tensor<3>, other: Tensor<3>) -> Tensor<3> {
        let other = other.into_data();
        change(x, |x| host::pairwise::add(x, values(&other)))
    }

    fn multiply(&self, x: Tensor<3>, other: Tensor<3>) -> Tensor<3> {
        let other = other.into_data();
        change(x, |x| host::pairwise::multiply(x, values(&other)))
    }

    fn read(&self, x: Tensor<3>, observe: &mut dyn FnMut(&[f32])) -> Tensor<3> {
        look(x, |values| observe(values)).0
    }
}

#[derive(Debug)]
struct HostLinear {
    /// As the checkpoint holds them.
    weight: TensorData,
    layout: Layout,
    bias: Option<TensorData>,
}

impl Affine for HostLinear {
    fn with_input(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
        let [batch, length, _] = x.dims();
        let device = x.device();
        let [first, second] = self.weight.shape().dims();
        let (inputs, outputs) = match self.layout {
            Layout::OutputsFirst => (second, first),
            Layout::InputsFirst => (first, second),
        };
        let matrix = Matrix {
            values: values(&self.weight),
            inputs,
            outputs,
            columns: self.layout == Layout::OutputsFirst,
        };
        let bias = self.bias.as_ref().map(values);
        let (x, y) = look(x, |x| host::product::affine(x, matrix, bias));
        let y = TensorData::new(y, [batch, length, outputs]);
        (x, Tensor::from_data(y, &device))
    }
}

#[derive(Debug)]
struct HostNorm {
    scale: TensorData,
    shift: Option<TensorData>,
    epsilon: f32,
}

impl Normalise for HostNorm {
    fn with_input(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
        let (shape, device) = (x.dims(), x.device());
        let scale = values(&self.scale);
        let (x, normed) = look(x, |x| match &self.shift {
            Some(shift) => host::norm::layer_norm(x, scale, values(shift), self.epsilon),
            None => host::norm::rms_norm(x, scale, self.epsilon),
        });
        (
            x,
            Tensor::from_data(TensorData::new(normed, shape), &device),
        )
    }
}

#[derive(Debug)]
struct HostRotation {
    angles: Angles,
    /// Of each row.
    positions: Vec<usize>,
}

impl Rotate for HostRotation {
    fn rotate(&self, x: Tensor<3>, head_width: usize) -> Tensor<3> {
        let [batch, length, row] = x.dims();
        assert_eq!(self.positions.len(), batch * length, "a position per row");
        let Angles { cos, sin, half } = &self.angles;
        change(x, |values| {
            host::rotary::rotate(values, cos, sin, &self.positions, [row, head_width, *half]);
        })
    }
}

/// The values of a tensor's data.
fn values(data: &TensorData) -> &[f32] {
    match data.as_slice() {
        Ok(values) => values,
        Err(error) => panic!("a tensor on the host that is not float32: {error:?}"),
    }
}

/// Lets a kernel read a tensor's values, and gives the tensor back with what the kernel made.
fn look<R>(x: Tensor<3>, kernel: impl FnOnce(&[f32]) -> R) -> (Tensor<3>, R) {
    let device = x.device();
    let data = x.into_data();
    let made = kernel(values(&data));
    (Tensor::from_data(data, &device), made)
}

/// Lets a kernel change a tensor's values in place.
fn change(x: Tensor<3>, kernel: impl FnOnce(&mut [f32])) -> Tensor<3> {
    let device = x.device();
    let mut data = x.into_data();
    match data.as_mut_slice::<f32>() {
        Ok(values) => kernel(values),
        Err(error) => panic!("a tensor on the host that is not float32: {error:?}"),
    }
    Tensor::from_data(data, &device)
}
