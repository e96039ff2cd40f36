//! `cargo xtask`: runs the stages, verifies and measures runs, and drives CI.
//!
//! It is light on purpose: it knows pipelines, flags and manifests as the stages do, by
//! `selectron-run`, and starts programs for everything else. It links no tensor library and no
//! Parquet reader.

mod bench;
mod ci;
mod deny;
mod docs;
mod error;
mod fetch;
mod fuzz;
mod process;
mod programs;
mod readme;
mod run_all;
mod stages;
mod summary;
mod verify;

use clap::{Parser, Subcommand};
use error::{Error, Result};
use selectron_run::Stage;
use selectron_run::stage::{Console, StageArgs};
use std::process::ExitCode;

/// Finds the neurons of a language model that prefer one category of words to another.
///
/// Without further words, `cargo xtask run-all` records the bundled model on nouns and verbs, tests
/// every neuron, and writes a report into artifacts/runs/grammar/.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run all stages: extract, stats, render
    RunAll(StageArgs),
    /// Stage 1: words and text to activations
    Extract(StageArgs),
    /// Stage 2: activations to t-values and every other number
    Stats(StageArgs),
    /// Stage 3: numbers to figures, heatmaps and the report
    Render(StageArgs),
    /// Download a model of the Hugging Face Hub into the local cache
    Fetch(fetch::FetchFlags),
    /// Run a pipeline twice, in different surroundings; compare every byte, and with artifacts/golden
    Verify(verify::VerifyFlags),
    /// Give every reader damaged and hostile files for some minutes
    Fuzz(fuzz::FuzzFlags),
    /// Check what comes in with dependencies: licences, duplicates, sources, vulnerabilities
    Deny,
    /// List the GPUs that `--backend wgpu` can compute on
    Adapters,
    /// Write docs/pipeline.md and docs/tables.md from the code, or check them
    Docs(docs::DocsFlags),
    /// Check that README says what the default run has found, or make it so
    Readme(readme::ReadmeFlags),
    /// Measure speed and memory, beside PyTorch if wanted, and print a table
    Bench(bench::BenchFlags),
    /// Run everything that continuous integration runs
    Ci,
}

fn main() -> ExitCode {
    match run(&Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        // The program has said on the standard error what went wrong.
        Err(Error::Program { code }) => ExitCode::from(code),
        Err(Error::Other(error)) => {
            Console::error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<()> {
    match command {
        Command::RunAll(args) => run_all::run_all(args),
        Command::Extract(args) => stages::build_and_run(Stage::Extract, args),
        Command::Stats(args) => stages::build_and_run(Stage::Stats, args),
        Command::Render(args) => stages::build_and_run(Stage::Render, args),
        Command::Fetch(flags) => fetch::fetch(flags),
        Command::Verify(flags) => verify::verify(flags),
        Command::Fuzz(flags) => fuzz::fuzz(flags),
        Command::Deny => deny::check(),
        Command::Adapters => stages::list_adapters(),
        Command::Docs(flags) => docs::docs(flags),
        Command::Readme(flags) => readme::readme(flags),
        Command::Bench(flags) => bench::bench(flags),
        Command::Ci => ci::run(),
    }
}
