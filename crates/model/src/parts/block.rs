//! A block: attention and MLP, and the residual stream around them.

use super::attention::Attention;
use super::mlp::Mlp;
use super::pass::Pass;
use super::sublayer::{Body, Read, Sublayer};
use crate::hook::Hook;
use crate::spec::flow::Flow;
use burn::tensor::Tensor;
use selectron_run::Place;
use selectron_run::Site;
use std::ops::ControlFlow;

/// One block.
#[derive(Debug)]
pub struct Block {
    /// The attention, and the normalisations around it.
    pub attention: Sublayer<Attention>,
    /// The MLP, and the normalisations around it.
    pub mlp: Sublayer<Mlp>,
    /// In which order they read the stream.
    pub flow: Flow,
}

impl Block {
    /// A block whose MLP reads what its attention has added to the stream.
    pub fn sequential(attention: Sublayer<Attention>, mlp: Sublayer<Mlp>) -> Self {
        Self {
            attention,
            mlp,
            flow: Flow::Sequential,
        }
    }

    /// Offers `resid.pre`, `resid.mid` (where there is one) and `resid.post` around what attention
    /// and MLP offer.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, length, hidden]`
    pub fn forward(
        &self,
        x: Tensor<3>,
        pass: &Pass<'_>,
        layer: usize,
        hook: &mut dyn Hook,
    ) -> ControlFlow<(), Tensor<3>> {
        let x = hook.offer(Place::new(Site::ResidPre, layer), x)?;
        let x = match self.flow {
            Flow::Sequential => self.one_after_the_other(x, pass, layer, hook)?,
            Flow::Parallel => self.side_by_side(x, pass, layer, hook)?,
        };
        hook.offer(Place::new(Site::ResidPost, layer), x)
    }

    fn one_after_the_other(
        &self,
        x: Tensor<3>,
        pass: &Pass<'_>,
        layer: usize,
        hook: &mut dyn Hook,
    ) -> ControlFlow<(), Tensor<3>> {
        let Read { stream, made, .. } = self.attention.read(x, pass, layer, hook)?;
        let x = self.attention.add(stream, made, pass);
        let x = hook.offer(Place::new(Site::ResidMid, layer), x)?;
        let Read { stream, made, .. } = self.mlp.read(x, pass, layer, hook)?;
        ControlFlow::Continue(self.mlp.add(stream, made, pass))
    }

    fn side_by_side(
        &self,
        x: Tensor<3>,
        pass: &Pass<'_>,
        layer: usize,
        hook: &mut dyn Hook,
    ) -> ControlFlow<(), Tensor<3>> {
        let attention = self.attention.read(x, pass, layer, hook)?;
        let (stream, attended) = (attention.stream, attention.made);
        let (stream, made) = match (&self.mlp.before, attention.normed) {
            (None, Some(normed)) => {
                let (_, made) = self.mlp.body.forward(normed, pass, layer, hook)?;
                (stream, made)
            }
            (_, normed) => {
                drop(normed);
                let Read { stream, made, .. } = self.mlp.read(stream, pass, layer, hook)?;
                (stream, made)
            }
        };
        let x = self.attention.add(stream, attended, pass);
        ControlFlow::Continue(self.mlp.add(x, made, pass))
    }
}
