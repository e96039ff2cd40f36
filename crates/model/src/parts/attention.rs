//! Multi-head self-attention.

use super::{Angles, Input, Linear, Sequences};
use crate::device::is_host;
use crate::host;
use crate::recorder::Recorder;
use burn::tensor::{
    Bool, Device, Int, Tensor, TensorData, module::attention, ops::AttentionModuleOptions,
};
use selectron_run::Site;
use std::ops::ControlFlow;

/// How queries, keys and values are cut into heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadCounts {
    /// Heads of queries.
    pub query: usize,
    /// Heads of keys and of values; each serves `query / key_value` heads of queries.
    pub key_value: usize,
    /// Values a head.
    pub width: usize,
}

impl HeadCounts {
    /// Width of all queries side by side.
    pub fn query_width(&self) -> usize {
        self.query * self.width
    }

    /// Width of all keys, or of all values, side by side.
    pub fn key_value_width(&self) -> usize {
        self.key_value * self.width
    }
}

/// The heads of a layer and what each may see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heads {
    /// How many there are, and how wide.
    pub counts: HeadCounts,
    /// What the products of queries and keys are multiplied by: 1 / sqrt(head width) in most
    /// families, 1 in GPT-Neo.
    pub scale: f64,
    /// Whether a position sees only itself and what comes before it.
    pub causal: bool,
    /// A position sees only so many positions up to and including itself.
    pub window: Option<usize>,
}

/// Self-attention with separate projections.
#[derive(Debug, Clone)]
pub struct Attention {
    /// Projection to queries.
    pub q: Linear,
    /// Projection to keys.
    pub k: Linear,
    /// Projection to values.
    pub v: Linear,
    /// Output projection.
    pub out: Linear,
    /// Heads, scale and reach.
    pub heads: Heads,
}

impl Attention {
    /// Records `attn.q`, `attn.k`, `attn.v` and `attn.out` on the way: queries and keys as the
    /// projections give them, before any rotation.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, length, hidden]`
    pub fn forward(
        &self,
        x: &Input,
        sequences: &Sequences,
        angles: Option<&Angles>,
        layer: usize,
        recorder: &mut Recorder<'_>,
    ) -> ControlFlow<(), Tensor<3>> {
        let q = self.q.of(x);
        let q = recorder.offer(Site::AttnQ, layer, q)?;
        let k = self.k.of(x);
        let k = recorder.offer(Site::AttnK, layer, k)?;
        let v = self.v.of(x);
        let v = recorder.offer(Site::AttnV, layer, v)?;
        let merged = if is_host(&q.device()) {
            self.heads
                .on_host([q, k, v], sequences, angles)
                .unwrap_or_else(|back| {
                    let [q, k, v] = *back;
                    self.heads.by_operations(q, k, v, angles)
                })
        } else {
            self.heads.by_operations(q, k, v, angles)
        };
        let out = self.out.forward(merged);
        let out = recorder.offer(Site::AttnOut, layer, out)?;
        ControlFlow::Continue(out)
    }
}

/// `[batch, length, heads x width]` to `[batch, heads, length, width]`.
fn split(x: Tensor<3>, heads: usize) -> Tensor<4> {
    let [batch, length, width] = x.dims();
    x.reshape([batch, length, heads, width / heads])
        .swap_dims(1, 2)
}

/// Gives every head of queries its head of keys or values: `[batch, key_value, length, width]` to
/// `[batch, query, length, width]`, each head standing `query / key_value` times in a row.
fn repeated(x: Tensor<4>, query: usize) -> Tensor<4> {
    let [batch, heads, length, width] = x.dims();
    if heads == query {
        return x;
    }
    x.reshape([batch, heads, 1, length, width])
        .expand([batch, heads, query / heads, length, width])
        .reshape([batch, query, length, width])
}

impl Heads {
    /// Lets each position attend to what it reaches.
    ///
    /// # Shapes
    /// - `q` and result: `[batch, length, query heads x width]`
    /// - `k`, `v`: `[batch, length, key heads x width]`
    fn by_operations(
        &self,
        q: Tensor<3>,
        k: Tensor<3>,
        v: Tensor<3>,
        angles: Option<&Angles>,
    ) -> Tensor<3> {
        let [batch, length, _] = q.dims();
        let device = q.device();
        let HeadCounts {
            query, key_value, ..
        } = self.counts;
        let rotated = |x: Tensor<4>| match angles {
            Some(angles) => angles.rotate(x),
            None => x,
        };
        let mixed = attention(
            rotated(split(q, query)),
            repeated(rotated(split(k, key_value)), query),
            repeated(split(v, key_value), query),
            self.mask(batch, length, &device),
            None,
            AttentionModuleOptions {
                scale: Some(self.scale),
                softcap: None,
                is_causal: self.causal,
            },
        );
        let width = self.counts.query_width();
        mixed.swap_dims(1, 2).reshape([batch, length, width])
    }

    /// The same by the fused kernel; gives the tensors back where their values cannot be had.
    fn on_host(
        &self,
        [q, k, v]: [Tensor<3>; 3],
        sequences: &Sequences,
        angles: Option<&Angles>,
    ) -> Result<Tensor<3>, Box<[Tensor<3>; 3]>> {
        let shape = q.dims();
        let device = q.device();
        let [q, k] = match angles {
            None => [q, k],
            Some(angles) => {
                let rotate = |x| angles.rotate_on_host(x, sequences, self.counts.width);
                match [rotate(q), rotate(k)] {
                    [(q, true), (k, true)] => [q, k],
                    // Values that can be had of one can be had of the other.
                    [(q, _), (k, _)] => return Err(Box::new([q, k, v])),
                }
            }
        };
        let data = [q, k, v].map(Tensor::into_data);
        let [Ok(q_values), Ok(k_values), Ok(v_values)] =
            data.each_ref().map(|data| data.as_slice::<f32>())
        else {
            let back = data.map(|data| Tensor::from_data(data, &device));
            return Err(Box::new(back));
        };
        let mixed = host::attend(self, sequences, q_values, k_values, v_values);
        Ok(Tensor::from_data(TensorData::new(mixed, shape), &device))
    }

    /// What lies out of reach besides the future: for a window of `w` positions, everything at or
    /// before the position minus `w`. `true` hides. None where the window holds the whole sequence.
    fn mask(&self, batch: usize, length: usize, device: &Device) -> Option<Tensor<4, Bool>> {
        let window = self.window.filter(|window| *window < length)?;
        let positions = Tensor::<1, Int>::arange(0..length as i64, device);
        let from = positions.clone().reshape([length, 1]);
        let to = positions.reshape([1, length]);
        let hidden = (from - to).greater_equal_scalar(window as i64);
        let heads = self.counts.query;
        Some(
            hidden
                .reshape([1, 1, length, length])
                .expand([batch, heads, length, length]),
        )
    }
}
