//! What goes wrong around a run: it is killed, interrupted, out of space, shut out. A plain rerun then
//! succeeds and equals an undisturbed one.

mod damaged;
mod interrupted;
mod killed;
mod shut_out;
mod space;
mod vanished;

use selectron_run::Stage;
use selectron_run::files::TEMPORARY_PREFIX;
use selectron_tests::{Experiment, files, stage_command};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

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

fn start(stage: Stage, pipeline: &Path, out: &Path) -> Child {
    stage_command(stage, pipeline, out)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The unfinished files anywhere in a run directory.
fn leftovers(run: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(run) else {
        return 0;
    };
    let of_entry = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        usize::from(name.starts_with(TEMPORARY_PREFIX)) + leftovers(&path)
    };
    // A file may have been given its name, and gone, meanwhile.
    entries.flatten().map(|entry| of_entry(entry.path())).sum()
}
