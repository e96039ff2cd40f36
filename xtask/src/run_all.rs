//! All stages, one after the other.

use crate::error::{Error, Result};
use crate::process::say;
use crate::programs::{Program, build};
use crate::stages::{check, run};
use crate::summary;
use selectron_run::files::remove_path;
use selectron_run::manifest::Manifest;
use selectron_run::stage::StageArgs;
use selectron_run::{RunDir, Stage};
use std::io::ErrorKind;
use std::path::Path;

/// Builds and runs all stages, removes what only they needed, and prints what is most telling of the
/// outcome.
pub(crate) fn run_all(args: &StageArgs) -> Result<()> {
    let task = check(args)?;
    build(&Program::stages(), &args.backend)?;
    for stage in Stage::ALL {
        run(*stage, args)?;
    }
    let manifest = Manifest::load(&task.run, &task.pipeline)?;
    if !task.pipeline.text.as_ref().is_some_and(|text| text.keep) {
        remove_scratch(&task.run, &manifest)?;
    }
    say("");
    for line in summary::lines(&task.run, &manifest)? {
        say(&line);
    }
    let folder = std::env::current_dir().unwrap_or_default();
    say(&summary::report(&task.run, &folder));
    Ok(())
}

/// Removes the tables that the stages have left in `.scratch/`, by their names in the manifest, and
/// the folder where nothing else is in it.
fn remove_scratch(run: &RunDir, manifest: &Manifest) -> Result<()> {
    let folder = run.scratch();
    if !folder.exists() {
        return Ok(());
    }
    let _lock = run.lock()?;
    for stage in Stage::ALL {
        for name in manifest.scratch(*stage).keys() {
            let path = run.file(name);
            // A manifest may say anything; what is not a table of the stage is not ours to remove.
            if path.starts_with(&folder) && stage.may_write(name) {
                remove_path(path)?;
            }
        }
    }
    remove_if_empty(&folder)
}

fn remove_if_empty(folder: &Path) -> Result<()> {
    match std::fs::remove_dir(folder) {
        Err(source) if source.kind() != ErrorKind::DirectoryNotEmpty => {
            Err(Error::io("remove", folder, source))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_run::Pipeline;
    use selectron_run::manifest::ArtifactFacts;

    /// A manifest that says that the extract stage has left files of these names in `.scratch/`.
    fn manifest(names: &[&str]) -> Manifest {
        let pipeline = "name = \"t\"\n[model]\nsource = \"m\"\n\
                        [[category]]\nname = \"a\"\nwords = \"a.txt\"\n\
                        [[category]]\nname = \"b\"\nwords = \"b.txt\"\n";
        let pipeline = Pipeline::parse(pipeline, Path::new("t.toml")).unwrap();
        let facts = serde_json::json!({
            "model": {"name": "m", "family": "f", "layers": 1, "hidden": 1, "neurons": 1,
                "context": 1, "files": {}},
            "backend": {"name": "flex", "adapter": null},
            "sites": [], "layers": [], "presentation": "bare", "reduce": "last",
            "categories": [], "pairs": 0, "text": null, "artifacts": {},
        });
        let mut extract: selectron_run::manifest::ExtractFacts =
            serde_json::from_value(facts).unwrap();
        extract.scratch = names
            .iter()
            .map(|name| {
                let facts = ArtifactFacts {
                    sha256: String::new(),
                    rows: None,
                };
                ((*name).to_owned(), facts)
            })
            .collect();
        let mut manifest = Manifest::new(&pipeline);
        manifest.extract = Some(extract);
        manifest
    }

    #[test]
    fn only_what_the_stages_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path().join("run"));
        run.create().unwrap();
        let table = ".scratch/text_activations.parquet";
        let others = [".scratch/mine.txt", "report.html", "../precious"];
        let names: Vec<_> = std::iter::once(table).chain(others).collect();
        std::fs::create_dir(run.scratch()).unwrap();
        for name in &names {
            std::fs::write(run.file(name), "").unwrap();
        }
        remove_scratch(&run, &manifest(&names)).unwrap();
        assert!(!run.file(table).exists());
        for name in others {
            assert!(run.file(name).exists(), "{name}");
        }
        std::fs::remove_file(run.file(".scratch/mine.txt")).unwrap();
        remove_scratch(&run, &manifest(&names)).unwrap();
        assert!(!run.scratch().exists());
        remove_scratch(&run, &manifest(&names)).unwrap();
    }
}
