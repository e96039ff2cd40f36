//! Every key of the pipeline file, changed by itself: the stages that read it run again, and those
//! after them whose inputs have changed; no other does; and the run is then what it would have been
//! from the beginning.
//!
//! The list of keys comes from the code: a new key without an entry in [`CHANGES`] fails the test.

use selectron_run::Pipeline;
use selectron_run::Stage::{self, Extract, Render, Stats};
use selectron_run::pipeline::{Pairing, SECTIONS, Setting};
use selectron_run::stage::Inputs;
use selectron_tests::{Experiment, files};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use toml::{Table, Value};

/// A pipeline that sets every key, on the small reference model.
const BASE: &str = r#"
name = "keys"
seed = 1
[model]
source = "model"
[record]
site = ["mlp.pre", "mlp.post"]
layers = "all"
presentation = "bos-space"
reduce = "last"
[[category]]
name = "noun"
words = "nouns.txt"
limit = 20
upos = "NOUN"
[[category]]
name = "verb"
words = "verbs.txt"
limit = 20
upos = "VERB"
[words]
exclude = "exclude.txt"
exclude_shared = false
match = []
[test]
statistic = "paired-t"
pairing = "rank"
alpha = 0.05
correction = "bonferroni"
family = "layer"
permutations = 200
nulls = 10
[text]
source = "text.conllu"
min_context = 1
drop_first = 1
reduce = "last"
neurons = [{ site = "mlp.pre", layer = 0, neuron = 3 }]
shuffles = 20
resamples = 50
context_gap = true
keep = false
[render]
palette = { a = "red", b = "blue" }
scaling = "min-max"
[simulate]
layers = 2
neurons = 30
share = 0.1
effect = 1.0
"#;

/// A key, another value of it, and the stages that then run again. The last stage always does, for the
/// report prints the hash of the pipeline file.
struct Change {
    /// Of the first category, and the first neuron.
    key: &'static str,
    /// In TOML.
    value: &'static str,
    again: &'static [Stage],
}

const fn change(key: &'static str, value: &'static str, again: &'static [Stage]) -> Change {
    Change { key, value, again }
}

/// Of whatever `extract` records otherwise, everything is made anew.
const ALL: &[Stage] = &[Extract, Stats, Render];
/// What is only tested otherwise is not recorded again.
const FROM_STATS: &[Stage] = &[Stats, Render];
const ONLY_RENDER: &[Stage] = &[Render];

const CHANGES: &[Change] = &[
    change("name", "\"other\"", ALL),
    change("seed", "2", ALL),
    change("model.source", "\"second-model\"", ALL),
    change("record.site", "[\"mlp.pre\", \"resid.post\"]", ALL),
    change("record.layers", "[0, 2]", ALL),
    change("record.presentation", "\"bos\"", ALL),
    change("record.presentation.carrier", "\"The very {word}\"", ALL),
    change("record.reduce", "\"mean\"", ALL),
    change("category.name", "\"thing\"", ALL),
    change("category.words", "\"more-nouns.txt\"", ALL),
    change("category.limit", "12", ALL),
    change("category.upos", "\"PROPN\"", ALL),
    change("words.exclude", "\"verbs-to-exclude.txt\"", ALL),
    change("words.exclude_shared", "true", ALL),
    change("words.match", "[\"characters\"]", ALL),
    change("test.statistic", "\"welch-t\"", FROM_STATS),
    change("test.alpha", "0.1", FROM_STATS),
    change("test.correction", "\"none\"", FROM_STATS),
    change("test.family", "\"all\"", FROM_STATS),
    change("test.permutations", "300", FROM_STATS),
    change("test.nulls", "12", FROM_STATS),
    change("text.source", "\"second.conllu\"", ALL),
    change("text.min_context", "3", ALL),
    change("text.drop_first", "4", ALL),
    change("text.reduce", "\"mean\"", FROM_STATS),
    change("text.neurons.site", "\"mlp.post\"", FROM_STATS),
    change("text.neurons.layer", "1", FROM_STATS),
    change("text.neurons.neuron", "4", FROM_STATS),
    change("text.shuffles", "24", FROM_STATS),
    change("text.resamples", "60", FROM_STATS),
    change("text.context_gap", "false", ALL),
    change("text.keep", "true", ONLY_RENDER),
    change("render.palette.a", "\"green\"", ONLY_RENDER),
    change("render.palette.b", "\"#886600\"", ONLY_RENDER),
    change("render.scaling", "\"robust\"", ONLY_RENDER),
    change("simulate.layers", "3", ALL),
    change("simulate.neurons", "31", ALL),
    change("simulate.share", "0.2", ALL),
    change("simulate.effect", "1.5", ALL),
];

/// Keys that have a single value. A second one needs an entry above.
const UNCHANGEABLE: &[&str] = &["test.pairing"];

/// The keys of which a simulation alone is made.
fn is_simulated(key: &str) -> bool {
    key.starts_with("simulate.")
}

impl Change {
    /// The pipeline without the change.
    fn base(&self) -> String {
        if is_simulated(self.key) {
            with(BASE, "model.source", "\"simulate\"")
        } else {
            BASE.to_owned()
        }
    }

    /// The pipeline with it.
    fn changed(&self) -> String {
        with(&self.base(), self.key, self.value)
    }
}

/// A pipeline with another value of a key; of the tables of a list the first is meant.
fn with(pipeline: &str, key: &str, value: &str) -> String {
    let mut table: Table = pipeline.parse().unwrap();
    let new: Table = format!("value = {value}").parse().unwrap();
    let mut place = &mut table;
    let mut path = key.split('.').peekable();
    while let Some(name) = path.next() {
        if path.peek().is_none() {
            place.insert(name.to_owned(), new["value"].clone());
            break;
        }
        let inner = place.entry(name).or_insert_with(|| Table::new().into());
        if inner.is_str() {
            // What has a name or a table for its value, such as a presentation.
            *inner = Table::new().into();
        }
        place = match inner {
            Value::Table(table) => table,
            Value::Array(list) => list[0].as_table_mut().unwrap(),
            other => panic!("{key} goes through {other}"),
        };
    }
    toml::to_string(&table).unwrap()
}

fn parse(text: &str) -> Pipeline {
    let pipeline = Pipeline::parse(text, Path::new("pipeline.toml"));
    pipeline.unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A setting's key without the numbers of list elements; none of the whole file.
fn plain(setting: &Setting) -> Option<String> {
    let is_name = |part: &&str| part.parse::<usize>().is_err();
    let key: Vec<_> = setting.key.split('.').filter(is_name).collect();
    Some(key.join(".")).filter(|key| key != "the file")
}

/// The keys that hold a value, by the sections of the file.
fn keys_of_the_file() -> BTreeSet<String> {
    let is_section = |key: &str| SECTIONS.iter().any(|(name, _)| *name == key);
    let mut all = BTreeSet::new();
    for (section, keys) in SECTIONS {
        for key in *keys {
            let key = match *section {
                "" => key.name.to_owned(),
                section => format!("{section}.{}", key.name),
            };
            // A presentation is a name, or a table of its own.
            if !is_section(&key) || key == "record.presentation" {
                all.insert(key);
            }
        }
    }
    all
}

#[test]
fn every_key_has_another_value_here() {
    let changed = CHANGES.iter().map(|change| change.key);
    let here: BTreeSet<_> = changed
        .chain(UNCHANGEABLE.iter().copied())
        .map(str::to_owned)
        .collect();
    assert_eq!(here, keys_of_the_file());
    let settings: BTreeSet<_> = parse(BASE).settings().iter().filter_map(plain).collect();
    let carrier = "record.presentation.carrier";
    let with_values: BTreeSet<_> = here.into_iter().filter(|key| key != carrier).collect();
    assert_eq!(settings, with_values);
    assert_eq!(Pairing::ALL.len(), 1, "`test.pairing` can be changed now");
}

/// What the stages ask for when they look whether they are up to date tells every change, and nothing
/// else.
#[test]
fn a_changed_key_changes_its_own_setting_alone() {
    for change in CHANGES {
        let before = parse(&change.base()).settings();
        let after = parse(&change.changed()).settings();
        let differing: BTreeSet<_> = before
            .iter()
            .filter(|setting| !after.contains(setting))
            .filter_map(plain)
            .collect();
        let own = change.key.strip_suffix(".carrier").unwrap_or(change.key);
        assert_eq!(
            differing,
            BTreeSet::from([own.to_owned()]),
            "{}",
            change.key
        );
        let readers = before
            .iter()
            .filter(|setting| plain(setting).as_deref() == Some(own));
        for stage in readers.flat_map(|setting| setting.read_by) {
            assert!(change.again.contains(stage), "{stage} reads {}", change.key);
        }
    }
}

#[test]
fn a_stages_digest_changes_with_the_keys_that_it_reads() {
    let digests = |text: &str| {
        let pipeline = parse(text);
        let digest = |stage: &Stage| Inputs::of_stage(*stage, &pipeline).unwrap().digest();
        Stage::ALL.iter().map(digest).collect::<Vec<_>>()
    };
    let before = digests(BASE);
    for (key, value, readers) in [
        ("record.reduce", "\"mean\"", &[Extract, Render][..]),
        ("test.alpha", "0.1", FROM_STATS),
        ("render.scaling", "\"robust\"", ONLY_RENDER),
    ] {
        let after = digests(&with(BASE, key, value));
        let differing: Vec<Stage> = (Stage::ALL.iter().zip(before.iter().zip(&after)))
            .filter(|(_, (before, after))| before != after)
            .map(|(stage, _)| *stage)
            .collect();
        assert_eq!(differing, readers, "{key}");
    }
}

/// Documents of nouns and verbs in turn, `start` of them left out.
fn text(start: usize) -> String {
    const NOUNS: [&str; 7] = ["time", "people", "way", "day", "man", "thing", "child"];
    const VERBS: [&str; 5] = ["go", "see", "know", "take", "come"];
    let mut text = String::new();
    for document in 0..4 {
        text += &format!("# newdoc id = {document}\n");
        for sentence in 0..6 {
            for word in 0..8 {
                let number = start + document * 5 + sentence * 3 + word;
                let (form, tag) = match word {
                    7 => (".", "PUNCT"),
                    _ if number.is_multiple_of(2) => (NOUNS[number % 7], "NOUN"),
                    _ => (VERBS[number % 5], "VERB"),
                };
                text += &format!("{}\t{form}\t_\t{tag}\t_\t_\t_\t_\t_\t_\n", word + 1);
            }
            text += "\n";
        }
    }
    text
}

/// An experiment with every file that a changed pipeline names.
fn experiment(pipeline: &str) -> Experiment {
    let experiment = Experiment::new();
    let read = |name: &str| std::fs::read_to_string(experiment.path(name)).unwrap();
    // Each list has a word of the other: most frequent, so that no limit leaves it out.
    let nouns = format!("love\n{}", read("nouns.txt"));
    let verbs = format!("love\n{}", read("verbs.txt"));
    experiment.write(
        "more-nouns.txt",
        nouns.replacen("love\n", "love\nchild\n", 1),
    );
    experiment.write("nouns.txt", &nouns);
    experiment.write("verbs.txt", &verbs);
    let third = |list: &str| list.lines().nth(2).unwrap().to_owned();
    experiment.write("exclude.txt", third(&nouns));
    experiment.write("verbs-to-exclude.txt", third(&verbs));
    experiment.write("text.conllu", text(0));
    experiment.write("second.conllu", text(1));
    std::fs::create_dir(experiment.path("second-model")).unwrap();
    for name in [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ] {
        let from = experiment.path("model").join(name);
        std::fs::copy(from, experiment.path("second-model").join(name)).unwrap();
    }
    experiment.write("pipeline.toml", pipeline);
    experiment
}

/// A finished run of a pipeline before its change; the same for all changes.
fn finished(change: &Change) -> Experiment {
    static MODEL: OnceLock<Experiment> = OnceLock::new();
    static SIMULATION: OnceLock<Experiment> = OnceLock::new();
    let base = if is_simulated(change.key) {
        &SIMULATION
    } else {
        &MODEL
    };
    let run = || {
        let experiment = experiment(&change.base());
        experiment.run_all(&[]);
        experiment
    };
    base.get_or_init(run).duplicate()
}

/// Changes the keys of some sections, one at a time.
fn change_each(sections: &[&str]) {
    let is_here = |change: &&Change| {
        let section = change
            .key
            .split_once('.')
            .map_or("", |(section, _)| section);
        sections.contains(&section)
    };
    for change in CHANGES.iter().filter(is_here) {
        let experiment = finished(change);
        experiment.write("pipeline.toml", change.changed());
        let mut again = Vec::new();
        for stage in Stage::ALL {
            let outcome = experiment.stage(*stage, &[]);
            assert_eq!(outcome.code, Some(0), "{}: {}", change.key, outcome.stderr);
            if !outcome.stdout.contains("up to date") {
                again.push(*stage);
            }
        }
        assert_eq!(again, change.again, "{}", change.key);
        let found = files(&experiment.path("run"));
        std::fs::remove_dir_all(experiment.path("run")).unwrap();
        experiment.run_all(&[]);
        let expected = files(&experiment.path("run"));
        let differing: Vec<_> = expected
            .keys()
            .chain(found.keys())
            .filter(|name| expected.get(*name) != found.get(*name))
            .collect();
        assert!(differing.is_empty(), "{}: stale {differing:?}", change.key);
    }
}

#[test]
fn a_changed_key_at_the_top_or_of_the_model_reruns_what_it_must() {
    change_each(&["", "model"]);
}

#[test]
fn a_changed_key_of_record_reruns_what_it_must() {
    change_each(&["record"]);
}

#[test]
fn a_changed_key_of_the_words_reruns_what_it_must() {
    change_each(&["category", "words"]);
}

#[test]
fn a_changed_key_of_the_test_reruns_what_it_must() {
    change_each(&["test"]);
}

#[test]
fn a_changed_key_of_the_text_reruns_what_it_must() {
    change_each(&["text"]);
}

#[test]
fn a_changed_key_of_the_figures_or_a_simulation_reruns_what_it_must() {
    change_each(&["render", "simulate"]);
}

/// So that none is forgotten above.
#[test]
fn every_section_is_tried() {
    let tried = [
        "", "model", "record", "category", "words", "test", "text", "render", "simulate",
    ];
    let sections: BTreeSet<_> = CHANGES
        .iter()
        .map(|change| {
            change
                .key
                .split_once('.')
                .map_or("", |(section, _)| section)
        })
        .collect();
    assert_eq!(sections, BTreeSet::from(tried));
}
