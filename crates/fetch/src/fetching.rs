//! The download itself.

use crate::plan;
use crate::request::request_error;
use crate::settings::Settings;
use hf_hub::api::Progress;
use hf_hub::api::sync::{Api, ApiBuilder, ApiError, ApiRepo, Metadata};
use hf_hub::{Cache, Repo, RepoType};
use indicatif::ProgressBar;
use selectron_run::error::{Error, Result};
use selectron_run::files::{folder_entries, sha256_of_path};
use selectron_run::hub::HubModel;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The commit that the revision is.
    pub commit: String,
    /// The folder of its files.
    pub folder: PathBuf,
    /// How many files a run needs.
    pub files: usize,
}

/// Is told what happens.
pub trait Listener {
    /// A file was in the cache already.
    fn present(&mut self, file: &str);

    /// A bar for a file of this size that is about to come.
    fn bar(&mut self, file: &str, bytes: u64) -> ProgressBar;

    /// A file has come.
    fn fetched(&mut self, file: &str, bytes: u64);
}

/// Downloads what the cache lacks of a model.
///
/// # Errors
/// When the Hub refuses, cannot be reached or breaks off; when what comes is not what it announced;
/// when the model lacks a file that every run needs; when the cache cannot be written.
pub fn fetch(
    model: &HubModel,
    settings: &Settings,
    listener: &mut dyn Listener,
) -> Result<Fetched> {
    if settings.offline {
        return in_cache(model, settings, listener);
    }
    let api = ApiBuilder::from_cache(Cache::new(settings.cache.clone()))
        .with_endpoint(settings.endpoint.clone())
        .with_token(settings.token.clone())
        .with_retries(settings.retries)
        .build()
        .map_err(|error| request_error(model, None, &settings.endpoint, &error))?;
    let named = Repo::with_revision(model.repo.clone(), RepoType::Model, model.revision.clone());
    let info = api
        .repo(named.clone())
        .info()
        .map_err(|error| request_error(model, None, &settings.endpoint, &error))?;
    let has: BTreeSet<_> = info
        .siblings
        .into_iter()
        .map(|file| file.rfilename)
        .collect();
    let pinned = Repo::with_revision(model.repo.clone(), RepoType::Model, info.sha.clone());
    let run = Run {
        model,
        settings,
        folder: model.folder_in(&settings.cache),
        // All files come from one commit, also if the branch moves meanwhile.
        repo: api.repo(pinned),
        api,
        commit: info.sha,
    };
    let mut files: Vec<String> = Vec::new();
    for name in plan::files(model, &has)? {
        let path = run.file(name, listener)?;
        files.push(name.to_owned());
        if name == plan::INDEX {
            for shard in plan::shards(model, &read(&path)?)? {
                run.file(&shard, listener)?;
                files.push(shard);
            }
        }
    }
    run.finish(&named)?;
    Ok(Fetched {
        folder: run.snapshot(),
        commit: run.commit,
        files: files.len(),
    })
}

/// Without the network: only looks.
fn in_cache(model: &HubModel, settings: &Settings, listener: &mut dyn Listener) -> Result<Fetched> {
    let incomplete = || {
        let what = format!(
            "the cache ({}) does not hold all its files, and HF_HUB_OFFLINE forbids the network",
            settings.cache.display()
        );
        let remedy = "unset it and run the same command again";
        Error::input(&model.repo, what, remedy)
    };
    let snapshot = model.snapshot_in(&settings.cache).ok_or_else(incomplete)?;
    let has: BTreeSet<_> = folder_entries(&snapshot.folder)?
        .into_iter()
        // A link whose blob is gone is not there.
        .filter(|path| path.exists())
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let mut files = Vec::new();
    for name in plan::files(model, &has).map_err(|_| incomplete())? {
        files.push(name.to_owned());
        if name == plan::INDEX {
            files.extend(plan::shards(model, &read(&snapshot.folder.join(name))?)?);
        }
    }
    if files.iter().any(|name| !has.contains(name)) {
        return Err(incomplete());
    }
    files.iter().for_each(|name| listener.present(name));
    Ok(Fetched {
        commit: snapshot.commit,
        folder: snapshot.folder,
        files: files.len(),
    })
}

/// What the downloads of one model share.
struct Run<'a> {
    model: &'a HubModel,
    settings: &'a Settings,
    api: Api,
    repo: ApiRepo,
    commit: String,
    /// `models--<owner>--<repo>` in the cache.
    folder: PathBuf,
}

impl Run<'_> {
    fn snapshot(&self) -> PathBuf {
        self.folder.join("snapshots").join(&self.commit)
    }

    /// Sees to it that a file is in the snapshot, whole.
    fn file(&self, name: &str, listener: &mut dyn Listener) -> Result<PathBuf> {
        let path = self.snapshot().join(name);
        if path.exists() {
            listener.present(name);
            return Ok(path);
        }
        let failed = |error: ApiError| {
            request_error(self.model, Some(name), &self.settings.endpoint, &error)
        };
        let announced = self.api.metadata(&self.repo.url(name)).map_err(failed)?;
        let blob = self.blob(&announced);
        let bytes = announced.size() as u64;
        if is_of_size(&blob, bytes) {
            // Another commit, fetched from here or from Python, has the same file.
            link(&blob, &path)?;
            listener.present(name);
            return Ok(path);
        }
        // A link whose blob is gone.
        remove(&path)?;
        let part = blob.with_extension("part");
        let rest = std::fs::metadata(&part).map_or(0, |part| part.len());
        if rest == bytes {
            // All of it had come, and nobody got to say so.
            std::fs::rename(&part, &blob).map_err(|source| Error::io("rename", &part, source))?;
            link(&blob, &path)?;
        } else {
            if rest > bytes {
                remove(&part)?;
            }
            let bar = Bar(listener.bar(name, bytes));
            let fetched = self.repo.download_with_progress(name, bar);
            fetched.map_err(failed)?;
        }
        if let Err(damage) = self.check(name, &blob, &announced) {
            remove(&path)?;
            remove(&blob)?;
            return Err(damage);
        }
        remove(&blob.with_extension("lock"))?;
        listener.fetched(name, bytes);
        Ok(path)
    }

    fn blob(&self, announced: &Metadata) -> PathBuf {
        self.folder.join("blobs").join(announced.etag())
    }

    /// Compares what came with what was announced: its length, and for large files, whose tag is
    /// their SHA-256, every byte.
    fn check(&self, name: &str, blob: &Path, announced: &Metadata) -> Result<()> {
        let damaged = |what: String| {
            Error::input(
                format_args!("{} {name}", self.model.repo),
                what,
                "it was removed, so run the same command again, or check HF_ENDPOINT and any proxy \
                 if that does not help",
            )
        };
        if !is_of_size(blob, announced.size() as u64) {
            let came = std::fs::metadata(blob).map_or(0, |file| file.len());
            let expected = announced.size();
            return Err(damaged(format!("{came} bytes came instead of {expected}")));
        }
        let tag = announced.etag();
        let is_sha256 = tag.len() == 64 && tag.chars().all(|c| c.is_ascii_hexdigit());
        if is_sha256 && sha256_of_path(blob)? != tag {
            return Err(damaged(
                "the bytes that came have another SHA-256".to_owned(),
            ));
        }
        Ok(())
    }

    /// Notes which commit the revision is. The client notes each commit as a revision of itself,
    /// which Python's cache does not.
    fn finish(&self, named: &Repo) -> Result<()> {
        if self.model.revision == self.commit {
            return remove(&self.folder.join("refs").join(&self.commit));
        }
        remove(&self.folder.join("refs").join(&self.commit))?;
        let cache = Cache::new(self.settings.cache.clone());
        let noted = cache.repo(named.clone()).create_ref(&self.commit);
        noted.map_err(|source| {
            let path = self.folder.join("refs").join(&self.model.revision);
            Error::io("write", path, source)
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::io("read", path, source))
}

fn is_of_size(path: &Path, bytes: u64) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == bytes)
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", path, source))
        }
        _ => Ok(()),
    }
}

/// Puts a blob into a snapshot under a name, as Python does: a relative link, or a copy where there
/// are no links.
fn link(blob: &Path, path: &Path) -> Result<()> {
    let failed = |source| Error::io("create", path, source);
    // A link whose blob was gone.
    remove(path)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    #[cfg(unix)]
    {
        let name = blob.file_name().unwrap_or_default();
        let target = Path::new("../../blobs").join(name);
        std::os::unix::fs::symlink(target, path).map_err(failed)
    }
    #[cfg(not(unix))]
    {
        std::fs::copy(blob, path).map(|_| ()).map_err(failed)
    }
}

/// Passes the client's progress on to a bar.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn init(&mut self, size: usize, _: &str) {
        self.0.set_length(size as u64);
        self.0.set_position(0);
    }

    fn update(&mut self, size: usize) {
        self.0.inc(size as u64);
    }

    fn finish(&mut self) {
        self.0.finish_and_clear();
    }
}
