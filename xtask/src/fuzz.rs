//! Long runs of the tests that read hostile files.

use crate::error::Result;
use crate::process::{cargo, run_command, say};

/// What to read, and for how long.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct FuzzFlags {
    /// One kind of file, in place of all of them in turn
    #[arg(value_name = "TARGET", value_parser = TARGETS)]
    target: Option<String>,

    /// How long to try new files of each kind
    #[arg(long, value_name = "MINUTES", default_value_t = 10.0)]
    minutes: f64,
}

/// The kinds of files; each is a test of that name in tests/fuzz/main.rs.
const TARGETS: [&str; 9] = [
    "safetensors",
    "config",
    "tokenizer",
    "pipeline",
    "words",
    "conllu",
    "table",
    "activations",
    "manifest",
];

/// Runs each target for some minutes. What it finds is kept in tests/fuzz/findings, and replayed by
/// `cargo test` from then on.
pub(crate) fn fuzz(flags: &FuzzFlags) -> Result<()> {
    let only = flags.target.as_deref();
    for target in TARGETS {
        if only.is_some_and(|only| only != target) {
            continue;
        }
        say(&format!("{target}: {} minutes", flags.minutes));
        let mut command = cargo()?;
        command
            .args(["test", "--quiet", "--workspace", "--test", "fuzz", "--"])
            .args(["--exact", target, "--nocapture"])
            .env("SELECTRON_FUZZ_MINUTES", flags.minutes.to_string());
        run_command(&mut command)?;
    }
    Ok(())
}
