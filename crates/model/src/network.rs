//! A model's weights on a device, and the recording of activations.

use crate::batch::TokenBatch;
use crate::checkpoint::Checkpoint;
use crate::device::compute::Compute;
use crate::error::{Error, Result};
use crate::families::assembly::Assembly;
use crate::families::registry;
use crate::hook::Hook;
use crate::parts::transformer::Transformer;
use crate::recorder::{Recorder, Sink};
use crate::request::Request;
use crate::spec::outline::Outline;
use crate::spec::sequences::Sequences;
use crate::spec::shape::Shape;
use burn::tensor::{Int, Tensor, TensorData};
use selectron_run::Site;
use selectron_run::pipeline::Layers;
use std::collections::BTreeMap;

/// A model's weights on a device.
#[derive(Debug)]
pub struct Network {
    outline: Outline,
    model: Transformer,
    compute: Compute,
}

impl Network {
    /// Loads the weights of a checkpoint.
    ///
    /// # Errors
    /// When the family is unknown, or a file is missing or not right.
    pub fn load(checkpoint: &Checkpoint, compute: Compute) -> Result<Self> {
        let assembly = registry::open(checkpoint, compute.ops.clone())?;
        Self::assemble(&assembly, compute)
    }

    /// Loads all parts that a checkpoint is made of.
    pub(crate) fn assemble(assembly: &Assembly, compute: Compute) -> Result<Self> {
        let outline = assembly.outline();
        let embedding = assembly.embedding()?;
        let final_norm = assembly.final_norm()?;
        let blocks = (0..outline.shape.layers).map(|layer| assembly.block(layer));
        Ok(Self {
            model: Transformer {
                embedding,
                blocks: blocks.collect::<Result<_>>()?,
                final_norm,
            },
            outline,
            compute,
        })
    }

    /// The model's dimensions.
    pub fn shape(&self) -> &Shape {
        &self.outline.shape
    }

    /// Where the model computes.
    pub fn compute(&self) -> &Compute {
        &self.compute
    }

    /// Values per token at a site.
    ///
    /// # Errors
    /// When this model lacks the site.
    pub fn width(&self, site: Site) -> Result<usize> {
        match self.outline.lacks(site) {
            None => Ok(self.outline.width(site)),
            Some(_) => Err(Error::bug(format!(
                "{site} was requested of a model that lacks it"
            ))),
        }
    }

    /// The sites that this model has, in forward order.
    pub fn sites(&self) -> impl Iterator<Item = Site> + '_ {
        self.outline.sites()
    }

    /// Settles which sites and layers to record.
    ///
    /// # Errors
    /// When this model lacks a site or a layer.
    pub fn request(&self, sites: &[Site], layers: &Layers) -> Result<Request> {
        let mut lacking = sites
            .iter()
            .filter_map(|site| Some((site, self.outline.lacks(*site)?)));
        if let Some((missing, why)) = lacking.next() {
            let names: Vec<_> = self.sites().map(Site::name).collect();
            return Err(Error::new(
                format!(
                    "this {} model has no site `{missing}`: {why}",
                    self.shape().family
                ),
                format!("choose among {}", names.join(", ")),
            ));
        }
        let layers = layers
            .resolve(self.shape().layers)
            .map_err(|what| Error::new(what, "change record.layers or --layers"))?;
        Ok(Request::new(sites, &layers, self.shape().layers))
    }

    /// Runs a batch and hands the wanted activations to `sink` as they come.
    ///
    /// # Errors
    /// When an id is not in the vocabulary, a sequence is longer than the context, or the sink
    /// fails.
    pub fn record<'a>(
        &'a self,
        tokens: &TokenBatch,
        request: &Request,
        sink: &'a mut Sink<'a>,
    ) -> Result<()> {
        if request.is_empty() {
            return self.check(tokens);
        }
        let mut recorder = Recorder::new(request, &*self.compute.ops, sink);
        self.run(tokens, &mut recorder)?;
        recorder.finish()
    }

    /// Runs a batch past a hook, until that ends the pass.
    ///
    /// # Errors
    /// When an id is not in the vocabulary, or a sequence is longer than the context.
    pub fn run(&self, tokens: &TokenBatch, hook: &mut dyn Hook) -> Result<()> {
        self.check(tokens)?;
        let (ids, sequences) = self.rows(tokens, hook.may_share_prefix())?;
        hook.begin(&sequences);
        let ops = &*self.compute.ops;
        // Breaking off early is how a pass ends when a hook has seen everything.
        let _ = self
            .model
            .forward(ids, &sequences, &self.outline, ops, hook);
        Ok(())
    }

    /// Groups sequences of these lengths, by index, into batches of at most `tokens` tokens, unless
    /// a single one has more. Where the kernels take sequences of any lengths these are neighbours;
    /// elsewhere they are of equal length, so that no padding is ever needed: a pad on the left would
    /// shift learned positions silently.
    pub fn batches(&self, lengths: &[usize], tokens: usize) -> Vec<Vec<usize>> {
        let mixes = self.compute.ops.mixes_lengths();
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, length) in lengths.iter().enumerate() {
            let group = if mixes { 0 } else { *length };
            groups.entry(group).or_default().push(index);
        }
        let mut batches = Vec::new();
        for group in groups.into_values() {
            let mut batch = Vec::new();
            let mut count = 0;
            for index in group {
                let length = lengths[index];
                if count + length > tokens && !batch.is_empty() {
                    batches.push(std::mem::take(&mut batch));
                    count = 0;
                }
                batch.push(index);
                count += length;
            }
            batches.push(batch);
        }
        batches
    }

    /// The ids as the forward pass takes them, and how they make up the sequences.
    fn rows(&self, tokens: &TokenBatch, may_share: bool) -> Result<(Tensor<2, Int>, Sequences)> {
        let ops = &self.compute.ops;
        let shares = may_share
            && self.outline.causal
            && tokens.batch() > 1
            && tokens.longest() <= ops.longest_sharing();
        let shared = if shares { tokens.shared() } else { 0 };
        let own = tokens.lengths().iter().map(|length| length - shared);
        let sequences = Sequences::new(own.collect(), shared);
        let first = &tokens.ids()[..shared];
        let others = tokens.sequences().flat_map(|ids| &ids[shared..]);
        let ids = first.iter().chain(others).map(|id| id.cast_signed());
        let shape = match (ops.mixes_lengths(), sequences.uniform()) {
            (true, _) => [1, sequences.rows()],
            (false, Some(length)) => [tokens.batch(), length],
            (false, None) => {
                let what = "sequences of different lengths in one batch of equal rows";
                return Err(Error::bug(what.to_owned()));
            }
        };
        let data = TensorData::new(ids.collect::<Vec<i32>>(), shape);
        let ids = Tensor::<2, Int>::from_data(data, ops.device());
        Ok((ids, sequences))
    }

    fn check(&self, tokens: &TokenBatch) -> Result<()> {
        let shape = self.shape();
        let longest = tokens.longest();
        if longest > shape.context {
            return Err(Error::new(
                format!(
                    "a sequence of {longest} tokens is longer than the model's context of {}",
                    shape.context
                ),
                "shorten it",
            ));
        }
        let mut ids = tokens.ids().iter();
        match ids.find(|id| **id as usize >= shape.vocabulary) {
            None => Ok(()),
            Some(id) => Err(Error::new(
                format!(
                    "the tokenizer gave id {id}, but the model knows {} tokens",
                    shape.vocabulary
                ),
                "use the tokenizer.json that belongs to this model",
            )),
        }
    }
}
