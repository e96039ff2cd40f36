//! A text too large for the activations of all neurons to be kept: it is recorded in parts, which an
//! interrupted run goes on with, and which give way to the shown neurons once all are scored.

use selectron_tests::{Experiment, binaries, files, root};
use std::path::Path;
use std::process::{Child, Command, Stdio};
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

fn start(experiment: &Experiment, stage: &str) -> Child {
    Command::new(binaries().join(format!("selectron-{stage}")))
        .arg(experiment.path("pipeline.toml"))
        .arg("--out")
        .arg(experiment.path("run"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn parts(run: &Path) -> usize {
    let folder = std::fs::read_dir(run.join("text_activations.parquet"));
    let names = folder.into_iter().flatten().flatten();
    names
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("part-"))
        .count()
}

#[test]
fn a_killed_extract_goes_on_from_the_last_whole_part_and_ends_with_the_same_bytes() {
    let undisturbed = experiment();
    let started = Instant::now();
    assert_eq!(undisturbed.stage("extract", &[]).code, Some(0));
    let duration = started.elapsed();
    let run = undisturbed.path("run");
    let all = parts(&run);
    assert!(all >= 3, "{all} parts");
    let expected = files(&run);

    let experiment = experiment();
    let run = experiment.path("run");
    let mut resumed = 0;
    for attempt in 1..=4 {
        let _ = std::fs::remove_dir_all(&run);
        let mut child = start(&experiment, "extract");
        let deadline = Instant::now() + duration;
        // Some parts are there, the next is under way.
        while parts(&run) < attempt.min(all - 1)
            && child.try_wait().unwrap().is_none()
            && Instant::now() < deadline
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = child.kill();
        child.wait().unwrap();
        let there = parts(&run);
        let outcome = experiment.stage("extract", &[]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        if outcome.stdout.contains("are there from an interrupted run") {
            resumed += 1;
            assert!(there > 0);
        }
        assert!(files(&run) == expected, "attempt {attempt}");
    }
    assert!(resumed > 0, "no run was killed between two parts");
}

#[test]
fn once_scored_only_the_shown_neurons_are_kept_and_a_change_records_the_text_again() {
    let experiment = experiment();
    let run = experiment.path("run");
    experiment.run_all(&[]);
    assert!(run.join("text_activations.parquet").is_file());
    let expected = files(&run);
    for stage in ["extract", "stats", "render"] {
        let outcome = experiment.stage(stage, &[]);
        assert!(
            outcome.stdout.contains("up to date"),
            "{stage}: {}",
            outcome.stdout
        );
    }

    experiment.replace("pipeline.toml", "alpha = 0.05", "alpha = 0.01");
    let outcome = experiment.stage("stats", &[]);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains("cargo xtask run-all"),
        "{}",
        outcome.stderr
    );
    let xtask = |experiment: &Experiment| {
        let status = Command::new(binaries().join("selectron-xtask"))
            .arg("run-all")
            .arg(experiment.path("pipeline.toml"))
            .arg("--out")
            .arg(experiment.path("run"))
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success());
    };
    xtask(&experiment);
    let changed = files(&run);
    assert!(changed != expected);
    experiment.replace("pipeline.toml", "alpha = 0.01", "alpha = 0.05");
    xtask(&experiment);
    assert!(files(&run) == expected, "the way back gives other bytes");

    // A flipped byte in what was kept has to be recorded again too.
    let table = run.join("text_activations.parquet");
    let mut bytes = std::fs::read(&table).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&table, bytes).unwrap();
    xtask(&experiment);
    assert!(files(&run) == expected, "the damage was not mended");
}
