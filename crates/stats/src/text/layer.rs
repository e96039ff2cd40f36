//! The text's numbers of one site and layer, as rows of every table.

use super::auc::{NEITHER, Sorter};
use super::bootstrap::{self, Ranked};
use super::classes::Preferences;
use super::examples::{self, Documents};
use super::gap::{Presented, gaps};
use super::narrow::Kept;
use super::nulls::{Extremes, Null, TextNulls};
use super::rows::{neuron_rows, null_rows, summary, upos_rows};
use super::score::{Contrasts, Score, Scorer};
use super::stage::shown_here;
use super::threshold::{self, Detection};
use super::traces::{Layer, Traces};
use super::transfer::{InText, InWords, transfer};
use super::words::TextWords;
use crate::effect::Interval;
use crate::error::Result;
use crate::permutation::draws::stream;
use crate::results::Part;
use crate::rows::to_i32;
use crate::sample::Sample;
use crate::stage::{FOR_EXAMPLES, FOR_RANDOM_NEURONS, FOR_SENTENCES, Work};
use rand::RngExt;
use rayon::prelude::*;
use selectron_run::Site;
use selectron_tables::activations::{ActivationReader, Block};
use selectron_run::manifest::{LayerGeneralization, ShownFacts};
use selectron_run::pipeline::TextSection;
use selectron_tables::rows::{
    ContextGapRow, ExampleRow, GeneralizationRow, PreferenceRow, TextNullRow, TransferRow,
    UposMeanRow,
};

/// The rows of one site and layer.
#[derive(Debug)]
pub(super) struct LayerRows {
    pub(super) neurons: Vec<GeneralizationRow>,
    pub(super) upos: Vec<UposMeanRow>,
    pub(super) preferences: Vec<PreferenceRow>,
    pub(super) nulls: Vec<TextNullRow>,
    pub(super) transfer: TransferRow,
    pub(super) examples: Vec<ExampleRow>,
    pub(super) gaps: Vec<ContextGapRow>,
    pub(super) summary: LayerGeneralization,
    pub(super) kept: Option<Kept>,
}

/// What is known of a layer's neurons.
#[derive(Debug)]
pub(super) struct Found {
    /// In isolated words.
    pub(super) in_words: Vec<InWords>,
    /// In the text.
    pub(super) scores: Vec<Score>,
    /// The best under shuffled labels.
    pub(super) shuffled: Option<Null>,
    /// The best in control tasks.
    pub(super) control: Option<Null>,
    /// For each neuron the AUC of another one drawn at random.
    pub(super) random: Vec<Option<f64>>,
    /// The shown neurons, in order, and what is known of these alone.
    pub(super) shown: Vec<(usize, Shown)>,
}

/// What is known of a shown neuron alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// Interval of the AUC from resampling sentences.
    pub(super) interval: Option<Interval>,
    /// The threshold and what it does in the other half of the text.
    pub(super) detection: Option<(f32, Detection)>,
}

/// What every layer needs.
pub(super) struct LayerWork<'a> {
    pub(super) work: &'a Work<'a>,
    section: &'a TextSection,
    traces: &'a Traces<'a>,
    pub(super) words: &'a TextWords,
    contrasts: &'a Contrasts,
    pub(super) nulls: &'a TextNulls,
    documents: &'a Documents,
    presentations: Option<(&'a ActivationReader, &'a [String])>,
    /// Words of A and of B never seen.
    groups: [Vec<usize>; 2],
    /// Whether each word is of a category.
    categorised: Vec<bool>,
    /// The words of each class.
    classes: Vec<Vec<usize>>,
    /// For each stimulus the words of the text that are it.
    occurrences: Vec<Vec<usize>>,
}

impl<'a> LayerWork<'a> {
    pub(super) fn new(
        work: &'a Work<'a>,
        section: &'a TextSection,
        traces: &'a Traces<'a>,
        contrasts: &'a Contrasts,
        nulls: &'a TextNulls,
        documents: &'a Documents,
        presentations: Option<(&'a ActivationReader, &'a [String])>,
    ) -> Self {
        let words = traces.words;
        let all = || 0..words.len();
        let of = |wanted: usize| {
            let is = |word: &usize| {
                words.category.get(*word) == Some(&Some(wanted))
                    && words.seen.get(*word) == Some(&false)
            };
            all().filter(is).collect()
        };
        let class = |class: usize| {
            let is = |word: &usize| words.class.get(*word) == Some(&Some(class));
            all().filter(is).collect()
        };
        Self {
            work,
            section,
            traces,
            words,
            contrasts,
            nulls,
            documents,
            presentations,
            groups: [of(0), of(1)],
            categorised: words.category.iter().map(Option::is_some).collect(),
            classes: (0..words.classes.len()).map(class).collect(),
            occurrences: occurrences(work, words),
        }
    }

    /// Reads and scores a layer. `isolated` holds the activations of the isolated words.
    pub(super) fn run(
        &self,
        part: &Part,
        isolated: &Block,
        shown: &mut [ShownFacts],
    ) -> Result<LayerRows> {
        let neurons = shown_here(part, shown);
        let mut layer = self.traces.read(part.site, part.layer, &neurons)?;
        let found = self.found(part, &mut layer, &neurons, shown)?;
        let rows = neuron_rows(self, part, &found)?;
        let sample = Sample::new(self.work.design, isolated)?;
        let in_text: Vec<InText> = found
            .scores
            .iter()
            .map(|score| InText {
                auc: score.ab.auc(),
                d: score.d,
            })
            .collect();
        let transfer = transfer(part, &found.in_words, &in_text)?;
        let alpha = self.work.task.pipeline.test.alpha;
        let summary = summary(part, &found, &rows, &transfer, alpha);
        super::rows::note_generalising(part, &found, &rows, shown, alpha);
        Ok(LayerRows {
            upos: upos_rows(self, part, &found.scores)?,
            preferences: self.preferences(part, &sample, &found.scores)?,
            nulls: null_rows(part, &found)?,
            examples: self.examples(part, &layer, &neurons),
            gaps: self.gaps(part, layer.width, &found.scores)?,
            neurons: rows,
            transfer,
            summary,
            kept: (!neurons.is_empty()).then_some(Kept {
                site: part.site,
                layer: part.layer,
                neurons,
                columns: layer.columns,
            }),
        })
    }

    /// Scores the neurons of a layer.
    fn found(
        &self,
        part: &Part,
        layer: &mut Layer,
        neurons: &[usize],
        shown: &[ShownFacts],
    ) -> Result<Found> {
        let pipeline = &self.work.task.pipeline;
        let unseen = self.words.category.iter().zip(&self.words.seen);
        let unseen: Vec<Option<usize>> = unseen
            .map(|(category, seen)| category.filter(|_| !seen))
            .collect();
        let categories = pipeline.category.len();
        let preferences = Preferences::new(&unseen, categories, layer.width, pipeline.test.alpha);
        let scorer = Scorer {
            words: self.words,
            contrasts: self.contrasts,
            preferences: &preferences,
            nulls: self.nulls,
            groups: &self.groups,
            categorised: &self.categorised,
            classes: &self.classes,
            occurrences: &self.occurrences,
        };
        let mut scores = Vec::new();
        let mut extremes: Extremes = self.nulls.extremes();
        let mut alone: Vec<(Ranked, Option<(f32, Detection)>)> = Vec::new();
        layer.blocks(|first, matrix| {
            let (some, reached) = scorer.score(matrix);
            scores.extend(some);
            extremes.merge(&reached);
            let rows = matrix.chunks_exact(self.words.len().max(1));
            for (neuron, values) in (first..).zip(rows) {
                if neurons.contains(&neuron) {
                    alone.push(self.alone(part, neuron, values, shown));
                }
            }
            Ok(())
        })?;
        let (ranked, detections): (Vec<Ranked>, Vec<_>) = alone.into_iter().unzip();
        let intervals = bootstrap::intervals(
            &ranked,
            self.words.sentences,
            self.section.resamples,
            pipeline.seed,
            FOR_SENTENCES,
        );
        let both = intervals.into_iter().zip(detections);
        let shown = both.map(|(interval, detection)| Shown {
            interval,
            detection,
        });
        Ok(Found {
            in_words: InWords::of(part, &pipeline.test),
            random: self.random(part, &scores),
            scores,
            shuffled: self.nulls.shuffled(&extremes),
            control: self.nulls.control(&extremes),
            shown: neurons.iter().copied().zip(shown).collect(),
        })
    }

    /// What only a shown neuron needs: its words in order for the bootstrap, and its threshold.
    fn alone(
        &self,
        part: &Part,
        neuron: usize,
        values: &[f32],
        shown: &[ShownFacts],
    ) -> (Ranked, Option<(f32, Detection)>) {
        let mut sorter = Sorter::default();
        let Some(order) = sorter.sort(values) else {
            return (Ranked::new(), None);
        };
        let ranked = bootstrap::ranked(&order, &self.contrasts.ab, &self.words.sentence);
        let is_this = |facts: &&ShownFacts| {
            facts.site == part.site.name()
                && facts.layer == part.layer
                && usize::try_from(facts.neuron) == Ok(neuron)
        };
        let facts = shown.iter().find(is_this);
        let categories = &self.work.task.pipeline.category;
        let category = facts.and_then(|facts| {
            let is_it =
                |one: &selectron_run::pipeline::CategorySection| one.name == facts.category;
            categories.iter().position(is_it)
        });
        let Some(category) = category else {
            return (ranked, None);
        };
        let labels = Contrasts::against_rest(self.words, category);
        let half = |held_out: bool| -> Vec<u8> {
            let both = labels.iter().zip(&self.words.held_out);
            both.map(|(label, out)| if *out == held_out { *label } else { NEITHER })
                .collect()
        };
        let threshold = threshold::best(&order, values, &half(false));
        let detection =
            threshold.map(|threshold| (threshold, Detection::of(values, &half(true), threshold)));
        (ranked, detection)
    }

    /// For each neuron the AUC of another one of the layer, drawn at random.
    fn random(&self, part: &Part, scores: &[Score]) -> Vec<Option<f64>> {
        let seed = self.work.task.pipeline.seed;
        let mut rng = stream(seed, FOR_RANDOM_NEURONS, unit(part.site, part.layer, 0));
        let others = scores.len().saturating_sub(1);
        (0..scores.len())
            .map(|neuron| {
                if others == 0 {
                    return None;
                }
                let drawn = rng.random_range(0..others);
                let other = if drawn < neuron { drawn } else { drawn + 1 };
                scores.get(other)?.ab.auc()
            })
            .collect()
    }

    fn preferences(
        &self,
        part: &Part,
        sample: &Sample,
        scores: &[Score],
    ) -> Result<Vec<PreferenceRow>> {
        let pipeline = &self.work.task.pipeline;
        let groups = &self.work.design.groups;
        let categories: Vec<Option<usize>> = groups
            .iter()
            .enumerate()
            .flat_map(|(index, group)| group.range.clone().map(move |_| Some(index)))
            .collect();
        let alpha = pipeline.test.alpha;
        let preferences = Preferences::new(&categories, groups.len(), sample.neurons(), alpha);
        let in_words: Vec<Option<usize>> = sample
            .par_rows()
            .map_init(Sorter::default, |sorter, row| {
                // They were float32 before.
                let values: Vec<f32> = row.iter().map(|value| *value as f32).collect();
                preferences.of(&sorter.sort(&values)?)
            })
            .collect();
        let name = |index: Option<usize>| {
            let category = pipeline.category.get(index?);
            category.map(|category| category.name.clone())
        };
        let both = in_words.into_iter().zip(scores).enumerate();
        both.map(|(neuron, (in_words, score))| {
            Ok(PreferenceRow {
                site: part.site.to_string(),
                layer: part.layer,
                neuron: to_i32(neuron)?,
                in_words: name(in_words),
                in_text: name(score.prefers),
            })
        })
        .collect()
    }

    fn examples(&self, part: &Part, layer: &Layer, neurons: &[usize]) -> Vec<ExampleRow> {
        let seed = self.work.task.pipeline.seed;
        let mut rows = Vec::new();
        for (neuron, values) in neurons.iter().zip(&layer.columns) {
            let unit = unit(part.site, part.layer, *neuron);
            let neuron = examples::Neuron {
                site: part.site,
                layer: part.layer,
                // A column of the table has already held it.
                neuron: i32::try_from(*neuron).unwrap_or(i32::MAX),
            };
            let random = (seed, FOR_EXAMPLES, unit);
            rows.extend(examples::examples(
                neuron,
                values,
                self.words,
                self.documents,
                random,
            ));
        }
        rows
    }

    fn gaps(&self, part: &Part, width: usize, scores: &[Score]) -> Result<Vec<ContextGapRow>> {
        let Some((reader, names)) = self.presentations else {
            return Ok(Vec::new());
        };
        let design = self.work.design;
        let block = reader.read(part.site, part.layer)?;
        let mut presented = Presented::all(&block, names, design)?;
        let there = self.occurrences.iter().map(|words| !words.is_empty());
        let means = scores.iter().map(|score| score.occurrences.as_slice());
        presented.push(Presented::in_text(there.collect(), means));
        let alpha = self.work.task.pipeline.test.alpha;
        gaps(
            (part.site.name(), part.layer),
            &presented,
            design,
            width,
            alpha,
        )
    }
}

/// For each stimulus, in the design's order, the scored words that have its form, in lower case, and
/// its category.
fn occurrences(work: &Work<'_>, words: &TextWords) -> Vec<Vec<usize>> {
    let mut by_form: std::collections::BTreeMap<(String, &str), Vec<usize>> =
        std::collections::BTreeMap::new();
    for (word, row) in words.words().enumerate() {
        if let Some(category) = &row.category {
            let key = (row.form.to_lowercase(), category.as_str());
            by_form.entry(key).or_default().push(word);
        }
    }
    let of = |word: &selectron_tables::rows::WordRow| {
        let key = (word.word.to_lowercase(), word.category.as_str());
        by_form.get(&key).cloned().unwrap_or_default()
    };
    work.design.words.iter().map(of).collect()
}

/// Numbers a neuron among all there can be, for its random numbers.
fn unit(site: Site, layer: i32, neuron: usize) -> u64 {
    let site = Site::ALL
        .iter()
        .position(|other| *other == site)
        .unwrap_or(0) as u64;
    site << 36 | (u64::from(layer.unsigned_abs()) & 0xfff) << 24 | (neuron as u64 & 0xff_ffff)
}
