//! Models of the Hugging Face Hub: how a source names one, and where the local cache keeps it.
//!
//! The cache is the one that Python's `huggingface_hub` keeps, so that each finds what the other
//! downloaded. Nothing here touches the network.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// A model of the Hub, as a source names it: `hub:<owner>/<repo>[@<revision>]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubModel {
    /// `<owner>/<repo>`; a few old models have no owner.
    pub repo: String,
    /// A branch, a tag or a commit.
    pub revision: String,
}

/// A model's folder in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The folder that holds its files.
    pub folder: PathBuf,
    /// The commit that it is.
    pub commit: String,
}

impl HubModel {
    /// The revision where a source names none.
    pub const DEFAULT_REVISION: &str = "main";

    /// Whether a source names a model of the Hub.
    pub fn is_named_by(source: &str) -> bool {
        source.starts_with("hub:")
    }

    /// Reads a source, with or without its `hub:`.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn parse(source: &str) -> Result<Self> {
        let name = source.strip_prefix("hub:").unwrap_or(source);
        let (repo, revision) = name
            .split_once('@')
            .unwrap_or((name, Self::DEFAULT_REVISION));
        let parts: Vec<_> = repo.split('/').collect();
        let steps: Vec<_> = revision.split('/').collect();
        // Both become paths, so that neither may lead out of the cache.
        if parts.len() > 2 || !parts.iter().chain(&steps).all(|part| is_plain(part)) {
            return Err(Error::input(
                format!("model `{source}`"),
                "not of the form hub:<owner>/<repo>[@<revision>]",
                "write it as on the model's page, such as hub:EleutherAI/gpt-neo-125m",
            ));
        }
        Ok(Self {
            repo: repo.to_owned(),
            revision: revision.to_owned(),
        })
    }

    /// The source that names this model.
    pub fn source(&self) -> String {
        match self.revision.as_str() {
            Self::DEFAULT_REVISION => format!("hub:{}", self.repo),
            revision => format!("hub:{}@{revision}", self.repo),
        }
    }

    /// The folder that a cache keeps for this model, all revisions.
    pub fn folder_in(&self, cache: &Path) -> PathBuf {
        cache.join(format!("models--{}", self.repo.replace('/', "--")))
    }

    /// The snapshot that the revision leads to: `refs/<revision>` holds the commit, unless the
    /// revision is one. None where the cache has no such snapshot.
    pub fn snapshot_in(&self, cache: &Path) -> Option<Snapshot> {
        let folder = self.folder_in(cache);
        let commit = std::fs::read_to_string(folder.join("refs").join(&self.revision))
            .map_or_else(|_| self.revision.clone(), |commit| commit.trim().to_owned());
        let folder = folder.join("snapshots").join(&commit);
        (is_plain(&commit) && folder.is_dir()).then_some(Snapshot { folder, commit })
    }
}

fn is_plain(part: &str) -> bool {
    !part.is_empty()
        && part != "."
        && part != ".."
        && part
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The cache folder, by the variables that `huggingface_hub` honours.
pub fn cache_folder() -> PathBuf {
    let variable = |name: &str| variable(name).map(|value| expanded(&value));
    variable("HF_HUB_CACHE")
        .or_else(|| variable("HUGGINGFACE_HUB_CACHE"))
        .unwrap_or_else(|| home_folder().join("hub"))
}

/// The folder in which the Hugging Face libraries keep caches and the token.
pub fn home_folder() -> PathBuf {
    let variable = |name: &str| variable(name).map(|value| expanded(&value));
    let caches = || {
        variable("XDG_CACHE_HOME")
            .or_else(|| Some(variable("HOME")?.join(".cache")))
            .unwrap_or_else(|| PathBuf::from(".cache"))
    };
    variable("HF_HOME").unwrap_or_else(|| caches().join("huggingface"))
}

/// A path in which `~`, `$NAME` and `${NAME}` stand for what they stand for in a shell: Python's
/// `huggingface_hub` expands them too, for a variable may come from a file that no shell has read. A
/// variable that is not set stays as it is written.
fn expanded(value: &std::ffi::OsStr) -> PathBuf {
    let Some(text) = value.to_str() else {
        return PathBuf::from(value);
    };
    let mut path = String::new();
    let mut rest = text;
    if let (Some(home), Some(after)) = (std::env::home_dir(), text.strip_prefix('~'))
        && (after.is_empty() || after.starts_with('/'))
    {
        path.push_str(&home.to_string_lossy());
        rest = after;
    }
    while let Some((before, after)) = rest.split_once('$') {
        path.push_str(before);
        let braced = after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let (name, following) = braced.unwrap_or_else(|| {
            let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = after.find(|c| !is_of_name(c)).unwrap_or(after.len());
            after.split_at(end)
        });
        match std::env::var(name) {
            Ok(value) if !name.is_empty() => path.push_str(&value),
            _ => {
                let written = after.len() - following.len();
                path.push('$');
                path.push_str(&after[..written]);
            }
        }
        rest = following;
    }
    path.push_str(rest);
    PathBuf::from(path)
}

/// An environment variable that is set and not empty.
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_and_written_back() {
        let model = HubModel::parse("hub:EleutherAI/pythia-70m@refs/pr/3").unwrap();
        assert_eq!(model.repo, "EleutherAI/pythia-70m");
        assert_eq!(model.revision, "refs/pr/3");
        assert_eq!(model.source(), "hub:EleutherAI/pythia-70m@refs/pr/3");
        let main = HubModel::parse("gpt2").unwrap();
        assert_eq!(main.source(), "hub:gpt2");
        assert_eq!(
            main.folder_in(Path::new("cache")),
            Path::new("cache/models--gpt2")
        );
    }

    #[test]
    fn a_source_that_leads_elsewhere_is_refused() {
        for source in [
            "hub:",
            "hub:/etc",
            "hub:a/b/c",
            "hub:../b",
            "hub:a/b@",
            "hub:a/b@../c",
            "hub:a/b@/c",
            "hub:a b",
            "hub:a/b@c\\d",
        ] {
            let error = HubModel::parse(source).unwrap_err().to_string();
            assert!(
                error.contains("not of the form hub:<owner>/<repo>"),
                "{source}"
            );
        }
    }

    #[test]
    fn homes_and_variables_in_a_cache_folder_are_expanded() {
        let home = std::env::var("HOME").unwrap();
        for (written, expected) in [
            ("~/hf", format!("{home}/hf")),
            ("~", home.clone()),
            ("$HOME/hf", format!("{home}/hf")),
            ("${HOME}/a/$HOME", format!("{home}/a/{home}")),
            ("~other/hf", "~other/hf".to_owned()),
            (
                "/hf/$NO_SUCH_VARIABLE_/x",
                "/hf/$NO_SUCH_VARIABLE_/x".to_owned(),
            ),
            (
                "/hf/${NO_SUCH_VARIABLE_}/$",
                "/hf/${NO_SUCH_VARIABLE_}/$".to_owned(),
            ),
        ] {
            assert_eq!(
                expanded(written.as_ref()),
                Path::new(&expected),
                "{written}"
            );
        }
    }

    #[test]
    fn a_revision_leads_to_its_snapshot() {
        let cache = tempfile::tempdir().unwrap();
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let model = |revision: &str| HubModel::parse(&format!("hub:a/b@{revision}")).unwrap();
        let folder = cache.path().join("models--a--b");
        std::fs::create_dir_all(folder.join("snapshots").join(commit)).unwrap();
        std::fs::create_dir_all(folder.join("refs/refs/pr")).unwrap();
        std::fs::write(folder.join("refs/main"), commit).unwrap();
        std::fs::write(folder.join("refs/refs/pr/3"), format!("{commit}\n")).unwrap();
        std::fs::write(folder.join("refs/old"), "../../elsewhere").unwrap();
        for revision in ["main", "refs/pr/3", commit] {
            let found = model(revision).snapshot_in(cache.path()).unwrap();
            assert_eq!(found.commit, commit);
            assert_eq!(found.folder, folder.join("snapshots").join(commit));
        }
        assert_eq!(model("v2").snapshot_in(cache.path()), None);
        assert_eq!(model("old").snapshot_in(cache.path()), None);
    }
}
