//! The MLP whose neurons are tested.

use super::{Activation, Linear};
use crate::recorder::Recorder;
use burn::tensor::Tensor;
use selectron_schema::Site;
use std::ops::ControlFlow;

/// Up, nonlinearity, down.
#[derive(Debug, Clone)]
pub struct Mlp {
    /// hidden to neurons
    pub up: Linear,
    /// the nonlinearity
    pub activation: Activation,
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
        x: Tensor<3>,
        layer: usize,
        recorder: &mut Recorder<'_>,
    ) -> ControlFlow<(), Tensor<3>> {
        let pre = self.up.forward(x);
        recorder.offer(Site::MlpPre, layer, &pre)?;
        let post = self.activation.forward(pre);
        recorder.offer(Site::MlpPost, layer, &post)?;
        let out = self.down.forward(post);
        recorder.offer(Site::MlpOut, layer, &out)?;
        ControlFlow::Continue(out)
    }
}
