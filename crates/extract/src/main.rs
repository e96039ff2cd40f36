//! `selectron-extract`: words and text to activations.

use clap::Parser;
use selectron_extract::stage;
use selectron_model::device;
use selectron_run::stage::{StageArgs, Task, execute_stage};
use std::process::ExitCode;

/// See the workspace's `Cargo.toml` for why.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Records the activations of words and of a text in a language model.
///
/// Stage 1 of 3. It reads a pipeline file, the word lists and the text that it names, and a model
/// in Hugging Face layout, and writes into the run directory:
///
///   words.parquet                 the words that take part, their pairs and token ids
///   activations.parquet           a row a word, site and layer: one value a neuron
///   position_activations.parquet  a row a word and position: one token at the positions 0, 1, 2
///   tokens.parquet                the text's tokens, with their characters, words and tags
///   text_activations.parquet      a row a token, site and layer
///   manifest.json                 what was used, what was left out and why, hashes of everything
#[derive(Debug, Parser)]
#[command(name = "selectron-extract", version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    stage: StageArgs,

    /// List the GPUs that `--backend wgpu` can compute on, and stop
    #[cfg(feature = "wgpu")]
    #[arg(long)]
    list_adapters: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    execute_stage(&args.stage, || run(&args))
}

fn run(args: &Args) -> selectron_extract::Result<()> {
    #[cfg(feature = "wgpu")]
    if args.list_adapters {
        selectron_extract::adapters::print();
        return Ok(());
    }
    let task = Task::new(&args.stage)?;
    let compute = device::open_on(&args.stage.backend, args.stage.adapter.as_deref())?;
    stage::run(&task, compute)
}
