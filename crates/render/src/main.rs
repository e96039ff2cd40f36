//! `selectron-render`: the third stage as a program of its own.

use clap::Parser;
use selectron_run::stage::{StageArgs, execute_stage};
use std::process::ExitCode;

/// Draw the figures and the report of a run
///
/// Reads the tables and the manifest that `selectron-extract` and `selectron-stats` left in the run
/// directory, and writes there
///
///   figures/*.svg, *.png   the text painted by the chosen neurons (heatmap-a, heatmap-b,
///                          heatmap-both) and by those that `text.neurons` names
///                          (heatmap-layer-2-neuron-7), t-by-neuron, t-histogram, volcano,
///                          items-by-neurons, significant-by-layer, null-counts; of the neurons in
///                          running text transfer, auc-against-chance, upos-means-* of each
///                          shown neuron, context-gap
///   report.html            one page with all of it, which needs no network
///
/// It loads no model and computes no statistic. Of the pipeline file it uses `name`, the
/// categories’ names and parts of speech, `[test]` (to check that the numbers were made by these
/// settings) and `[render]`:
///
///   [render]
///   palette = { a = "red", b = "blue" }   # a name, or "#rrggbb"
///   scaling = "min-max"                   # or "robust": from the 2nd to the 98th percentile
///
/// --model and --layers only check that the run was made with them; --backend does nothing here.
/// Exit code 0: done. 1: failed, with what, where and what to do. 2: wrong usage.
#[derive(Debug, Parser)]
#[command(name = "selectron-render", version, verbatim_doc_comment)]
struct Cli {
    #[command(flatten)]
    stage: StageArgs,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    execute_stage(&cli.stage, || selectron_render::run(&cli.stage))
}
