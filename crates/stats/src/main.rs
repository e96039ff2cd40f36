//! `selectron-stats`: stage 2, from activations to t-values and every other number.

use clap::Parser;
use selectron_run::error::Result;
use selectron_run::stage::{StageArgs, Task, execute_stage};
use selectron_stats::stage;
use std::process::ExitCode;

/// Tests every recorded neuron for a preference between two categories of words.
///
/// Stage 2 of 3. It reads words.parquet, activations.parquet and the tables of the text, which the
/// extract stage left in the run directory, and writes beside them:
///
///   tvalues.parquet        a row a neuron: test statistic, p and its logarithm, p after every
///                          correction, effect sizes with their intervals
///   balance.parquet        whether the words of the categories differ in length, tokens, frequency,
///                          position or capitals
///   nulls.parquet          how many neurons are significant when the words are dealt out at random
///   controls.parquet       whether a neuron prefers its category to the control categories too
///   leave_one_out.parquet  the selected neurons' t without each word or pair
///   reliability.parquet    how well t repeats between two halves of the words
///   position.parquet       what position alone does to the neurons
///
/// and, where the text has words of the first two categories:
///
///   generalization.parquet how every neuron tells the categories apart in the text: areas under ROC
///                          curves with intervals, against shuffled labels and control tasks
///   upos_means.parquet     every neuron's mean activation by part of speech
///   preferences.parquet    what a neuron prefers over all other categories, in words and in text
///   text_nulls.parquet     what the best neuron of a layer reaches by chance
///   transfer.parquet       how effects in isolated words carry over to the text, by layer
///   examples.parquet       tokens in context that drive the shown neurons
///   context_gap.parquet    the same words in different presentations and in the text
///
/// Of a large text it then replaces text_activations.parquet, whose parts hold all neurons, by a file
/// with those that are shown.
///
///   manifest.json          the counts, the selected neurons, the smallest effect that could be found
///
/// The pipeline's [test] section says which tests (`statistic`), which correction, and which tests
/// are corrected together (`family`). t is positive where the pipeline's first category is higher,
/// negative where the second is. A neuron whose activations do not vary has no t: it is null in the
/// table, and counted.
///
/// Exit code: 0 done or up to date, 1 failed with a sentence that says what, where, and what to do,
/// 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "selectron-stats", version, verbatim_doc_comment)]
struct Cli {
    #[command(flatten)]
    stage: StageArgs,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    execute_stage(&cli.stage, || run(&cli))
}

fn run(cli: &Cli) -> Result<()> {
    stage::run(&Task::new(&cli.stage)?)
}
