//! The stage as a whole: pipeline in, tables out.

mod check;
mod common;
mod presentations;
mod simulated;
mod text;

use crate::document::{self, Document};
use crate::error::{Error, Result};
use crate::match_words::match_words;
use crate::present::{Presented, meaning, present_all};
use crate::record_positions;
use crate::record_words::record_words;
use crate::simulate;
use crate::word_list::{Selection, select};
use check::check_device;
use common::{inputs, remove_stale, say_words, word_rows};
use selectron_model::checkpoint::Checkpoint;
use selectron_model::device::Compute;
use selectron_model::{Model, Request, source};
use selectron_tables::activations::{ActivationWriter, Content, Subject};
use selectron_run::manifest::{
    Artifacts, BackendFacts, ExtractFacts, Manifest, ModelFacts, TextFacts, model_name,
};
use selectron_run::stage::{Console, Inputs, Outputs, Parts, State, Task};
use selectron_tables::table::{Provenance, write_table};
use selectron_run::{Pipeline, Site};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

const STAGE: &str = "extract";

/// Runs the stage: reads the words and the text, records their activations, writes the tables and
/// the manifest.
///
/// # Errors
/// When an input is not right or an output cannot be written; earlier outputs are left as they
/// were.
pub fn run(task: &Task, compute: Compute) -> Result<()> {
    let console = Console::new(STAGE);
    let pipeline = &task.pipeline;
    if pipeline.model.source == simulate::SOURCE {
        return simulated::run(task, &console);
    }
    let folder = pipeline.path.parent().unwrap_or(Path::new(""));
    let found = source::locate(&pipeline.model.source, task.home.as_deref(), folder)?;
    let checkpoint = Checkpoint::open(found.folder)?;
    let mut inputs = inputs(pipeline)?;
    inputs.value("backend", compute.backend);
    inputs.value("adapter", compute.adapter.as_deref().unwrap_or(""));
    let stamps = checkpoint.stamps()?;
    let files = checkpoint.hashes()?;
    for (name, hash) in &files {
        inputs.value(name, hash);
    }
    inputs.value("commit", found.commit.as_deref().unwrap_or(""));
    if !task.force && State::is_current(&task.run, STAGE, &inputs) {
        console.up_to_date();
        return Ok(());
    }

    let mut selection = select(pipeline)?;
    let documents = match &pipeline.text {
        Some(text) => document::read(&pipeline.resolve(&text.source))?,
        None => Vec::new(),
    };
    let model = Model::load(&checkpoint, compute)?;
    let request = model
        .network
        .request(&pipeline.record.site, &pipeline.record.layers)?;
    say_model(&console, pipeline, &model);
    if let Some(note) = meaning(&pipeline.record.presentation, &model.tokenizer)? {
        console.warn(note);
    }

    let context = model.network.shape().context;
    let mut words = present_all(
        &selection.stimuli,
        &pipeline.record.presentation,
        &model.tokenizer,
        context,
    )?;
    if !pipeline.words.matched.is_empty() {
        match_words(&mut selection, &mut words, &pipeline.words.matched);
    }
    count_split_words(&mut selection, &words);
    say_words(&console, pipeline, &selection);
    let with_text = pipeline.text.is_some();
    check_device(&console, &checkpoint, &model, &request, &words, with_text)?;
    let _lock = task.run.lock()?;
    let stage = Stage {
        task,
        console: &console,
        model: &model,
        commit: found.commit,
        files,
        stamps,
        request: &request,
    };
    stage.record_all(&checkpoint, selection, &words, &documents, &inputs)?;
    console.done();
    Ok(())
}

fn say_model(console: &Console, pipeline: &Pipeline, model: &Model) {
    let shape = model.network.shape();
    console.read(format_args!(
        "model {} ({}, {} layers of {} MLP neurons) on {}",
        model_name(&pipeline.model.source),
        shape.family,
        shape.layers,
        shape.neurons,
        model.network.compute().backend,
    ));
}

fn count_split_words(selection: &mut Selection, words: &[Presented]) {
    for (stimulus, word) in selection.stimuli.iter().zip(words) {
        if word.own.len() > 1
            && let Some(category) = selection.categories.get_mut(stimulus.category)
        {
            category.split += 1;
        }
    }
}

/// What the parts of the stage share.
struct Stage<'a> {
    task: &'a Task,
    console: &'a Console,
    model: &'a Model,
    /// The model's commit, if it is one of the Hub.
    commit: Option<String>,
    /// SHA-256 of the model's files when the stage began.
    files: BTreeMap<String, String>,
    /// Their sizes and times of change when it began.
    stamps: BTreeMap<String, (u64, Option<SystemTime>)>,
    request: &'a Request,
}

impl Stage<'_> {
    fn provenance(&self) -> Provenance {
        Provenance::new(&self.task.pipeline.name)
    }

    /// Writes all tables, then the manifest, then the stage's state.
    fn record_all(
        &self,
        checkpoint: &Checkpoint,
        selection: Selection,
        words: &[Presented],
        documents: &[Document],
        inputs: &Inputs,
    ) -> Result<()> {
        let Task { pipeline, run, .. } = self.task;
        let mut artifacts = Artifacts::new();
        self.words(&selection, words, &mut artifacts)?;
        self.positions(&selection, words, &mut artifacts)?;
        let (mut text, mut presentations) = (None, Vec::new());
        if let Some(section) = &pipeline.text {
            text = Some(self.text(section, documents, &selection, inputs, &mut artifacts)?);
            if section.context_gap {
                presentations = self.presentations(&selection, &mut artifacts)?;
            }
        }
        remove_stale(self.task, &artifacts, text.is_some())?;
        self.unchanged(checkpoint)?;

        let parts = text
            .as_ref()
            .and_then(|text: &TextFacts| text.parts.clone());
        let name = format!("{}.parquet", Subject::Text.table());
        let passing: Artifacts = parts.map(|parts| (name, parts)).into_iter().collect();
        let mut manifest = Manifest::new(pipeline);
        manifest.extract = Some(self.facts(selection, text, presentations, artifacts.clone()));
        manifest.save(run)?;
        let outputs = Outputs {
            kept: &artifacts,
            passing: &passing,
        };
        State::save(run, STAGE, inputs, outputs)?;
        Ok(Parts::forget(run, Subject::Text.table())?)
    }

    /// Writes `words.parquet` and `activations.parquet`.
    fn words(
        &self,
        selection: &Selection,
        words: &[Presented],
        artifacts: &mut Artifacts,
    ) -> Result<()> {
        let run = &self.task.run;
        let rows = word_rows(&self.task.pipeline, selection, words)?;
        write_table(run.table("words"), &self.provenance(), &rows)?;
        self.wrote("words.parquet", rows.len(), artifacts)?;

        let mut writer = self.writer(Subject::Words)?;
        let bar = self.console.progress("words", words.len());
        record_words(
            &self.model.network,
            self.request,
            words,
            self.task.pipeline.record.reduce,
            &mut |block| Ok(writer.write(block)?),
            |count| bar.inc(count as u64),
        )?;
        bar.finish_and_clear();
        let rows = writer.close()?;
        self.wrote("activations.parquet", rows, artifacts)
    }

    /// Writes `position_activations.parquet`.
    fn positions(
        &self,
        selection: &Selection,
        words: &[Presented],
        artifacts: &mut Artifacts,
    ) -> Result<()> {
        let tokens = record_positions::tokens(&selection.stimuli, words);
        let network = &self.model.network;
        if tokens.is_empty() || network.shape().context < record_positions::POSITIONS {
            return Ok(());
        }
        let mut writer = self.writer(Subject::Positions)?;
        record_positions::record_positions(network, self.request, &tokens, &mut writer)?;
        let rows = writer.close()?;
        self.wrote("position_activations.parquet", rows, artifacts)
    }

    fn writer(&self, subject: Subject) -> Result<ActivationWriter> {
        let path = self.task.run.table(subject.table());
        let content = Content::All(self.width()?);
        Ok(ActivationWriter::create(
            path,
            subject,
            &self.provenance(),
            content,
        )?)
    }

    /// Neurons of each row, if all recorded sites are equally wide.
    fn width(&self) -> Result<Option<usize>> {
        let network = &self.model.network;
        let mut widths = Vec::new();
        for (_, site) in self.request.iter() {
            widths.push(network.width(site)?);
        }
        widths.sort_unstable();
        widths.dedup();
        Ok(match widths.as_slice() {
            [width] => Some(*width),
            _ => None,
        })
    }

    fn wrote(&self, name: &str, rows: usize, artifacts: &mut Artifacts) -> Result<()> {
        common::wrote(&self.task.run, self.console, name, rows, artifacts)
    }

    /// Refuses model files that have changed since the stage began: the weights are read where the
    /// files lie.
    fn unchanged(&self, checkpoint: &Checkpoint) -> Result<()> {
        let stamps = checkpoint.stamps()?;
        let mut names = self.stamps.keys().chain(stamps.keys());
        match names.find(|name| self.stamps.get(*name) != stamps.get(*name)) {
            None => Ok(()),
            Some(name) => Err(Error::input(
                checkpoint.folder().join(name).display(),
                "the file changed while the stage was at work",
                "rerun the stage when the model's files are at rest",
            )),
        }
    }

    fn facts(
        &self,
        selection: Selection,
        text: Option<TextFacts>,
        presentations: Vec<String>,
        artifacts: Artifacts,
    ) -> ExtractFacts {
        let pipeline = &self.task.pipeline;
        let network = &self.model.network;
        let shape = network.shape();
        let mut layers: Vec<_> = self.request.iter().map(|(layer, _)| layer as i32).collect();
        layers.dedup();
        ExtractFacts {
            model: ModelFacts {
                name: model_name(&pipeline.model.source),
                family: shape.family.to_owned(),
                layers: shape.layers,
                hidden: shape.hidden,
                neurons: shape.neurons,
                context: shape.context,
                commit: self.commit.clone(),
                files: self.files.clone(),
            },
            backend: BackendFacts {
                name: network.compute().backend.to_owned(),
                adapter: network.compute().adapter.clone(),
            },
            sites: pipeline.record.site.iter().map(Site::to_string).collect(),
            layers,
            presentation: pipeline.record.presentation.to_string(),
            reduce: pipeline.record.reduce.to_string(),
            categories: selection.categories,
            pairs: selection.pairs,
            shared: selection.shared,
            text,
            presentations,
            artifacts,
        }
    }
}
