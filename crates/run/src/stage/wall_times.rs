//! How long the stages took: a log beside the results that no comparison reads, since no two honest
//! runs take equally long.

use crate::run_dir::RunDir;
use crate::stages::Stage;
use std::io::Write;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

/// The log's name in a run directory: one line per finished stage, never rewritten.
const LOG: &str = ".stages/wall-times.txt";

static STARTED: OnceLock<Instant> = OnceLock::new();

/// Starts this program's clock.
pub(super) fn start() {
    STARTED.get_or_init(Instant::now);
}

/// Appends a line to the log: the stage, its wall time in seconds, and when it ended, in seconds
/// since 1970 (UTC), separated by tabs.
pub(super) fn note(run: &RunDir, stage: Stage) {
    let took = STARTED
        .get()
        .map_or(0.0, |started| started.elapsed().as_secs_f64());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let ended = now.map_or(0, |since| since.as_secs());
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(run.file(LOG));
    // The results are whole already: a line that finds no room must not make the stage fail.
    let _ =
        log.and_then(|mut log| log.write_all(format!("{stage}\t{took:.3}\t{ended}\n").as_bytes()));
}
