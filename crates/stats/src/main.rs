//! `selectron-stats`: stage 2, from activations to t-values and every other number.

use clap::Parser;
use selectron_schema::stage::{StageArgs, Task, execute};
use selectron_stats::{Result, stage};
use std::process::ExitCode;

/// Tests every recorded neuron for a preference between two categories of words
///
/// Reads words.parquet and activations.parquet, which the extract stage left in the run directory,
/// and writes tvalues.parquet: for each neuron of each site and layer the test statistic, its
/// p-value (and the logarithm, for those too small for a number), the corrected p-value, the mean
/// difference with its confidence interval, and the effect size. The pipeline's [test] section says
/// which test, which correction, and which tests are corrected together.
///
/// A positive t means that the first category of the pipeline is higher, a negative one the second.
/// A neuron whose t is undefined (its activations do not vary) is a null in the table, and is
/// counted.
///
/// Exit code: 0 done or up to date, 1 failed with a sentence that says what, where, and what to do,
/// 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "selectron-stats", version)]
struct Cli {
    #[command(flatten)]
    stage: StageArgs,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    execute(|| run(&cli))
}

fn run(cli: &Cli) -> Result<()> {
    stage::run(&Task::new(&cli.stage)?)
}
