//! A loaded model: its weights on a device, its tokenizer, and the recording of activations.

use crate::checkpoint::Checkpoint;
use crate::device::{Compute, is_host};
use crate::error::{Error, Result};
use crate::families;
use crate::host::LONGEST_SHARING;
use crate::parts::{Sequences, Transformer};
use crate::recorder::{Recorder, Request, Sink};
use crate::tokenizer::Tokenizer;
use burn::tensor::{Int, Tensor, TensorData};
use selectron_run::Site;
use selectron_run::pipeline::Layers;
use std::collections::BTreeMap;

/// A model's dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The family, by its `model_type`.
    pub family: &'static str,
    /// Number of blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// MLP neurons a block.
    pub neurons: usize,
    /// Longest sequence.
    pub context: usize,
    /// Number of token ids.
    pub vocabulary: usize,
}

/// Sequences of token ids that go through the model together.
///
/// A published version of the experiment fed one-dimensional ids, which a framework silently read
/// as a batch of single tokens; what belongs to which sequence is therefore part of the type, and
/// every recorded activation is found by sequence and token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBatch {
    ids: Vec<u32>,
    lengths: Vec<usize>,
}

impl TokenBatch {
    /// Makes a batch of sequences, none of them empty. [`Network::batches`] says which sequences
    /// can go together.
    ///
    /// # Errors
    /// When there is no sequence, or an empty one.
    pub fn new(sequences: &[&[u32]]) -> Result<Self> {
        if sequences.is_empty() || sequences.iter().any(|sequence| sequence.is_empty()) {
            return Err(Error::Bug("a batch needs sequences with tokens".to_owned()));
        }
        Ok(Self {
            ids: sequences.concat(),
            lengths: sequences.iter().map(|sequence| sequence.len()).collect(),
        })
    }

    /// Number of sequences.
    pub fn batch(&self) -> usize {
        self.lengths.len()
    }

    fn sequences(&self) -> impl Iterator<Item = &[u32]> {
        self.lengths
            .iter()
            .scan(self.ids.as_slice(), |rest, length| {
                let (own, others) = rest.split_at_checked(*length)?;
                *rest = others;
                Some(own)
            })
    }

    /// How many tokens all sequences begin with, if each has more.
    fn shared(&self) -> usize {
        let mut sequences = self.sequences();
        let Some(first) = sequences.next() else {
            return 0;
        };
        let mut shared = first.len().saturating_sub(1);
        for sequence in sequences {
            let alike = sequence.iter().zip(first).take_while(|(a, b)| a == b);
            shared = shared.min(alike.count()).min(sequence.len() - 1);
        }
        shared
    }
}

/// A model's weights on a device.
#[derive(Debug)]
pub struct Network {
    model: Transformer,
    compute: Compute,
}

impl Network {
    /// Loads the weights of a checkpoint.
    ///
    /// # Errors
    /// When the family is unknown, or a file is missing or not right.
    pub fn load(checkpoint: &Checkpoint, compute: Compute) -> Result<Self> {
        let model = families::load(checkpoint, &compute.device)?;
        Ok(Self { model, compute })
    }

    /// A network that is already built.
    pub fn new(model: Transformer, compute: Compute) -> Self {
        Self { model, compute }
    }

    /// The model's dimensions.
    pub fn shape(&self) -> &Shape {
        &self.model.shape
    }

    /// Where the model computes.
    pub fn compute(&self) -> &Compute {
        &self.compute
    }

    /// Values a token at a site.
    ///
    /// # Errors
    /// When this model lacks the site.
    pub fn width(&self, site: Site) -> Result<usize> {
        match self.model.lacks(site) {
            None => Ok(self.model.width(site)),
            Some(_) => Err(Error::Bug(format!(
                "{site} was requested of a model that lacks it"
            ))),
        }
    }

    /// The sites that this model has, in forward order.
    pub fn sites(&self) -> impl Iterator<Item = Site> + '_ {
        Site::ALL
            .into_iter()
            .filter(|site| self.model.lacks(*site).is_none())
    }

    /// Settles which sites and layers to record.
    ///
    /// # Errors
    /// When this model lacks a site or a layer.
    pub fn request(&self, sites: &[Site], layers: &Layers) -> Result<Request> {
        if let Some((missing, why)) = sites
            .iter()
            .find_map(|site| Some((site, self.model.lacks(*site)?)))
        {
            let names: Vec<_> = self.sites().map(Site::name).collect();
            return Err(Error::request(
                format!(
                    "this {} model has no site `{missing}`: {why}",
                    self.shape().family
                ),
                format!("choose among {}", names.join(", ")),
            ));
        }
        let layers = layers
            .resolve(self.shape().layers)
            .map_err(|what| Error::request(what, "change record.layers or --layers"))?;
        Ok(Request::new(sites, &layers, self.shape().layers))
    }

    /// Runs a batch and hands the wanted activations to `sink` as they come.
    ///
    /// # Errors
    /// When an id is not in the vocabulary, a sequence is longer than the context, or the sink
    /// fails.
    pub fn record<'a>(
        &self,
        tokens: &TokenBatch,
        request: &Request,
        sink: &'a mut Sink<'a>,
    ) -> Result<()> {
        self.check(tokens)?;
        if request.is_empty() {
            return Ok(());
        }
        let (ids, sequences) = self.rows(tokens)?;
        let mut recorder = Recorder::new(request, &sequences, sink);
        // Breaking off early is how a pass ends when it has recorded everything.
        let _ = self.model.forward(ids, &sequences, &mut recorder);
        recorder.finish()
    }

    /// Groups sequences of these lengths, by index, into batches of at most `tokens` tokens, unless
    /// a single one has more. Where the kernels take sequences of any lengths these are neighbours;
    /// elsewhere they are of equal length, so that no padding is ever needed: a pad on the left would
    /// shift learned positions silently.
    pub fn batches(&self, lengths: &[usize], tokens: usize) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, length) in lengths.iter().enumerate() {
            let group = if self.mixes() { 0 } else { *length };
            groups.entry(group).or_default().push(index);
        }
        let mut batches = Vec::new();
        for group in groups.into_values() {
            let mut batch = Vec::new();
            let mut count = 0;
            for index in group {
                let length = lengths.get(index).copied().unwrap_or(0);
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

    /// Whether sequences of different lengths can go through together.
    fn mixes(&self) -> bool {
        is_host(&self.compute.device)
    }

    /// The ids as the forward pass takes them, and how they make up the sequences.
    fn rows(&self, tokens: &TokenBatch) -> Result<(Tensor<2, Int>, Sequences)> {
        let mut shared = 0;
        if self.mixes() && self.model.causal() {
            let longest = tokens.lengths.iter().copied().max().unwrap_or(0);
            if tokens.batch() > 1 && longest <= LONGEST_SHARING {
                shared = tokens.shared();
            }
        }
        let own = tokens.lengths.iter().map(|length| length - shared);
        let sequences = Sequences::new(own.collect(), shared);
        let first = tokens.ids.iter().take(shared);
        let others = tokens.sequences().flat_map(|ids| ids.iter().skip(shared));
        let ids: Vec<i32> = first.chain(others).map(|id| id.cast_signed()).collect();
        let shape = match (self.mixes(), sequences.uniform()) {
            (true, _) => [1, sequences.rows()],
            (false, Some(length)) => [tokens.batch(), length],
            (false, None) => {
                let what = "sequences of different lengths in one batch of equal rows";
                return Err(Error::Bug(what.to_owned()));
            }
        };
        let data = TensorData::new(ids, shape);
        let ids = Tensor::<2, Int>::from_data(data, &self.compute.device);
        Ok((ids, sequences))
    }

    fn check(&self, tokens: &TokenBatch) -> Result<()> {
        let shape = self.shape();
        let longest = tokens.lengths.iter().copied().max().unwrap_or(0);
        if longest > shape.context {
            return Err(Error::request(
                format!(
                    "a sequence of {longest} tokens is longer than the model's context of {}",
                    shape.context
                ),
                "shorten it",
            ));
        }
        match tokens
            .ids
            .iter()
            .find(|id| **id as usize >= shape.vocabulary)
        {
            None => Ok(()),
            Some(id) => Err(Error::request(
                format!(
                    "the tokenizer gave id {id}, but the model knows {} tokens",
                    shape.vocabulary
                ),
                "use the tokenizer.json that belongs to this model",
            )),
        }
    }
}

/// A network and its tokenizer.
#[derive(Debug)]
pub struct Model {
    /// The weights, ready to record.
    pub network: Network,
    /// The tokenizer.
    pub tokenizer: Tokenizer,
}

impl Model {
    /// Loads weights and tokenizer.
    ///
    /// # Errors
    /// When a file of the checkpoint is missing or not right.
    pub fn load(checkpoint: &Checkpoint, compute: Compute) -> Result<Self> {
        // The tokenizer is the quicker of the two to be wrong.
        let tokenizer = checkpoint.tokenizer()?;
        Ok(Self {
            network: Network::load(checkpoint, compute)?,
            tokenizer,
        })
    }
}
