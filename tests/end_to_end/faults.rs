//! What goes wrong around a run: it is killed, interrupted, out of space, shut out. A plain rerun then
//! succeeds and equals an undisturbed one.

use selectron_tests::{Experiment, binaries, files, root};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

const STAGES: [&str; 3] = ["extract", "stats", "render"];

/// Tries in an ordinary run of the suite; `SELECTRON_LONG=1` makes it a hundred.
fn tries() -> u32 {
    if std::env::var_os("SELECTRON_LONG").is_some() {
        100
    } else {
        12
    }
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

/// Sends a signal by its number.
fn signal(child: &Child, number: &str) {
    let status = Command::new("kill")
        .args([number, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

fn leftovers(run: &Path) -> usize {
    [run.to_owned(), run.join("figures"), run.join(".stages")]
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

#[test]
fn a_run_killed_at_any_moment_is_taken_up_and_ends_with_the_same_bytes() {
    let undisturbed = Experiment::new();
    let started = Instant::now();
    undisturbed.run_all(&[]);
    let duration = started.elapsed();
    let expected = files(&undisturbed.path("run"));

    let experiment = Experiment::new();
    let (pipeline, out) = (experiment.path("pipeline.toml"), experiment.path("run"));
    let mut killed = 0;
    for attempt in 0..tries() {
        let _ = std::fs::remove_dir_all(&out);
        // Moments spread evenly over the whole run, by the golden ratio.
        let moment = duration.mul_f64((f64::from(attempt) * 0.618_033_988_75).fract());
        let deadline = Instant::now() + moment;
        for stage in STAGES {
            let mut child = start(stage, &pipeline, &out);
            let status = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
                if Instant::now() >= deadline {
                    child.kill().unwrap();
                    break child.wait().unwrap();
                }
                std::thread::sleep(Duration::from_micros(200));
            };
            if status.signal() == Some(9) {
                killed += 1;
                break;
            }
            assert!(status.success(), "{stage} failed by itself");
        }
        experiment.run_all(&[]);
        assert!(
            files(&out) == expected,
            "attempt {attempt}, killed after {moment:?}"
        );
        assert_eq!(leftovers(&out), 0);
    }
    assert!(
        killed * 2 > tries(),
        "only {killed} of {} runs were killed",
        tries()
    );
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
        let mut child = start("extract", &path, &out);
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
    for stage in STAGES {
        let outcome = experiment.stage(stage, &["--force"]);
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

/// Writing fails after some blocks of 1 KiB, as on a full disk or beyond a quota.
#[test]
fn out_of_space() {
    let undisturbed = Experiment::new();
    undisturbed.run_all(&[]);
    let expected = files(&undisturbed.path("run"));
    let experiment = Experiment::new();
    for blocks in ["0", "4", "12"] {
        for stage in STAGES {
            let binary = binaries().join(format!("selectron-{stage}"));
            let output = Command::new("bash")
                .args([
                    "-c",
                    "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"",
                    "bash",
                    blocks,
                ])
                .arg(binary)
                .arg(experiment.path("pipeline.toml"))
                .arg("--out")
                .arg(experiment.path("run"))
                .output()
                .unwrap();
            if !output.status.success() {
                let message = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(
                    message.starts_with("error: "),
                    "{blocks} {stage}: {message}"
                );
                assert!(
                    !message.contains("internal error"),
                    "{blocks} {stage}: {message}"
                );
                assert_eq!(output.status.code(), Some(1));
                assert_eq!(leftovers(&experiment.path("run")), 0);
            }
        }
    }
    experiment.run_all(&[]);
    assert!(files(&experiment.path("run")) == expected);
}

#[test]
fn a_folder_that_may_not_be_written() {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let before = files(&experiment.path("run"));
    let mode = |mode: &str| {
        let paths = [experiment.path("run"), experiment.path("run/figures")];
        assert!(
            Command::new("chmod")
                .arg(mode)
                .args(paths)
                .status()
                .unwrap()
                .success()
        );
    };
    // Root may write anywhere, so root's tests become nobody.
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    assert!(
        Command::new("chmod")
            .args(["-R", "a+rX"])
            .arg(experiment.path(""))
            .status()
            .unwrap()
            .success()
    );
    mode("a-w");
    for stage in STAGES {
        // A copy outside the build folder, which others may not be able to enter.
        let binary = experiment.path(stage);
        std::fs::copy(binaries().join(format!("selectron-{stage}")), &binary).unwrap();
        let mut command = if is_root {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
                .arg(&binary);
            command
        } else {
            Command::new(&binary)
        };
        let output = command
            .arg(experiment.path("pipeline.toml"))
            .arg("--out")
            .arg(experiment.path("run"))
            .arg("--force")
            .output()
            .unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{stage}: {message}");
        assert!(
            message.starts_with("error: cannot write into"),
            "{stage}: {message}"
        );
    }
    mode("u+w");
    assert!(files(&experiment.path("run")) == before);
    experiment.run_all(&["--force"]);
    assert!(files(&experiment.path("run")) == before);
}

#[test]
fn a_closed_standard_output_stops_nothing() {
    let experiment = Experiment::new();
    for stage in STAGES {
        let mut child = Command::new(binaries().join(format!("selectron-{stage}")))
            .arg(experiment.path("pipeline.toml"))
            .arg("--out")
            .arg(experiment.path("run"))
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
        for stage in STAGES {
            assert!(
                experiment.stage(stage, &[]).stdout.contains("up to date"),
                "{stage}"
            );
        }
    }
    assert!(files(&experiment.path("run")) == before);
}

#[test]
fn a_flipped_byte_anywhere_is_noticed_and_mended() {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let before = files(&experiment.path("run"));
    let names: Vec<_> = before.keys().collect();
    for attempt in 0..tries() * 2 {
        let name = names[attempt as usize % names.len()];
        let mut bytes = before[name].clone();
        let place = (f64::from(attempt) * 0.618_033_988_75).fract() * bytes.len() as f64;
        bytes[place as usize] ^= 1 << (attempt % 8);
        std::fs::write(experiment.path("run").join(name), bytes).unwrap();
        let said: String = STAGES
            .map(|stage| experiment.stage(stage, &[]))
            .map(|o| o.stdout + &o.stderr)
            .concat();
        let after = files(&experiment.path("run"));
        assert!(after == before, "{} at {place}: {said}", name.display());
        assert!(
            said.contains(&*name.to_string_lossy()),
            "{} is not named: {said}",
            name.display()
        );
    }
}
