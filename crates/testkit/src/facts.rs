//! What the manifest says of a run that no stage has run.

use crate::text::Text;
use selectron_run::manifest::{
    Artifacts, BackendFacts, CategoryFacts, ExtractFacts, ModelFacts, TextFacts, model_name,
};
use selectron_run::vocabulary::LabelSource;
use selectron_run::{Pipeline, Place, Site};
use selectron_tables::rows::WordRow;
use std::collections::{BTreeMap, BTreeSet};

/// What the extract stage would say, without its files.
pub(crate) fn extract_facts(
    pipeline: &Pipeline,
    places: &[Place],
    neurons: usize,
    words: &[WordRow],
    text: Option<&Text>,
) -> ExtractFacts {
    let sites: BTreeSet<Site> = places.iter().map(|place| place.site).collect();
    let layers: BTreeSet<usize> = places.iter().map(|place| place.layer).collect();
    let pairs: BTreeSet<usize> = words.iter().filter_map(|word| word.pair).collect();
    ExtractFacts {
        model: ModelFacts {
            name: model_name(&pipeline.model.source),
            family: "gpt_neo".to_owned(),
            layers: layers.last().map_or(0, |last| last + 1),
            hidden: 8,
            neurons,
            context: 16,
            commit: None,
            files: [("config.json".to_owned(), "2".repeat(64))].into(),
        },
        backend: BackendFacts {
            name: "flex".to_owned(),
            adapter: None,
        },
        sites: sites.into_iter().collect(),
        layers: layers.into_iter().collect(),
        presentation: pipeline.record.presentation.clone(),
        reduce: pipeline.record.reduce,
        categories: categories(pipeline, words),
        pairs: pairs.len(),
        shared: Vec::new(),
        text: text.map(|text| text_facts(pipeline, text)),
        presentations: Vec::new(),
        artifacts: Artifacts::new(),
        scratch: Artifacts::new(),
    }
}

fn categories(pipeline: &Pipeline, words: &[WordRow]) -> Vec<CategoryFacts> {
    let facts = |name: &String, list: &String| {
        let of_category = words.iter().filter(|word| word.category == *name);
        let used = of_category.clone().count();
        let split = of_category.filter(|word| word.token_end - word.token_start > 1);
        CategoryFacts {
            name: name.clone(),
            list: list.clone(),
            sha256: "0".repeat(64),
            listed: used,
            considered: used,
            used,
            split: split.count(),
            dropped: Vec::new(),
        }
    };
    let categories = pipeline.category.iter();
    categories.map(|one| facts(&one.name, &one.words)).collect()
}

fn text_facts(pipeline: &Pipeline, text: &Text) -> TextFacts {
    let tagged = text.tokens.iter().any(|token| token.upos.is_some());
    let source = pipeline.text.as_ref().map(|section| section.source.clone());
    let documents: BTreeSet<_> = text.tokens.iter().map(|token| token.document).collect();
    let windows: BTreeSet<_> = text
        .tokens
        .iter()
        .map(|token| (token.document, token.window))
        .collect();
    let sentences: BTreeSet<_> = text
        .words
        .iter()
        .map(|word| (word.document, word.sentence))
        .collect();
    let mut dropped = BTreeMap::new();
    for reason in text.words.iter().filter_map(|word| word.dropped.as_ref()) {
        *dropped.entry(reason.clone()).or_default() += 1;
    }
    TextFacts {
        source: source.unwrap_or_else(|| "text.conllu".to_owned()),
        sha256: "1".repeat(64),
        tagged,
        documents: documents.len(),
        sentences: sentences.len(),
        words: text.words.len(),
        tokens: text.tokens.len(),
        windows: windows.len(),
        unaligned_words: 0,
        sharing_words: 0,
        scored: text.words.len() - dropped.values().sum::<usize>(),
        dropped,
        labels: if tagged {
            LabelSource::PartsOfSpeech
        } else {
            LabelSource::WordLists
        },
    }
}
