//! The flags that every stage takes.

use crate::error::{Error, Result};
use crate::pipeline::Layers;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The names of the compute backends.
pub const BACKENDS: [&str; 3] = ["flex", "ndarray", "wgpu"];

/// The flags that every stage takes, so that one command line serves them all.
#[derive(Debug, Clone, clap::Args)]
pub struct StageArgs {
    /// The pipeline file that describes the experiment
    #[arg(value_name = "PIPELINE", default_value = "pipelines/grammar.toml")]
    pub pipeline: PathBuf,

    /// Where the model computes: `flex` is the fast CPU backend, `ndarray` an independent second
    /// one, `wgpu` a GPU. Only `extract` computes with a model
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = BACKENDS)]
    pub backend: String,

    /// The GPU that `--backend wgpu` computes on: its number in the list of `cargo xtask adapters`,
    /// or a part of its name. Without it, the first discrete GPU, else the first of any kind
    #[arg(long, value_name = "N|NAME")]
    pub adapter: Option<String>,

    /// CPU threads to work with: all cores unless said otherwise. No output depends on it
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// The model, in place of the pipeline's: the name of a bundled one, a directory in Hugging
    /// Face layout, or `hub:<owner>/<repo>[@<revision>]` for one in the local Hugging Face cache
    #[arg(long, value_name = "SOURCE")]
    pub model: Option<String>,

    /// The layers to record, in place of the pipeline's: `all`, `8` or `4,8`, counted from 0
    #[arg(long, value_name = "LAYERS")]
    pub layers: Option<Layers>,

    /// The run directory, in place of `artifacts/runs/<name>`
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Redo a stage that is up to date
    #[arg(long)]
    pub force: bool,
}

impl StageArgs {
    /// What is wrong with the flags taken together, as a sentence for the user.
    pub fn misuse(&self) -> Option<String> {
        (self.adapter.is_some() && self.backend != "wgpu").then(|| {
            format!(
                "--adapter names a GPU, but --backend {} computes on the CPU; add --backend wgpu, \
                 or leave --adapter out",
                self.backend
            )
        })
    }
}

/// Sets how many threads everything in this process computes with; without a number that is one a
/// core.
///
/// # Errors
/// When the threads cannot be started, or something in this process has started them before.
pub fn start_threads(threads: Option<NonZeroUsize>) -> Result<()> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .build_global()
        .map_err(|error| {
            let error = std::io::Error::other(error);
            Error::io("start", format!("{threads} threads"), error)
        })
}
