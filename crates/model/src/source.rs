//! Finding a model: bundled by name, a directory, or the local Hugging Face cache.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// Where a model source leads.
///
/// `hub:<owner>/<repo>[@<revision>]` is looked up in the local Hugging Face cache, laid out as
/// Python's `huggingface_hub` lays it out; nothing is downloaded. A name without a separator is a
/// bundled model in `<home>/artifacts/models`. Everything else is a directory; a relative one is
/// looked up from the working directory, then from the pipeline's folder.
///
/// # Errors
/// When there is no such model; the message says how to get it.
pub fn locate(source: &str, home: Option<&Path>, pipeline_folder: &Path) -> Result<PathBuf> {
    if let Some(name) = source.strip_prefix("hub:") {
        return locate_in_cache(source, name);
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
    found.ok_or_else(|| Error::Source {
        source_name: source.to_owned(),
        what: "there is no such bundled model, and no such directory with a config.json".to_owned(),
        remedy: format!(
            "give a directory in Hugging Face layout, hub:<owner>/<repo>, or a bundled model{}",
            home.map(bundled_models).unwrap_or_default()
        ),
    })
}

/// ` (neo-mini, …)`
fn bundled_models(home: &Path) -> String {
    let Ok(folders) = selectron_schema::files::folder_entries(&home.join("artifacts/models"))
    else {
        return String::new();
    };
    let names: Vec<_> = folders
        .iter()
        .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
        .collect();
    format!(" ({})", names.join(", "))
}

/// `<cache>/models--<owner>--<repo>/snapshots/<commit>`, the commit by way of `refs/<revision>`.
fn locate_in_cache(source: &str, name: &str) -> Result<PathBuf> {
    let (repo, revision) = name.split_once('@').unwrap_or((name, "main"));
    let good = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let parts: Vec<_> = repo.split('/').collect();
    if parts.len() > 2 || !parts.iter().all(|part| good(part)) || revision.contains("..") {
        return Err(Error::Source {
            source_name: source.to_owned(),
            what: "not of the form hub:<owner>/<repo>[@<revision>]".to_owned(),
            remedy: "write it as on the model's page, such as hub:EleutherAI/gpt-neo-125m"
                .to_owned(),
        });
    }
    let cache = cache_folder();
    let folder = cache.join(format!("models--{}", parts.join("--")));
    let commit = std::fs::read_to_string(folder.join("refs").join(revision))
        .map_or_else(|_| revision.to_owned(), |commit| commit.trim().to_owned());
    let snapshot = folder.join("snapshots").join(commit);
    if snapshot.join("config.json").exists() {
        return Ok(snapshot);
    }
    let revision = if revision == "main" {
        String::new()
    } else {
        format!(" --revision {revision}")
    };
    Err(Error::Source {
        source_name: source.to_owned(),
        what: format!(
            "its files are not in the local Hugging Face cache ({})",
            cache.display()
        ),
        remedy: format!(
            "fetch them once with `hf download {repo}{revision} config.json tokenizer.json \
             tokenizer_config.json model.safetensors` (the program of the Python package \
             huggingface_hub), or give --model a directory that holds them"
        ),
    })
}

/// The cache folder, by the variables that `huggingface_hub` honours.
fn cache_folder() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(cache) = variable("HF_HUB_CACHE") {
        return cache.into();
    }
    let home = variable("HF_HOME").map(PathBuf::from).or_else(|| {
        let cache = variable("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")));
        Some(cache?.join("huggingface"))
    });
    home.unwrap_or_else(|| PathBuf::from(".cache/huggingface"))
        .join("hub")
}
