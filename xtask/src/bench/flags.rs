//! What to measure, and how.

use crate::error::Result;
use crate::process::root;
use crate::programs::Program;
use selectron_run::stage::BACKENDS;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The flags of `bench`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BenchFlags {
    /// Measure PyTorch too, alternating with ours, with this Python, which needs torch and
    /// transformers
    #[arg(long, value_name = "PYTHON")]
    pub(super) torch: Option<PathBuf>,

    /// Runs of each case; the median counts
    #[arg(long, value_name = "N", default_value = "5")]
    pub(super) runs: NonZeroUsize,

    /// Measure only this case; may be given several times. The table names them
    #[arg(long = "case", value_name = "NAME")]
    pub(super) cases: Vec<String>,

    /// Where the model computes: `flex`, `ndarray` or `wgpu`
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = BACKENDS)]
    pub(super) backend: String,

    /// CPU threads to work with, in place of one a core, for both sides
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,

    /// Write everything that was measured, every single run included, to this file too
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
}

impl BenchFlags {
    /// Whether a case is to be measured.
    pub(super) fn wants(&self, name: &str, by_default: bool) -> bool {
        match self.cases.as_slice() {
            [] => by_default,
            named => named.iter().any(|wanted| wanted == name),
        }
    }

    /// Our worker.
    pub(super) fn worker(&self) -> Result<Command> {
        let mut command = Program::Bench.command()?;
        command.args(["--backend", &self.backend]);
        self.with_threads(&mut command);
        Ok(command)
    }

    /// PyTorch's side, if it is wanted.
    pub(super) fn torch(&self, checkpoint: &Path, what: &str) -> Result<Option<Command>> {
        let Some(python) = &self.torch else {
            return Ok(None);
        };
        let mut command = Command::new(python);
        command.arg(root()?.join("tests/reference/bench/torch_side.py"));
        command.arg(checkpoint).arg(what);
        self.with_threads(&mut command);
        Ok(Some(command))
    }

    pub(super) fn with_threads(&self, command: &mut Command) {
        if let Some(threads) = self.threads {
            command.arg("--threads").arg(threads.to_string());
        }
    }
}
