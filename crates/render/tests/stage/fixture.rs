//! A run directory of a few words, tokens and neurons, to be changed by each test.

use selectron_render::Result;
use selectron_run::manifest::{DroppedWord, Manifest};
use selectron_run::pipeline::Statistic;
use selectron_run::stage::StageArgs;
use selectron_run::{NeuronId, RunDir, Site};
use selectron_tables::Row;
use selectron_tables::rows::{TValueRow, TokenRow};
use selectron_testkit::{RunBuilder, TestRun, Text, words};

/// Neurons per layer.
pub(crate) const NEURONS: usize = 12;

/// The neuron that the pipeline names besides, where there is a text.
pub(crate) const NAMED: NeuronId = NeuronId::new(Site::MlpPre, 0, 5);

/// What a run directory is made of.
pub(crate) struct Content {
    pub(crate) categories: [String; 2],
    pub(crate) sites: Vec<Site>,
    pub(crate) layers: Vec<usize>,
    pub(crate) words: Vec<String>,
    /// The text's tokens, if there is a text.
    pub(crate) tokens: Option<Vec<String>>,
    pub(crate) statistics: Vec<Statistic>,
    pub(crate) dropped: Vec<DroppedWord>,
    /// Changes the test of a neuron.
    pub(crate) test: fn(&mut TValueRow),
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
            statistics: vec![Statistic::PairedT],
            dropped: Vec::new(),
            test: |_| {},
            render: String::new(),
        }
    }
}

impl Content {
    fn pipeline(&self) -> String {
        let quoted = |name: &str| serde_json::to_string(name).unwrap().replace('\u{7f}', "");
        let [a, b] = &self.categories;
        let statistics: Vec<_> = self.statistics.iter().map(|test| test.name()).collect();
        let text = match self.tokens {
            None => "",
            Some(_) => "[text]\nsource = \"text.conllu\"\nneurons = [{ layer = 0, neuron = 5 }]\n",
        };
        format!(
            "name = \"test\"\n[model]\nsource = \"tiny\"\n\
             [record]\npresentation = \"bos-space\"\nreduce = \"last\"\n\
             [[category]]\nname = {}\nwords = \"a.txt\"\n\
             [[category]]\nname = {}\nwords = \"b.txt\"\n\
             [test]\nstatistic = {statistics:?}\n{text}{}",
            quoted(a),
            quoted(b),
            self.render
        )
    }

    /// The manifest's facts that no other part of a run directory implies.
    fn describe(&self, manifest: &mut Manifest) {
        let extract = manifest.extract.as_mut().unwrap();
        for category in &mut extract.categories {
            category.dropped.clone_from(&self.dropped);
        }
        let dropped = self.dropped.iter();
        extract.shared = dropped.map(|dropped| dropped.word.clone()).collect();
    }
}

/// A run directory on disk.
pub(crate) struct Fixture {
    test: TestRun,
    pub(crate) run: RunDir,
}

impl Fixture {
    pub(crate) fn new(content: &Content) -> Self {
        let [a, b] = &content.categories;
        let (words_a, words_b) = content.words.split_at(content.words.len() / 2);
        let mut builder = RunBuilder::new(&content.pipeline())
            .sites(&content.sites)
            .layers(&content.layers)
            .neurons(NEURONS)
            .words(words(&[(a, words_a), (b, words_b)]))
            .activations(activation)
            .text_activations(activation)
            .tested(content.test)
            .manifest(|manifest| content.describe(manifest));
        if let Some(tokens) = &content.tokens {
            builder = builder.text(text(tokens));
        }
        let test = builder.write();
        let run = test.run().clone();
        Self { test, run }
    }

    pub(crate) fn write_pipeline(&self, content: &Content) {
        std::fs::write(self.test.pipeline_path(), content.pipeline()).unwrap();
    }

    pub(crate) fn args(&self) -> StageArgs {
        self.test.args(&[])
    }

    pub(crate) fn render(&self) -> Result<()> {
        selectron_render::run(&self.args())
    }

    pub(crate) fn report(&self) -> String {
        self.test.read("report.html")
    }

    pub(crate) fn manifest(&self) -> Manifest {
        self.test.manifest()
    }

    /// File names in `figures/`, in order.
    pub(crate) fn figures(&self) -> Vec<String> {
        self.test.figures()
    }

    pub(crate) fn svg(&self, name: &str) -> String {
        self.test.read(&format!("figures/{name}.svg"))
    }

    /// The run directory itself.
    pub(crate) fn test(&self) -> &TestRun {
        &self.test
    }
}

/// The activation of an item, or of a token, at a neuron.
fn activation(row: usize, id: NeuronId) -> f32 {
    let index = row * NEURONS + id.neuron;
    ((index * 37 + id.place.layer * 11) % 101) as f32 / 10.0 - 5.0
}

/// A beginning-of-sequence token, then the tokens side by side.
fn text(tokens: &[String]) -> Text {
    let mut text = Text::new();
    text.document();
    for token in tokens {
        text.token(TokenRow {
            token: token.clone(),
            upos: Some("X".to_owned()),
            ..TokenRow::default()
        });
    }
    text
}

/// Writes a table into the run directory.
pub(crate) fn put<R: Row>(fixture: &Fixture, rows: &[R]) {
    fixture.test.put(rows);
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
