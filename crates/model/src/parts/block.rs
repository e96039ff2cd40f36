//! A block: attention and MLP, and the residual stream around them.

use super::pairwise::add;
use super::{Angles, Attention, Input, Mlp, Norm, Sequences};
use crate::recorder::Recorder;
use burn::tensor::Tensor;
use selectron_run::Site;
use std::ops::ControlFlow;

/// In which order a block normalises, computes and adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Attention reads the normalised stream and adds to it, then so does the MLP.
    PreNorm,
    /// Attention and MLP read the same stream, each through its own normalisation, and add to it
    /// together; there is no stream between them.
    Parallel,
    /// Each adds to the stream first and the sum is normalised, as in the first transformer (Vaswani
    /// et al. 2017, arXiv:1706.03762) and in BERT; the last block's output is already normalised.
    PostNorm,
}

/// One block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The order of its steps.
    pub order: Order,
    /// The normalisation that belongs to the attention.
    pub attention_norm: Norm,
    /// The attention.
    pub attention: Attention,
    /// The normalisation that belongs to the MLP.
    pub mlp_norm: Norm,
    /// The MLP.
    pub mlp: Mlp,
}

impl Block {
    /// Records `resid.pre`, `resid.mid` (where there is one) and `resid.post` around what attention
    /// and MLP record.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, length, hidden]`
    pub fn forward(
        &self,
        x: Tensor<3>,
        sequences: &Sequences,
        angles: Option<&Angles>,
        layer: usize,
        recorder: &mut Recorder<'_>,
    ) -> ControlFlow<(), Tensor<3>> {
        let x = recorder.offer(Site::ResidPre, layer, x)?;
        let attend = |x: &Input, recorder: &mut Recorder<'_>| {
            self.attention
                .forward(x, sequences, angles, layer, recorder)
        };
        let x = match self.order {
            Order::PreNorm => {
                let (x, normed) = self.attention_norm.beside(x);
                let x = add(x, attend(&Input::new(normed), recorder)?);
                let x = recorder.offer(Site::ResidMid, layer, x)?;
                let (x, normed) = self.mlp_norm.beside(x);
                add(x, self.mlp.forward(&Input::new(normed), layer, recorder)?)
            }
            Order::Parallel => {
                let (x, normed) = self.attention_norm.beside(x);
                let attended = attend(&Input::new(normed), recorder)?;
                let (x, normed) = self.mlp_norm.beside(x);
                let x = add(x, attended);
                add(x, self.mlp.forward(&Input::new(normed), layer, recorder)?)
            }
            Order::PostNorm => {
                let x = Input::new(x);
                let attended = attend(&x, recorder)?;
                let x = add(x.into_tensor(), attended);
                let x = self.attention_norm.forward(x);
                let x = recorder.offer(Site::ResidMid, layer, x)?;
                let x = Input::new(x);
                let out = self.mlp.forward(&x, layer, recorder)?;
                self.mlp_norm.forward(add(x.into_tensor(), out))
            }
        };
        let x = recorder.offer(Site::ResidPost, layer, x)?;
        ControlFlow::Continue(x)
    }
}
