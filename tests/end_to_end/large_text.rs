//! A text too large for the activations of all neurons to be kept: they are recorded in parts, with
//! which an interrupted run goes on, lie in `.scratch/` until they have been scored, and are recorded
//! again as soon as they have to be scored anew.

use selectron_run::Stage;
use selectron_tests::{Experiment, files, root, stage_command};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The bundled model on the bundled text, over and over: some 300 MB of activations.
fn experiment() -> Experiment {
    let experiment = Experiment::new();
    let pipelines = root().join("pipelines");
    let pipeline = std::fs::read_to_string(pipelines.join("grammar.toml")).unwrap();
    let stimuli = format!("{}/", pipelines.join("stimuli").display());
    let pipeline = pipeline
        .replace(
            "\"stimuli/randomness.conllu\"",
            "\"text.conllu\"\nshuffles = 100\nresamples = 20",
        )
        .replace("\"stimuli/", &format!("\"{stimuli}"))
        .replace(
            "statistic = \"paired-t\"",
            "statistic = \"paired-t\"\nnulls = 0",
        );
    experiment.write("pipeline.toml", pipeline);
    let text = std::fs::read_to_string(pipelines.join("stimuli/randomness.conllu")).unwrap();
    let documents: Vec<_> = (0..18)
        .map(|n| format!("# newdoc id = {n}\n{text}\n"))
        .collect();
    experiment.write("text.conllu", documents.concat());
    experiment
}

/// The activations of all neurons over the text, by their name in the run directory.
const PARTS: &str = ".scratch/text_activations.parquet";

fn start(experiment: &Experiment, stage: Stage) -> Child {
    let (pipeline, out) = (experiment.path("pipeline.toml"), experiment.path("run"));
    stage_command(stage, &pipeline, &out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The outputs of a run, and the parts in its scratch folder.
fn outputs(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = files(run);
    let parts = files(&run.join(PARTS)).into_iter();
    all.extend(parts.map(|(name, bytes)| (Path::new(PARTS).join(name), bytes)));
    all
}

/// How many units of the extract stage are done and wait to be collected: each has a receipt.
fn receipts(run: &Path) -> usize {
    let digests = std::fs::read_dir(run.join(".units/extract"));
    let folders = digests.into_iter().flatten().flatten();
    let entries = folders.filter_map(|folder| std::fs::read_dir(folder.path()).ok());
    let paths = entries.flatten().flatten().map(|entry| entry.path());
    paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .count()
}

fn succeeds(experiment: &Experiment, task: &str) {
    let outcome = experiment.xtask(task);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
}

#[test]
fn a_killed_extract_goes_on_with_the_units_that_are_done_and_ends_with_the_same_bytes() {
    let undisturbed = experiment();
    let started = Instant::now();
    assert_eq!(undisturbed.stage(Stage::Extract, &[]).code, Some(0));
    let duration = started.elapsed();
    let run = undisturbed.path("run");
    let expected = outputs(&run);
    let parts = files(&run.join(PARTS)).len();
    assert!(parts >= 3, "{parts} parts");
    assert!(
        !run.join(".units").exists(),
        "what was collected is still there"
    );

    let experiment = experiment();
    let run = experiment.path("run");
    let mut resumed = 0;
    for attempt in 1..=4 {
        let _ = std::fs::remove_dir_all(&run);
        let mut child = start(&experiment, Stage::Extract);
        let deadline = Instant::now() + duration;
        // Some units are done, the next is under way.
        while receipts(&run) < attempt.min(parts)
            && child.try_wait().unwrap().is_none()
            && Instant::now() < deadline
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = child.kill();
        child.wait().unwrap();
        let done = receipts(&run);
        let outcome = experiment.stage(Stage::Extract, &[]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        if outcome.stdout.contains("are there from an interrupted run") {
            resumed += 1;
            assert!(done > 0);
        }
        assert!(outputs(&run) == expected, "attempt {attempt}");
        assert!(!run.join(".units").exists());
    }
    assert!(resumed > 0, "no run was killed between two units");
}

/// What an interrupted run has done is of no use once its inputs have changed.
#[test]
fn units_of_other_inputs_are_not_taken_up() {
    let experiment = experiment();
    let run = experiment.path("run");
    let mut child = start(&experiment, Stage::Extract);
    let begun = Instant::now();
    while receipts(&run) < 2 && child.try_wait().unwrap().is_none() {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "no unit was done"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    child.wait().unwrap();
    experiment.replace("pipeline.toml", "limit = 100", "limit = 99");
    let outcome = experiment.stage(Stage::Extract, &[]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(
        !outcome.stdout.contains("interrupted run"),
        "{}",
        outcome.stdout
    );
    assert!(!run.join(".units").exists());
}

#[test]
fn once_scored_the_text_is_removed_and_a_change_records_it_again() {
    let experiment = experiment();
    let run = experiment.path("run");
    succeeds(&experiment, "run-all");
    assert!(
        !run.join(".scratch").exists(),
        "what the run only passed through is still there"
    );
    let expected = files(&run);
    assert!(expected.contains_key(Path::new("shown_activations.parquet")));
    assert!(!expected.contains_key(Path::new("text_activations.parquet")));
    // Nothing to do, although the scratch folder has gone.
    for stage in Stage::ALL {
        let outcome = experiment.stage(*stage, &[]);
        assert!(
            outcome.stdout.contains("up to date"),
            "{stage}: {}",
            outcome.stdout
        );
    }
    assert!(files(&run) == expected);

    experiment.replace("pipeline.toml", "alpha = 0.05", "alpha = 0.01");
    let outcome = experiment.stage(Stage::Stats, &[]);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains("cargo xtask run-all"),
        "{}",
        outcome.stderr
    );
    assert!(
        files(&run) == expected,
        "a stage that could not work has changed something"
    );
    succeeds(&experiment, "run-all");
    let changed = files(&run);
    assert!(changed != expected);
    experiment.replace("pipeline.toml", "alpha = 0.01", "alpha = 0.05");
    succeeds(&experiment, "run-all");
    assert!(files(&run) == expected, "the way back gives other bytes");

    // A flipped byte in what is shown: the text has to be recorded and scored again.
    let table = run.join("shown_activations.parquet");
    let mut bytes = std::fs::read(&table).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&table, bytes).unwrap();
    succeeds(&experiment, "run-all");
    assert!(files(&run) == expected, "the damage was not repaired");
}

#[test]
fn a_text_that_is_to_be_kept_is_kept() {
    let experiment = experiment();
    experiment.replace(
        "pipeline.toml",
        "\"text.conllu\"",
        "\"text.conllu\"\nkeep = true",
    );
    succeeds(&experiment, "run-all");
    let run = experiment.path("run");
    let parts = files(&run.join(PARTS));
    assert!(parts.len() >= 3, "{} parts", parts.len());
    // It is scored anew without being recorded again.
    experiment.replace("pipeline.toml", "alpha = 0.05", "alpha = 0.01");
    assert!(
        experiment
            .stage(Stage::Extract, &[])
            .stdout
            .contains("up to date")
    );
    let outcome = experiment.stage(Stage::Stats, &[]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(files(&run.join(PARTS)) == parts);
}
