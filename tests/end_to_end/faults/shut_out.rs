//! A run directory that may be read but not written.

use selectron_run::Stage;
use selectron_tests::{Experiment, binaries, files};
use std::process::Command;

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
    for stage in Stage::ALL {
        // A copy outside the build folder, which others may not be able to enter.
        let binary = experiment.path(stage.name());
        std::fs::copy(binaries().join(stage.program()), &binary).unwrap();
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
