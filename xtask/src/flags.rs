//! The flags of the stages, passed on to them as they are.

use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The flags that every stage takes. The stages check them; `<stage> --help` says more.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RunFlags {
    /// The pipeline file that describes the experiment
    #[arg(value_name = "PIPELINE", default_value = "pipelines/grammar.toml")]
    pub(crate) pipeline: PathBuf,

    /// Where the model computes: `flex` (fast, CPU), `ndarray` (a second CPU implementation) or
    /// `wgpu` (GPU; compiled on first use, which takes 10 to 15 minutes on two cores)
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = ["flex", "ndarray", "wgpu"])]
    pub(crate) backend: String,

    /// The GPU for `--backend wgpu`, by its number or a part of its name; `cargo xtask adapters`
    /// lists them
    #[arg(long, value_name = "N|NAME")]
    pub(crate) adapter: Option<String>,

    /// CPU threads to work with, in place of one a core; no output depends on it
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// The model, in place of the pipeline's: a bundled one's name, a directory in Hugging Face
    /// layout, or `hub:<owner>/<repo>[@<revision>]` for one in the local Hugging Face cache
    #[arg(long, value_name = "SOURCE")]
    pub(crate) model: Option<String>,

    /// The layers to record, in place of the pipeline's: `all`, `8` or `4,8`, counted from 0
    #[arg(long, value_name = "LAYERS")]
    pub(crate) layers: Option<String>,

    /// The run directory, in place of `artifacts/runs/<name>`
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Redo stages that are up to date
    #[arg(long)]
    pub(crate) force: bool,
}

impl RunFlags {
    /// The arguments that hand these flags to a stage.
    pub(crate) fn arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = vec![self.pipeline.clone().into_os_string()];
        arguments.extend(["--backend".into(), self.backend.clone().into()]);
        let options = [
            ("--adapter", self.adapter.clone().map(Into::into)),
            (
                "--threads",
                self.threads.map(|threads| threads.to_string().into()),
            ),
            ("--model", self.model.clone().map(Into::into)),
            ("--layers", self.layers.clone().map(Into::into)),
            ("--out", self.out.clone().map(PathBuf::into_os_string)),
        ];
        for (name, value) in options {
            if let Some(value) = value {
                arguments.extend([name.into(), value]);
            }
        }
        if self.force {
            arguments.push("--force".into());
        }
        arguments
    }
}
