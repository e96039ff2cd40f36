//! SIGKILL, which no program can prepare for.

use super::{leftovers, moment, start, tries, undisturbed};
use selectron_run::Stage;
use selectron_tests::{Experiment, files};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// Waits for a process, and kills it once the deadline has come.
fn wait_or_kill(child: &mut Child, deadline: Instant) -> ExitStatus {
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() >= deadline {
            child.kill().unwrap();
            return child.wait().unwrap();
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

const SIGKILL: i32 = 9;

#[test]
fn a_run_killed_at_any_moment_is_taken_up_and_ends_with_the_same_bytes() {
    let expected = undisturbed();

    let experiment = Experiment::new();
    let (pipeline, out) = (experiment.path("pipeline.toml"), experiment.path("run"));
    let started = Instant::now();
    experiment.run_all(&[]);
    // How long a run takes when it is let be; corrected whenever one is done before its time.
    let mut duration = started.elapsed();
    let (mut killed, mut attempt) = (0, 0);
    while killed < tries() {
        let _ = std::fs::remove_dir_all(&out);
        let moment = duration.mul_f64(moment(attempt));
        let started = Instant::now();
        let mut was_killed = false;
        for stage in Stage::ALL {
            let mut child = start(*stage, &pipeline, &out);
            let status = wait_or_kill(&mut child, started + moment);
            if status.signal() == Some(SIGKILL) {
                was_killed = true;
                break;
            }
            assert!(status.success(), "{stage} failed by itself");
        }
        if was_killed {
            killed += 1;
        } else {
            duration = duration.min(started.elapsed());
        }
        experiment.run_all(&[]);
        assert!(
            files(&out) == expected,
            "attempt {attempt}, killed after {moment:?}"
        );
        assert_eq!(leftovers(&out), 0);
        attempt += 1;
        assert!(
            attempt < 5 * tries(),
            "only {killed} of {attempt} runs were killed"
        );
    }
}

#[test]
fn each_stage_killed_at_any_moment_is_taken_up_and_ends_with_the_same_bytes() {
    let expected = undisturbed();
    for (index, stage) in Stage::ALL.iter().enumerate() {
        let experiment = Experiment::new();
        let (pipeline, out) = (experiment.path("pipeline.toml"), experiment.path("run"));
        // How long the stage takes when it is let be; corrected whenever it is done before its time.
        let mut duration = Duration::from_secs(1);
        let (mut killed, mut attempt) = (0, 0);
        while killed < tries() {
            let _ = std::fs::remove_dir_all(&out);
            for earlier in &Stage::ALL[..index] {
                assert_eq!(experiment.stage(*earlier, &[]).code, Some(0));
            }
            let started = Instant::now();
            let deadline = started + duration.mul_f64(moment(attempt));
            let status = wait_or_kill(&mut start(*stage, &pipeline, &out), deadline);
            if status.signal() == Some(SIGKILL) {
                killed += 1;
            } else {
                assert!(status.success(), "{stage} failed by itself");
                duration = duration.min(started.elapsed());
            }
            experiment.run_all(&[]);
            assert!(files(&out) == expected, "{stage}, attempt {attempt}");
            assert_eq!(leftovers(&out), 0, "{stage}, attempt {attempt}");
            attempt += 1;
            assert!(
                attempt < 5 * tries(),
                "{stage}: only {killed} of {attempt} were killed"
            );
        }
    }
}
