//! What a run with a model and a simulated one have in common.

use crate::error::{Error, Result};
use crate::int;
use crate::present::Presented;
use crate::word_list::Selection;
use selectron_tables::activations::Subject;
use selectron_run::files::remove_path;
use selectron_run::manifest::{Artifacts, Manifest, artifact};
use selectron_run::pipeline::TextSection;
use selectron_run::stage::{Console, Inputs, Task};
use selectron_tables::rows::WordRow;
use selectron_run::{Pipeline, RunDir};

/// What the stage's outputs depend on besides the model.
pub(super) fn inputs(pipeline: &Pipeline) -> Result<Inputs> {
    let mut inputs = Inputs::of_this_program()?;
    inputs.value("pipeline", &pipeline.name);
    inputs.value("seed", pipeline.seed);
    inputs.value("model", &pipeline.model.source);
    inputs.value("record", format_args!("{:?}", pipeline.record));
    inputs.value("match", format_args!("{:?}", pipeline.words.matched));
    for category in &pipeline.category {
        inputs.value("category", format_args!("{category:?}"));
        inputs.file("words", &pipeline.resolve(&category.words))?;
    }
    inputs.value("exclude_shared", pipeline.words.exclude_shared);
    if let Some(exclude) = &pipeline.words.exclude {
        inputs.file("exclude", &pipeline.resolve(exclude))?;
    }
    if let Some(text) = &pipeline.text {
        inputs.value("text", &text.source);
        let TextSection {
            min_context,
            drop_first,
            context_gap,
            ..
        } = text;
        inputs.value(
            "text",
            format_args!("{min_context} {drop_first} {context_gap}"),
        );
        inputs.file("text", &pipeline.resolve(&text.source))?;
    }
    Ok(inputs)
}

/// Says which words take part, and which were left out.
pub(super) fn say_words(console: &Console, pipeline: &Pipeline, selection: &Selection) {
    for category in &selection.categories {
        console.read(format_args!(
            "{}: {} of {} words of category {}",
            category.list, category.used, category.considered, category.name
        ));
        if !category.dropped.is_empty() {
            let words: Vec<_> = category.dropped.iter().map(|d| d.word.as_str()).collect();
            console.warn(format_args!(
                "left out of {}: {}",
                category.name,
                words.join(" ")
            ));
        }
    }
    if !selection.shared.is_empty() && !pipeline.words.exclude_shared {
        console.warn(format_args!(
            "in more than one category: {}",
            selection.shared.join(" ")
        ));
    }
}

/// Removes the tables that the last run of the stage wrote and this one did not, lest they be taken
/// for this run's.
pub(super) fn remove_stale(task: &Task, artifacts: &Artifacts, text: bool) -> Result<()> {
    let Ok(earlier) = Manifest::load(&task.run, &task.pipeline) else {
        return Ok(());
    };
    let Some(earlier) = earlier.extract else {
        return Ok(());
    };
    for name in earlier.artifacts.keys() {
        let kept = artifacts.contains_key(name) || text && *name == text_activations();
        if !kept {
            remove_path(task.run.file(name))?;
        }
    }
    if !text && earlier.text.is_some_and(|text| text.parts.is_some()) {
        remove_path(task.run.file(&text_activations()))?;
    }
    Ok(())
}

fn text_activations() -> String {
    format!("{}.parquet", Subject::Text.table())
}

/// Says that a file has been written, and notes its hash.
pub(super) fn wrote(
    run: &RunDir,
    console: &Console,
    name: &str,
    rows: usize,
    artifacts: &mut Artifacts,
) -> Result<()> {
    let (name, facts) = artifact(run, name, Some(rows))?;
    console.wrote(format_args!("{name}: {rows} rows"));
    artifacts.insert(name, facts);
    Ok(())
}

/// The rows of `words.parquet`.
pub(super) fn word_rows(
    pipeline: &Pipeline,
    selection: &Selection,
    words: &[Presented],
) -> Result<Vec<WordRow>> {
    selection
        .stimuli
        .iter()
        .zip(words)
        .enumerate()
        .map(|(item, (stimulus, word))| {
            let category = pipeline.category.get(stimulus.category);
            let category = category.ok_or_else(|| Error::bug("a word of no category"))?;
            Ok(WordRow {
                item: int(item)?,
                category: category.name.clone(),
                word: stimulus.word.clone(),
                rank: stimulus.rank,
                pair: stimulus.pair,
                token_ids: word.ids.iter().map(|id| id.cast_signed()).collect(),
                token_start: int(word.own.start)?,
                token_end: int(word.own.end)?,
            })
        })
        .collect()
}
