//! `selectron-compare`: whether runs are the same, and where they differ.

use clap::{Parser, Subcommand};
use selectron_compare::golden::{Agreement, Golden};
use selectron_compare::{about, folders};
use selectron_run::stage::{Console, StageArgs, execute};
use selectron_run::{Pipeline, RunDir};
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
    /// Print where a pipeline's run lies, and whether its model must be downloaded first, in JSON
    About(StageArgs),
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

fn run(command: &Command) -> selectron_compare::Result<()> {
    let console = Console::new("verify");
    match command {
        Command::Runs { first, second } => {
            let files = folders::compare(first, second)?;
            console.say(format_args!(
                "{files} files are the same bytes in both runs"
            ));
        }
        Command::About(args) => console.answer(about::about(args)?),
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
                        "another processor or backend than the golden results': t-values within \
                         their tolerance, the same neurons selected",
                    ),
                }
            }
        }
    }
    Ok(())
}
