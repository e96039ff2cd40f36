//! The stage with made-up activations in place of a model's.

use super::STAGE;
use super::common::{inputs, remove_stale, say_words, word_rows, wrote};
use crate::error::Result;
use crate::match_words::match_words;
use crate::present::Presented;
use crate::simulate;
use crate::word_list::select;
use selectron_run::Site;
use selectron_tables::activations::{ActivationWriter, Content, Subject};
use selectron_run::manifest::{Artifacts, BackendFacts, ExtractFacts, Manifest, ModelFacts};
use selectron_run::stage::{Console, Outputs, State, Task};
use selectron_tables::table::{Provenance, write_table};
use std::collections::BTreeMap;

/// Makes up the activations that the pipeline asks for, and writes them as a model's.
///
/// # Errors
/// When an input is not right or an output cannot be written.
pub(super) fn run(task: &Task, console: &Console) -> Result<()> {
    let Task { pipeline, run, .. } = task;
    let mut inputs = inputs(pipeline)?;
    inputs.value("simulate", format_args!("{:?}", pipeline.simulate));
    if !task.force && State::is_current(run, STAGE, &inputs) {
        console.up_to_date();
        return Ok(());
    }
    let mut selection = select(pipeline)?;
    let layers = simulate::layers(pipeline)?;
    // A made-up word counts as one token, of no vocabulary.
    let blank = Presented {
        ids: Vec::new(),
        own: 0..1,
    };
    let mut words = vec![blank; selection.stimuli.len()];
    if !pipeline.words.matched.is_empty() {
        match_words(&mut selection, &mut words, &pipeline.words.matched);
    }
    console.read(format_args!("a simulation: {:?}", pipeline.simulate));
    say_words(console, pipeline, &selection);
    if pipeline.text.is_some() {
        console.warn("a simulation has no tokens, so the text is left out");
    }
    let _lock = run.lock()?;
    let provenance = Provenance::new(&pipeline.name);
    let mut artifacts = Artifacts::new();
    let rows = word_rows(pipeline, &selection, &words)?;
    write_table(run.table("words"), &provenance, &rows)?;
    wrote(run, console, "words.parquet", rows.len(), &mut artifacts)?;
    let width = Some(pipeline.simulate.neurons);
    let path = run.table(Subject::Words.table());
    let mut writer =
        ActivationWriter::create(path, Subject::Words, &provenance, Content::All(width))?;
    simulate::simulate(pipeline, &selection, &mut writer)?;
    let rows = writer.close()?;
    wrote(run, console, "activations.parquet", rows, &mut artifacts)?;

    remove_stale(task, &artifacts, false)?;
    let mut manifest = Manifest::new(pipeline);
    manifest.extract = Some(ExtractFacts {
        model: ModelFacts {
            name: simulate::SOURCE.to_owned(),
            family: "simulated".to_owned(),
            layers: pipeline.simulate.layers,
            hidden: pipeline.simulate.neurons,
            neurons: pipeline.simulate.neurons,
            context: 0,
            commit: None,
            files: BTreeMap::new(),
        },
        backend: BackendFacts {
            name: "none".to_owned(),
            adapter: None,
        },
        sites: pipeline.record.site.iter().map(Site::to_string).collect(),
        layers: layers.into_iter().map(|layer| layer as i32).collect(),
        presentation: pipeline.record.presentation.to_string(),
        reduce: pipeline.record.reduce.to_string(),
        categories: selection.categories,
        pairs: selection.pairs,
        shared: selection.shared,
        text: None,
        presentations: Vec::new(),
        artifacts: artifacts.clone(),
    });
    manifest.save(run)?;
    State::save(run, STAGE, &inputs, Outputs::kept(&artifacts))?;
    console.done();
    Ok(())
}
