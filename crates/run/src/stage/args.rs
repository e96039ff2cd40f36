//! The flags that every stage takes.

use crate::error::{Error, Result};
use crate::pipeline::Layers;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The names of the compute backends.
pub const BACKENDS: [&str; 3] = ["flex", "ndarray", "wgpu"];

/// The flags that every stage takes, so that one command line serves them all, and the task runner.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct StageArgs {
    /// The pipeline file that describes the experiment
    #[arg(value_name = "PIPELINE", default_value = "pipelines/grammar.toml")]
    pub pipeline: PathBuf,

    /// Where the model computes: `flex` is the fast CPU backend, `ndarray` an independent second
    /// one, `wgpu` a GPU. Only `extract` computes with a model. `cargo xtask` compiles `wgpu` when it
    /// is first asked for, which takes 10 to 15 minutes on two cores
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

    /// Redo what is up to date
    #[arg(long)]
    pub force: bool,
}

impl StageArgs {
    /// The arguments that hand these flags to a stage's program, which reads them back as they are.
    pub fn arguments(&self) -> Vec<OsString> {
        // Taken apart without `..`: a flag that is not handed on does not compile.
        let Self {
            pipeline,
            backend,
            adapter,
            threads,
            model,
            layers,
            out,
            force,
        } = self;
        let mut arguments = vec![pipeline.clone().into_os_string()];
        arguments.extend(["--backend".into(), backend.clone().into()]);
        let options = [
            ("--adapter", adapter.clone().map(OsString::from)),
            ("--threads", threads.map(|n| n.to_string().into())),
            ("--model", model.clone().map(OsString::from)),
            ("--layers", layers.as_ref().map(|l| l.to_string().into())),
            ("--out", out.clone().map(PathBuf::into_os_string)),
        ];
        for (name, value) in options {
            if let Some(value) = value {
                arguments.extend([name.into(), value]);
            }
        }
        if *force {
            arguments.push("--force".into());
        }
        arguments
    }

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

/// Sets how many threads everything in this process computes with; without a number that is one
/// per core.
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        stage: StageArgs,
    }

    fn read(arguments: Vec<OsString>) -> StageArgs {
        let program = std::iter::once("program".into());
        Program::try_parse_from(program.chain(arguments))
            .unwrap()
            .stage
    }

    #[test]
    fn flags_are_handed_on_as_they_are() {
        let all = StageArgs {
            pipeline: "my pipelines/a.toml".into(),
            backend: "wgpu".to_owned(),
            adapter: Some("Mesa llvmpipe".to_owned()),
            threads: NonZeroUsize::new(3),
            model: Some("hub:a/b@c".to_owned()),
            layers: Some(Layers::Some(vec![4, 8])),
            out: Some("out here".into()),
            force: true,
        };
        assert_eq!(read(all.arguments()), all);
        let least = read(Vec::new());
        assert_eq!(read(least.arguments()), least);
        assert_ne!(all, least);
    }

    #[test]
    fn a_gpu_is_named_only_to_the_gpu_backend() {
        let read = |flags: &[&str]| read(flags.iter().map(OsString::from).collect());
        assert!(read(&["--adapter", "0"]).misuse().is_some());
        let wgpu = read(&["--adapter", "0", "--backend", "wgpu"]);
        assert_eq!(wgpu.misuse(), None);
    }
}
