//! Finding a model: bundled by name, a directory, or the local Hugging Face cache.

use crate::error::{Error, Result};
use selectron_run::hub::{HubModel, cache_folder};
use std::path::{Path, PathBuf};

/// A model's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The folder that holds its files.
    pub folder: PathBuf,
    /// The commit, for a model of the Hugging Face Hub.
    pub commit: Option<String>,
}

/// Where a model source leads.
///
/// `hub:<owner>/<repo>[@<revision>]` is looked up in the local Hugging Face cache, laid out as
/// Python's `huggingface_hub` lays it out; nothing is downloaded. A name without a separator is a
/// bundled model in `<home>/artifacts/models`. Everything else is a directory; a relative one is
/// looked up from the working directory, then from the pipeline's folder.
///
/// # Errors
/// When there is no such model; the message says how to get it.
pub fn locate(source: &str, home: Option<&Path>, pipeline_folder: &Path) -> Result<Found> {
    if HubModel::is_named_by(source) {
        return locate_in_cache(source, &cache_folder());
    }
    let bundled = home.map(|home| home.join("artifacts/models").join(source));
    let is_name = !source.contains(['/', '\\']) && !source.is_empty();
    let candidates = [
        bundled.filter(|_| is_name),
        Some(PathBuf::from(source)),
        Some(pipeline_folder.join(source)),
    ];
    let found = candidates
        .into_iter()
        .flatten()
        .find(|folder| folder.join("config.json").exists());
    let found = found.map(|folder| Found {
        folder,
        commit: None,
    });
    found.ok_or_else(|| {
        Error::input(
            format_args!("model `{source}`"),
            "there is no such bundled model, and no such directory with a config.json",
            format!(
                "give a directory in Hugging Face layout, hub:<owner>/<repo>, or a bundled model{}",
                home.map(bundled_models).unwrap_or_default()
            ),
        )
    })
}

/// ` (neo-mini, …)`
fn bundled_models(home: &Path) -> String {
    let Ok(folders) = selectron_run::files::folder_entries(&home.join("artifacts/models")) else {
        return String::new();
    };
    let names: Vec<_> = folders
        .iter()
        .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
        .collect();
    format!(" ({})", names.join(", "))
}

/// The snapshot of a model in a cache, if the files that every run needs are there.
fn locate_in_cache(source: &str, cache: &Path) -> Result<Found> {
    let model = HubModel::parse(source)?;
    let absent = |what: String| {
        Error::input(
            format_args!("model `{source}`"),
            what,
            format!(
                "fetch it once with `cargo xtask fetch {}`, or give --model a directory that holds its \
             files",
                model.source()
            ),
        )
    };
    let Some(snapshot) = model.snapshot_in(cache) else {
        return Err(absent(format!(
            "it is not in the local Hugging Face cache ({})",
            cache.display()
        )));
    };
    match missing(&snapshot.folder) {
        None => Ok(Found {
            folder: snapshot.folder,
            commit: Some(snapshot.commit),
        }),
        Some(file) => Err(absent(format!(
            "{file} is missing in the local Hugging Face cache ({})",
            snapshot.folder.display()
        ))),
    }
}

/// A file that every run needs and this folder lacks. Weights in another format are left for the
/// checkpoint to speak about.
fn missing(folder: &Path) -> Option<&'static str> {
    const WEIGHTS: [&str; 3] = [
        "model.safetensors",
        "model.safetensors.index.json",
        "pytorch_model.bin",
    ];
    let has = |name: &&str| folder.join(name).exists();
    let lacks_weights = !WEIGHTS.iter().any(has);
    let files = ["config.json", "tokenizer.json"].into_iter();
    files
        .chain(lacks_weights.then_some(WEIGHTS[0]))
        .find(|name| !has(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    /// A cache as Python's `huggingface_hub` lays it out: blobs, and links to them by name.
    #[cfg(unix)]
    fn cache(names: &[&str]) -> tempfile::TempDir {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("models--owner--tiny");
        let snapshot = folder.join("snapshots").join(COMMIT);
        for part in ["blobs", "refs"] {
            std::fs::create_dir_all(folder.join(part)).unwrap();
        }
        std::fs::create_dir_all(&snapshot).unwrap();
        std::fs::write(folder.join("refs/main"), COMMIT).unwrap();
        for (number, name) in names.iter().enumerate() {
            let blob = format!("{number:040x}");
            std::fs::write(folder.join("blobs").join(&blob), "{}").unwrap();
            let target = Path::new("../../blobs").join(blob);
            std::os::unix::fs::symlink(target, snapshot.join(name)).unwrap();
        }
        cache
    }

    #[cfg(unix)]
    #[test]
    fn a_cache_of_python_is_read() {
        let cache = cache(&["config.json", "tokenizer.json", "model.safetensors"]);
        for source in [
            "hub:owner/tiny".to_owned(),
            "hub:owner/tiny@main".to_owned(),
            format!("hub:owner/tiny@{COMMIT}"),
        ] {
            let found = locate_in_cache(&source, cache.path()).unwrap();
            assert_eq!(found.commit.as_deref(), Some(COMMIT));
            assert!(found.folder.join("config.json").exists());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_there_is_offered_to_be_fetched() {
        let refuse = |names: &[&str], source: &str| {
            let error = locate_in_cache(source, cache(names).path()).unwrap_err();
            error.to_string()
        };
        let all = ["config.json", "tokenizer.json", "model.safetensors"];
        let absent = refuse(&all, "hub:owner/other@v2");
        assert!(absent.contains("it is not in the local Hugging Face cache"));
        assert!(
            absent.contains("`cargo xtask fetch hub:owner/other@v2`"),
            "{absent}"
        );
        let revision = refuse(&all, "hub:owner/tiny@v2");
        assert!(revision.contains("`cargo xtask fetch hub:owner/tiny@v2`"));
        let weights = refuse(&all[..2], "hub:owner/tiny");
        assert!(
            weights.contains("model.safetensors is missing in the local"),
            "{weights}"
        );
        assert!(weights.contains("`cargo xtask fetch hub:owner/tiny`"));
        let tokenizer = refuse(&["config.json", "model.safetensors"], "hub:owner/tiny");
        assert!(
            tokenizer.contains("tokenizer.json is missing"),
            "{tokenizer}"
        );
    }
}
