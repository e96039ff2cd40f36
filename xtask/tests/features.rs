//! Nothing is compiled twice: whatever `cargo xtask` builds, the libraries have the features that they
//! have in a run and in the tests.

// These are tests all through: what fails here fails the test.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::process::Command;

/// Every library that some packages are compiled from, with its features, as a line.
fn libraries(selection: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["--format", "{p} {f}"])
        .args(selection)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)").trim());
    lines
        .filter(|line| !line.starts_with("selectron-"))
        .map(str::to_owned)
        .collect()
}

/// Libraries of the one set that the other has with other features only.
fn otherwise(these: &BTreeSet<String>, those: &BTreeSet<String>) -> Vec<String> {
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let differ = these.difference(those);
    differ
        .map(|line| {
            let others: Vec<_> = those
                .iter()
                .filter(|other| name(other) == name(line))
                .map(String::as_str)
                .collect();
            format!("`{line}`, elsewhere `{}`", others.join("` and `"))
        })
        .collect()
}

const STAGES: [&str; 8] = [
    "--edges",
    "normal,build",
    "--package",
    "selectron-extract",
    "--package",
    "selectron-stats",
    "--package",
    "selectron-render",
];

#[test]
fn this_programs_libraries_serve_the_stages() {
    let xtask = libraries(&["--edges", "normal,build", "--package", "selectron-xtask"]);
    let stages = libraries(&STAGES);
    let compiled_twice = otherwise(&xtask, &stages);
    assert!(
        compiled_twice.is_empty(),
        "with other features in xtask than in the stages; name these features in xtask/Cargo.toml:\n{}",
        compiled_twice.join("\n")
    );
}

#[test]
fn the_stages_libraries_serve_the_tests() {
    let tests = libraries(&["--edges", "all", "--workspace"]);
    let compiled_twice = otherwise(&libraries(&STAGES), &tests);
    assert!(compiled_twice.is_empty(), "{}", compiled_twice.join("\n"));
}
