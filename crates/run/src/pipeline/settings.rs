//! Which stage reads which key of the pipeline file.
//!
//! Every section is taken apart field by field, so that a new key does not compile until it is said
//! here who reads it: a stage is up to date only while everything that it reads is unchanged.

use super::category::CategorySection;
use super::file::Pipeline;
use super::model::ModelSection;
use super::record::RecordSection;
use super::render::{Palette, RenderSection};
use super::simulate::SimulateSection;
use super::test::TestSection;
use super::text::{ShownNeuron, TextSection};
use super::words::WordsSection;
use crate::stages::Stage::{self, Extract, Render, Stats};
use std::fmt::Debug;

/// A key of a pipeline, its value, and who reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key, with its section: `test.alpha`, `category.0.name`.
    pub key: String,
    /// Its value, for comparison.
    pub value: String,
    /// The stages whose outputs depend on it.
    pub read_by: &'static [Stage],
}

/// Collects settings.
#[derive(Default)]
struct Settings(Vec<Setting>);

impl Settings {
    fn key(&mut self, key: impl Into<String>, value: &dyn Debug, read_by: &'static [Stage]) {
        self.0.push(Setting {
            key: key.into(),
            value: format!("{value:?}"),
            read_by,
        });
    }
}

impl Pipeline {
    /// All keys with their values, defaults included, and who reads them. Files that a key names are
    /// not read here.
    pub fn settings(&self) -> Vec<Setting> {
        let Self {
            name,
            seed,
            model: ModelSection { source },
            record,
            category,
            words,
            test,
            text,
            render,
            simulate,
            path: _,
            sha256,
        } = self;
        let mut all = Settings::default();
        all.key("name", name, &[Extract, Stats, Render]);
        all.key("seed", seed, &[Extract, Stats]);
        all.key("model.source", source, &[Extract]);
        add_record(record, &mut all);
        for (index, category) in category.iter().enumerate() {
            add_category(index, category, &mut all);
        }
        let WordsSection {
            exclude,
            exclude_shared,
            r#match,
        } = words;
        all.key("words.exclude", exclude, &[Extract]);
        all.key("words.exclude_shared", exclude_shared, &[Extract]);
        all.key("words.match", r#match, &[Extract]);
        add_test(test, &mut all);
        if let Some(text) = text {
            add_text(text, &mut all);
        }
        let RenderSection {
            palette: Palette { a, b },
            scaling,
        } = render;
        all.key("render.palette.a", a, &[Render]);
        all.key("render.palette.b", b, &[Render]);
        all.key("render.scaling", scaling, &[Render]);
        let SimulateSection {
            layers,
            neurons,
            share,
            effect,
        } = simulate;
        all.key("simulate.layers", layers, &[Extract]);
        all.key("simulate.neurons", neurons, &[Extract]);
        all.key("simulate.share", share, &[Extract]);
        all.key("simulate.effect", effect, &[Extract]);
        // The report prints the file's hash.
        all.key("the file", sha256, &[Render]);
        all.0
    }
}

fn add_record(record: &RecordSection, all: &mut Settings) {
    let RecordSection {
        site,
        layers,
        presentation,
        reduce,
    } = record;
    // A neuron that `text.neurons` names is of the first site unless it says otherwise.
    all.key("record.site", site, &[Extract, Stats]);
    all.key("record.layers", layers, &[Extract]);
    all.key("record.presentation", presentation, &[Extract]);
    all.key("record.reduce", reduce, &[Extract]);
}

fn add_category(index: usize, category: &CategorySection, all: &mut Settings) {
    let CategorySection {
        name,
        words,
        limit,
        upos,
    } = category;
    let key = |key: &str| format!("category.{index}.{key}");
    all.key(key("name"), name, &[Extract, Stats, Render]);
    all.key(key("words"), words, &[Extract]);
    all.key(key("limit"), limit, &[Extract]);
    all.key(key("upos"), upos, &[Extract]);
}

fn add_test(test: &TestSection, all: &mut Settings) {
    let TestSection {
        statistic,
        pairing,
        alpha,
        correction,
        family,
        permutations,
        nulls,
    } = test;
    all.key("test.statistic", statistic, &[Stats]);
    all.key("test.pairing", pairing, &[Extract, Stats]);
    all.key("test.alpha", alpha, &[Stats]);
    all.key("test.correction", correction, &[Stats]);
    all.key("test.family", family, &[Stats]);
    all.key("test.permutations", permutations, &[Stats]);
    all.key("test.nulls", nulls, &[Stats]);
}

fn add_text(text: &TextSection, all: &mut Settings) {
    let TextSection {
        source,
        min_context,
        drop_first,
        reduce,
        neurons,
        shuffles,
        resamples,
        context_gap,
        keep,
    } = text;
    all.key("text.source", source, &[Extract]);
    all.key("text.min_context", min_context, &[Extract]);
    all.key("text.drop_first", drop_first, &[Extract]);
    all.key("text.reduce", reduce, &[Stats]);
    for (index, neuron) in neurons.iter().enumerate() {
        let ShownNeuron {
            site,
            layer,
            neuron,
        } = neuron;
        let key = |key: &str| format!("text.neurons.{index}.{key}");
        all.key(key("site"), site, &[Stats]);
        all.key(key("layer"), layer, &[Stats]);
        all.key(key("neuron"), neuron, &[Stats]);
    }
    all.key("text.shuffles", shuffles, &[Stats]);
    all.key("text.resamples", resamples, &[Stats]);
    all.key("text.context_gap", context_gap, &[Extract]);
    // It changes no output, only what run-all removes afterwards.
    all.key("text.keep", keep, &[]);
}
