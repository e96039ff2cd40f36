//! What the task runner, which reads no pipeline files, has to know about one.

use crate::error::Result;
use selectron_run::hub::{HubModel, cache_folder};
use selectron_run::stage::{StageArgs, Task};
use serde_json::{Value, json};

/// Where the run lies (`run`), and the source of a model that must be downloaded first
/// (`missing_model`, null where there is none).
///
/// # Errors
/// When the pipeline file is not right, or there is no place for outputs.
pub fn about(args: &StageArgs) -> Result<Value> {
    let task = Task::new(args)?;
    let source = &task.pipeline.model.source;
    let missing = HubModel::is_named_by(source)
        && HubModel::parse(source)?
            .snapshot_in(&cache_folder())
            .is_none();
    Ok(json!({
        "run": task.run.path(),
        "missing_model": missing.then_some(source),
    }))
}
