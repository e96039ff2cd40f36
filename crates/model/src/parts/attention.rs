//! Multi-head self-attention.

use super::pass::Pass;
use super::sublayer::Body;
use crate::hook::Hook;
use crate::ops::operations::Linear;
use crate::spec::heads::Heads;
use burn::tensor::Tensor;
use selectron_run::Place;
use selectron_run::Site;
use std::ops::ControlFlow;

/// Self-attention with separate projections.
#[derive(Debug)]
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
    /// Self-attention of these projections to queries, keys and values.
    pub fn new([q, k, v]: [Linear; 3], out: Linear, heads: Heads) -> Self {
        Self {
            q,
            k,
            v,
            out,
            heads,
        }
    }
}

impl Body for Attention {
    /// Offers `attn.q`, `attn.k`, `attn.v` and `attn.out` on the way (queries and keys as the
    /// projections give them, before any rotation); gives back what it read, and what it makes of it.
    ///
    /// # Shapes
    /// - `x` and results: `[batch, length, hidden]`
    fn forward(
        &self,
        x: Tensor<3>,
        pass: &Pass<'_>,
        layer: usize,
        hook: &mut dyn Hook,
    ) -> ControlFlow<(), (Tensor<3>, Tensor<3>)> {
        let (x, q) = self.q.with_input(x);
        let q = hook.offer(Place::new(Site::AttnQ, layer), q)?;
        let (x, k) = self.k.with_input(x);
        let k = hook.offer(Place::new(Site::AttnK, layer), k)?;
        let (x, v) = self.v.with_input(x);
        let v = hook.offer(Place::new(Site::AttnV, layer), v)?;
        let (q, k) = match &pass.rotation {
            Some(rotation) => {
                let width = self.heads.counts.width;
                (rotation.rotate(q, width), rotation.rotate(k, width))
            }
            None => (q, k),
        };
        let mixed = pass.ops.attend(q, k, v, &self.heads, pass.sequences);
        let (_, out) = self.out.with_input(mixed);
        let out = hook.offer(Place::new(Site::AttnOut, layer), out)?;
        ControlFlow::Continue((x, out))
    }
}
