//! `selectron-compare`: whether runs are the same, and where they differ.

use clap::{Parser, Subcommand};
use selectron_compare::folders;
use selectron_compare::golden::{Agreement, Golden};
use selectron_run::stage::{Console, execute};
use selectron_run::{Pipeline, Result, RunDir};
use std::path::PathBuf;
use std::process::ExitCode;

/// Tells whether runs are the same, and where they differ.
#[derive(Debug, Parser)]
#[command(name = "selectron-compare", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare two run directories byte for byte
    Runs {
        /// One run directory
        first: PathBuf,
        /// The other
        second: PathBuf,
    },
    /// Compare a run with the golden results of its pipeline
    Golden {
        /// The pipeline file
        pipeline: PathBuf,
        /// Its run directory
        run: PathBuf,
        /// The golden results
        golden: PathBuf,
        /// Write the golden results from this run instead
        #[arg(long)]
        bless: bool,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    execute(|| run(&args.command))
}

fn run(command: &Command) -> Result<()> {
    let console = Console::new("verify");
    match command {
        Command::Runs { first, second } => {
            let files = folders::compare(first, second)?;
            console.say(format_args!(
                "{files} files are the same bytes in both runs"
            ));
        }
        Command::Golden {
            pipeline,
            run,
            golden,
            bless,
        } => {
            let pipeline = Pipeline::load(pipeline)?;
            let found = Golden::of_run(&RunDir::new(run), &pipeline)?;
            if *bless {
                found.save(golden)?;
                console.wrote(golden.display());
            } else {
                match Golden::load(golden)?.check(&found)? {
                    Agreement::SameBytes => console.say("the bytes are the golden ones"),
                    Agreement::WithinTolerance => console.say(
                        "another processor or backend than that of the golden results: the t-values are \
                         within their tolerance, and the same neurons are selected",
                    ),
                }
            }
        }
    }
    Ok(())
}
