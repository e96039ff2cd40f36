//! Units that are interrupted, and tables in parts.

// A single range is meant: the items of one unit.
#![allow(clippy::single_range_in_vec_init)]

use super::extraction::Extraction;
use super::prepared::{Prepared, Read};
use super::unit::{Piece, PlannedUnit};
use crate::source::kind::Source;
use crate::source::simulation::Simulation;
use selectron_run::files::folder_entries;
use selectron_run::manifest::Manifest;
use selectron_run::stage::{Console, Inputs, Task};
use selectron_run::units::{Store, Work, perform};
use selectron_run::{Pipeline, RunDir, Stage, Table};
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::{Packing, Provenance};
use std::ops::Range;
use std::path::Path;

fn task(folder: &Path) -> Task {
    std::fs::write(folder.join("a.txt"), "time\nway\nday\nman\n").unwrap();
    std::fs::write(folder.join("b.txt"), "go\nsee\nmake\n").unwrap();
    let text = "name = \"t\"\n[model]\nsource = \"simulate\"\n[simulate]\nneurons = 5\n\
                [[category]]\nname = \"a\"\nwords = \"a.txt\"\n\
                [[category]]\nname = \"b\"\nwords = \"b.txt\"\n";
    Task {
        pipeline: Pipeline::parse(text, &folder.join("t.toml")).unwrap(),
        run: RunDir::new(folder.join("run")),
        home: None,
        force: false,
    }
}

/// The work of a task whose words are recorded in units of these items.
fn work<'a>(
    task: &'a Task,
    console: &'a Console,
    source: &'a dyn Source,
    packing: Packing,
    items: &[Range<usize>],
) -> Extraction<'a> {
    let read = Read::of(&task.pipeline, false).unwrap();
    let unit = |items: &Range<usize>| PlannedUnit {
        subject: Subject::Words,
        packing,
        pieces: vec![Piece::Words(items.clone())],
    };
    Extraction {
        task,
        console,
        source,
        prepared: Prepared::new(&task.pipeline, console, source, read).unwrap(),
        units: items.iter().map(unit).collect(),
    }
}

fn inputs(value: &str) -> Inputs {
    let mut inputs = Inputs::default();
    inputs.value("units", value);
    inputs
}

fn values(path: &Path) -> Vec<Vec<f32>> {
    let reader = ActivationReader::open(path, Subject::Words, &Provenance::new("t")).unwrap();
    let places = reader.contents().into_iter();
    places
        .map(|place| reader.read(place).unwrap().values)
        .collect()
}

#[test]
fn an_interrupted_stage_goes_on_and_a_table_in_parts_reads_as_one_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let task = task(folder.path());
    let console = Console::new("extract");
    let simulation = Simulation::new(&task.pipeline).unwrap();
    let path = task.run.table(Table::Activations);
    let perform_with = |packing, items: &[Range<usize>], name: &str| {
        let work = work(&task, &console, &simulation, packing, items);
        perform(&task, &console, &inputs(name), &work).unwrap();
        Manifest::read(&task.run).unwrap().extract.unwrap()
    };
    perform_with(Packing::Small, &[0..7], "one");
    assert!(path.is_file());
    let expected = values(&path);

    // Two of three units are done when the stage is interrupted.
    let items = [0..2, 2..3, 3..7];
    {
        let work = work(&task, &console, &simulation, Packing::Small, &items);
        let store = Store::open(&task.run, Stage::Extract, &inputs("three")).unwrap();
        work.units(&[0, 2], &store).unwrap();
        assert_eq!(store.missing(3), [1]);
    }
    let facts = perform_with(Packing::Small, &items, "three");
    assert_eq!(facts.artifacts["activations.parquet"].rows, Some(14));
    assert_eq!(folder_entries(&path).unwrap().len(), 3);
    assert_eq!(values(&path), expected);

    // Fewer parts leave none of the earlier ones.
    perform_with(Packing::Small, &[0..4, 4..7], "two");
    assert_eq!(folder_entries(&path).unwrap().len(), 2);
    assert_eq!(values(&path), expected);

    // What does not live beyond the run is in another folder, and the earlier table is gone.
    let facts = perform_with(Packing::Fast, &items, "scratch");
    let name = ".scratch/activations.parquet";
    assert_eq!(facts.scratch.keys().collect::<Vec<_>>(), [name]);
    assert!(!facts.artifacts.contains_key("activations.parquet") && !path.exists());
    assert_eq!(values(&task.run.file(name)), expected);

    perform_with(Packing::Small, &[0..7], "one again");
    assert!(path.is_file() && !task.run.file(name).exists());
    assert!(!task.run.file(".units").exists());
}
