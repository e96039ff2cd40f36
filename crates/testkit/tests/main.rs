//! The run directories that the builder writes are such as the stages read.

// Clippy knows test functions, not their helpers.
#![allow(clippy::unwrap_used)]

use selectron_run::manifest::Manifest;
use selectron_run::pipeline::Presentation;
use selectron_run::stage::Inputs;
use selectron_run::{NeuronId, Place, Site, Stage, Table};
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::rows::{OfNeuron, TValueRow, TextWordRow, TokenRow, WordRow};
use selectron_testkit::{RunBuilder, TestRun, Text, noise, numbered_words, pipeline_of};

const WITH_TEXT: &str = "[text]\nsource = \"t.conllu\"\nneurons = [{ layer = 0, neuron = 5 }]\n";

fn open(run: &TestRun, subject: Subject) -> ActivationReader {
    let path = run.run().table(subject.table());
    ActivationReader::open(path, subject, &run.provenance()).unwrap()
}

fn text() -> Text {
    let mut text = Text::new();
    for word in 0..6 {
        if word % 3 == 0 {
            text.document();
            text.sentence();
        }
        let row = TextWordRow {
            form: format!("word{word}"),
            upos: Some("NOUN".to_owned()),
            dropped: (word == 0).then(|| "little context".to_owned()),
            ..TextWordRow::default()
        };
        text.word(row, &["word", &word.to_string()]);
    }
    text
}

#[test]
fn by_default_there_are_words_and_noise_and_nothing_else() {
    let run = RunBuilder::new(&pipeline_of(3, "")).write();
    let words: Vec<WordRow> = run.table();
    assert_eq!(words.len(), 12);
    assert_eq!(words[4].category, "c1");
    let place = Place::new(Site::MlpPre, 1);
    let block = open(&run, Subject::Words).read(place).unwrap();
    assert_eq!((block.rows(), block.width), (12, 12));
    assert_eq!(block.row(3)[5], noise(3, place.neuron(5)));
    let manifest = run.manifest();
    let facts = manifest.extract.as_ref().unwrap();
    let tables: Vec<_> = facts.artifacts.keys().map(String::as_str).collect();
    assert_eq!(tables, ["activations.parquet", "words.parquet"]);
    assert_eq!((facts.pairs, facts.categories[2].used), (4, 4));
    assert!(facts.text.is_none() && manifest.stats.is_none());
}

/// What the stats stage reads is as the manifest says, so that it would begin.
#[test]
fn a_stage_finds_its_inputs_sound() {
    let digest = |run: &TestRun, manifest: &Manifest| {
        Inputs::of_tables(Stage::Stats, run.pipeline(), run.run(), manifest, |_, _| {
            Ok(())
        })
        .map(|inputs| inputs.digest())
    };
    let builder = || RunBuilder::new(&pipeline_of(2, WITH_TEXT)).text(text());
    let (whole, again) = (builder().write(), builder().write());
    let found = digest(&whole, &whole.manifest()).unwrap();
    assert_eq!(found, digest(&again, &again.manifest()).unwrap());
    let parts = builder().in_scratch(4).write();
    assert_ne!(found, digest(&parts, &parts.manifest()).unwrap());
    std::fs::write(whole.run().table(Table::Words), "damaged").unwrap();
    assert!(digest(&whole, &whole.manifest()).is_err());
}

#[test]
fn a_large_text_is_in_parts_in_the_scratch_folder() {
    let run = RunBuilder::new(&pipeline_of(2, WITH_TEXT))
        .text(text())
        .text_activations(|row, id| row as f32 + 0.125 * id.neuron as f32)
        .in_scratch(4)
        .write();
    assert!(!run.run().table(Table::TextActivations).exists());
    let folder = run.run().file(".scratch/text_activations.parquet");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
    let reader = ActivationReader::open(&folder, Subject::Text, &run.provenance()).unwrap();
    let block = reader.read(Place::new(Site::MlpPre, 0)).unwrap();
    let tokens: Vec<TokenRow> = run.table();
    assert_eq!((block.rows(), tokens.len()), (14, 14));
    assert_eq!(block.row(9)[2], 9.25);
    let facts = run.manifest().extract.unwrap();
    assert!(
        facts
            .scratch
            .contains_key(".scratch/text_activations.parquet")
    );
    let text = facts.text.unwrap();
    assert_eq!((text.documents, text.words, text.scored), (2, 6, 5));
}

#[test]
fn presentations_and_positions_have_the_rows_that_they_are_given() {
    let run = RunBuilder::new(&pipeline_of(2, ""))
        .words(numbered_words(&[2, 2]))
        .presentations(
            &[Presentation::Bare, Presentation::Bos],
            &[(0, 0), (0, 1), (1, 1)],
            |row, _| row as f32,
        )
        .positions(&[(0, 0), (0, 1)], |row, _| -(row as f32))
        .write();
    let place = Place::new(Site::MlpPre, 0);
    let block = open(&run, Subject::Presentations).read(place).unwrap();
    assert_eq!(block.keys, [vec![0, 0, 1], vec![0, 1, 1]]);
    assert_eq!(block.row(2)[0], 2.0);
    let block = open(&run, Subject::Positions).read(place).unwrap();
    assert_eq!(block.keys, [vec![0, 0], vec![0, 1]]);
    assert_eq!(run.manifest().extract.unwrap().presentations.len(), 2);
}

#[test]
fn a_tested_run_selects_the_ends_and_shows_what_the_pipeline_names() {
    let run = RunBuilder::new(&pipeline_of(2, WITH_TEXT))
        .text(text())
        .tested(|row| {
            if row.neuron == 0 && row.layer == 1 {
                (row.t, row.significant, row.prefers) = (None, false, None);
            }
        })
        .write();
    let rows: Vec<TValueRow> = run.table();
    assert_eq!(rows.len(), 24);
    let facts = run.manifest().stats.unwrap();
    let selected: Vec<NeuronId> = facts.selected.iter().map(|one| one.id).collect();
    let id = |layer, neuron| NeuronId::new(Site::MlpPre, layer, neuron);
    assert_eq!(selected, [id(0, 0), id(0, 11)]);
    let counts: Vec<_> = facts
        .layers
        .iter()
        .map(|layer| (layer.a, layer.b, layer.neither, layer.undefined))
        .collect();
    let of = |layer: usize| rows.iter().filter(move |row| row.id().place.layer == layer);
    for (layer, (a, b, neither, undefined)) in counts.iter().enumerate() {
        assert_eq!(a + b, of(layer).filter(|row| row.significant).count());
        assert_eq!(a + b + neither + undefined, 12);
        assert_eq!(*undefined, layer);
    }
    let shown = open(&run, Subject::Shown);
    let neurons = shown.neurons(Place::new(Site::MlpPre, 0)).unwrap();
    assert_eq!(neurons, Some(vec![0, 5, 11]));
    assert!(facts.artifacts.contains_key("shown_activations.parquet"));
}

#[test]
fn a_table_that_is_put_is_noted() {
    let run = RunBuilder::new(&pipeline_of(2, "")).tested(|_| {}).write();
    let noted = || run.manifest().stats.unwrap().artifacts["tvalues.parquet"].clone();
    let before = noted();
    let rows: Vec<TValueRow> = run.table();
    run.put(&rows[..3]);
    assert_eq!((noted().rows, noted() == before), (Some(3), false));
    run.change(|manifest| manifest.stats = None);
    assert!(run.manifest().stats.is_none());
    let args = run.args(&["--force"]);
    assert!(args.force && args.out.as_deref() == Some(run.run().path()));
}

#[test]
fn the_same_run_has_the_same_bytes() {
    let build = || {
        RunBuilder::new(&pipeline_of(2, WITH_TEXT))
            .text(text())
            .tested(|_| {})
    };
    assert_eq!(build().write().hashes(), build().write().hashes());
}
