//! `selectron-bench`: the worker of `cargo xtask bench`, which starts it once a case, so that each
//! has a peak memory of its own.

mod cases;
mod checkpoint;
mod files;
mod geometry;
mod measure;
mod product;
mod text;

use clap::{Parser, Subcommand};
use measure::{check_sample, peak_bytes, prepare};
use selectron_run::Result;
use selectron_run::stage::{BACKENDS, execute, start_threads};
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

/// See the workspace's `Cargo.toml` for why.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures one thing at a time; `cargo xtask bench` drives it and prints the table.
#[derive(Debug, Parser)]
#[command(name = "selectron-bench", version)]
struct Args {
    #[command(subcommand)]
    command: Command,

    /// CPU threads to work with: all cores unless said otherwise
    #[arg(long, value_name = "N", global = true)]
    threads: Option<NonZeroUsize>,

    /// Where the model computes
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = BACKENDS, global = true)]
    backend: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the checkpoint of random weights into a folder
    Checkpoint { folder: PathBuf },
    /// Write what is measured, with the ids of every case, into the checkpoint's folder
    Cases { folder: PathBuf },
    /// Write a text of random words, of a given number of tokens
    Text {
        /// The checkpoint, for its tokenizer
        folder: PathBuf,
        /// A list of words, one per line
        list: PathBuf,
        /// About how many tokens the text has
        tokens: usize,
        /// The file to write
        out: PathBuf,
    },
    /// Print the best float32 matrix product, in operations per second, as a line of JSON
    Product,
    /// Load, warm up, then run the case once for every line on the standard input; answer each, and
    /// the end of input, with a line of JSON
    Run {
        /// The checkpoint
        folder: PathBuf,
        /// The case
        case: String,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    execute(|| run(&args))
}

fn run(args: &Args) -> Result<()> {
    start_threads(args.threads)?;
    match &args.command {
        Command::Checkpoint { folder } => checkpoint::write(folder),
        Command::Cases { folder } => cases::write(folder),
        Command::Text {
            folder,
            list,
            tokens,
            out,
        } => text::write(folder, list, *tokens, out),
        Command::Product => {
            say(&product::best(&args.backend)?);
            Ok(())
        }
        Command::Run { folder, case } => {
            let mut measured = prepare(folder, case, &args.backend)?;
            measured.run()?;
            check_sample(&measured)?;
            say(&json!({"ready": true, "flops": measured.flops()}));
            for line in std::io::stdin().lock().lines() {
                if line.is_err() {
                    break;
                }
                say(&json!({"seconds": {"selectron": measured.run()?}}));
            }
            say(&json!({"peak_bytes": peak_bytes(), "sample": measured.sample}));
            Ok(())
        }
    }
}

fn say(line: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
