//! `selectron-stats`: stage 2, from activations to t-values and every other number.

use clap::Parser;
use selectron_run::error::Result;
use selectron_run::stage::{StageArgs, Task, execute_stage};
use selectron_run::{Stage, Table};
use selectron_stats::stage;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "selectron-stats", version, about = ABOUT, long_about = long_about())]
struct Cli {
    #[command(flatten)]
    stage: StageArgs,
}

const ABOUT: &str = "Tests every recorded neuron for a preference between two categories of words";

/// What `--help` says before the flags.
fn long_about() -> String {
    let tables = Table::ALL.iter().zip(Table::DOCS);
    let written = tables.filter(|(table, _)| table.stage() == Stage::Stats);
    let lines: String = written
        .map(|(table, what)| format!("  {:<28}{}\n", table.file_name(), what.trim()))
        .collect();
    let earlier = Stage::ALL
        .iter()
        .take_while(|stage| **stage != Stage::Stats);
    format!(
        "{ABOUT}.\n\nStage {} of {}. It reads the tables of words, of activations and of the text \
         that the extract stage left in the run directory, and writes beside them, as far as the \
         pipeline and the text give rise to them:\n\n\
         {lines}  {:<28}The counts, the selected neurons, the smallest effect that could be found.\n\n\
         The pipeline's [test] section says which tests (`statistic`), which correction, and which \
         tests are corrected together (`family`). t is positive where the pipeline's first category \
         is higher, negative where the second is. A neuron whose activations do not vary has no t: \
         it is null in the table, and counted.\n\n\
         Exit code: 0 done or up to date, 1 failed with a sentence that says what, where, and what \
         to do, 2 wrong usage.",
        earlier.count() + 1,
        Stage::ALL.len(),
        "manifest.json"
    )
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    execute_stage(&cli.stage, || run(&cli))
}

fn run(cli: &Cli) -> Result<()> {
    stage::run(&Task::new(&cli.stage)?)
}
