//! The MLP whose neurons are tested.

use super::pairwise::multiply;
use super::{Activation, Input, Linear};
use crate::recorder::Recorder;
use burn::tensor::Tensor;
use selectron_run::Site;
use std::ops::ControlFlow;

/// An MLP, plain (up, nonlinearity, down) or gated (SwiGLU and its kin, Shazeer 2020,
/// arXiv:2002.05202: the nonlinearity of one map times another map, then down).
#[derive(Debug, Clone)]
pub struct Mlp {
    /// hidden to neurons, into the nonlinearity: what `mlp.pre` records. The up projection of a
    /// plain MLP, the gate of a gated one.
    pub into: Linear,
    /// the nonlinearity
    pub activation: Activation,
    /// hidden to neurons, what a gated MLP multiplies the nonlinearity's output by
    pub times: Option<Linear>,
    /// neurons to hidden
    pub down: Linear,
}

impl Mlp {
    /// Records `mlp.pre`, `mlp.post` and `mlp.out` on the way.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, length, hidden]`
    pub fn forward(
        &self,
        x: &Input,
        layer: usize,
        recorder: &mut Recorder<'_>,
    ) -> ControlFlow<(), Tensor<3>> {
        let pre = self.into.of(x);
        let pre = recorder.offer(Site::MlpPre, layer, pre)?;
        let mut post = self.activation.forward(pre);
        if let Some(times) = &self.times {
            post = multiply(post, times.of(x));
        }
        let post = recorder.offer(Site::MlpPost, layer, post)?;
        let out = self.down.forward(post);
        let out = recorder.offer(Site::MlpOut, layer, out)?;
        ControlFlow::Continue(out)
    }
}
