//! A model as the source of activations.

use super::kind::{Reading, Source};
use crate::record::batches::{BATCH_TOKENS, record_chunk};
use crate::record::chunk::{Chunk, Keep, Progress};
use selectron_items::present::Presented;
use selectron_items::selection::Stimulus;
use selectron_model::checkpoint::Checkpoint;
use selectron_model::device::Compute;
use selectron_model::{Model, Request, self_check, source};
use selectron_run::error::{Error, Result};
use selectron_run::manifest::{BackendFacts, ModelFacts, model_name};
use selectron_run::stage::{Console, Inputs, Task};
use selectron_run::{Pipeline, Place};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

/// The files of a model, as the stage found them.
#[derive(Debug)]
pub struct ModelFiles {
    checkpoint: Checkpoint,
    compute: Compute,
    /// The commit, if it is a model of the Hub.
    commit: Option<String>,
    /// SHA-256 of each file when the stage began.
    hashes: BTreeMap<String, String>,
    /// Their sizes and times of change when it began.
    stamps: BTreeMap<String, (u64, Option<SystemTime>)>,
}

impl ModelFiles {
    pub(super) fn find(task: &Task, compute: Compute) -> Result<Self> {
        let pipeline = &task.pipeline;
        let folder = pipeline.path.parent().unwrap_or(Path::new(""));
        let found = source::locate(&pipeline.model.source, task.home.as_deref(), folder)?;
        let checkpoint = Checkpoint::open(found.folder)?;
        Ok(Self {
            stamps: checkpoint.stamps()?,
            hashes: checkpoint.hashes()?,
            checkpoint,
            compute,
            commit: found.commit,
        })
    }

    pub(super) fn add_to(&self, inputs: &mut Inputs) {
        inputs.value("backend", self.compute.backend);
        inputs.value("adapter", self.compute.adapter.as_deref().unwrap_or(""));
        for (name, hash) in &self.hashes {
            inputs.value(name, hash);
        }
        inputs.value("commit", self.commit.as_deref().unwrap_or(""));
    }
}

/// A model that has been loaded.
#[derive(Debug)]
pub struct ModelSource {
    name: String,
    model: Model,
    checkpoint: Checkpoint,
    commit: Option<String>,
    hashes: BTreeMap<String, String>,
    stamps: BTreeMap<String, (u64, Option<SystemTime>)>,
    request: Request,
    places: Vec<(Place, usize)>,
}

impl ModelSource {
    pub(super) fn load(files: ModelFiles, pipeline: &Pipeline) -> Result<Self> {
        let ModelFiles {
            checkpoint,
            compute,
            commit,
            hashes,
            stamps,
        } = files;
        let model = Model::load(&checkpoint, compute)?;
        let record = &pipeline.record;
        let request = model.network.request(&record.site, &record.layers)?;
        let mut places = Vec::with_capacity(request.len());
        for (layer, site) in request.iter() {
            places.push((Place::new(site, layer), model.network.width(site)?));
        }
        Ok(Self {
            name: model_name(&pipeline.model.source),
            model,
            checkpoint,
            commit,
            hashes,
            stamps,
            request,
            places,
        })
    }
}

impl Source for ModelSource {
    fn title(&self) -> String {
        let network = &self.model.network;
        let shape = network.shape();
        format!(
            "model {} ({}, {} layers of {} MLP neurons) on {}",
            self.name,
            shape.family,
            shape.layers,
            shape.neurons,
            network.compute().backend,
        )
    }

    fn places(&self) -> &[(Place, usize)] {
        &self.places
    }

    fn widest(&self) -> usize {
        let shape = self.model.network.shape();
        shape.hidden.max(shape.neurons)
    }

    fn reading(&self) -> Option<Reading<'_>> {
        Some(Reading {
            tokenizer: &self.model.tokenizer,
            context: self.model.network.shape().context,
        })
    }

    /// Compares a GPU with the CPU at the shapes of this run, the words' and, if there is a text, a
    /// window's of up to a batch of tokens; on the CPU there is nothing to do.
    fn check(&self, console: &Console, words: &[Presented], with_text: bool) -> Result<()> {
        let network = &self.model.network;
        let mut shapes = extremes(words.iter().map(|word| word.ids.len()), BATCH_TOKENS);
        if with_text {
            let window = network.shape().context.clamp(1, BATCH_TOKENS);
            shapes.push((BATCH_TOKENS / window, window));
        }
        let checked = self_check::check(&self.checkpoint, network, &self.request, &shapes)?;
        if let Some(difference) = checked {
            console.say(format_args!(
                "check  the GPU agrees with the CPU: activations differ by {difference:.0e} of their \
                 size at most, {:.0e} is allowed",
                self_check::TOLERANCE
            ));
        }
        Ok(())
    }

    fn record(
        &self,
        _stimuli: &[Stimulus],
        chunk: &Chunk,
        keep: &mut Keep<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        record_chunk(&self.model.network, &self.request, chunk, keep, progress)
    }

    /// Refuses model files that have changed since the stage began: the weights are read where the
    /// files lie.
    fn unchanged(&self) -> Result<()> {
        let stamps = self.checkpoint.stamps()?;
        let mut names = self.stamps.keys().chain(stamps.keys());
        match names.find(|name| self.stamps.get(*name) != stamps.get(*name)) {
            None => Ok(()),
            Some(name) => Err(Error::input(
                self.checkpoint.folder().join(name).display(),
                "the file changed while the stage was at work",
                "rerun the stage when the model's files are at rest",
            )),
        }
    }

    fn facts(&self) -> (ModelFacts, BackendFacts) {
        let network = &self.model.network;
        let shape = network.shape();
        let model = ModelFacts {
            name: self.name.clone(),
            family: shape.family.to_owned(),
            layers: shape.layers,
            hidden: shape.hidden,
            neurons: shape.neurons,
            context: shape.context,
            commit: self.commit.clone(),
            files: self.hashes.clone(),
        };
        let backend = BackendFacts {
            name: network.compute().backend.to_owned(),
            adapter: network.compute().adapter.clone(),
        };
        (model, backend)
    }
}

/// Of sequences of these lengths, batched by length with at most `batch_tokens` tokens each, the batch
/// with the most tokens and the one with the longest sequences: sequences and tokens per sequence.
fn extremes(lengths: impl IntoIterator<Item = usize>, batch_tokens: usize) -> Vec<(usize, usize)> {
    let mut counts = BTreeMap::new();
    for length in lengths {
        *counts.entry(length.max(1)).or_insert(0_usize) += 1;
    }
    let shapes = counts
        .iter()
        .map(|(length, count)| ((*count).min((batch_tokens / length).max(1)), *length));
    let longest = shapes.clone().next_back();
    let largest = shapes.max_by_key(|(batch, length)| batch * length);
    let mut extremes: Vec<_> = largest.into_iter().chain(longest).collect();
    extremes.dedup();
    extremes
}

#[cfg(test)]
mod tests {
    use super::extremes;

    #[test]
    fn the_largest_and_the_longest_batch_are_found() {
        let words = std::iter::repeat_n(2, 900).chain([3, 3, 7]);
        assert_eq!(extremes(words, 1024), [(512, 2), (1, 7)]);
        assert_eq!(extremes([5000], 1024), [(1, 5000)]);
        assert!(extremes([], 1024).is_empty());
    }
}
