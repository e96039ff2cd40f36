//! What may look at activations during a forward pass, or change them.

use crate::spec::sequences::Sequences;
use burn::tensor::Tensor;
use selectron_run::Place;
use std::ops::ControlFlow;

/// Passed through a forward pass, which offers it the activations at every place.
pub trait Hook {
    /// Whether tokens that all sequences begin with may be computed once for all of them. They may
    /// not where a hook changes them in some sequences only.
    fn may_share_prefix(&self) -> bool {
        true
    }

    /// Called before a pass, with what the rows of its activations are.
    fn begin(&mut self, sequences: &Sequences) {
        let _ = sequences;
    }

    /// Whether [`Hook::at`] has anything to do at a place. It is called nowhere else.
    fn wants(&self, place: Place) -> bool;

    /// Takes the activations at a place, and gives back those that the pass goes on with; breaks when
    /// nothing further is needed.
    ///
    /// # Shapes
    /// - `activations` and result: `[batch, length, width]`
    fn at(&mut self, place: Place, activations: Tensor<3>) -> ControlFlow<(), Tensor<3>>;
}

impl dyn Hook + '_ {
    /// Offers the activations at a place, and gives back those that the pass goes on with.
    pub(crate) fn offer(
        &mut self,
        place: Place,
        activations: Tensor<3>,
    ) -> ControlFlow<(), Tensor<3>> {
        if self.wants(place) {
            self.at(place, activations)
        } else {
            ControlFlow::Continue(activations)
        }
    }
}

/// Several hooks, each of which sees what those before it have made of the activations. The pass ends
/// when one of them ends it.
pub struct Chain<'a>(Vec<&'a mut dyn Hook>);

impl<'a> Chain<'a> {
    /// These hooks, in order.
    pub fn new(hooks: impl IntoIterator<Item = &'a mut dyn Hook>) -> Self {
        Self(hooks.into_iter().collect())
    }
}

impl Hook for Chain<'_> {
    fn may_share_prefix(&self) -> bool {
        self.0.iter().all(|hook| hook.may_share_prefix())
    }

    fn begin(&mut self, sequences: &Sequences) {
        for hook in &mut self.0 {
            hook.begin(sequences);
        }
    }

    fn wants(&self, place: Place) -> bool {
        self.0.iter().any(|hook| hook.wants(place))
    }

    fn at(&mut self, place: Place, activations: Tensor<3>) -> ControlFlow<(), Tensor<3>> {
        let hooks = self.0.iter_mut();
        let mut activations = activations;
        for hook in hooks {
            activations = hook.offer(place, activations)?;
        }
        ControlFlow::Continue(activations)
    }
}

impl std::fmt::Debug for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain")
            .field("hooks", &self.0.len())
            .finish()
    }
}
