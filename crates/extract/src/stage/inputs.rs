//! What the stage's outputs depend on besides the keys of the pipeline and the source.

use selectron_run::Pipeline;
use selectron_run::error::Result;
use selectron_run::stage::Inputs;

/// Adds the content of every file that the pipeline names.
pub(super) fn add_files(pipeline: &Pipeline, inputs: &mut Inputs) -> Result<()> {
    for (index, category) in pipeline.category.iter().enumerate() {
        let name = format!("content of category.{index}.words");
        inputs.file(&name, &pipeline.resolve(&category.words))?;
    }
    if let Some(exclude) = &pipeline.words.exclude {
        inputs.file("content of words.exclude", &pipeline.resolve(exclude))?;
    }
    if let Some(text) = &pipeline.text {
        inputs.file("content of text.source", &pipeline.resolve(&text.source))?;
    }
    Ok(())
}
