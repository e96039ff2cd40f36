//! Invariants of the workspace that the dependency graph and the sources can show.

mod circles;
mod source;
mod tokens;

use circles::Modules;
use selectron_run::Stage;
use selectron_run::files::{files_below, folder_entries};
use selectron_tests::root;
use std::path::{Path, PathBuf};
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

/// The packages of the workspace that a package depends on, and the libraries that matter here.
fn depends_on_any(package: &str, libraries: &[&str]) -> Vec<String> {
    let found = dependencies(package).into_iter();
    let mut found: Vec<_> = found
        .filter(|name| name != package)
        .filter(|name| libraries.iter().any(|library| is_or_begins(name, library)))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// `burn` is meant to be every library of burn's.
fn is_or_begins(name: &str, library: &str) -> bool {
    name == library
        || name
            .strip_prefix(library)
            .is_some_and(|rest| rest.starts_with('-'))
}

const TENSORS: &[&str] = &["burn", "gemm"];
const TABLES: &[&str] = &["parquet", "arrow", "selectron-tables"];

#[test]
fn only_what_runs_a_model_depends_on_a_tensor_library() {
    assert!(!depends_on_any("selectron-extract", TENSORS).is_empty());
    for package in [
        "selectron-run",
        "selectron-tables",
        "selectron-stats",
        "selectron-render",
        "selectron-compare",
        "selectron-xtask",
        "selectron-testkit",
    ] {
        let found = depends_on_any(package, &[TENSORS, &["selectron-model"]].concat());
        assert!(found.is_empty(), "{package} depends on {found:?}");
    }
}

#[test]
fn the_base_crate_reads_no_table_and_xtask_links_it_and_stays_light() {
    for package in ["selectron-run", "selectron-xtask"] {
        let found = depends_on_any(package, &[TABLES, TENSORS].concat());
        assert!(found.is_empty(), "{package} depends on {found:?}");
    }
    assert_eq!(
        depends_on_any("selectron-xtask", &["selectron"]),
        ["selectron-run"]
    );
}

/// Stages meet in files, so none calls another; and nothing below them knows of them.
#[test]
fn no_stage_depends_on_another() {
    let packages: Vec<_> = Stage::ALL
        .iter()
        .map(|stage| format!("selectron-{stage}"))
        .collect();
    let stages: Vec<_> = packages.iter().map(String::as_str).collect();
    let below = [
        "selectron-run",
        "selectron-tables",
        "selectron-model",
        "selectron-items",
        "selectron-testkit",
    ];
    for package in stages.iter().copied().chain(below) {
        let found = depends_on_any(package, &stages);
        assert!(found.is_empty(), "{package} depends on {found:?}");
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

/// The packages' folders: those of `crates`, and `xtask`.
fn packages() -> Vec<PathBuf> {
    let mut packages = folder_entries(&root().join("crates")).unwrap();
    packages.push(root().join("xtask"));
    packages
}

/// The modules of each program and library, with the package's folder.
fn modules() -> Vec<(PathBuf, Modules)> {
    let mut all = Vec::new();
    for package in packages() {
        for name in ["src/lib.rs", "src/main.rs"] {
            let read = |path: &Path| std::fs::read_to_string(package.join(path)).ok();
            if package.join(name).is_file() {
                let modules = Modules::of_crate(Path::new(name), &read);
                all.push((package.clone(), modules));
            }
        }
    }
    assert!(all.len() > 9, "only {} crates were found", all.len());
    all
}

#[test]
fn there_is_no_circle_between_the_modules_of_a_crate() {
    let mut found = String::new();
    for (package, modules) in modules() {
        for circle in modules.circles() {
            found += &format!("{}: {circle}", package.display());
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// Lines of a source file, tests apart, that none may exceed; from `AIM` on they are printed.
const LONGEST_FILE: usize = 600;
const AIM: usize = 450;

#[test]
fn no_source_file_is_too_long() {
    for (package, modules) in modules() {
        for file in &modules.files {
            let said = format!(
                "{}: {} lines",
                package.join(&file.path).display(),
                file.lines
            );
            if file.lines > AIM {
                println!("{said}");
            }
            assert!(
                file.lines <= LONGEST_FILE,
                "{said}, more than {LONGEST_FILE}; split it"
            );
        }
    }
}

/// A function that reads from top to bottom like a recipe may be long, but seldom is there a good
/// reason.
const LONG_FUNCTION: usize = 80;
const LONG_FUNCTIONS: usize = 1;

#[test]
fn few_functions_are_long() {
    let mut long = Vec::new();
    for (package, modules) in modules() {
        for file in &modules.files {
            let functions = file.functions.iter();
            for function in functions.filter(|function| function.lines > LONG_FUNCTION) {
                let place = package.join(&file.path);
                long.push(format!(
                    "{}:{}: `{}` has {} lines",
                    place.display(),
                    function.line,
                    function.name,
                    function.lines
                ));
            }
        }
    }
    println!("{}", long.join("\n"));
    assert!(
        long.len() <= LONG_FUNCTIONS,
        "{} functions have more than {LONG_FUNCTION} lines, and at most {LONG_FUNCTIONS} may:\n{}",
        long.len(),
        long.join("\n")
    );
}

/// A module with children is `x/mod.rs`, so that its folder is all of it.
#[test]
fn a_module_with_children_is_a_folder() {
    let sources = sources();
    for source in &sources {
        let folder = source.with_extension("");
        let child = sources.iter().find(|other| other.parent() == Some(&folder));
        assert!(
            child.is_none(),
            "{} belongs into its folder, as mod.rs",
            source.display()
        );
    }
}

#[test]
fn unsafe_blocks_are_the_memory_map_of_the_weights_and_the_matrix_product() {
    // Spelt in two pieces, so that this file is not found.
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
                assert!(before.contains("// SAFETY: "), "{line} does not say why");
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
