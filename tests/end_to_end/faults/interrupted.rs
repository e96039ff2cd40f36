//! SIGINT and SIGTERM, a second run on the same folder, a reader that has gone, a clock that jumps.

use super::{leftovers, start};
use selectron_run::Stage;
use selectron_tests::{Experiment, files, root, stage_command};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// Sends a signal by its number.
fn signal(child: &Child, number: &str) {
    let status = Command::new("kill")
        .args([number, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn an_interrupt_stops_a_stage_within_a_second_and_leaves_no_rubbish() {
    // The bundled model over a long text: several seconds of work.
    let folder = tempfile::tempdir().unwrap();
    let stimuli = root().join("pipelines/stimuli");
    let text = std::fs::read_to_string(stimuli.join("randomness.conllu")).unwrap();
    std::fs::write(folder.path().join("long.conllu"), text.repeat(60)).unwrap();
    let pipeline = std::fs::read_to_string(root().join("pipelines/grammar.toml")).unwrap();
    let pipeline = pipeline
        .replace("stimuli/randomness.conllu", "long.conllu")
        .replace("\"stimuli/", &format!("\"{}/", stimuli.display()));
    let path = folder.path().join("pipeline.toml");
    std::fs::write(&path, pipeline).unwrap();

    for (number, code) in [("-INT", 130), ("-TERM", 143)] {
        let out = folder.path().join("run");
        let mut child = start(Stage::Extract, &path, &out);
        // Wait until it is in the midst of writing.
        let begun = Instant::now();
        while leftovers(&out) == 0 {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "nothing was ever written"
            );
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended before it could be stopped"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        signal(&child, number);
        let told = Instant::now();
        let status = child.wait().unwrap();
        assert!(
            told.elapsed() < Duration::from_secs(1),
            "it took {:?}",
            told.elapsed()
        );
        assert_eq!(status.code(), Some(code));
        assert_eq!(leftovers(&out), 0);
    }
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let lock = std::fs::File::create(experiment.path("run/.lock")).unwrap();
    lock.lock().unwrap();
    for stage in Stage::ALL {
        let outcome = experiment.stage(*stage, &["--force"]);
        assert_eq!(outcome.code, Some(1), "{stage}");
        assert!(
            outcome.stderr.contains("another run is using this folder"),
            "{}",
            outcome.stderr
        );
    }
    drop(lock);
    experiment.run_all(&["--force"]);
}

#[test]
fn a_closed_standard_output_stops_nothing() {
    let experiment = Experiment::new();
    for stage in Stage::ALL {
        let (pipeline, out) = (experiment.path("pipeline.toml"), experiment.path("run"));
        let mut child = stage_command(*stage, &pipeline, &out)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert!(child.wait().unwrap().success(), "{stage}");
    }
    assert!(experiment.path("run/report.html").exists());
}

#[test]
fn clocks_may_go_backwards() {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let before = files(&experiment.path("run"));
    let file = std::fs::File::options()
        .write(true)
        .open(experiment.path("nouns.txt"))
        .unwrap();
    for moment in [
        SystemTime::UNIX_EPOCH,
        SystemTime::now() + Duration::from_secs(1 << 30),
    ] {
        file.set_modified(moment).unwrap();
        for stage in Stage::ALL {
            assert!(
                experiment.stage(*stage, &[]).stdout.contains("up to date"),
                "{stage}"
            );
        }
    }
    assert!(files(&experiment.path("run")) == before);
}
