//! A disk without room.

use super::{leftovers, undisturbed};
use selectron_run::Stage;
use selectron_run::files::TEMPORARY_PREFIX;
use selectron_tests::{Experiment, binaries, files};
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// Writing fails after some blocks of 1 KiB, as on a full disk or beyond a quota.
#[test]
fn files_that_may_not_grow() {
    let expected = undisturbed();
    let experiment = Experiment::new();
    let mut failures = 0;
    for blocks in ["0", "4", "12"] {
        for stage in Stage::ALL {
            let binary = binaries().join(stage.program());
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
                failures += 1;
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
    assert!(failures >= 3, "only {failures} of 9 found no room");
    experiment.run_all(&[]);
    assert!(files(&experiment.path("run")) == expected);
}

/// Mounts a small file system on the run directory, in a namespace of its own that ends with the
/// script; runs the stages on it, then again with room enough, and copies the outcome out.
const ON_A_SMALL_DISK: &str = r#"
set -u
folder=$1 size=$2 binaries=$3 unfinished=$4
shift 4
mkdir -p "$folder/run"
mount -t tmpfs -o "size=$size" tmpfs "$folder/run" || exit 77
stage() { "$binaries/selectron-$1" "$folder/pipeline.toml" --out "$folder/run"; }
for name in "$@"; do
    stage "$name" >"$folder/$name.out" 2>"$folder/$name.err"
    echo "$name $? $(find "$folder/run" -name "$unfinished*" | wc -l)"
done
mount -o remount,size=64m "$folder/run"
for name in "$@"; do
    stage "$name" >/dev/null || exit 1
done
cp -a "$folder/run" "$folder/saved"
"#;

fn on_a_small_disk(experiment: &Experiment, size: &str) -> std::process::Output {
    Command::new("unshare")
        // Root in a user namespace of its own may mount a tmpfs, whoever the user is outside.
        .args([
            "--map-root-user",
            "--mount",
            "bash",
            "-c",
            ON_A_SMALL_DISK,
            "bash",
        ])
        .arg(experiment.path(""))
        .arg(size)
        .arg(binaries())
        .arg(TEMPORARY_PREFIX)
        .args(Stage::ALL.iter().map(|stage| stage.name()))
        .output()
        .unwrap()
}

/// The error of a stage that ended with exit code 1, as a full disk's.
fn assert_says_that_the_disk_is_full(folder: &Path, stage: Stage) {
    let message = std::fs::read_to_string(folder.join(format!("{stage}.err"))).unwrap();
    assert!(message.starts_with("error: "), "{stage}: {message}");
    // A stage after one that found no room lacks its input.
    let full = message.contains("No space left on device");
    assert!(
        full || message.contains("run `cargo xtask "),
        "{stage}: {message}"
    );
    assert!(!message.contains("internal error"), "{stage}: {message}");
}

#[test]
fn a_full_disk() {
    let expected = undisturbed();
    let (mut failures, mut full) = (0, 0);
    for size in ["8k", "32k", "96k", "192k", "288k"] {
        let experiment = Experiment::new();
        let output = on_a_small_disk(&experiment, size);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.is_empty() {
            // In some containers nobody may mount anything; `files_that_may_not_grow` runs anyway.
            // This is not captured, unlike what println! says: a test that was not run is named.
            let note = format!(
                "note: a small disk was NOT tried, since none can be mounted here: {errors}\n"
            );
            std::io::stderr().write_all(note.as_bytes()).unwrap();
            return;
        }
        for (line, stage) in said.lines().zip(Stage::ALL) {
            if line == format!("{stage} 0 0") {
                continue;
            }
            assert_eq!(line, format!("{stage} 1 0"), "{size}");
            assert_says_that_the_disk_is_full(&experiment.path(""), *stage);
            failures += 1;
            let message = std::fs::read_to_string(experiment.path(&format!("{stage}.err")));
            full += u32::from(message.unwrap().contains("No space left on device"));
        }
        assert!(output.status.success(), "{size}: {said}{errors}");
        assert!(files(&experiment.path("saved")) == expected, "{size}");
    }
    assert!(
        full >= 3,
        "{full} of {failures} failures were for want of room"
    );
}
