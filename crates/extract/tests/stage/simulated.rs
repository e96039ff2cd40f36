//! The stage with a simulation in place of a model.

use selectron_extract::stage;
use selectron_model::device;
use selectron_run::stage::Task;
use selectron_run::{Pipeline, RunDir, Side, Stage, Table};
use selectron_tables::Provenance;
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::rows::WordRow;
use selectron_tables::table::read_table;
use selectron_testkit::hashes;
use std::path::Path;

fn task(folder: &Path) -> Task {
    std::fs::write(folder.join("a.txt"), "time\nway\nday\nman\n").unwrap();
    std::fs::write(folder.join("b.txt"), "go\nsee\nmake\ntime\n").unwrap();
    let text = "name = \"t\"\n[model]\nsource = \"simulate\"\n\
                [words]\nexclude_shared = true\n\
                [simulate]\nneurons = 20\neffect = 50.0\n\
                [[category]]\nname = \"a\"\nwords = \"a.txt\"\n\
                [[category]]\nname = \"b\"\nwords = \"b.txt\"\n";
    Task {
        pipeline: Pipeline::parse(text, &folder.join("t.toml")).unwrap(),
        run: RunDir::new(folder.join("run")),
        home: None,
        force: false,
    }
}

fn run(task: &Task) {
    stage::run(task, device::open("flex").unwrap()).unwrap();
}

#[test]
fn effects_are_where_the_pipeline_plants_them_and_the_manifest_lists_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let task = task(folder.path());
    run(&task);
    let provenance = Provenance::new("t");
    let words: Vec<WordRow> = read_table(task.run.table(Table::Words), &provenance).unwrap();
    assert_eq!(words.len(), 6);
    let path = task.run.table(Table::Activations);
    let reader = ActivationReader::open(path, Subject::Words, &provenance).unwrap();
    assert_eq!(reader.contents().len(), 2);
    for place in reader.contents() {
        let block = reader.read(place).unwrap();
        for (word, row) in words.iter().zip(0..) {
            let is_of_a = word.category == task.pipeline.category(Side::A);
            assert_eq!(block.row(row)[0] > 0.0, is_of_a, "{}", word.word);
        }
    }
    let manifest = selectron_run::manifest::Manifest::read(&task.run).unwrap();
    let artifacts = manifest.artifacts(Stage::Extract).unwrap();
    let names: Vec<_> = artifacts.keys().map(String::as_str).collect();
    assert_eq!(names, ["activations.parquet", "words.parquet"]);
    assert!(!task.run.file(".units").exists());
}

#[test]
fn what_is_up_to_date_stays_and_what_is_damaged_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let task = task(folder.path());
    run(&task);
    let expected = hashes(&task.run);
    let path = task.run.table(Table::Activations);
    let changed = || std::fs::metadata(&path).unwrap().modified().unwrap();
    let before = changed();
    run(&task);
    assert_eq!(changed(), before);
    std::fs::write(&path, "damaged").unwrap();
    run(&task);
    assert_eq!(hashes(&task.run), expected);
    // A list with the same name and another content.
    std::fs::write(folder.path().join("a.txt"), "time\nway\nyear\nman\n").unwrap();
    run(&task);
    assert_ne!(hashes(&task.run), expected);
}
