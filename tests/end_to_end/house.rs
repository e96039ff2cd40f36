//! Invariants of the house that the dependency graph and the sources can show.

use selectron_run::files::files_below;
use selectron_tests::root;
use std::path::PathBuf;
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
        .current_dir(root())
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
        "selectron-run",
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
    for heavy in ["parquet", "arrow", "selectron-run", "selectron-render"] {
        assert!(
            !found.iter().any(|name| name == heavy),
            "xtask depends on {heavy}"
        );
    }
}

/// The source files of the workspace, by path from its root.
fn sources() -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for folder in ["crates", "xtask", "tests"] {
        for path in files_below(&root().join(folder)).unwrap() {
            if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(PathBuf::from(folder).join(path));
            }
        }
    }
    sources
}

#[test]
fn unsafe_blocks_are_the_memory_map_of_the_weights_and_the_matrix_product() {
    // Spelt in two pieces, lest this file be found.
    let (block, permission) = (concat!("un", "safe "), concat!("(un", "safe_code)"));
    let mut places = Vec::new();
    for source in sources() {
        let text = std::fs::read_to_string(root().join(&source)).unwrap();
        let lines: Vec<_> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if code.contains(permission) {
                places.push(format!("{}: {}", source.display(), code.trim()));
            }
            if code.contains(block) {
                places.push(format!("{}: {}", source.display(), code.trim()));
                let before = lines[index.saturating_sub(5)..index].join(" ");
                assert!(before.contains("// SAFETY: "), "{line} says not why");
            }
        }
    }
    places.sort();
    let weights = "crates/model/src/checkpoint/weights.rs";
    let product = "crates/model/src/host/product.rs";
    assert_eq!(
        places,
        [
            format!("{weights}: #[allow{permission}]"),
            format!("{weights}: {block}{{ Mmap::map(&file) }}.map_err(failed)"),
            format!("{product}: #[allow{permission}]"),
            format!("{product}: {block}{{"),
            format!("{product}: {block}{{ y.set_len(size) }};"),
        ]
    );
}

#[test]
fn every_package_obeys_the_lints_of_the_workspace() {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains(concat!("un", "safe_code = \"deny\"")));
    let mut packages = 0;
    for folder in ["crates", "xtask", "tests"] {
        for path in files_below(&root().join(folder)).unwrap() {
            if path.file_name().is_some_and(|name| name == "Cargo.toml") {
                let text = std::fs::read_to_string(root().join(folder).join(&path)).unwrap();
                assert!(
                    text.contains("[lints]\nworkspace = true"),
                    "{}",
                    path.display()
                );
                packages += 1;
            }
        }
    }
    assert!(packages >= 9, "only {packages} packages were found");
}

#[test]
fn a_fork_runs_what_everybody_runs() {
    let workflow = std::fs::read_to_string(root().join(".github/workflows/ci.yml")).unwrap();
    let commands: Vec<_> = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- run: "))
        .collect();
    assert_eq!(commands, [".ci/run"]);
    assert!(!workflow.contains("run: |"));
}
