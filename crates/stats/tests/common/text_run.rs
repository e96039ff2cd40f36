//! A run directory with a text, as the extract stage leaves it.
//!
//! Two layers of 24 neurons. The first hardly varies, the second does not, the third tells A from B
//! in isolated words and in text, the fourth in isolated words only; the others are noise.
// Each test program that wants it compiles this file.
#![allow(unreachable_pub)]

use crate::common::{hashes, pipeline, words};
use selectron_run::files::sha256_of_path;
use selectron_run::manifest::{ExtractFacts, Manifest, artifact};
use selectron_run::stage::Task;
use selectron_run::{Pipeline, RunDir, Site};
use selectron_tables::activations::{ActivationWriter, Block, Content, Subject};
use selectron_tables::rows::{TextWordRow, TokenRow, WordRow};
use selectron_tables::table::{Provenance, Row, read_table, write_table};
use serde_json::json;
use std::collections::BTreeMap;

pub const NEURONS: usize = 24;
pub const LAYERS: i32 = 2;

/// How a text is to be.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Categories.
    pub categories: usize,
    /// Words of the text in each document; there are four documents.
    pub words: usize,
    /// Tokens a part; none for one file.
    pub part: Option<usize>,
    /// Whether words have their category at random, whatever their activations.
    pub shuffled: bool,
    /// Keys of `[text]`.
    pub text: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            categories: 2,
            words: 120,
            part: None,
            shuffled: false,
            text: "shuffles = 60\nresamples = 100\n".to_owned(),
        }
    }
}

pub struct TextRun {
    _folder: tempfile::TempDir,
    pub task: Task,
    pub tokens: Vec<TokenRow>,
    pub words: Vec<TextWordRow>,
}

/// Noise in (-1, 1) that depends on its arguments alone.
fn noise(item: usize, neuron: usize, layer: i32) -> f32 {
    let seed = item as f64 * 12.9898 + neuron as f64 * 78.233 + f64::from(layer) * 37.719;
    (seed.sin() * 43_758.547).fract() as f32
}

/// Activations of something of a category.
fn activations(item: usize, layer: i32, category: Option<usize>, isolated: bool) -> Vec<f32> {
    let is_a = category == Some(0);
    let value = |neuron: usize| match neuron {
        0 => 1.0 + 1e-6 * noise(item, 0, layer),
        1 => 0.1,
        2 => noise(item, 2, layer) + if is_a { 1.5 } else { 0.0 },
        3 => noise(item, 3, layer) + if is_a && isolated { 3.0 } else { 0.0 },
        _ => noise(item, neuron, layer),
    };
    (0..NEURONS).map(value).collect()
}

/// Documents of sentences of ten words, of one or two tokens, with a beginning-of-sequence token at
/// the start of each. Every third word is of no category; every twentieth is a stimulus.
fn text(plan: &Plan) -> (Vec<TokenRow>, Vec<TextWordRow>, Vec<Option<usize>>) {
    let (mut tokens, mut words, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    for document in 0..4 {
        let mut at = 0;
        let mut position = 0;
        let mut token = |text: &str, at: i32, word: Option<i32>, upos: Option<&str>| {
            let end = if word.is_some() {
                at + text.len() as i32
            } else {
                at
            };
            tokens.push(TokenRow {
                document,
                window: 0,
                position,
                token: text.to_owned(),
                token_id: 7,
                char_start: at,
                char_end: end,
                word,
                upos: upos.map(str::to_owned),
            });
            position += 1;
            tokens.len() as i32 - 1
        };
        token("<bos>", 0, None, None);
        for word in 0..plan.words as i32 {
            let number = document as usize * plan.words + word as usize;
            let kind = match number % 3 {
                2 => None,
                kind => Some((kind + number / 30 * (plan.categories - 2)) % plan.categories),
            };
            // Deals the categories out anew, in a pattern that the noise does not follow.
            let named = match kind {
                Some(_) if plan.shuffled => Some(number * 7 / 5 % 2),
                kind => kind,
            };
            let seen = number % 20 < 3;
            let form = match (named, seen) {
                (Some(category), true) => format!("w{category}x{}", number % 7),
                (Some(category), false) => format!("N{category}y{}", number % 37),
                (None, _) => ",".to_owned(),
            };
            let upos = match named {
                Some(category) => format!("UPOS{category}"),
                None => "PUNCT".to_owned(),
            };
            let mut rows = Vec::new();
            let halves = form.split_at(form.len() / 2);
            let pieces = match number % 4 {
                0 if !halves.0.is_empty() => vec![halves.0, halves.1],
                _ => vec![form.as_str()],
            };
            for piece in pieces {
                rows.push(token(piece, at, Some(word), Some(&upos)));
                at += piece.len() as i32;
            }
            at += 1;
            words.push(TextWordRow {
                document,
                sentence: word / 10,
                word,
                form: form.clone(),
                lemma: None,
                upos: Some(upos.clone()),
                category: named.map(|category| format!("c{category}")),
                seen: seen && named.is_some(),
                tokens: rows.len() as i32,
                token_rows: rows,
                dropped: (word == 0).then(|| "little context".to_owned()),
            });
            kinds.push(kind);
        }
    }
    (tokens, words, kinds)
}

impl TextRun {
    pub fn new(plan: &Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path().join("run"));
        run.create().unwrap();
        let pipeline = pipeline_of(plan);
        let provenance = Provenance::new(&pipeline.name);
        let sizes = vec![20; plan.categories];
        let isolated = words(&sizes);
        write_table(run.table("words"), &provenance, &isolated).unwrap();
        let (tokens, text_words, kinds) = text(plan);
        write_table(run.table("tokens"), &provenance, &tokens).unwrap();
        write_table(run.table("text_words"), &provenance, &text_words).unwrap();
        write_words(&run, &provenance, &isolated);
        write_presentations(&run, &provenance, &isolated);
        write_text(&run, &provenance, &tokens, &kinds, plan);
        let mut manifest = Manifest::new(&pipeline);
        manifest.extract = Some(facts(&pipeline, &run, plan));
        manifest.save(&run).unwrap();
        Self {
            _folder: folder,
            task: Task {
                pipeline,
                run,
                home: None,
                force: false,
            },
            tokens,
            words: text_words,
        }
    }

    pub fn manifest(&self) -> Manifest {
        Manifest::load(&self.task.run, &self.task.pipeline).unwrap()
    }

    pub fn table<R: Row>(&self) -> Vec<R> {
        let provenance = Provenance::new(&self.task.pipeline.name);
        read_table(self.task.run.table(R::TABLE), &provenance).unwrap()
    }

    /// The hash of every file, hidden ones aside.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        hashes(&self.task.run)
    }
}

fn pipeline_of(plan: &Plan) -> Pipeline {
    let mut pipeline = pipeline(plan.categories, "nulls = 0");
    let text = format!(
        "name = \"test\"\n[model]\nsource = \"m\"\n[[category]]\nname = \"a\"\nwords = \"a\"\n\
         [[category]]\nname = \"b\"\nwords = \"b\"\n[text]\nsource = \"t.conllu\"\n{}",
        plan.text
    );
    pipeline.text = Pipeline::parse(&text, &pipeline.path).unwrap().text;
    pipeline
}

fn category_of(word: &WordRow) -> Option<usize> {
    word.category
        .strip_prefix('c')
        .and_then(|number| number.parse().ok())
}

fn write_words(run: &RunDir, provenance: &Provenance, words: &[WordRow]) {
    let content = Content::All(Some(NEURONS));
    let path = run.table("activations");
    let mut writer = ActivationWriter::create(path, Subject::Words, provenance, content).unwrap();
    for layer in 0..LAYERS {
        let row = |word: &WordRow| activations(word.item as usize, layer, category_of(word), true);
        let block = Block {
            site: Site::MlpPre,
            layer,
            keys: vec![words.iter().map(|word| word.item).collect()],
            width: NEURONS,
            values: words.iter().flat_map(row).collect(),
        };
        writer.write(block).unwrap();
    }
    writer.close().unwrap();
}

/// The second presentation is the first, every neuron shifted by one of its standard deviations or
/// so; the third lacks a word.
fn write_presentations(run: &RunDir, provenance: &Provenance, words: &[WordRow]) {
    let content = Content::All(Some(NEURONS));
    let path = run.table("presentation_activations");
    let subject = Subject::Presentations;
    let mut writer = ActivationWriter::create(path, subject, provenance, content).unwrap();
    for layer in 0..LAYERS {
        let (mut presentations, mut items, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for presentation in 0..3 {
            for word in words.iter().skip(usize::from(presentation == 2)) {
                presentations.push(presentation);
                items.push(word.item);
                let row = activations(word.item as usize, layer, category_of(word), true);
                values.extend(row.iter().map(|value| value + presentation as f32));
            }
        }
        let block = Block {
            site: Site::MlpPre,
            layer,
            keys: vec![presentations, items],
            width: NEURONS,
            values,
        };
        writer.write(block).unwrap();
    }
    writer.close().unwrap();
}

/// What the model says of the tokens; only a word's last token knows its category.
pub fn token_activations(
    tokens: &[TokenRow],
    words: usize,
    kinds: &[Option<usize>],
    layer: i32,
) -> Vec<Vec<f32>> {
    let row = |(index, token): (usize, &TokenRow)| {
        let next = tokens.get(index + 1);
        let same = |next: &TokenRow| (next.document, next.word) == (token.document, token.word);
        let is_last = next.is_none_or(|next| !same(next));
        let kind = token
            .word
            .filter(|_| is_last)
            .and_then(|word| kinds[token.document as usize * words + word as usize]);
        activations(1000 + index, layer, kind, false)
    };
    tokens.iter().enumerate().map(row).collect()
}

fn write_text(
    run: &RunDir,
    provenance: &Provenance,
    tokens: &[TokenRow],
    kinds: &[Option<usize>],
    plan: &Plan,
) {
    let size = plan.part.unwrap_or(tokens.len());
    let path = run.table("text_activations");
    if plan.part.is_some() {
        std::fs::create_dir(&path).unwrap();
    }
    for (part, start) in (0..tokens.len()).step_by(size).enumerate() {
        let range = start..tokens.len().min(start + size);
        let (path, content) = match plan.part {
            Some(_) => (
                path.join(format!("part-{part:05}.parquet")),
                Content::Passing(Some(NEURONS)),
            ),
            None => (path.clone(), Content::All(Some(NEURONS))),
        };
        let mut writer =
            ActivationWriter::create(path, Subject::Text, provenance, content).unwrap();
        for layer in 0..LAYERS {
            let all = token_activations(tokens, plan.words, kinds, layer);
            let some = &tokens[range.clone()];
            let block = Block {
                site: Site::MlpPre,
                layer,
                keys: vec![
                    some.iter().map(|token| token.document).collect(),
                    some.iter().map(|token| token.window).collect(),
                    some.iter().map(|token| token.position).collect(),
                ],
                width: NEURONS,
                values: all[range.clone()].concat(),
            };
            writer.write(block).unwrap();
        }
        writer.close().unwrap();
    }
}

fn facts(pipeline: &Pipeline, run: &RunDir, plan: &Plan) -> ExtractFacts {
    let categories: Vec<_> = pipeline
        .category
        .iter()
        .map(|category| {
            json!({
                "name": category.name, "list": category.words, "sha256": "", "listed": 0,
                "considered": 0, "used": 0, "split": 0, "dropped": [],
            })
        })
        .collect();
    let parts = plan.part.map(|_| {
        let sha256 = sha256_of_path(run.table("text_activations")).unwrap();
        json!({ "sha256": sha256 })
    });
    let mut facts: ExtractFacts = serde_json::from_value(json!({
        "model": {
            "name": "m", "family": "gpt_neo", "layers": 2, "hidden": 8, "neurons": NEURONS,
            "context": 8, "files": {},
        },
        "backend": { "name": "flex", "adapter": null },
        "sites": ["mlp.pre"], "layers": [0, 1],
        "presentation": "bos-space", "reduce": "last",
        "categories": categories, "pairs": 0,
        "text": {
            "source": "t.conllu", "sha256": "", "tagged": true, "documents": 4, "sentences": 0,
            "words": 0, "tokens": 0, "windows": 4, "unaligned_words": 0, "sharing_words": 0,
            "scored": 0, "dropped": {}, "labels": "parts of speech", "parts": parts,
        },
        "presentations": ["bare", "space", "bos-space"],
        "artifacts": {},
    }))
    .unwrap();
    let mut tables = vec![
        "words",
        "activations",
        "tokens",
        "text_words",
        "presentation_activations",
    ];
    if plan.part.is_none() {
        tables.push("text_activations");
    }
    for table in tables {
        let name = format!("{table}.parquet");
        facts
            .artifacts
            .extend([artifact(run, &name, None).unwrap()]);
    }
    facts
}
