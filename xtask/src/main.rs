//! `cargo xtask`: runs the stages, verifies and measures runs, and drives CI.
//!
//! It is light on purpose. It builds and starts the stage binaries and reads `manifest.json`; it
//! links no tensor library and no Parquet reader, so that it is there in seconds.

mod about;
mod bench;
mod ci;
mod deny;
mod error;
mod fetch;
mod flags;
mod fuzz;
mod run_all;
mod stages;
mod summary;
mod verify;

use clap::{Parser, Subcommand};
use error::Result;
use flags::RunFlags;
use std::io::Write;
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
    /// Run all three stages: extract, stats, render
    RunAll(RunFlags),
    /// Stage 1: words and text to activations
    Extract(RunFlags),
    /// Stage 2: activations to t-values and every other number
    Stats(RunFlags),
    /// Stage 3: numbers to figures, heatmaps and the report
    Render(RunFlags),
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
    /// Measure speed and memory, beside PyTorch if wanted, and print a table
    Bench(bench::BenchFlags),
    /// Run everything that continuous integration runs
    Ci,
}

fn main() -> ExitCode {
    match run(&Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        // The stage has said on the standard error what went wrong.
        Err(error::Error::Stage { code }) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<()> {
    match command {
        Command::RunAll(flags) => run_all::run_all(flags),
        Command::Extract(flags) => stages::build_and_run("extract", flags),
        Command::Stats(flags) => stages::build_and_run("stats", flags),
        Command::Render(flags) => stages::build_and_run("render", flags),
        Command::Fetch(flags) => fetch::fetch(flags),
        Command::Verify(flags) => verify::verify(flags),
        Command::Fuzz(flags) => fuzz::fuzz(flags),
        Command::Deny => deny::check(),
        Command::Adapters => stages::list_adapters(),
        Command::Bench(flags) => bench::bench(flags),
        Command::Ci => ci::run(),
    }
}
