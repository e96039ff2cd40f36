//! A stage that has nothing to do says so; whatever changes makes it run again.

mod keys;

use selectron_run::Stage;
use selectron_tests::{Experiment, files};

#[test]
fn a_second_run_does_nothing_and_force_gives_the_same_bytes() {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let before = files(&experiment.path("run"));
    for stage in Stage::ALL {
        let outcome = experiment.stage(*stage, &[]);
        assert!(
            outcome.stdout.contains("up to date"),
            "{stage}: {}",
            outcome.stdout
        );
    }
    experiment.run_all(&["--force"]);
    assert!(
        files(&experiment.path("run")) == before,
        "a forced rerun changed a byte"
    );
}

#[test]
fn a_changed_word_or_a_damaged_table_is_noticed() {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let before = files(&experiment.path("run"));
    experiment.replace("nouns.txt", "time", "hour");
    let outcome = experiment.stage(Stage::Extract, &[]);
    assert!(!outcome.stdout.contains("up to date"), "{}", outcome.stdout);
    experiment.replace("nouns.txt", "hour", "time");
    experiment.run_all(&[]);
    assert!(files(&experiment.path("run")) == before);

    let table = experiment.path("run/tvalues.parquet");
    let mut bytes = std::fs::read(&table).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&table, bytes).unwrap();
    experiment.run_all(&[]);
    assert!(
        files(&experiment.path("run")) == before,
        "the damaged table was not rebuilt"
    );
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let experiment = Experiment::new();
    experiment.run_all(&["--threads", "1"]);
    let before = files(&experiment.path("run"));
    for threads in ["2", "5"] {
        experiment.run_all(&["--force", "--threads", threads]);
        assert!(
            files(&experiment.path("run")) == before,
            "{threads} threads changed a byte"
        );
    }
}
