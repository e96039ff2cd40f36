//! The hook that takes activations out of a forward pass.

use crate::error::{Error, Result};
use crate::hook::Hook;
use crate::ops::operations::Ops;
use crate::request::Request;
use crate::spec::sequences::Sequences;
use burn::tensor::Tensor;
use selectron_run::Place;
use selectron_run::Site;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The activations of a batch at one site and layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded<'a> {
    /// The site.
    pub site: Site,
    /// The layer, from 0.
    pub layer: usize,
    /// Neurons (or dimensions) per token.
    pub width: usize,
    /// Rows x `width`, row by row: the tokens that all sequences share, then each sequence's own.
    pub values: Cow<'a, [f32]>,
    /// What the rows are.
    sequences: Arc<Sequences>,
}

impl Recorded<'_> {
    /// Where they are.
    pub fn place(&self) -> Place {
        Place::new(self.site, self.layer)
    }

    /// The same, to be kept.
    pub fn into_owned(self) -> Recorded<'static> {
        Recorded {
            site: self.site,
            layer: self.layer,
            width: self.width,
            values: Cow::Owned(self.values.into_owned()),
            sequences: self.sequences,
        }
    }

    /// Sequences in the batch.
    pub fn batch(&self) -> usize {
        self.sequences.count()
    }

    /// The activations of one token of one sequence.
    ///
    /// # Panics
    /// When there is no such sequence or token: any other activations would be wrong.
    pub fn token(&self, sequence: usize, token: usize) -> &[f32] {
        let start = self.sequences.row(sequence, token) * self.width;
        &self.values[start..start + self.width]
    }

    /// The values of all tokens, sequence by sequence, where none is shared.
    ///
    /// # Errors
    /// This, where tokens are shared.
    pub fn into_rows(self) -> Result<Vec<f32>, Self> {
        match self.sequences.prefix() {
            0 => Ok(self.values.into_owned()),
            _ => Err(self),
        }
    }
}

/// Receives what is recorded, as the forward pass comes to it.
pub type Sink<'a> = dyn FnMut(Recorded<'_>) -> Result<()> + 'a;

/// Takes what is wanted out of a forward pass, and ends the pass after the last of it.
pub struct Recorder<'a> {
    /// Layer and site: in forward order.
    remaining: BTreeSet<(usize, Site)>,
    /// Of the pass that has begun.
    sequences: Option<Arc<Sequences>>,
    ops: &'a dyn Ops,
    sink: &'a mut Sink<'a>,
    outcome: Result<()>,
}

impl std::fmt::Debug for Recorder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}

impl<'a> Recorder<'a> {
    /// Hands what `request` wants of one pass to `sink`; `ops` are those of the network.
    pub fn new(request: &Request, ops: &'a dyn Ops, sink: &'a mut Sink<'a>) -> Self {
        Self {
            remaining: request.iter().collect(),
            sequences: None,
            ops,
            sink,
            outcome: Ok(()),
        }
    }

    /// How the recording ended.
    ///
    /// # Errors
    /// What the sink failed with; or when the pass came short of something that was wanted.
    pub fn finish(self) -> Result<()> {
        self.outcome?;
        match self.remaining.first() {
            Some((layer, site)) => Err(Error::bug(format!(
                "the forward pass never came to {site} of layer {layer}"
            ))),
            None => Ok(()),
        }
    }
}

impl Hook for Recorder<'_> {
    fn begin(&mut self, sequences: &Sequences) {
        self.sequences = Some(Arc::new(sequences.clone()));
    }

    fn wants(&self, place: Place) -> bool {
        self.remaining.contains(&place.forward_order())
    }

    fn at(&mut self, place: Place, activations: Tensor<3>) -> ControlFlow<(), Tensor<3>> {
        let Place { site, layer } = place;
        let Some(sequences) = self.sequences.clone() else {
            panic!("{site} of layer {layer} came before the pass began");
        };
        let [batch, length, width] = activations.dims();
        assert_eq!(
            batch * length,
            sequences.rows(),
            "{site} of layer {layer} came with other rows than there are ids"
        );
        self.remaining.remove(&place.forward_order());
        let activations = self.ops.read(activations, &mut |values| {
            self.outcome = (self.sink)(Recorded {
                site,
                layer,
                width,
                values: Cow::Borrowed(values),
                sequences: sequences.clone(),
            });
        });
        if self.outcome.is_err() || self.remaining.is_empty() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(activations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded() -> Recorded<'static> {
        Recorded {
            site: Site::MlpPre,
            layer: 0,
            width: 2,
            values: Cow::Owned((0..8_u8).map(f32::from).collect()),
            // One token that is shared, then two tokens and one of their own.
            sequences: Arc::new(Sequences::new(vec![2, 1], 1)),
        }
    }

    #[test]
    fn a_token_is_found_by_its_sequence_and_place() {
        let recorded = recorded();
        assert_eq!(recorded.token(0, 0), [0.0, 1.0]);
        assert_eq!(recorded.token(1, 0), [0.0, 1.0]);
        assert_eq!(recorded.token(0, 2), [4.0, 5.0]);
        assert_eq!(recorded.token(1, 1), [6.0, 7.0]);
    }

    // A stage turns a panic into the sentence of an internal error; an empty row would have become
    // an activation of 0.
    #[test]
    #[should_panic(expected = "token 3 of sequence 0, which has 3")]
    fn a_token_that_a_sequence_lacks_stops_the_run() {
        recorded().token(0, 3);
    }

    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn a_sequence_that_the_batch_lacks_stops_the_run() {
        recorded().token(2, 0);
    }
}
