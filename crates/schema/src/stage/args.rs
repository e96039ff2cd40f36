//! The flags that every stage takes.

use crate::pipeline::Layers;
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
    /// one, `wgpu` a GPU (not yet covered by the tests). Only `extract` computes with a model
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = BACKENDS)]
    pub backend: String,

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
