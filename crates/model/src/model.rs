//! A loaded model: its weights on a device, its tokenizer, and the recording of activations.

use crate::checkpoint::Checkpoint;
use crate::device::Compute;
use crate::error::{Error, Result};
use crate::families;
use crate::parts::Transformer;
use crate::recorder::{Recorder, Request, Sink};
use crate::tokenizer::Tokenizer;
use burn::tensor::{Int, Tensor, TensorData};
use selectron_schema::Site;
use selectron_schema::pipeline::Layers;

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

/// Sequences of equal length: ids in two dimensions, as the model takes them.
///
/// A published version of the experiment fed one-dimensional ids, which a framework silently read
/// as a batch of single tokens; the shape is therefore part of the type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBatch {
    ids: Vec<u32>,
    batch: usize,
    length: usize,
}

impl TokenBatch {
    /// Makes a batch of sequences of equal, nonzero length.
    ///
    /// # Errors
    /// When there is no sequence, or they differ in length.
    pub fn new(sequences: &[&[u32]]) -> Result<Self> {
        let length = sequences.first().map_or(0, |sequence| sequence.len());
        if length == 0 || sequences.iter().any(|sequence| sequence.len() != length) {
            return Err(Error::Bug(
                "a batch needs sequences of one nonzero length".to_owned(),
            ));
        }
        Ok(Self {
            ids: sequences.concat(),
            batch: sequences.len(),
            length,
        })
    }

    /// Number of sequences.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Tokens a sequence.
    pub fn length(&self) -> usize {
        self.length
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
        let ids: Vec<i32> = tokens.ids.iter().map(|id| id.cast_signed()).collect();
        let data = TensorData::new(ids, [tokens.batch, tokens.length]);
        let ids = Tensor::<2, Int>::from_data(data, &self.compute.device);
        let mut recorder = Recorder::new(request, tokens.batch, tokens.length, sink);
        // Breaking off early is how a pass ends when it has recorded everything.
        let _ = self.model.forward(ids, &mut recorder);
        recorder.finish()
    }

    fn check(&self, tokens: &TokenBatch) -> Result<()> {
        let shape = self.shape();
        if tokens.length > shape.context {
            return Err(Error::request(
                format!(
                    "a sequence of {} tokens is longer than the model's context of {}",
                    tokens.length, shape.context
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
