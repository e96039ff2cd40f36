//! What a program that can read pipeline files says about one.

use crate::error::{Error, Result};
use crate::flags::RunFlags;
use crate::stages::{binary, show};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Where a pipeline's run lies, and what it lacks.
#[derive(Debug)]
pub(crate) struct About {
    /// The run directory.
    pub(crate) run: PathBuf,
    /// The source of a model that must be downloaded first.
    pub(crate) missing_model: Option<String>,
}

/// Asks about the pipeline of these flags; the programs must have been built.
pub(crate) fn about(flags: &RunFlags) -> Result<About> {
    let mut command = Command::new(binary("compare"));
    command
        .arg("about")
        .args(flags.arguments())
        .stderr(Stdio::inherit());
    let failed = |what: String, command: &Command| Error::Command {
        command: show(command),
        what,
    };
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => return Err(failed(format!("could not be started ({error})"), &command)),
    };
    if !output.status.success() {
        // It has said on the standard error what is wrong.
        return Err(Error::Stage { code: 1 });
    }
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| failed(format!("did not answer in JSON ({error})"), &command))?;
    let text = |key: &str| answer[key].as_str().map(str::to_owned);
    let run = text("run").ok_or_else(|| failed("named no run directory".to_owned(), &command))?;
    Ok(About {
        run: run.into(),
        missing_model: text("missing_model"),
    })
}
