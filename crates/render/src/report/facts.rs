//! What the run was made from, as the report lists it.

use super::words::{self, plural};
use crate::data::Run;
use crate::numbers::count;
use crate::text::clean;
use selectron_run::manifest::{CategoryFacts, DroppedWord, PermutationFacts};
use serde::Serialize;

/// Digits of a hash that are printed; the manifest has all of them.
const HASH_DIGITS: usize = 12;

/// The run's facts.
#[derive(Serialize)]
pub(super) struct Facts {
    rows: Vec<Fact>,
    categories: Vec<CategoryView>,
    /// Words that stand in more than one category.
    shared: Vec<String>,
    files: Vec<FileView>,
    /// Words of A and B that split into several tokens.
    split: usize,
    /// Whether the words stand where a model behaves unlike anywhere else.
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
            first_position: matches!(extract.presentation.as_str(), "bare" | "space"),
            paired: run
                .stats
                .statistics
                .first()
                .is_some_and(|name| name == "paired-t" || name == "signed-rank"),
            tagged: extract.text.as_ref().is_some_and(|text| text.tagged),
        }
    }
}

fn rows(run: &Run) -> Vec<Fact> {
    let (extract, stats) = (&run.extract, &run.stats);
    let model = &extract.model;
    let backend = match &extract.backend.adapter {
        Some(adapter) => format!("{} on {adapter}", extract.backend.name),
        None => extract.backend.name.clone(),
    };
    let layers: Vec<_> = extract.layers.iter().map(ToString::to_string).collect();
    let statistics: Vec<_> = stats
        .statistics
        .iter()
        .map(|name| words::statistic(name))
        .collect();
    let text = match &extract.text {
        None => "none".to_owned(),
        Some(text) => format!(
            "{}: {} in {}, {}, {}{}",
            text.source,
            plural(text.words, "word"),
            plural(text.documents, "document"),
            plural(text.tokens, "token"),
            plural(text.windows, "window"),
            match (text.tagged, text.unaligned_words) {
                (true, 0) => ", with parts of speech".to_owned(),
                (true, some) => format!(
                    ", with parts of speech; {} without a token",
                    plural(some, "word")
                ),
                (false, _) => String::new(),
            }
        ),
    };
    let fact = |name, value: String| Fact {
        name,
        value: clean(&value),
    };
    let mut facts = vec![
        fact(
            "Pipeline",
            format!("{}, seed {}", run.pipeline.name, run.pipeline.seed),
        ),
        fact(
            "Model",
            format!(
                "{} ({}): {} layers, width {}, {} MLP neurons a layer, context of {} tokens",
                model.name,
                model.family,
                model.layers,
                count(model.hidden),
                count(model.neurons),
                count(model.context)
            ),
        ),
        fact(
            "Recorded",
            format!(
                "{} in layers {}",
                extract.sites.join(", "),
                layers.join(", ")
            ),
        ),
        fact("Computed by", backend),
        fact("Presentation", words::presentation(&extract.presentation)),
        fact(
            "Activation of a word",
            words::reduction(&extract.reduce).to_owned(),
        ),
        fact(
            "Pairs",
            format!("{}, by rank of frequency", count(extract.pairs)),
        ),
        fact("Text", text),
        fact("Test", statistics.join(", ")),
        fact(
            "Multiple testing",
            match stats.correction.as_str() {
                "none" => words::correction("none").to_owned(),
                other => format!(
                    "{} {}",
                    words::correction(other),
                    words::family(&stats.family)
                ),
            },
        ),
        fact("Level", format!("alpha = {}", words::level(stats.alpha))),
    ];
    let first = stats.statistics.first();
    let drawn = stats.permutations.iter();
    facts.extend(
        drawn
            .filter(|drawn| Some(&drawn.statistic) == first)
            .map(|drawn| fact("Permutations", permutations(drawn))),
    );
    facts.push(fact("Program", format!("Selectron {}", run.version)));
    facts
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
