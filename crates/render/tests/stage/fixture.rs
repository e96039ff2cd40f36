//! A run directory of a few words, tokens and neurons, to be changed by each test.

use selectron_render::Result;
use selectron_run::manifest::{
    DroppedWord, ExtractFacts, LayerCounts, Manifest, SelectedNeuron, StatsFacts,
};
use selectron_run::stage::StageArgs;
use selectron_run::{Pipeline, RunDir, Site};
use selectron_tables::activations::{self, ActivationWriter, Block, Subject};
use selectron_tables::rows::{TValueRow, TokenRow, WordRow};
use selectron_tables::table::{Provenance, Row, write_table};
use serde_json::json;
use std::path::PathBuf;
use tempfile::TempDir;

/// Neurons a layer.
pub(crate) const NEURONS: i32 = 12;

/// What a run directory is made of.
pub(crate) struct Content {
    pub(crate) categories: [String; 2],
    pub(crate) sites: Vec<Site>,
    pub(crate) layers: Vec<i32>,
    pub(crate) words: Vec<String>,
    /// The text's tokens, if there is a text.
    pub(crate) tokens: Option<Vec<String>>,
    pub(crate) statistics: Vec<String>,
    pub(crate) dropped: Vec<DroppedWord>,
    /// The test of a neuron, which a test may change: layer, neuron, row.
    pub(crate) test: fn(i32, i32, &mut TValueRow),
    /// Lines added to the pipeline file.
    pub(crate) render: String,
}

impl Default for Content {
    fn default() -> Self {
        let tokens = ["Toss", " a", " coin", ",", "\n", "and", " wait", "."];
        Self {
            categories: ["noun".to_owned(), "verb".to_owned()],
            sites: vec![Site::MlpPre],
            layers: vec![0, 1],
            words: ["time", "people", "go", "make"].map(str::to_owned).to_vec(),
            tokens: Some(tokens.map(str::to_owned).to_vec()),
            statistics: vec!["paired-t".to_owned()],
            dropped: Vec::new(),
            test: |_, _, _| {},
            render: String::new(),
        }
    }
}

/// A run directory on disk.
pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) run: RunDir,
}

impl Fixture {
    pub(crate) fn new(content: &Content) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::new(folder.path().join("run"));
        run.create().unwrap();
        let fixture = Self { folder, run };
        fixture.write_pipeline(content);
        let provenance = Provenance::new("test");
        let words = words(content);
        let tests = tests(content);
        write_table(fixture.run.table("words"), &provenance, &words).unwrap();
        write_table(fixture.run.table("tvalues"), &provenance, &tests).unwrap();
        let items = (0..words.len() as i32).collect();
        fixture.write_activations(content, Subject::Words, &[items]);
        if let Some(tokens) = &content.tokens {
            let rows = tokens_table(tokens);
            write_table(fixture.run.table("tokens"), &provenance, &rows).unwrap();
            let column = |get: fn(&TokenRow) -> i32| rows.iter().map(get).collect();
            let keys = vec![
                column(|r| r.document),
                column(|r| r.window),
                column(|r| r.position),
            ];
            fixture.write_activations(content, Subject::Text, &keys);
        }
        let mut manifest = Manifest::new(&fixture.pipeline());
        manifest.extract = Some(extract_facts(content));
        manifest.stats = Some(stats_facts(content, &tests));
        manifest.save(&fixture.run).unwrap();
        fixture
    }

    pub(crate) fn write_pipeline(&self, content: &Content) {
        let quoted = |name: &str| serde_json::to_string(name).unwrap().replace('\u{7f}', "");
        let [a, b] = &content.categories;
        let text = format!(
            "name = \"test\"\n[model]\nsource = \"tiny\"\n\
             [[category]]\nname = {}\nwords = \"a.txt\"\n\
             [[category]]\nname = {}\nwords = \"b.txt\"\n\
             [test]\nstatistic = {:?}\n{}",
            quoted(a),
            quoted(b),
            content.statistics,
            content.render
        );
        std::fs::write(self.pipeline_path(), text).unwrap();
    }

    fn pipeline_path(&self) -> PathBuf {
        self.folder.path().join("pipeline.toml")
    }

    fn pipeline(&self) -> Pipeline {
        Pipeline::load(self.pipeline_path()).unwrap()
    }

    fn write_activations(&self, content: &Content, subject: Subject, keys: &[Vec<i32>]) {
        let path = self.run.table(subject.table());
        let width = NEURONS as usize;
        let provenance = Provenance::new("test");
        let mut writer = ActivationWriter::create(
            path,
            subject,
            &provenance,
            activations::Content::All(Some(width)),
        )
        .unwrap();
        for site in &content.sites {
            for layer in &content.layers {
                let rows = keys[0].len();
                let value = |i: usize| ((i * 37 + *layer as usize * 11) % 101) as f32 / 10.0 - 5.0;
                let values = (0..rows * width).map(value).collect();
                let keys = keys.to_vec();
                writer
                    .write(Block {
                        site: *site,
                        layer: *layer,
                        keys,
                        width,
                        values,
                    })
                    .unwrap();
            }
        }
        writer.close().unwrap();
    }

    pub(crate) fn args(&self) -> StageArgs {
        StageArgs {
            pipeline: self.pipeline_path(),
            backend: "flex".to_owned(),
            adapter: None,
            threads: None,
            model: None,
            layers: None,
            out: Some(self.run.path().to_owned()),
            force: false,
        }
    }

    pub(crate) fn render(&self) -> Result<()> {
        selectron_render::run(&self.args())
    }

    pub(crate) fn report(&self) -> String {
        std::fs::read_to_string(self.run.report()).unwrap()
    }

    pub(crate) fn manifest(&self) -> Manifest {
        Manifest::load(&self.run, &self.pipeline()).unwrap()
    }

    /// File names in `figures/`, in order.
    pub(crate) fn figures(&self) -> Vec<String> {
        let list = selectron_run::files::folder_entries(&self.run.figures()).unwrap();
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        list.iter().map(name).collect()
    }

    pub(crate) fn svg(&self, name: &str) -> String {
        std::fs::read_to_string(self.run.file(&format!("figures/{name}.svg"))).unwrap()
    }
}

fn words(content: &Content) -> Vec<WordRow> {
    let half = content.words.len() / 2;
    let row = |(item, word): (usize, &String)| WordRow {
        item: item as i32,
        category: content.categories[usize::from(item >= half)].clone(),
        word: word.clone(),
        rank: (item % half) as i32,
        pair: Some((item % half) as i32),
        ..WordRow::default()
    };
    content.words.iter().enumerate().map(row).collect()
}

/// A beginning-of-sequence token, then the tokens side by side.
fn tokens_table(tokens: &[String]) -> Vec<TokenRow> {
    let bos = TokenRow {
        token: "<bos>".to_owned(),
        ..TokenRow::default()
    };
    let mut end = 0;
    let mut row = |(index, token): (usize, &String)| {
        let char_start = end;
        end += token.chars().count() as i32;
        TokenRow {
            position: index as i32 + 1,
            token: token.clone(),
            char_start,
            char_end: end,
            upos: Some("X".to_owned()),
            ..TokenRow::default()
        }
    };
    std::iter::once(bos)
        .chain(tokens.iter().enumerate().map(&mut row))
        .collect()
}

/// A test for each neuron, with t from high to low: the first is significant for A, the last for B.
fn tests(content: &Content) -> Vec<TValueRow> {
    let mut rows = Vec::new();
    for statistic in &content.statistics {
        for site in &content.sites {
            for layer in &content.layers {
                for neuron in 0..NEURONS {
                    let mut row = test(content, statistic, *site, *layer, neuron);
                    (content.test)(*layer, neuron, &mut row);
                    rows.push(row);
                }
            }
        }
    }
    rows
}

fn test(content: &Content, statistic: &str, site: Site, layer: i32, neuron: i32) -> TValueRow {
    let t = f64::from(NEURONS - 1 - 2 * neuron) + 0.25 * f64::from(layer);
    let significant = t.abs() > 8.0;
    TValueRow {
        site: site.name().to_owned(),
        layer,
        neuron,
        statistic: statistic.to_owned(),
        n: 2,
        mean_diff: 0.1 * t,
        t: Some(t),
        df: Some(1.0),
        p: Some(10_f64.powf(-t.abs())),
        log10_p: Some(-t.abs()),
        p_adjusted: Some((12.0 * 10_f64.powf(-t.abs())).min(1.0)),
        significant,
        prefers: significant.then(|| content.categories[usize::from(t < 0.0)].clone()),
        cohen_d: Some(t / 2.0),
        ci_low: Some(0.1 * t - 0.2),
        ci_high: Some(0.1 * t + 0.2),
        ..TValueRow::default()
    }
}

/// The sections are made from JSON, as the program reads them, so that a field with a default may be
/// added without a change here.
fn extract_facts(content: &Content) -> ExtractFacts {
    let category = |name: &String| {
        json!({
            "name": name, "list": "list.txt", "sha256": "0".repeat(64), "listed": 10,
            "considered": 5, "used": content.words.len() / 2, "split": 1,
            "dropped": content.dropped,
        })
    };
    let text = content.tokens.as_ref().map(|tokens| {
        json!({
            "source": "text.conllu", "sha256": "1".repeat(64), "tagged": true, "documents": 1,
            "sentences": 1, "words": tokens.len(), "tokens": tokens.len() + 1, "windows": 1,
            "unaligned_words": 0, "sharing_words": 0, "scored": tokens.len(), "dropped": {},
            "labels": "parts of speech", "parts": null,
        })
    });
    let sites: Vec<_> = content.sites.iter().map(|site| site.name()).collect();
    let categories: Vec<_> = content.categories.iter().map(category).collect();
    let facts = json!({
        "model": {
            "name": "tiny", "family": "gpt_neo", "layers": 2, "hidden": 4, "neurons": NEURONS,
            "context": 16, "files": { "config.json": "2".repeat(64) },
        },
        "backend": { "name": "flex", "adapter": null },
        "sites": sites, "layers": content.layers, "presentation": "bos-space", "reduce": "last",
        "categories": categories, "pairs": content.words.len() / 2,
        "shared": content.dropped.iter().map(|word| &word.word).collect::<Vec<_>>(),
        "text": text, "artifacts": {},
    });
    serde_json::from_value(facts).unwrap()
}

/// The facts that the stats stage would write for these tests.
fn stats_facts(content: &Content, tests: &[TValueRow]) -> StatsFacts {
    let [a, b] = &content.categories;
    let mut layers = Vec::new();
    for statistic in &content.statistics {
        for site in &content.sites {
            for layer in &content.layers {
                let own: Vec<_> = tests
                    .iter()
                    .filter(|row| {
                        (&row.statistic, row.site.as_str(), row.layer)
                            == (statistic, site.name(), *layer)
                    })
                    .collect();
                let count =
                    |keep: &dyn Fn(&TValueRow) -> bool| own.iter().filter(|row| keep(row)).count();
                let prefers = |row: &TValueRow, name: &str| {
                    row.significant && row.prefers.as_deref() == Some(name)
                };
                let (found_a, found_b) =
                    (count(&|row| prefers(row, a)), count(&|row| prefers(row, b)));
                let significant = count(&|row| row.significant);
                let undefined = count(&|row| row.t.is_none());
                layers.push(LayerCounts {
                    statistic: statistic.clone(),
                    site: site.name().to_owned(),
                    layer: *layer,
                    tests: own.len(),
                    a: found_a,
                    b: found_b,
                    neither: own.len() - significant - undefined,
                    other: significant - found_a - found_b,
                    undefined,
                    critical_t: (significant > 0).then_some(8.0),
                });
            }
        }
    }
    let selected: Vec<_> = content
        .sites
        .iter()
        .flat_map(|site| selected(content, tests, *site))
        .collect();
    let facts = json!({
        "category_a": a, "category_b": b, "statistics": content.statistics, "alpha": 0.05,
        "correction": "bonferroni", "family": "layer", "layers": layers, "selected": selected,
        "artifacts": {},
    });
    serde_json::from_value(facts).unwrap()
}

fn selected(content: &Content, tests: &[TValueRow], site: Site) -> Vec<SelectedNeuron> {
    let own = || {
        let first = content.statistics.first();
        tests.iter().filter(move |row| {
            row.site == site.name() && Some(&row.statistic) == first && row.t.is_some()
        })
    };
    let by_t = |one: &&TValueRow, two: &&TValueRow| one.t.partial_cmp(&two.t).unwrap();
    let ends = [own().max_by(by_t), own().min_by(by_t)];
    let neuron = |(row, category): (Option<&TValueRow>, &String)| {
        let row = row?;
        Some(SelectedNeuron {
            category: category.clone(),
            site: site.name().to_owned(),
            layer: row.layer,
            neuron: row.neuron,
            t: row.t?,
            significant: row.significant,
        })
    };
    ends.into_iter()
        .zip(&content.categories)
        .filter_map(neuron)
        .collect()
}

/// Writes a table into the run directory.
pub(crate) fn put<R: Row>(fixture: &Fixture, rows: &[R]) {
    let path = fixture.run.table(R::TABLE);
    write_table(path, &Provenance::new("test"), rows).unwrap();
}

/// The text of the part under a heading, without its tags.
pub(crate) fn part(report: &str, heading: &str) -> String {
    let start = report.find(&format!("<h3>{heading}</h3>")).unwrap();
    let rest = &report[start + "<h3>".len()..];
    let ends = [rest.find("<h3>"), rest.find("</section>")];
    let end = ends.into_iter().flatten().min().unwrap();
    let mut text = String::new();
    for piece in rest[..end].split('<') {
        let content = piece.split_once('>').map_or(piece, |(_, content)| content);
        text.push_str(content);
        text.push(' ');
    }
    text.split(' ')
        .filter(|word| !word.trim().is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
