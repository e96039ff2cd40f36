//! Reproducibility: a pipeline run twice, in different surroundings, must give the same bytes.

use crate::error::{Error, Result};
use crate::flags::RunFlags;
use crate::stages::{self, ALL, binary, root};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a pipeline into two temporary folders, with another thread count, working directory and
/// home, and compares every file.
pub(crate) fn verify(flags: &RunFlags) -> Result<()> {
    stages::build(flags)?;
    let pipeline = [flags.pipeline.clone(), root().join(&flags.pipeline)]
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| flags.pipeline.clone());
    let pipeline = std::path::absolute(&pipeline).map_err(|error| Error::Read {
        path: pipeline.clone(),
        what: error.to_string(),
    })?;
    let folder = tempfile::tempdir().map_err(|error| Error::Read {
        path: std::env::temp_dir(),
        what: error.to_string(),
    })?;
    let flags = |out: &Path| RunFlags {
        pipeline: pipeline.clone(),
        out: Some(out.to_owned()),
        force: true,
        ..flags.clone()
    };
    let (first, second) = (
        folder.path().join("first"),
        folder.path().join("elsewhere/second"),
    );
    run_in(&flags(&first), &root(), None, "2")?;
    run_in(&flags(&second), folder.path(), Some(folder.path()), "1")?;
    let files = compare(&first, &second)?;
    let line = format!(
        "verified   {files} files of {} are the same bytes in two runs",
        name(&pipeline)
    );
    let _ = writeln!(std::io::stdout().lock(), "{line}");
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn run_in(flags: &RunFlags, folder: &Path, home: Option<&Path>, threads: &str) -> Result<()> {
    for stage in ALL {
        let mut command = Command::new(binary(stage));
        command
            .args(flags.arguments())
            .current_dir(folder)
            .env("RAYON_NUM_THREADS", threads);
        if let Some(home) = home {
            command.env("HOME", home);
        }
        stages::run_command(&mut command)?;
    }
    Ok(())
}

/// Compares the files of two folders; returns how many there are.
fn compare(first: &Path, second: &Path) -> Result<usize> {
    let (ours, theirs) = (contents(first)?, contents(second)?);
    if let Some(name) = ours
        .keys()
        .chain(theirs.keys())
        .find(|name| !ours.contains_key(*name) || !theirs.contains_key(*name))
    {
        return Err(Error::Differs(format!("only one wrote {}", name.display())));
    }
    for (name, content) in &ours {
        if theirs.get(name) != Some(content) {
            return Err(Error::Differs(name.display().to_string()));
        }
    }
    Ok(ours.len())
}

/// Every file of a folder but the stages' own notes, by relative path.
fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let failed = |error: std::io::Error| Error::Read {
            path: current.clone(),
            what: error.to_string(),
        };
        for entry in std::fs::read_dir(&current).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if name(&path).starts_with('.') {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                files.insert(relative, std::fs::read(&path).map_err(failed)?);
            }
        }
    }
    Ok(files)
}
