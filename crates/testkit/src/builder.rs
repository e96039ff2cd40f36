//! The builder of run directories.

use crate::facts::extract_facts;
use crate::noise::noise;
use crate::recorded::{Places, Recorded, Value};
use crate::run::TestRun;
use crate::tested::{stats_facts, tests};
use crate::text::Text;
use crate::words::words;
use selectron_run::manifest::{Artifacts, ExtractFacts, Manifest, StatsFacts, artifact};
use selectron_run::pipeline::Presentation;
use selectron_run::run_dir::SCRATCH;
use selectron_run::{NeuronId, Pipeline, Place, Site, Stage, Table};
use selectron_tables::activations::Subject;
use selectron_tables::rows::{TValueRow, WordRow};
use selectron_tables::table::write_table;

/// What a test changes of a value.
type Edit<'a, T> = Box<dyn Fn(&mut T) + 'a>;

/// Builds a run directory as the extract stage leaves it, or, with [`RunBuilder::tested`], as the
/// stats stage does.
///
/// Unless told otherwise: `mlp.pre` of two layers of 12 neurons, four words in each category, noise for
/// activations, no text.
pub struct RunBuilder<'a> {
    pipeline: String,
    sites: Vec<Site>,
    layers: Vec<usize>,
    neurons: usize,
    words: Option<Vec<WordRow>>,
    activations: Value<'a>,
    items: Option<Vec<usize>>,
    presentations: Option<(Vec<Presentation>, Recorded<'a>)>,
    positions: Option<Recorded<'a>>,
    text: Option<Text>,
    text_activations: Value<'a>,
    part: Option<usize>,
    tested: Option<Edit<'a, TValueRow>>,
    manifest: Vec<Edit<'a, Manifest>>,
}

impl<'a> RunBuilder<'a> {
    /// A run of the pipeline that this TOML describes; [`crate::pipeline_of`] makes one.
    pub fn new(pipeline: &str) -> Self {
        Self {
            pipeline: pipeline.to_owned(),
            sites: vec![Site::MlpPre],
            layers: vec![0, 1],
            neurons: 12,
            words: None,
            activations: Box::new(noise),
            items: None,
            presentations: None,
            positions: None,
            text: None,
            text_activations: Box::new(|row, id| noise(1000 + row, id)),
            part: None,
            tested: None,
            manifest: Vec::new(),
        }
    }

    /// The recorded sites.
    #[must_use]
    pub fn sites(mut self, sites: &[Site]) -> Self {
        self.sites = sites.to_vec();
        self
    }

    /// The recorded layers.
    #[must_use]
    pub fn layers(mut self, layers: &[usize]) -> Self {
        self.layers = layers.to_vec();
        self
    }

    /// Neurons per site and layer.
    #[must_use]
    pub fn neurons(mut self, neurons: usize) -> Self {
        self.neurons = neurons;
        self
    }

    /// The words; [`crate::words`] and [`crate::numbered_words`] make rows.
    #[must_use]
    pub fn words(mut self, words: Vec<WordRow>) -> Self {
        self.words = Some(words);
        self
    }

    /// The activation of a word, by its item, at a neuron.
    #[must_use]
    pub fn activations(mut self, value: impl Fn(usize, NeuronId) -> f32 + 'a) -> Self {
        self.activations = Box::new(value);
        self
    }

    /// The items that `activations.parquet` has, in place of those of the words, for a test of tables
    /// that do not fit each other.
    #[must_use]
    pub fn items(mut self, items: &[usize]) -> Self {
        self.items = Some(items.to_vec());
        self
    }

    /// Words in several presentations: for each row the number of its presentation and its item, and
    /// the activation of a row, counted from 0, at a neuron.
    #[must_use]
    pub fn presentations(
        mut self,
        presentations: &[Presentation],
        rows: &[(usize, usize)],
        value: impl Fn(usize, NeuronId) -> f32 + 'a,
    ) -> Self {
        self.presentations = Some((presentations.to_vec(), recorded(rows, value)));
        self
    }

    /// Tokens of words at several positions: for each row its item and its position, and the activation
    /// of a row, counted from 0, at a neuron.
    #[must_use]
    pub fn positions(
        mut self,
        rows: &[(usize, usize)],
        value: impl Fn(usize, NeuronId) -> f32 + 'a,
    ) -> Self {
        self.positions = Some(recorded(rows, value));
        self
    }

    /// The text. The pipeline should have a section `[text]`.
    #[must_use]
    pub fn text(mut self, text: Text) -> Self {
        self.text = Some(text);
        self
    }

    /// The activation of a token of the text, by its row of `tokens.parquet`, at a neuron.
    #[must_use]
    pub fn text_activations(mut self, value: impl Fn(usize, NeuronId) -> f32 + 'a) -> Self {
        self.text_activations = Box::new(value);
        self
    }

    /// Leaves the activations of the text in `.scratch/`, in parts of so many tokens, as those of a
    /// large text.
    #[must_use]
    pub fn in_scratch(mut self, tokens: usize) -> Self {
        self.part = Some(tokens);
        self
    }

    /// Adds what the stats stage would have left: a test for each neuron, which `change` may change,
    /// the manifest's section that follows from the tests, and, where there is a text, the activations
    /// of the neurons that are shown. In each layer t falls from the first neuron to the last; of
    /// twelve the first two are significant for A and the last two for B.
    #[must_use]
    pub fn tested(mut self, change: impl Fn(&mut TValueRow) + 'a) -> Self {
        self.tested = Some(Box::new(change));
        self
    }

    /// Changes the manifest before it is written, after everything else.
    #[must_use]
    pub fn manifest(mut self, change: impl Fn(&mut Manifest) + 'a) -> Self {
        self.manifest.push(Box::new(change));
        self
    }

    /// Writes the run directory.
    ///
    /// # Panics
    /// When the pipeline is none, or the temporary folder cannot be written.
    pub fn write(mut self) -> TestRun {
        let run = TestRun::begin(&self.pipeline);
        let of_site = |site: Site| {
            self.layers
                .iter()
                .map(move |layer| Place::new(site, *layer))
        };
        let places = Places {
            places: self.sites.iter().copied().flat_map(of_site).collect(),
            width: self.neurons,
        };
        let words = self.words.take();
        let words = words.unwrap_or_else(|| default_words(run.pipeline()));
        let mut manifest = Manifest::new(run.pipeline());
        manifest.extract = Some(self.write_extracted(&run, &places, &words));
        if let Some(change) = &self.tested {
            let rows = tests(run.pipeline(), &places.places, self.neurons, change);
            manifest.stats = Some(self.write_tested(&run, &rows));
        }
        for change in &self.manifest {
            change(&mut manifest);
        }
        manifest.save(run.run()).expect("a written manifest");
        run
    }

    /// What the extract stage would leave.
    fn write_extracted(
        &mut self,
        test: &TestRun,
        places: &Places,
        words: &[WordRow],
    ) -> ExtractFacts {
        let (run, of) = (test.run(), test.provenance());
        let mut facts = extract_facts(
            test.pipeline(),
            &places.places,
            self.neurons,
            words,
            self.text.as_ref(),
        );
        write_table(run.table(Table::Words), &of, words).expect("a written table");
        let items = self.items.take();
        let items = items.unwrap_or_else(|| words.iter().map(|word| word.item).collect());
        let of_items = Recorded {
            value: Box::new(|row, id| (self.activations)(items[row], id)),
            keys: vec![items.clone()],
        };
        of_items.write(run, Subject::Words, &of, places);
        if let Some((presentations, recorded)) = &self.presentations {
            facts.presentations.clone_from(presentations);
            recorded.write(run, Subject::Presentations, &of, places);
        }
        if let Some(recorded) = &self.positions {
            recorded.write(run, Subject::Positions, &of, places);
        }
        if let Some(text) = &self.text {
            write_table(run.table(Table::Tokens), &of, &text.tokens).expect("a written table");
            write_table(run.table(Table::TextWords), &of, &text.words).expect("a written table");
            let recorded = Recorded {
                keys: text.keys(),
                value: Box::new(|row, id| (self.text_activations)(row, id)),
            };
            match self.part {
                None => recorded.write(run, Subject::Text, &of, places),
                Some(part) => {
                    recorded.write_parts(run, Subject::Text, &of, places, part);
                    let name = format!("{SCRATCH}/{}", Table::TextActivations.file_name());
                    let entry = artifact(run, &name, Some(text.tokens.len() * places.places.len()));
                    facts.scratch.extend([entry.expect("written parts")]);
                }
            }
        }
        facts.artifacts = artifacts(test, Stage::Extract);
        facts
    }

    /// What the stats stage would leave.
    fn write_tested(&self, test: &TestRun, rows: &[TValueRow]) -> StatsFacts {
        let (run, of) = (test.run(), test.provenance());
        write_table(run.table(Table::TValues), &of, rows).expect("a written table");
        let mut facts = stats_facts(test.pipeline(), rows);
        if let Some(text) = &self.text {
            let recorded = Recorded {
                keys: text.keys(),
                value: Box::new(|row, id| (self.text_activations)(row, id)),
            };
            let mut shown: Vec<NeuronId> = facts.selected.iter().map(|one| one.id).collect();
            shown.extend(named_neurons(test.pipeline()));
            recorded.write_shown(run, &of, &shown);
        }
        facts.artifacts = artifacts(test, Stage::Stats);
        facts
    }
}

impl std::fmt::Debug for RunBuilder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("RunBuilder");
        debug.field("pipeline", &self.pipeline);
        debug.finish_non_exhaustive()
    }
}

fn recorded<'a>(
    rows: &[(usize, usize)],
    value: impl Fn(usize, NeuronId) -> f32 + 'a,
) -> Recorded<'a> {
    let (first, second) = rows.iter().copied().unzip();
    Recorded {
        keys: vec![first, second],
        value: Box::new(value),
    }
}

fn default_words(pipeline: &Pipeline) -> Vec<WordRow> {
    let names = pipeline.category.iter().map(|category| &category.name);
    let listed: Vec<_> = names
        .map(|name| (name, [0, 1, 2, 3].map(|rank| format!("{name}{rank}"))))
        .collect();
    let categories: Vec<_> = listed
        .iter()
        .map(|(name, words)| (name.as_str(), words.as_slice()))
        .collect();
    words(&categories)
}

/// The neurons that `text.neurons` names.
fn named_neurons(pipeline: &Pipeline) -> Vec<NeuronId> {
    let neurons = pipeline.text.iter().flat_map(|text| &text.neurons);
    let site = pipeline.record.site[0];
    neurons
        .map(|one| NeuronId::new(one.site.unwrap_or(site), one.layer, one.neuron))
        .collect()
}

/// The tables of a stage that are in the run directory.
fn artifacts(test: &TestRun, stage: Stage) -> Artifacts {
    let written = stage
        .writes()
        .filter(|table| test.run().table(*table).exists());
    written
        .map(|table| artifact(test.run(), &table.file_name(), None).expect("a written table"))
        .collect()
}
