//! What goes wrong around a run: it is killed, interrupted, out of space, shut out. A plain rerun then
//! succeeds and equals an undisturbed one.

mod damaged;
mod interrupted;
mod killed;
mod shut_out;
mod space;
mod vanished;

use selectron_tests::{Experiment, binaries, files};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const STAGES: [&str; 3] = ["extract", "stats", "render"];

/// Tries in an ordinary run of the suite; `SELECTRON_LONG=1` makes it a hundred.
fn tries() -> u32 {
    if std::env::var_os("SELECTRON_LONG").is_some() {
        100
    } else {
        12
    }
}

/// The share of a duration at which something goes wrong in an attempt: the golden ratio spreads
/// them evenly, however many there are.
fn moment(attempt: u32) -> f64 {
    (f64::from(attempt) * 0.618_033_988_75).fract()
}

/// The files that a run leaves when nothing disturbs it.
fn undisturbed() -> BTreeMap<PathBuf, Vec<u8>> {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    files(&experiment.path("run"))
}

fn start(stage: &str, pipeline: &Path, out: &Path) -> Child {
    Command::new(binaries().join(format!("selectron-{stage}")))
        .arg(pipeline)
        .arg("--out")
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn leftovers(run: &Path) -> usize {
    let folders = ["", "figures", ".stages", "text_activations.parquet"];
    folders
        .map(|folder| run.join(folder))
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with(".partial-")
        })
        .count()
}
