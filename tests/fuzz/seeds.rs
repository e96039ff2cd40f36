//! Sound inputs, from which mutations are made, and the inputs that were once found to do harm.

use crate::mutate::parquet::bombs;
use selectron_run::files::{files_below, folder_entries};
use selectron_tests::{Experiment, root};
use std::path::{Path, PathBuf};

fn folder(kind: &str, target: &str) -> PathBuf {
    root().join("tests/fuzz").join(kind).join(target)
}

/// Where a target's findings are kept.
pub(crate) fn findings_folder(target: &str) -> PathBuf {
    folder("findings", target)
}

/// The files of a folder, by name; none where there is no such folder.
pub(crate) fn read_folder(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = folder_entries(folder).unwrap_or_default();
    let read = |path: PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name, std::fs::read(&path).ok()?))
    };
    entries.into_iter().filter_map(read).collect()
}

/// A target's own seeds, and those of these files of the repository.
pub(crate) fn seeds(target: &str, files: &[&str]) -> Vec<Vec<u8>> {
    let own = read_folder(&folder("seeds", target));
    let shared = files
        .iter()
        .map(|name| std::fs::read(root().join(name)).unwrap());
    own.into_iter()
        .map(|(_, bytes)| bytes)
        .chain(shared)
        .collect()
}

/// Writes the seeds of the targets `table`, `activations` and `manifest`.
pub(crate) fn make() {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let run = experiment.path("run");
    for name in files_below(&run).unwrap() {
        let name = name.to_string_lossy();
        let target = match name.strip_suffix(".parquet") {
            Some(table) if table.ends_with("activations") => "activations",
            Some(_) => "table",
            None if name == "manifest.json" => "manifest",
            None => continue,
        };
        save(target, &name, &std::fs::read(run.join(&*name)).unwrap());
    }
    let words = [
        "item",
        "category",
        "word",
        "rank",
        "pair",
        "token_ids",
        "token_start",
        "token_end",
    ];
    for (target, columns) in [
        ("table", words.as_slice()),
        ("activations", &["item", "site", "layer", "activation"]),
    ] {
        for (kind, bytes) in bombs(columns) {
            save(target, &format!("bomb-{kind}.parquet"), &bytes);
        }
    }
}

fn save(target: &str, name: &str, bytes: &[u8]) {
    let folder = folder("seeds", target);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}
