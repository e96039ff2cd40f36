//! Multi-head self-attention.

use super::Linear;
use crate::recorder::Recorder;
use burn::tensor::{Bool, Device, Int, Tensor, module::attention, ops::AttentionModuleOptions};
use selectron_schema::Site;
use std::ops::ControlFlow;

/// How attention is cut into heads and what each may see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heads {
    /// Number of heads.
    pub count: usize,
    /// What the products of queries and keys are multiplied by: 1 / sqrt(head width) in most
    /// families, 1 in GPT-Neo.
    pub scale: f64,
    /// A position sees only so many positions up to and including itself.
    pub window: Option<usize>,
}

/// Causal self-attention with separate projections.
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
    /// Heads, scale and window.
    pub heads: Heads,
}

impl Attention {
    /// Records `attn.q`, `attn.k`, `attn.v` and `attn.out` on the way.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, length, hidden]`
    pub fn forward(
        &self,
        x: Tensor<3>,
        layer: usize,
        recorder: &mut Recorder<'_>,
    ) -> ControlFlow<(), Tensor<3>> {
        let [batch, length, _] = x.dims();
        let device = x.device();
        let q = self.q.forward(x.clone());
        recorder.offer(Site::AttnQ, layer, &q)?;
        let k = self.k.forward(x.clone());
        recorder.offer(Site::AttnK, layer, &k)?;
        let v = self.v.forward(x);
        recorder.offer(Site::AttnV, layer, &v)?;
        let width = q.dims()[2];
        let mixed = attention(
            self.split(q),
            self.split(k),
            self.split(v),
            self.heads.mask(batch, length, &device),
            None,
            AttentionModuleOptions {
                scale: Some(self.heads.scale),
                softcap: None,
                is_causal: true,
            },
        );
        let merged = mixed.swap_dims(1, 2).reshape([batch, length, width]);
        let out = self.out.forward(merged);
        recorder.offer(Site::AttnOut, layer, &out)?;
        ControlFlow::Continue(out)
    }

    /// `[batch, length, heads x width]` to `[batch, heads, length, width]`.
    fn split(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, length, width] = x.dims();
        x.reshape([batch, length, self.heads.count, width / self.heads.count])
            .swap_dims(1, 2)
    }
}

impl Heads {
    /// What lies out of reach besides the future: for a window of `w` positions, everything at or
    /// before the position minus `w`. `true` hides. None where the window holds the whole sequence.
    fn mask(&self, batch: usize, length: usize, device: &Device) -> Option<Tensor<4, Bool>> {
        let window = self.window.filter(|window| *window < length)?;
        let positions = Tensor::<1, Int>::arange(0..length as i64, device);
        let from = positions.clone().reshape([length, 1]);
        let to = positions.reshape([1, length]);
        let hidden = (from - to).greater_equal_scalar(window as i64);
        Some(
            hidden
                .reshape([1, 1, length, length])
                .expand([batch, self.count, length, length]),
        )
    }
}
