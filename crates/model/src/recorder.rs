//! What to record, and the hand that does it during a forward pass.

use crate::device::is_host;
use crate::error::{Error, Result};
use crate::parts::Sequences;
use burn::tensor::{DType, Tensor};
use selectron_run::{Place, Site};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

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
pub struct Recorded<'a> {
    /// The site.
    pub site: Site,
    /// The layer, from 0.
    pub layer: usize,
    /// Neurons (or dimensions) a token.
    pub width: usize,
    /// Rows x `width`, row by row: the tokens that all sequences share, then each sequence's own.
    pub values: Cow<'a, [f32]>,
    /// Tokens that all sequences begin with, computed once.
    shared: usize,
    /// The row at which each sequence's own tokens begin.
    starts: Arc<[usize]>,
}

impl Recorded<'_> {
    /// The same, to be kept.
    pub fn into_owned(self) -> Recorded<'static> {
        Recorded {
            site: self.site,
            layer: self.layer,
            width: self.width,
            values: Cow::Owned(self.values.into_owned()),
            shared: self.shared,
            starts: self.starts,
        }
    }

    /// Sequences in the batch.
    pub fn batch(&self) -> usize {
        self.starts.len()
    }

    /// The site and layer.
    pub fn place(&self) -> Place {
        Place::new(self.site, self.layer)
    }

    /// The activations of one token of one sequence.
    ///
    /// # Panics
    /// When there is no such sequence or token: any other activations would be wrong.
    pub fn token(&self, sequence: usize, token: usize) -> &[f32] {
        let row = match token.checked_sub(self.shared) {
            None => token,
            Some(own) => self.starts[sequence] + own,
        };
        let end = self.starts.get(sequence + 1).copied();
        let rows = self.values.len() / self.width.max(1);
        assert!(
            row < end.unwrap_or(rows),
            "token {token} of sequence {sequence}, which has fewer"
        );
        &self.values[row * self.width..(row + 1) * self.width]
    }

    /// The values of all tokens, sequence by sequence, where none is shared.
    ///
    /// # Errors
    /// This, where tokens are shared.
    pub fn into_rows(self) -> Result<Vec<f32>, Self> {
        match self.shared {
            0 => Ok(self.values.into_owned()),
            _ => Err(self),
        }
    }
}

/// Receives what is recorded, as the forward pass comes to it.
pub type Sink<'a> = dyn FnMut(Recorded<'_>) -> Result<()> + 'a;

/// Passed through a forward pass: takes what is wanted and stops the pass after the last of it.
pub struct Recorder<'a> {
    remaining: BTreeSet<(usize, Site)>,
    rows: usize,
    shared: usize,
    starts: Arc<[usize]>,
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
    pub(crate) fn new(request: &Request, sequences: &Sequences, sink: &'a mut Sink<'a>) -> Self {
        Self {
            remaining: request.wanted.clone(),
            rows: sequences.rows(),
            shared: sequences.prefix(),
            starts: sequences.starts().collect(),
            sink,
            outcome: Ok(()),
        }
    }

    /// Offers the activations at a site and layer, and gives them back; breaks when there is nothing
    /// left to record or the sink has failed.
    ///
    /// # Shapes
    /// - `activations`: `[batch, length, width]`
    pub fn offer(
        &mut self,
        site: Site,
        layer: usize,
        activations: Tensor<3>,
    ) -> ControlFlow<(), Tensor<3>> {
        if !self.remaining.remove(&(layer, site)) {
            return ControlFlow::Continue(activations);
        }
        match self.take(site, layer, activations) {
            Ok(activations) if !self.remaining.is_empty() => ControlFlow::Continue(activations),
            outcome => {
                self.outcome = outcome.map(|_| ());
                ControlFlow::Break(())
            }
        }
    }

    fn take(&mut self, site: Site, layer: usize, activations: Tensor<3>) -> Result<Tensor<3>> {
        let [batch, length, width] = activations.dims();
        if batch * length != self.rows {
            return Err(Error::Bug(format!(
                "{site} of layer {layer} came as {batch} x {length} tokens for {} ids",
                self.rows
            )));
        }
        let device = activations.device();
        // Where the values lie in this process's memory they are lent to the sink and taken back, so
        // that nothing is copied that the sink does not keep.
        let (kept, data) = if is_host(&device) {
            (None, activations.into_data())
        } else {
            let data = activations.clone().into_data_dtype(DType::F32);
            (Some(activations), data)
        };
        let values = data
            .as_slice::<f32>()
            .map_err(|error| Error::Bug(format!("{site} of layer {layer}: {error:?}")))?;
        (self.sink)(Recorded {
            site,
            layer,
            width,
            values: Cow::Borrowed(values),
            shared: self.shared,
            starts: self.starts.clone(),
        })?;
        Ok(kept.unwrap_or_else(|| Tensor::from_data(data, &device)))
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
