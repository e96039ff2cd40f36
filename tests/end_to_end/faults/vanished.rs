//! Files that are there when a stage starts and gone before it has read them.

use super::{leftovers, moment, start, tries, undisturbed};
use selectron_run::Stage;
use selectron_tests::{Experiment, files};
use std::io::Read;
use std::time::{Duration, Instant};

/// What a stage reads, by path in the experiment's folder.
fn inputs(stage: Stage) -> &'static [&'static str] {
    match stage {
        Stage::Extract => &[
            "pipeline.toml",
            "nouns.txt",
            "verbs.txt",
            "text.conllu",
            "model/config.json",
            "model/model.safetensors",
            "model/tokenizer.json",
            "model/tokenizer_config.json",
        ],
        Stage::Stats => &[
            "run/words.parquet",
            "run/activations.parquet",
            "run/text_activations.parquet",
            "run/manifest.json",
        ],
        Stage::Render => &[
            "run/tvalues.parquet",
            "run/tokens.parquet",
            "run/shown_activations.parquet",
            "run/manifest.json",
        ],
    }
}

/// Starts a stage, takes a file away after some time, and puts it back when the stage has ended.
/// The stage's message, if it failed.
fn without(experiment: &Experiment, stage: Stage, input: &str, after: Duration) -> Option<String> {
    let (path, aside) = (experiment.path(input), experiment.path("aside"));
    let mut child = start(
        stage,
        &experiment.path("pipeline.toml"),
        &experiment.path("run"),
    );
    std::thread::sleep(after);
    std::fs::rename(&path, &aside).unwrap();
    let mut message = String::new();
    let mut errors = child.stderr.take().unwrap();
    errors.read_to_string(&mut message).unwrap();
    let status = child.wait().unwrap();
    if path.exists() {
        // The stage wrote the file itself, after it was taken away.
        std::fs::remove_file(&aside).unwrap();
    } else {
        std::fs::rename(&aside, &path).unwrap();
    }
    if status.success() {
        assert_eq!(message, "");
        return None;
    }
    assert_eq!(status.code(), Some(1), "{stage} without {input}: {message}");
    Some(message)
}

#[test]
fn a_file_that_vanishes_is_named_and_costs_nothing_but_a_rerun() {
    let expected = undisturbed();
    for stage in Stage::ALL.iter().copied() {
        let experiment = Experiment::new();
        experiment.run_all(&[]);
        let started = Instant::now();
        assert_eq!(experiment.stage(stage, &["--force"]).code, Some(0));
        let duration = started.elapsed();
        let mut failures = 0;
        for attempt in 0..tries() {
            let inputs = inputs(stage);
            let input = inputs[attempt as usize % inputs.len()];
            // Without its note of what it did, the stage has to do it again.
            let note = experiment.path(&format!("run/.stages/{stage}.json"));
            std::fs::remove_file(note).unwrap();
            let after = duration.mul_f64(moment(attempt) * 0.9);
            if let Some(message) = without(&experiment, stage, input, after) {
                assert!(
                    message.starts_with("error: "),
                    "{stage}, {input}: {message}"
                );
                assert!(message.contains(input), "{stage}, {input}: {message}");
                assert!(
                    !message.contains("internal error"),
                    "{stage}, {input}: {message}"
                );
                failures += 1;
            }
            experiment.run_all(&[]);
            let run = experiment.path("run");
            assert!(files(&run) == expected, "{stage}, {input} after {after:?}");
            assert_eq!(leftovers(&run), 0, "{stage}, {input} after {after:?}");
        }
        assert!(failures >= 2, "{stage}: only {failures} files were missed");
    }
}
