//! What to record, and the hand that does it during a forward pass.

use crate::error::{Error, Result};
use burn::tensor::{DType, Tensor};
use selectron_schema::Site;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The sites and layers that are wanted of a forward pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    wanted: BTreeSet<(usize, Site)>,
}

impl Request {
    /// Every one of `sites` at every one of `layers`. `embed` counts once, under layer 0, and
    /// `final_norm` once, under the last layer of the model.
    pub fn new(sites: &[Site], layers: &[usize], model_layers: usize) -> Self {
        let place = |site: Site, layer: usize| match site {
            Site::Embed => (0, site),
            Site::FinalNorm => (model_layers.saturating_sub(1), site),
            _ => (layer, site),
        };
        let wanted = sites
            .iter()
            .flat_map(|site| layers.iter().map(move |layer| place(*site, *layer)))
            .collect();
        Self { wanted }
    }

    /// Layer and site of everything wanted, in forward order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Site)> + '_ {
        self.wanted.iter().copied()
    }

    /// How many activations a forward pass will record.
    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }
}

/// The activations of a batch at one site and layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The site.
    pub site: Site,
    /// The layer, from 0.
    pub layer: usize,
    /// Sequences in the batch.
    pub batch: usize,
    /// Tokens a sequence.
    pub length: usize,
    /// Neurons (or dimensions) a token.
    pub width: usize,
    /// `batch` x `length` x `width`, row by row.
    pub values: Vec<f32>,
}

impl Recorded {
    /// The activations of one token of one sequence.
    pub fn token(&self, sequence: usize, token: usize) -> &[f32] {
        let start = (sequence * self.length + token) * self.width;
        self.values.get(start..start + self.width).unwrap_or(&[])
    }
}

/// Receives what is recorded, as the forward pass comes to it.
pub type Sink<'a> = dyn FnMut(Recorded) -> Result<()> + 'a;

/// Passed through a forward pass: takes what is wanted and stops the pass after the last of it.
pub struct Recorder<'a> {
    remaining: BTreeSet<(usize, Site)>,
    batch: usize,
    length: usize,
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
    pub(crate) fn new(
        request: &Request,
        batch: usize,
        length: usize,
        sink: &'a mut Sink<'a>,
    ) -> Self {
        Self {
            remaining: request.wanted.clone(),
            batch,
            length,
            sink,
            outcome: Ok(()),
        }
    }

    /// Offers the activations at a site; breaks when there is nothing left to record or the sink
    /// has failed.
    ///
    /// # Shapes
    /// - `activations`: `[batch, length, width]`
    pub fn offer(&mut self, site: Site, layer: usize, activations: &Tensor<3>) -> ControlFlow<()> {
        if !self.remaining.remove(&(layer, site)) {
            return ControlFlow::Continue(());
        }
        self.outcome = self.take(site, layer, activations);
        if self.outcome.is_err() || self.remaining.is_empty() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn take(&mut self, site: Site, layer: usize, activations: &Tensor<3>) -> Result<()> {
        let [batch, length, width] = activations.dims();
        if (batch, length) != (self.batch, self.length) {
            return Err(Error::Bug(format!(
                "{site} of layer {layer} came as {batch} x {length} tokens for {} x {} ids",
                self.batch, self.length
            )));
        }
        let data = activations.clone().into_data_dtype(DType::F32);
        let values = data
            .try_into_vec::<f32>()
            .map_err(|error| Error::Bug(format!("{site} of layer {layer}: {error:?}")))?;
        (self.sink)(Recorded {
            site,
            layer,
            batch,
            length,
            width,
            values,
        })
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.outcome?;
        match self.remaining.first() {
            Some((layer, site)) => Err(Error::Bug(format!(
                "the forward pass never came to {site} of layer {layer}"
            ))),
            None => Ok(()),
        }
    }
}
