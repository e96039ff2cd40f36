//! The MLP whose neurons are tested.

use super::pass::Pass;
use super::sublayer::Body;
use crate::hook::Hook;
use crate::ops::operations::Linear;
use crate::spec::activation::Activation;
use burn::tensor::Tensor;
use selectron_run::Place;
use selectron_run::Site;
use std::ops::ControlFlow;

/// An MLP, plain (up, nonlinearity, down) or gated (SwiGLU and its kin, Shazeer 2020,
/// arXiv:2002.05202: the nonlinearity of the gate times up, then down).
#[derive(Debug)]
pub struct Mlp {
    /// Hidden to neurons, whose output enters the nonlinearity: what `mlp.pre` records.
    pub neurons: Neurons,
    /// The nonlinearity.
    pub activation: Activation,
    /// Neurons to hidden.
    pub down: Linear,
}

/// The maps from hidden to neurons.
#[derive(Debug)]
pub enum Neurons {
    /// The nonlinearity is applied to the up projection.
    Plain {
        /// Hidden to neurons.
        up: Linear,
    },
    /// The nonlinearity is applied to the gate, and its output multiplied by the up projection.
    Gated {
        /// Hidden to neurons.
        gate: Linear,
        /// Hidden to neurons.
        up: Linear,
    },
}

impl Mlp {
    /// Up, nonlinearity, down.
    pub fn plain(up: Linear, activation: Activation, down: Linear) -> Self {
        Self {
            neurons: Neurons::Plain { up },
            activation,
            down,
        }
    }

    /// The nonlinearity of the gate times up, then down.
    pub fn gated(gate: Linear, up: Linear, activation: Activation, down: Linear) -> Self {
        Self {
            neurons: Neurons::Gated { gate, up },
            activation,
            down,
        }
    }
}

impl Body for Mlp {
    /// Offers `mlp.pre`, `mlp.post` and `mlp.out` on the way; gives back what it read, and what it
    /// makes of it.
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
        let into_nonlinearity = match &self.neurons {
            Neurons::Plain { up } => up,
            Neurons::Gated { gate, .. } => gate,
        };
        let (mut x, pre) = into_nonlinearity.with_input(x);
        let pre = hook.offer(Place::new(Site::MlpPre, layer), pre)?;
        let mut post = pass.ops.activate(pre, self.activation);
        if let Neurons::Gated { up, .. } = &self.neurons {
            let factor;
            (x, factor) = up.with_input(x);
            post = pass.ops.multiply(post, factor);
        }
        let post = hook.offer(Place::new(Site::MlpPost, layer), post)?;
        let (_, out) = self.down.with_input(post);
        let out = hook.offer(Place::new(Site::MlpOut, layer), out)?;
        ControlFlow::Continue((x, out))
    }
}
