//! Work that is interrupted and taken up again.

use super::*;
use crate::error::Error;
use crate::manifest::RenderFacts;
use crate::pipeline::Pipeline;
use crate::run_dir::RunDir;
use std::cell::RefCell;
use std::path::Path;

/// Writes the number of each unit; the outcome is all of them in one file.
struct Counting {
    run: RunDir,
    units: usize,
    /// The unit that fails, as long as there is one.
    fails_at: Option<usize>,
    done: RefCell<Vec<usize>>,
}

impl Work for Counting {
    fn stage(&self) -> Stage {
        Stage::Render
    }

    fn plan(&self) -> Result<Vec<Unit>> {
        let unit = |number| Unit {
            title: format!("number {number}"),
        };
        Ok((0..self.units).map(unit).collect())
    }

    fn units(&self, numbers: &[usize], store: &Store) -> Result<()> {
        for number in numbers {
            let mut files = store.begin(*number)?;
            files.put("number", number)?;
            if self.fails_at == Some(*number) {
                return Err(Error::new("stopped", "go on"));
            }
            files.finish()?;
            self.done.borrow_mut().push(*number);
        }
        Ok(())
    }

    fn collect(&self, units: usize, store: &Store) -> Result<Section> {
        let numbers: Result<Vec<usize>> =
            (0..units).map(|unit| store.get(unit, "number")).collect();
        crate::files::write_atomically(self.run.report(), format!("{:?}", numbers?).as_bytes())?;
        let report = crate::manifest::artifact(&self.run, "report.html", None)?;
        Ok(Section::Render(RenderFacts {
            artifacts: [report].into(),
        }))
    }
}

fn task(folder: &Path) -> Task {
    let text = "name = \"t\"\n[model]\nsource = \"m\"\n\
                [[category]]\nname = \"a\"\nwords = \"a.txt\"\n\
                [[category]]\nname = \"b\"\nwords = \"b.txt\"\n";
    let pipeline = Pipeline::parse(text, Path::new("t.toml")).unwrap();
    let run = RunDir::new(folder.join("run"));
    run.create().unwrap();
    Manifest::new(&pipeline).save(&run).unwrap();
    Task {
        pipeline,
        run,
        home: None,
        force: false,
    }
}

fn work(task: &Task, fails_at: Option<usize>) -> Counting {
    Counting {
        run: task.run.clone(),
        units: 4,
        fails_at,
        done: RefCell::default(),
    }
}

#[test]
fn a_stage_goes_on_where_it_was_interrupted_and_ends_alike() {
    let folder = tempfile::tempdir().unwrap();
    let task = task(folder.path());
    let console = Console::new("render");
    let mut inputs = Inputs::default();
    inputs.value("n", 4);
    let interrupted = work(&task, Some(2));
    assert!(perform(&task, &console, &inputs, &interrupted).is_err());
    assert_eq!(*interrupted.done.borrow(), [0, 1]);
    assert!(!task.run.report().exists());

    let resumed = work(&task, None);
    perform(&task, &console, &inputs, &resumed).unwrap();
    assert_eq!(*resumed.done.borrow(), [2, 3]);
    let report = std::fs::read_to_string(task.run.report()).unwrap();
    assert_eq!(report, "[0, 1, 2, 3]");
    assert!(!task.run.units(Stage::Render).exists());

    // Other inputs begin anew.
    inputs.value("n", 5);
    let again = work(&task, None);
    perform(&task, &console, &inputs, &again).unwrap();
    assert_eq!(*again.done.borrow(), [0, 1, 2, 3]);
}

#[test]
fn outputs_that_are_not_made_any_more_are_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let task = task(folder.path());
    let run = &task.run;
    let facts = |run: &RunDir, name: &str| crate::manifest::artifact(run, name, None).unwrap();
    std::fs::create_dir(run.figures()).unwrap();
    for name in ["figures/old.svg", "notes.txt"] {
        std::fs::write(run.file(name), "x").unwrap();
    }
    std::fs::write(folder.path().join("outside"), "x").unwrap();
    let mut manifest = Manifest::load(run, &task.pipeline).unwrap();
    // Someone has written names into the manifest that no stage gives.
    manifest.put(Section::Render(RenderFacts {
        artifacts: ["figures/old.svg", "notes.txt", "../outside"]
            .map(|name| facts(run, name))
            .into(),
    }));
    manifest.save(run).unwrap();
    let mut inputs = Inputs::default();
    inputs.value("n", 4);
    perform(&task, &Console::new("render"), &inputs, &work(&task, None)).unwrap();
    assert!(!run.file("figures/old.svg").exists());
    assert!(run.file("notes.txt").exists() && folder.path().join("outside").exists());
}

/// Whatever an earlier run has left and this one does not make, though a stage before has removed the
/// section of the manifest that listed it.
#[test]
fn what_is_not_made_any_more_is_removed() {
    struct Drawing<'a>(&'a RunDir, &'a [&'a str]);
    impl Work for Drawing<'_> {
        fn stage(&self) -> Stage {
            Stage::Render
        }

        fn plan(&self) -> Result<Vec<Unit>> {
            Ok(Vec::new())
        }

        fn units(&self, _: &[usize], _: &Store) -> Result<()> {
            Ok(())
        }

        fn collect(&self, _: usize, _: &Store) -> Result<Section> {
            let mut artifacts = crate::manifest::Artifacts::new();
            for name in self.1 {
                crate::files::create_folder(self.0.figures())?;
                crate::files::write_atomically(self.0.file(name), b"drawn")?;
                artifacts.extend([crate::manifest::artifact(self.0, name, None)?]);
            }
            Ok(Section::Render(RenderFacts { artifacts }))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let task = task(folder.path());
    let run = |input: &str, names: &[&str]| {
        let mut inputs = Inputs::default();
        inputs.value("drawn", input);
        let console = Console::new("render");
        perform(&task, &console, &inputs, &Drawing(&task.run, names)).unwrap();
    };
    run("two", &["figures/a.svg", "figures/b.svg"]);
    std::fs::write(task.run.file("figures/mine.svg"), "of another").unwrap();
    // As a stage before this one does.
    let mut manifest = Manifest::load(&task.run, &task.pipeline).unwrap();
    manifest.render = None;
    manifest.save(&task.run).unwrap();
    run("one", &["figures/b.svg"]);
    let there = |name: &str| task.run.file(&format!("figures/{name}.svg")).exists();
    assert!(!there("a") && there("b") && there("mine"));
    // And where the manifest alone knows.
    std::fs::remove_dir_all(task.run.stages()).unwrap();
    run("none", &[]);
    assert!(!there("b") && there("mine"));
}
