//! All stages, one after the other.

use crate::about::about;
use crate::error::Result;
use crate::flags::RunFlags;
use crate::stages::{self, ALL};
use crate::summary::{self, read_json};
use std::process::Command;

/// Builds and runs all stages, and prints what is most telling of the outcome.
pub(crate) fn run_all(flags: &RunFlags) -> Result<()> {
    stages::build(flags)?;
    for stage in ALL {
        if stage == "stats" && !flags.force && text_is_needed_again(flags)? {
            let again = RunFlags {
                force: true,
                ..flags.clone()
            };
            stages::run("extract", &again)?;
        }
        stages::run(stage, flags)?;
    }
    summary::print(flags)
}

/// Whether the stats stage has something to do, but the activations of a large text have gone: it
/// keeps those of the shown neurons only, once all are scored. The extract stage, whose own outputs
/// are up to date, then has to record the text again.
fn text_is_needed_again(flags: &RunFlags) -> Result<bool> {
    let run = about(flags)?.run;
    let manifest = read_json(&run.join("manifest.json"))?;
    let in_parts = manifest["extract"]["text"]["parts"].is_object();
    if !in_parts || run.join("text_activations.parquet").is_dir() {
        return Ok(false);
    }
    let mut check = Command::new(stages::binary("stats"));
    check.args(flags.arguments()).arg("--is-current");
    let status = check.status();
    Ok(!status.is_ok_and(|status| status.success()))
}
