//! What the run was made from, as the report lists it.

use super::wording::{self, plural};
use crate::data::Run;
use crate::numbers::count;
use crate::sanitize::clean;
use selectron_run::manifest::{
    BackendFacts, CategoryFacts, DroppedWord, ExtractFacts, ModelFacts, PermutationFacts, TextFacts,
};
use selectron_run::pipeline::Presentation;
use serde::Serialize;

/// Digits of a hash that are printed; the manifest has all of them.
const HASH_DIGITS: usize = 12;

/// The run's facts.
#[derive(Serialize)]
pub(super) struct Facts {
    rows: Vec<Fact>,
    categories: Vec<CategoryView>,
    /// Words that are in more than one category.
    shared: Vec<String>,
    files: Vec<FileView>,
    /// Words of A and B that split into several tokens.
    split: usize,
    /// Whether the words are where a model behaves unlike anywhere else.
    first_position: bool,
    paired: bool,
    tagged: bool,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct CategoryView {
    name: String,
    list: String,
    listed: String,
    considered: String,
    used: String,
    split: String,
    dropped: String,
    reasons: Vec<ReasonView>,
}

/// Words that were left out for one reason.
#[derive(Serialize)]
struct ReasonView {
    reason: String,
    words: Vec<String>,
}

#[derive(Serialize)]
struct FileView {
    name: String,
    sha256: String,
}

impl Facts {
    /// The facts of a run.
    pub(super) fn new(run: &Run) -> Self {
        let extract = &run.extract;
        let compared = extract.categories.iter().filter(|category| {
            [&run.stats.category_a, &run.stats.category_b].contains(&&category.name)
        });
        Self {
            rows: rows(run),
            categories: extract.categories.iter().map(category_view).collect(),
            shared: extract.shared.iter().map(|word| clean(word)).collect(),
            files: files(run),
            split: compared.map(|category| category.split).sum(),
            first_position: is_first(&extract.presentation),
            paired: run.measure.paired,
            tagged: extract.text.as_ref().is_some_and(|text| text.tagged),
        }
    }
}

/// The rows of the list, in order.
fn rows(run: &Run) -> Vec<Fact> {
    let (extract, stats) = (&run.extract, &run.stats);
    let fact = |name, value: String| Fact {
        name,
        value: clean(&value),
    };
    let statistics = stats.statistics.iter();
    let statistics: Vec<_> = statistics.map(|test| wording::statistic(*test)).collect();
    let mut facts = vec![
        fact(
            "Pipeline",
            format!("{}, seed {}", run.pipeline.name, run.pipeline.seed),
        ),
        fact("Model", model(&extract.model)),
        fact("Recorded", recorded(extract)),
        fact("Computed by", computed_by(&extract.backend)),
        fact("Presentation", wording::presentation(&extract.presentation)),
        fact(
            "Activation of a word",
            wording::reduction(extract.reduce).to_owned(),
        ),
        fact(
            "Pairs",
            format!("{}, by rank of frequency", count(extract.pairs)),
        ),
        fact(
            "Text",
            extract
                .text
                .as_ref()
                .map_or_else(|| "none".to_owned(), text),
        ),
        fact("Test", statistics.join(", ")),
        fact(
            "Multiple testing",
            wording::correction(stats.correction, stats.family),
        ),
        fact("Level", format!("alpha = {}", wording::level(stats.alpha))),
    ];
    let drawn = stats.permutations.iter();
    facts.extend(
        drawn
            .filter(|drawn| drawn.statistic == run.measure.statistic)
            .map(|drawn| fact("Permutations", permutations(drawn))),
    );
    facts.push(fact("Program", format!("Selectron {}", run.version)));
    facts
}

fn model(model: &ModelFacts) -> String {
    format!(
        "{} ({}): {} layers, width {}, {} MLP neurons per layer, context of {} tokens",
        model.name,
        model.family,
        model.layers,
        count(model.hidden),
        count(model.neurons),
        count(model.context)
    )
}

fn recorded(extract: &ExtractFacts) -> String {
    let sites: Vec<_> = extract.sites.iter().map(ToString::to_string).collect();
    let layers: Vec<_> = extract.layers.iter().map(ToString::to_string).collect();
    format!("{} in layers {}", sites.join(", "), layers.join(", "))
}

fn computed_by(backend: &BackendFacts) -> String {
    match &backend.adapter {
        Some(adapter) => format!("{} on {adapter}", backend.name),
        None => backend.name.clone(),
    }
}

fn text(text: &TextFacts) -> String {
    let tags = match (text.tagged, text.unaligned_words) {
        (true, 0) => ", with parts of speech".to_owned(),
        (true, some) => format!(
            ", with parts of speech; {} without a token",
            plural(some, "word")
        ),
        (false, _) => String::new(),
    };
    format!(
        "{}: {} in {}, {}, {}{tags}",
        text.source,
        plural(text.words, "word"),
        plural(text.documents, "document"),
        plural(text.tokens, "token"),
        plural(text.windows, "window"),
    )
}

/// Whether a word is where a model behaves unlike anywhere else.
const fn is_first(presentation: &Presentation) -> bool {
    match presentation {
        Presentation::Bare | Presentation::Space => true,
        Presentation::Bos | Presentation::BosSpace | Presentation::Carrier(_) => false,
    }
}

fn permutations(drawn: &PermutationFacts) -> String {
    let which = if drawn.complete {
        "all there are"
    } else {
        "drawn at random"
    };
    format!("{} {}, {which}", count(drawn.count), drawn.kind)
}

fn category_view(category: &CategoryFacts) -> CategoryView {
    CategoryView {
        name: clean(&category.name),
        list: clean(&category.list),
        listed: count(category.listed),
        considered: count(category.considered),
        used: count(category.used),
        split: count(category.split),
        dropped: count(category.dropped.len()),
        reasons: reasons(&category.dropped),
    }
}

/// The dropped words by reason, in order of first appearance.
fn reasons(dropped: &[DroppedWord]) -> Vec<ReasonView> {
    let mut reasons: Vec<ReasonView> = Vec::new();
    for word in dropped {
        let reason = clean(&word.reason);
        let text = clean(&word.word);
        match reasons.iter_mut().find(|known| known.reason == reason) {
            Some(known) => known.words.push(text),
            None => reasons.push(ReasonView {
                reason,
                words: vec![text],
            }),
        }
    }
    reasons
}

fn files(run: &Run) -> Vec<FileView> {
    let extract = &run.extract;
    let mut files = vec![("pipeline".to_owned(), &run.pipeline.sha256)];
    files.extend(
        extract
            .model
            .files
            .iter()
            .map(|(name, hash)| (name.clone(), hash)),
    );
    let lists = extract.categories.iter();
    files.extend(lists.map(|category| (category.list.clone(), &category.sha256)));
    files.extend(
        extract
            .text
            .iter()
            .map(|text| (text.source.clone(), &text.sha256)),
    );
    let tables = extract.artifacts.iter().chain(&run.stats.artifacts);
    files.extend(tables.map(|(name, facts)| (name.clone(), &facts.sha256)));
    let view = |(name, hash): (String, &String)| FileView {
        name: clean(&name),
        sha256: hash.chars().take(HASH_DIGITS).collect(),
    };
    files.into_iter().map(view).collect()
}
