//! `selectron-extract`: words and text to activations.

use clap::Parser;
use selectron_extract::stage;
use selectron_model::device;
use selectron_run::error::Result;
use selectron_run::stage::{StageArgs, Task, execute_stage};
use selectron_run::{Stage, Table};
use std::process::ExitCode;

/// See the workspace's `Cargo.toml` for why.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(name = "selectron-extract", version, about = ABOUT, long_about = long_about())]
struct Args {
    #[command(flatten)]
    stage: StageArgs,

    /// List the GPUs that `--backend wgpu` can compute on, and stop
    #[cfg(feature = "wgpu")]
    #[arg(long)]
    list_adapters: bool,
}

const ABOUT: &str = "Records the activations of words and of a text in a language model";

/// What `--help` says before the flags.
fn long_about() -> String {
    let tables = Table::ALL.iter().zip(Table::DOCS);
    let own = tables.filter(|(table, _)| table.stage() == Stage::Extract);
    let lines: String = own
        .map(|(table, what)| {
            let what: Vec<_> = what.split_whitespace().collect();
            format!("  {:<34}{}\n", table.file_name(), what.join(" "))
        })
        .collect();
    let stage = 1 + Stage::ALL
        .iter()
        .take_while(|stage| **stage != Stage::Extract)
        .count();
    format!(
        "{ABOUT}.\n\nStage {stage} of {}. It reads a pipeline file, the word lists and the text that \
         it names, and a model in Hugging Face layout, and writes into the run directory:\n\n\
         {lines}  {:<34}What was used, what was left out and why, hashes of everything.",
        Stage::ALL.len(),
        "manifest.json"
    )
}

fn main() -> ExitCode {
    let args = Args::parse();
    execute_stage(&args.stage, || run(&args))
}

fn run(args: &Args) -> Result<()> {
    #[cfg(feature = "wgpu")]
    if args.list_adapters {
        selectron_extract::adapters::print();
        return Ok(());
    }
    let task = Task::new(&args.stage)?;
    let compute = device::open_on(&args.stage.backend, args.stage.adapter.as_deref())?;
    stage::run(&task, compute)
}
