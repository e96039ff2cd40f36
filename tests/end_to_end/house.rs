//! Invariants of the house that the dependency graph can show.

use std::process::Command;

/// The names of everything a package of ours depends on.
fn dependencies(package: &str) -> Vec<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .args(["--format", "{p}", "--package", package])
        .current_dir(selectron_tests::root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn only_extract_and_model_depend_on_a_tensor_library() {
    assert!(
        dependencies("selectron-extract")
            .iter()
            .any(|name| name == "burn")
    );
    for package in [
        "selectron-schema",
        "selectron-stats",
        "selectron-render",
        "selectron-xtask",
    ] {
        let tensors: Vec<_> = dependencies(package)
            .into_iter()
            .filter(|name| name.starts_with("burn") || name == "selectron-model")
            .collect();
        assert!(tensors.is_empty(), "{package} depends on {tensors:?}");
    }
}

#[test]
fn xtask_is_light() {
    let found = dependencies("selectron-xtask");
    for heavy in ["parquet", "arrow", "selectron-schema", "selectron-render"] {
        assert!(
            !found.iter().any(|name| name == heavy),
            "xtask depends on {heavy}"
        );
    }
}
